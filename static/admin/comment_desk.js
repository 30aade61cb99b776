// The moderation desk with JavaScript: an action takes effect on the page at once and reaches the
// server in the order of the presses. Every action is a form and works without this file.
"use strict";

const desk = document.getElementById("desk");
const list = document.getElementById("desk-list");
const form = document.getElementById("desk-form");
const toast = document.getElementById("desk-toast");
const SHORTCUTS_STORAGE_KEY = "comment-shortcuts";
const FEW_ITEMS = 15; // below this, the next comments are fetched

const items = () => [...(list?.querySelectorAll("[data-item]") ?? [])];
const chosenItems = () => items().filter((item) => item.querySelector("[data-pick]")?.checked);
const currentItem = () => list?.querySelector("[data-item][aria-current]") ?? null;
const keyOf = (item) => item.dataset.item;
// Isolated, so that a name in another direction cannot turn the sentence around.
const nameOf = (item) => `\u2068${item.dataset.name}\u2069`;

// --- the current comment: marked, and what the keys act on ---
function markItem(item) {
  for (const other of items()) if (other !== item) other.removeAttribute("aria-current");
  item?.setAttribute("aria-current", "true");
}

function focusItem(item) {
  if (!item) { document.getElementById("desk-empty")?.focus(); return; }
  markItem(item);
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

// Nobody decides on a comment that has been scrolled away.
function isOnScreen(item) {
  const box = item.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}

function moveFocus(step) {
  const all = items();
  const at = all.indexOf(currentItem());
  focusItem(at < 0 ? all[0] : all[Math.min(Math.max(at + step, 0), all.length - 1)]);
}

// --- words ---
function announce(words) {
  const region = document.getElementById("desk-live");
  // Emptied first: screen readers do not repeat an unchanged sentence.
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = words; });
}

function showToast(words, { canUndo, isMore = false }) {
  document.getElementById("desk-toast-words").textContent = words;
  const button = document.getElementById("desk-undo");
  button.hidden = !canUndo;
  button.firstElementChild.textContent = isMore ? button.dataset.more : button.dataset.first;
  toast.hidden = false;
  announce(words);
}

function showProblems(failures, jobs) {
  const names = new Map(jobs.flatMap((job) => job.items).map((item) => [keyOf(item), nameOf(item)]));
  const lines = failures.map(({ comment, why }) => {
    const line = document.createElement("li");
    line.textContent = `${names.get(comment) ?? ""} ${why}`.trim();
    return line;
  });
  const box = document.getElementById("desk-problems");
  box.append(...lines);
  box.hidden = false;
  showToast(toast.dataset.conflict, { canUndo: undoStack.length > 0, isMore: true });
  announce(lines.map((line) => line.textContent).join(" "));
}

function updateCounts(counts) {
  for (const [key, count] of Object.entries(counts)) {
    const place = desk.querySelector(`[data-count="${CSS.escape(key)}"]`);
    if (place) place.textContent = count;
  }
  // The menu counts what waits.
  for (const place of document.querySelectorAll("a[aria-current=page] > .count")) {
    if (counts.waiting && place.firstChild) place.firstChild.textContent = counts.waiting;
  }
}

function updateList() {
  const empty = items().length === 0;
  document.getElementById("desk-empty").hidden = !empty;
  const bar = desk.querySelector(".desk-bulk");
  if (!bar) return;
  const count = chosenItems().length;
  bar.hidden = empty;
  bar.classList.toggle("has-choices", count > 0);
  bar.querySelector(".desk-bulk-buttons").hidden = count === 0;
  const words = document.getElementById("desk-chosen");
  words.hidden = count === 0;
  words.textContent = words.dataset.words.replace("{n}", count);
  const all = document.getElementById("desk-all");
  all.textContent = count > 0 && count === items().length ? all.dataset.none : all.dataset.all;
}

// --- taking comments off the list, and putting them back ---
const places = new Map(); // the order of the list as the server sent it

function rememberPlaces() {
  for (const item of items()) if (!places.has(keyOf(item))) places.set(keyOf(item), places.size);
}

function takeOff(gone) {
  const all = items();
  const last = all.indexOf(gone.at(-1));
  const kept = (item) => !gone.includes(item);
  const here = currentItem();
  const next = here && kept(here) ? here
    : all.slice(last + 1).find(kept) ?? all.slice(0, last).filter(kept).at(-1);
  for (const item of gone) {
    item.removeAttribute("aria-current");
    const box = item.querySelector("[data-pick]");
    if (box) box.checked = false;
    item.closest("li").remove();
  }
  updateList();
  focusItem(next);
}

function putBack(back) {
  for (const item of back) {
    const place = places.get(keyOf(item));
    const below = items().find((other) => places.get(keyOf(other)) > place);
    list.insertBefore(item.closest("li"), below?.closest("li") ?? null);
  }
  updateList();
}

// --- the queue: one request at a time; presses meanwhile wait their turn ---
const queue = [];
const undoStack = [];
let sending = [];
let idle = Promise.resolve();

function act(action, targets, words) {
  document.getElementById("desk-result")?.remove(); // told of an earlier action
  const job = { action, items: targets, words, events: [] };
  queue.push(job);
  undoStack.push(job);
  takeOff(targets);
  showToast(words, { canUndo: true });
  pump();
}

function undo() {
  const target = undoStack.pop();
  if (!target) return false;
  const at = queue.indexOf(target);
  // A press that has not been sent is simply forgotten.
  if (at >= 0) queue.splice(at, 1);
  else queue.push({ action: "", undoes: target, items: target.items });
  putBack(target.items);
  focusItem(target.items[0] ?? currentItem());
  showToast(`${toast.dataset.undone}: ${target.words}`, { canUndo: undoStack.length > 0, isMore: true });
  pump();
  return true;
}

function pump() {
  if (sending.length || !queue.length) return;
  idle = sendAll();
}

async function sendAll() {
  while (queue.length) {
    sending = takeBatch();
    const answer = await post(sending).catch(() => null);
    if (answer) {
      settle(sending, answer);
      // A list that cannot be fetched changes nothing about what was done.
      if (answer.failed.length || runsLow()) await fetchMore(answer.failed).catch(() => {});
    } else {
      giveBack(sending);
    }
    sending = [];
  }
}

// Presses of the same key that wait together share a request. Each keeps its own undo.
function takeBatch() {
  const batch = [queue.shift()];
  while (batch[0].action && queue[0]?.action === batch[0].action) batch.push(queue.shift());
  return batch;
}

function formData(batch) {
  const data = new FormData();
  data.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  const [{ action, undoes }] = batch;
  if (undoes) {
    data.append("back", new URLSearchParams(location.search).get("status") ?? "");
    for (const event of undoes.events) data.append("event", event);
    return data;
  }
  data.append("all", action);
  for (const item of batch.flatMap((job) => job.items)) {
    data.append("pick", keyOf(item));
    data.append("seen", item.querySelector("[name=seen]").value);
  }
  return data;
}

async function post(batch) {
  // An undo of an action of which nothing was done.
  if (batch[0].undoes && !batch[0].undoes.events.length) return { done: [], failed: [], counts: {} };
  // keepalive: a press counts although its tab is closed right after it.
  const answer = await fetch(batch[0].undoes ? desk.dataset.undo : form.action, {
    method: "POST", body: formData(batch), keepalive: true, headers: { Accept: "application/json" },
  });
  // A sign-in page, an error page: nothing was done.
  if (!answer.ok || answer.headers.get("Content-Type") !== "application/json") throw new Error(answer.status);
  return answer.json();
}

function settle(batch, answer) {
  const jobs = new Map(batch.flatMap((job) => job.items.map((item) => [keyOf(item), job])));
  for (const { comment, revision, event } of answer.done) {
    const job = jobs.get(comment);
    if (!job) continue;
    if (job.action && event) job.events.push(event);
    const item = job.items.find((one) => keyOf(one) === comment);
    item.querySelector("[name=seen]").value = `${comment}:${revision}`;
  }
  updateCounts(answer.counts);
  if (!answer.failed.length) return;
  showProblems(answer.failed, batch);
  const failed = new Set(answer.failed.map(({ comment }) => comment));
  for (const job of batch.filter((one) => one.action)) {
    job.items = job.items.filter((item) => !failed.has(keyOf(item)));
  }
}

// These and what followed them did not arrive: the page shows again what the server has.
function giveBack(batch) {
  const lost = [...batch, ...queue.splice(0)];
  for (const job of lost.filter((one) => one.action)) {
    putBack(job.items);
    if (undoStack.includes(job)) undoStack.splice(undoStack.indexOf(job), 1);
  }
  for (const job of lost.filter((one) => one.undoes && !lost.includes(one.undoes))) {
    takeOff(job.items);
    undoStack.push(job.undoes);
  }
  showToast(toast.dataset.failed, { canUndo: false });
}

// --- more comments: appended, so that nothing moves under a hand ---
const hasMore = () => Boolean(desk.querySelector(".desk-pages [rel=next]"));
const runsLow = () => hasMore() && items().length < FEW_ITEMS;

async function fetchMore(failed = []) {
  const address = new URL(location.href);
  address.searchParams.delete("pick");
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const busy = new Set(queue.filter((job) => job.action).flatMap((job) => job.items).map(keyOf));
  const fresh = [...page.querySelectorAll("#desk-list [data-item]")].filter((item) => !busy.has(keyOf(item)));
  const shown = new Map(items().map((item) => [keyOf(item), item]));
  for (const { comment } of failed) {
    // Somebody else moved or changed it: what the page has is out of date.
    if (shown.has(comment)) takeOff([shown.get(comment)]);
    shown.delete(comment);
  }
  for (const item of fresh.filter((one) => !shown.has(keyOf(one)))) {
    list.append(document.adoptNode(item.closest("li")));
  }
  const pages = desk.querySelector(".desk-pages");
  const freshPages = page.querySelector(".desk-pages");
  if (pages && freshPages) pages.replaceWith(document.adoptNode(freshPages));
  else pages?.remove();
  rememberPlaces();
  updateList();
  if (!currentItem()) focusItem(items()[0]);
}

addEventListener("pagehide", () => {
  while (queue.length) post(takeBatch()).catch(() => {});
});
addEventListener("beforeunload", (event) => {
  // An undo can only follow the answer to what it undoes.
  if ([...queue, ...sending].some((job) => job.undoes)) event.preventDefault();
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// --- clicks ---
function actOnChoices(button) {
  const chosen = chosenItems();
  if (!chosen.length) return;
  const words = chosen.length > 1 ? button.dataset.many.replace("{n}", chosen.length)
    : button.dataset.done.replace("{name}", nameOf(chosen[0]));
  act(button.value, chosen, words);
}

function undoLast() {
  if (undo()) return;
  const last = document.getElementById("desk-last"); // from before this page was loaded
  if (last) idle.then(() => last.requestSubmit());
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#desk-undo")) { undoLast(); return; }
  if (event.target.id === "desk-all") {
    event.preventDefault();
    const boxes = [...list.querySelectorAll("[data-pick]")];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
    updateList();
    return;
  }
  const button = event.target.closest("#desk-form button[name]");
  if (!button?.value) return;
  event.preventDefault();
  // The second half of a double click would fall on the next comment.
  if (event.detail > 1) return;
  if (button.name === "all") { actOnChoices(button); return; }
  const item = button.closest("[data-item]");
  act(button.value.split(":")[0], [item], button.dataset.done.replace("{name}", nameOf(item)));
});

document.addEventListener("change", (event) => { if (event.target.matches("[data-pick]")) updateList(); });
document.addEventListener("focusin", (event) => {
  const item = event.target.closest("[data-item]");
  if (item) markItem(item);
});

// --- single-key shortcuts, ignored while typing; they can be turned off (WCAG 2.1.4) ---
function areShortcutsOn() {
  try { return localStorage.getItem(SHORTCUTS_STORAGE_KEY) !== "off"; } catch { return true; }
}

function updateShortcutSwitch() {
  const button = document.getElementById("desk-keys-switch");
  if (!button) return;
  button.hidden = false;
  button.textContent = areShortcutsOn() ? button.dataset.on : button.dataset.off;
  button.onclick = () => {
    try { localStorage.setItem(SHORTCUTS_STORAGE_KEY, areShortcutsOn() ? "off" : "on"); } catch { /* storage is blocked: the choice is not remembered */ }
    updateShortcutSwitch();
  };
}

function isTyping(target) {
  return Boolean(target.closest?.(
    "input:not([type=checkbox]), textarea, select, [contenteditable], [role=textbox]"));
}

function pressKey(key, item) {
  if (key === "x") { item.querySelector("[data-pick]")?.click(); return; }
  if (/^[astu]$/.test(key) && chosenItems().length) {
    const button = desk.querySelector(`[data-bulk="${key}"]`);
    if (button) actOnChoices(button);
    return;
  }
  const control = item.querySelector(`[data-key="${key}"]`);
  if (control?.href) idle.then(() => location.assign(control.href));
  else control?.click();
}

const STEP_KEYS = { j: 1, k: -1 };
const ARROW_STEPS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!form || isTyping(event.target) || !areShortcutsOn()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // Arrow keys scroll the page unless a comment has the focus.
  const step = STEP_KEYS[key] ?? (event.target.matches?.("[data-item]") ? ARROW_STEPS[key] : undefined);
  if (step) { event.preventDefault(); moveFocus(step); return; }
  if (event.repeat) return; // a key that is held decides once
  if (key === "?") {
    const keys = document.getElementById("desk-keys");
    if (keys) { event.preventDefault(); keys.open = true; keys.querySelector("summary").focus(); }
    return;
  }
  if (key === "z") { event.preventDefault(); undoLast(); return; }
  if (!/^[arestuxo]$/.test(key)) return;
  const item = currentItem() ?? items()[0];
  if (!item) return;
  event.preventDefault();
  // Without a comment in sight a key acts on nothing and shows the marked one instead.
  if (!chosenItems().length && !isOnScreen(item)) { focusItem(item); return; }
  pressKey(key, item);
});

if (form) {
  rememberPlaces();
  markItem(items().find((item) => `#${item.id}` === location.hash) ?? items()[0]);
  updateList();
}
updateShortcutSwitch();
