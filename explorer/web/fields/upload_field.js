// A field that sends a file to the server by a request of its own and shows how far it is: the server stores and reads it
// while it arrives.

import { part } from "../base/dom.js";
import { fillTemplate } from "../base/number_format.js";

/**
 * `page` names this page to the server.
 * @typedef {{ page: string, words: Record<"title" | "browse" | "limit" | "sending" | "reading" | "failed", string> }} UploadData
 */

export class UploadField {
  /** @param {HTMLElement} host the element of upload_field.html */
  constructor(host) {
    /** @type {(id: string) => void} called with the file's id; "" where it was refused, and the page says why */
    this.onupload = () => {};
    this.area = part(host, ".place", HTMLElement);
    this.label = part(host, "label", HTMLElement);
    this.button = part(host, "button", HTMLButtonElement);
    this.input = part(host, "input", HTMLInputElement);
    this.status = part(host, ".said", HTMLElement);
    this.bar = part(host, ".bar", HTMLElement);
    /** @type {UploadData | null} */
    this.data = null;
    /** @type {XMLHttpRequest | null} */
    this.request = null;
    this.button.onclick = () => this.input.click();
    this.input.onchange = () => this.send([...(this.input.files ?? [])]);
    this.area.ondragover = (event) => this.drag(event, true);
    this.area.ondragleave = (event) => this.drag(event, false);
    this.area.ondrop = (event) => {
      this.drag(event, false);
      this.send([...(event.dataTransfer?.files ?? [])]);
    };
    host.inert = false; // until now a click would have been lost
  }

  /**
   * @param {DragEvent} event
   * @param {boolean} isOver
   */
  drag(event, isOver) {
    event.preventDefault();
    this.area.classList.toggle("over", isOver);
  }

  /** @param {UploadData} data */
  show(data) {
    this.data = data;
    this.label.textContent = data.words.title;
    this.button.textContent = data.words.browse;
    if (!this.request) {
      this.status.textContent = data.words.limit;
      this.send([...(this.input.files ?? [])]); // a file that was chosen before this script was there
    }
  }

  /** @param {File[]} files a model, and files that hold weights of it */
  send(files) {
    const file = files.find(({ name }) => name.toLowerCase().endsWith(".onnx")) ?? files[0];
    if (!file || this.request || !this.data) {
      return;
    }
    const all = [file, ...files.filter((each) => each !== file)];
    const { page, words } = this.data;
    const request = new XMLHttpRequest();
    this.request = request;
    const query = new URLSearchParams({ page, name: file.name });
    if (all.length > 1) {
      query.set("parts", JSON.stringify(all.map(({ name, size }) => [name, size])));
    }
    request.open("POST", new URL(`upload?${query}`, location.href));
    request.upload.onprogress = ({ loaded, total }) => this.showProgress(loaded / total, words.sending, file.name);
    request.upload.onload = () => this.showProgress(1, words.reading, file.name);
    request.onloadend = () => {
      this.request = null;
      this.button.disabled = false;
      this.input.value = ""; // the same file may be chosen again
      this.bar.style.width = "0";
      this.status.textContent = request.status === 200 ? words.limit : words.failed;
      if (request.status === 200) {
        this.onupload(request.responseText);
      }
    };
    this.button.disabled = true;
    this.showProgress(0, words.sending, file.name);
    request.send(all.length > 1 ? new Blob(all) : file);
  }

  /**
   * @param {number} share from 0 to 1
   * @param {string} text with {file} and {percent}
   * @param {string} file
   */
  showProgress(share, text, file) {
    const percent = Math.round(share * 100);
    this.bar.style.width = `${percent}%`;
    this.status.textContent = fillTemplate(text, { file, percent });
  }
}
