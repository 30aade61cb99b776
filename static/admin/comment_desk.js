// Quicker hands for moderators. Every act is a form of the page and works without this file.
"use strict";

const desk = () => document.getElementById("desk");
const items = () => [...desk().querySelectorAll("[data-item]")];
const current = () => document.activeElement?.closest?.("[data-item]") || null;
const live = document.getElementById("desk-live");
const SWITCH = "comment-shortcuts";
let busy = false;

function say(words) {
  // Emptied first: the same sentence twice would be read once only.
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = words; });
}

function goTo(item) {
  if (!item) return;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

// --- an act without leaving the page: the server's own next page is taken over ---
async function send(form, button) {
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  busy = true;
  desk().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = next.getElementById("desk");
    if (!answer.ok || !fresh || new URL(answer.url).pathname !== location.pathname) {
      location.assign(answer.redirected ? answer.url : location.href);
      return;
    }
    const open = document.getElementById("desk-keys")?.open;
    desk().replaceWith(document.adoptNode(fresh));
    if (open && document.getElementById("desk-keys")) document.getElementById("desk-keys").open = true;
    history.replaceState(null, "", answer.url);
    showSwitch();
    const done = document.getElementById("desk-done");
    goTo(document.getElementById(`c-${done?.dataset.focus}`) || items()[0]
      || document.getElementById("desk-empty"));
    say([...(done?.querySelectorAll("[data-say]") ?? [])].map((line) => line.textContent).join(" "));
  } catch {
    say(live.dataset.failed);
  } finally {
    busy = false;
    desk().removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-desk]")) return;
  event.preventDefault();
  // While one act is under way nothing else is: the next comment has not been seen yet.
  if (!busy) send(event.target, event.submitter);
});

document.addEventListener("click", (event) => {
  if (event.target.id !== "desk-all") return;
  event.preventDefault();
  const boxes = [...desk().querySelectorAll("[data-pick]")];
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
});

// --- shortcuts: one key, never while typing, and to be switched off (WCAG 2.1.4) ---
function areOn() {
  try { return localStorage.getItem(SWITCH) !== "off"; } catch { return true; }
}

function showSwitch() {
  const button = document.getElementById("desk-keys-switch");
  if (!button) return;
  button.hidden = false;
  button.textContent = areOn() ? button.dataset.on : button.dataset.off;
  button.onclick = () => {
    try { localStorage.setItem(SWITCH, areOn() ? "off" : "on"); } catch { /* kept for nobody */ }
    showSwitch();
  };
}

function isTyping(target) {
  return Boolean(target.closest?.(
    "input:not([type=checkbox]), textarea, select, [contenteditable], [role=textbox]"));
}

function move(step) {
  const all = items();
  const at = all.indexOf(current());
  goTo(at < 0 ? all[0] : all[Math.min(Math.max(at + step, 0), all.length - 1)]);
}

const MOVES = { j: 1, k: -1 };
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!desk() || isTyping(event.target) || !areOn()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // The arrows scroll the page, except from one comment to the next.
  const step = MOVES[key] ?? (event.target.matches?.("[data-item]") ? ARROWS[key] : undefined);
  if (step) { event.preventDefault(); move(step); return; }
  if (event.repeat || busy) return;
  if (key === "?") {
    const list = document.getElementById("desk-keys");
    if (list) { event.preventDefault(); list.open = !list.open; list.querySelector("summary").focus(); }
    return;
  }
  if (key === "z") {
    const undo = desk().querySelector("#desk-done [data-key=z]");
    if (undo) { event.preventDefault(); undo.click(); }
    return;
  }
  if (!/^[arestuxo]$/.test(key)) return;
  const item = current();
  // Without a comment in focus a key acts on nothing; it shows where one would begin.
  if (!item) { event.preventDefault(); goTo(items()[0]); return; }
  const control = key === "x" ? item.querySelector("[data-pick]") : item.querySelector(`[data-key="${key}"]`);
  if (control) { event.preventDefault(); control.click(); }
});

showSwitch();
