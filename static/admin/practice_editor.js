// Gives the writing area of each editor the name its label has, for screen readers.
"use strict";

function nameEditors() {
  for (const area of document.querySelectorAll(".tiptap.ProseMirror:not([aria-label])")) {
    const row = area.closest(".form-row, .flex-container, .fieldBox") || area.parentElement;
    const label = row?.querySelector("label");
    area.setAttribute("aria-label", label ? label.textContent.replace(/:\s*$/, "").trim() : "Text");
    area.setAttribute("role", "textbox");
    area.setAttribute("aria-multiline", "true");
  }
}

// The editor is a module and starts after this file.
new MutationObserver(nameEditors).observe(document.documentElement, { childList: true, subtree: true });
nameEditors();
