// Hands the chosen picture to the editor in the window that opened this one.
"use strict";

const picker = document.querySelector(".picker");
const callback = Number.parseInt(picker?.dataset.callback ?? "", 10);

picker?.addEventListener("click", (event) => {
  const chosen = event.target.closest("button[data-id]");
  const tools = window.opener?.CKEDITOR?.tools;
  if (!chosen || !tools || Number.isNaN(callback)) return;
  tools.callFunction(callback, chosen.dataset.url, {
    id: chosen.dataset.id,
    alternative_text: chosen.dataset.alt,
    caption: chosen.dataset.caption,
  });
  window.close();
});
