// A field that sends a file to the server by a request of its own, with its progress: the server writes and reads it while
// it arrives. Then its drawing is asked for (ahead.js), and the page is told.

export class UploadField {
  constructor(host) {
    this.place = host.querySelector(".place");
    this.label = host.querySelector("label");
    this.button = host.querySelector("button");
    this.input = host.querySelector("input");
    this.said = host.querySelector(".said");
    this.bar = host.querySelector(".bar");
    this.button.onclick = () => this.input.click();
    this.input.onchange = () => this.send(this.input.files[0]);
    this.place.ondragover = (event) => this.over(event, true);
    this.place.ondragleave = (event) => this.over(event, false);
    this.place.ondrop = (event) => {
      this.over(event, false);
      this.send(event.dataTransfer.files[0]);
    };
  }

  over(event, is) {
    event.preventDefault();
    this.place.classList.toggle("over", is);
  }

  show(data) {
    this.data = data;
    this.label.textContent = data.words.title;
    this.button.textContent = data.words.browse;
    if (!this.request) {
      this.said.textContent = data.words.limit;
    }
  }

  send(file) {
    if (!file || this.request) {
      return;
    }
    const { page, words } = this.data;
    const request = (this.request = new XMLHttpRequest());
    const query = new URLSearchParams({ page, name: file.name });
    request.open("POST", new URL(`upload?${query}`, location.href));
    request.upload.onprogress = ({ loaded, total }) => this.progress(loaded / total, words.sending, file.name);
    request.upload.onload = () => this.progress(1, words.reading, file.name);
    request.onloadend = () => {
      this.request = null;
      this.button.disabled = false;
      this.input.value = ""; // the same file may be chosen again
      this.bar.style.width = "0";
      this.said.textContent = request.status === 200 ? words.limit : words.failed;
      if (request.status === 200) {
        this.taken(request.responseText);
      }
    };
    this.button.disabled = true;
    this.progress(0, words.sending, file.name);
    request.send(file);
  }

  progress(share, words, name) {
    this.bar.style.width = `${Math.round(share * 100)}%`;
    this.said.textContent = words.replace("{file}", () => name).replace("{percent}", Math.round(share * 100));
  }
}
