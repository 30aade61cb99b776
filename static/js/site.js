// Progressive enhancement: every page and every form works without this file.
"use strict";

function countCharacters() {
  for (const line of document.querySelectorAll("[data-count]")) {
    const area = document.getElementById(line.dataset.count);
    if (!area) continue;
    const show = () => { line.textContent = line.dataset.template.replace("{used}", area.value.length); };
    area.addEventListener("input", show);
    show();
  }
}

// Some browsers ignore autofocus on an element that is not a form control. The others focus it
// before "load"; focusing it earlier than they do would make them warn in the console.
function focusErrorSummary() {
  window.addEventListener("load", () => requestAnimationFrame(() => {
    const summary = document.querySelector(".error-summary");
    if (summary && document.activeElement === document.body) summary.focus();
  }));
}

// Ignores a second press while the form is being sent. The button is not disabled, so it stays focusable.
function guardDoubleSubmit() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  // A page restored by the back button must be able to send again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    }
  });
}

function addCopyButtons() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    });
  }
}

// replace() keeps this page out of the back button; three presses of Shift within two seconds do the same.
function enableQuickExit() {
  const link = document.querySelector("[data-leave]");
  if (!link) return;
  const leave = (event) => { event?.preventDefault(); window.location.replace(link.href); };
  link.addEventListener("click", leave);
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.repeat) return;
    if (event.key !== "Shift") { presses = []; return; }
    presses = [...presses.filter((at) => event.timeStamp - at < 2000), event.timeStamp];
    if (presses.length === 3) leave();
  });
}

// An address with #question opens that question.
function openLinkedDetails() {
  const open = () => {
    const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named instanceof HTMLDetailsElement) named.open = true;
  };
  window.addEventListener("hashchange", open);
  open();
}

countCharacters();
focusErrorSummary();
guardDoubleSubmit();
addCopyButtons();
enableQuickExit();
openLinkedDetails();
