// One entry of the history for what a person does, none for what a page does by itself.

import assert from "node:assert/strict";
import test from "node:test";

import { keepHistory } from "../../explorer/web/base/history_entries.js";

/** A browser's window with its history as a list of addresses. */
function openedPage(address) {
  const page = new EventTarget();
  page.entries = [address];
  page.location = { get href() { return page.entries.at(-1); } };
  const absolute = (path) => new URL(path, page.location.href).href;
  page.history = {
    pushState: (_state, _title, path) => page.entries.push(absolute(path)),
    replaceState: (_state, _title, path) => { page.entries[page.entries.length - 1] = absolute(path); },
  };
  page.act = (kind) => page.dispatchEvent(new Event(kind));
  keepHistory(page);
  return page;
}

const queries = (page) => page.entries.map((each) => each.replace("http://host", ""));

test("what a page fills in by itself takes the place of the plain address", () => {
  const page = openedPage("http://host/graph");
  page.history.pushState({}, "", "/graph?run=a");
  page.history.pushState({}, "", "/graph?run=a&open=x");
  assert.deepEqual(queries(page), ["/graph?run=a&open=x"]);
});

test("each action makes one entry, whatever the page adds to it", () => {
  const page = openedPage("http://host/graph?run=a");
  for (const [kind, node] of [["pointerdown", "n1"], ["keydown", "n2"], ["drop", "n3"]]) {
    page.act(kind);
    page.history.pushState({}, "", `/graph?run=a&node=${node}`);
    page.history.pushState({}, "", `/graph?run=a&node=${node}&open=x`);
  }
  assert.deepEqual(queries(page).slice(1), ["n1", "n2", "n3"].map((node) => `/graph?run=a&node=${node}&open=x`));
});

test("another page is one entry, in whatever order its address and what it fills in come", () => {
  for (const first of ["/digits?run=a", "/graph?run=b"]) {
    const page = openedPage("http://host/graph?run=a");
    page.act("click");
    page.history.pushState({}, "", first);
    page.history.pushState({}, "", "/digits?run=b");
    assert.deepEqual(queries(page), ["/graph?run=a", "/digits?run=b"]);
  }
});

test("a typed word is one entry, and clearing it another", () => {
  const page = openedPage("http://host/graph?run=a");
  for (const query of ["&search=c", "&search=co", "&search=conv", "", "&search=r"]) {
    page.act("input");
    page.history.pushState({}, "", `/graph?run=a${query}`);
  }
  const expected = ["", "&search=conv", "", "&search=r"].map((query) => `/graph?run=a${query}`);
  assert.deepEqual(queries(page), expected);
});

test("after a step back, what the page adds is no entry", () => {
  const page = openedPage("http://host/graph?run=a");
  page.act("keydown");
  page.act("popstate");
  page.history.pushState({}, "", "/graph?run=a&node=n1");
  assert.deepEqual(queries(page), ["/graph?run=a&node=n1"]);
});
