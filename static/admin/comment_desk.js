// Keyboard shortcuts for moderators. Every action is a form on the page and works without this file.
"use strict";

const desk = () => document.getElementById("desk");
const items = () => [...desk().querySelectorAll("[data-item]")];
const focusedItem = () => document.activeElement?.closest?.("[data-item]") || null;
const liveRegion = document.getElementById("desk-live");
const SHORTCUTS_STORAGE_KEY = "comment-shortcuts";
let isSubmitting = false;

function announce(words) {
  // Emptied first: screen readers do not repeat an unchanged sentence.
  liveRegion.textContent = "";
  requestAnimationFrame(() => { liveRegion.textContent = words; });
}

function focusItem(item) {
  if (!item) return;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

// --- submit an action without leaving the page: the desk of the server's next page replaces this one ---
async function submitAction(form, button) {
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  isSubmitting = true;
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
    updateShortcutSwitch();
    const done = document.getElementById("desk-result");
    focusItem(document.getElementById(`c-${done?.dataset.focus}`) || items()[0]
      || document.getElementById("desk-empty"));
    announce([...(done?.querySelectorAll("[data-say]") ?? [])].map((line) => line.textContent).join(" "));
  } catch {
    announce(liveRegion.dataset.failed);
  } finally {
    isSubmitting = false;
    desk().removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-desk]")) return;
  event.preventDefault();
  // One action at a time: nobody has seen the next comment yet.
  if (!isSubmitting) submitAction(event.target, event.submitter);
});

document.addEventListener("click", (event) => {
  if (event.target.id !== "desk-all") return;
  event.preventDefault();
  const boxes = [...desk().querySelectorAll("[data-pick]")];
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
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

function moveFocus(step) {
  const all = items();
  const at = all.indexOf(focusedItem());
  focusItem(at < 0 ? all[0] : all[Math.min(Math.max(at + step, 0), all.length - 1)]);
}

const STEP_KEYS = { j: 1, k: -1 };
const ARROW_STEPS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!desk() || isTyping(event.target) || !areShortcutsOn()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // Arrow keys scroll the page unless a comment has the focus.
  const step = STEP_KEYS[key] ?? (event.target.matches?.("[data-item]") ? ARROW_STEPS[key] : undefined);
  if (step) { event.preventDefault(); moveFocus(step); return; }
  if (event.repeat || isSubmitting) return;
  if (key === "?") {
    const list = document.getElementById("desk-keys");
    if (list) { event.preventDefault(); list.open = !list.open; list.querySelector("summary").focus(); }
    return;
  }
  if (key === "z") {
    const undo = desk().querySelector("#desk-result [data-key=z]");
    if (undo) { event.preventDefault(); undo.click(); }
    return;
  }
  if (!/^[arestuxo]$/.test(key)) return;
  const item = focusedItem();
  // Without a focused comment a key acts on nothing and focuses the first comment instead.
  if (!item) { event.preventDefault(); focusItem(items()[0]); return; }
  const control = key === "x" ? item.querySelector("[data-pick]") : item.querySelector(`[data-key="${key}"]`);
  if (control) { event.preventDefault(); control.click(); }
});

updateShortcutSwitch();
