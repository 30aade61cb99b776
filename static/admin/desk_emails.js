// The page of an email's text: placeholder buttons, and a preview that follows the typing.
// Without it the placeholders are typed, and "Preview" shows the same preview.
"use strict";

(() => {
  const form = document.getElementById("emailtext_form");
  const check = document.getElementById("email-check");
  if (!form || !check || form.querySelector("fieldset").disabled) return;
  const subject = form.elements.subject;
  const body = form.elements.body;
  let field = body;

  function insert(text, target) {
    const { selectionStart: start, selectionEnd: end } = target;
    target.focus();
    target.setRangeText(text, start, end, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }

  for (const input of [subject, body]) {
    input.addEventListener("focus", () => { field = input; });
  }
  for (const button of form.querySelectorAll("[data-insert]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      // A link cannot be clicked in a subject.
      const fits = field !== subject || "fitsSubject" in button.dataset;
      insert(button.dataset.insert, fits ? field : body);
    });
  }

  // One request at a time; what was typed meanwhile is sent when it is back.
  let timer = 0;
  let isBusy = false;
  let isStale = false;

  async function refresh() {
    if (isBusy) { isStale = true; return; }
    isBusy = true;
    isStale = false;
    const data = new FormData(form);
    data.set("_check", "1");
    try {
      const answer = await fetch(form.action || location.href, { method: "POST", body: data, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      check.innerHTML = await answer.text();
    } catch {
      check.replaceChildren(Object.assign(document.createElement("p"), { className: "email-warning", textContent: form.dataset.failed }));
    }
    isBusy = false;
    if (isStale) refresh();
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 350);
  });

  // A press of the browser's Back button must not lose typed text without a word.
  let isSent = false;
  const initial = new URLSearchParams(new FormData(form)).toString();
  form.addEventListener("submit", () => { isSent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && new URLSearchParams(new FormData(form)).toString() !== initial) event.preventDefault();
  });
})();
