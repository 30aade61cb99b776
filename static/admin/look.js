// Updates the preview while somebody chooses. Without script, the Preview button does the same.
"use strict";
(() => {
  const form = document.getElementById("look_form");
  const frame = document.getElementById("look-preview");
  if (!form || !frame) return;
  let timer = 0;
  let latest = 0;

  const color = form.elements.own_color;
  const own = form.querySelector('[name="preset"][value="own"]');
  color.addEventListener("input", () => {
    own.checked = true;
    const typed = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(color.value.trim());
    if (typed) own.parentElement.querySelector("circle").setAttribute("fill", `#${typed[1]}`);
  });
  form.addEventListener("change", (event) => {
    if (event.target.dataset.accent) color.value = event.target.dataset.accent;
  });

  async function update() {
    const mine = ++latest;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const answer = await fetch(form.dataset.preview, { method: "POST", body: data, credentials: "same-origin" }).catch(() => null);
    // A choice that is not finished, like half a color, leaves the preview as it is.
    if (!answer || !answer.ok || mine !== latest) return;
    const { html, verdict } = await answer.json();
    if (mine !== latest) return;
    const top = frame.contentWindow ? frame.contentWindow.scrollY : 0;
    frame.addEventListener("load", () => frame.contentWindow.scrollTo(0, top), { once: true });
    frame.srcdoc = html;
    document.getElementById("look-verdict").textContent = verdict;
  }

  // Without script, an arrow sends the form, which comes back in the new order.
  const list = document.getElementById("look-sections");
  const movable = (item) => item && !item.classList.contains("look-fixed");
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("li");
    const isDown = button.dataset.step === "1";
    const other = isDown ? item.nextElementSibling : item.previousElementSibling;
    if (!movable(other)) return;
    if (isDown) other.after(item);
    else other.before(item);
    button.focus();
    update();
  });

  // A file is sent once, by the button: the page then comes back with the stored logo.
  form.addEventListener("change", (event) => {
    if (event.target.type === "file" && event.target.files.length) form.requestSubmit(form.querySelector(".look-preview [name=_preview]"));
    if (event.target.name.startsWith("removes_") && event.target.checked) form.requestSubmit(form.querySelector(".look-preview [name=_preview]"));
  });

  form.addEventListener("input", (event) => {
    if (event.target.name === "width" || event.target.type === "file" || event.target.name.startsWith("removes_")) return;
    clearTimeout(timer);
    timer = setTimeout(update, 200);
  });
})();
