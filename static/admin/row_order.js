// Move rows of a list in the admin: arrow buttons without a reload, and a grip to drag by.
// Without this file the buttons are a form that loads the list again.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("changelist-form");
  const handles = () => [...(form?.querySelectorAll(".row-order") ?? [])];
  if (!handles().length) return;

  const region = document.createElement("p");
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  form.prepend(region);

  const rowOf = (element) => element.closest("tr");
  const handleOf = (row) => row.querySelector(".row-order");
  const group = (row) => handles().filter((one) => one.dataset.group === handleOf(row).dataset.group).map(rowOf);

  function update() {
    for (const handle of handles()) {
      const rows = group(rowOf(handle));
      handle.querySelector(".row-order-up").disabled = rows[0] === rowOf(handle) && startsHere(handle);
      handle.querySelector(".row-order-down").disabled = rows.at(-1) === rowOf(handle) && endsHere(handle);
    }
  }

  // A list may go on on another page: then the first and the last row keep their arrows.
  const first = handles()[0].querySelector(".row-order-up").disabled;
  const last = handles().at(-1).querySelector(".row-order-down").disabled;
  const startsHere = (handle) => first || handle.dataset.group !== handles()[0].dataset.group;
  const endsHere = (handle) => last || handle.dataset.group !== handles().at(-1).dataset.group;

  // One request at a time, in the order of the moves.
  let saved = Promise.resolve();
  function save(row) {
    const rows = group(row);
    const below = rows[rows.indexOf(row) + 1];
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    data.append("move", `before:${handleOf(row).dataset.row}`);
    data.append("before", below ? handleOf(below).dataset.row : "");
    const address = row.querySelector(".row-order-up").formAction;
    saved = saved.then(async () => {
      const answer = await fetch(address, {
        method: "POST", body: data, keepalive: true, headers: { Accept: "application/json" },
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
    }).catch(() => location.reload()); // shows the order as it is
    region.textContent = handleOf(row).dataset.said.replace("PLACE", rows.indexOf(row) + 1).replace("COUNT", rows.length);
    update();
  }

  function place(row, other, isAfter) {
    if (isAfter) other.after(row);
    else other.before(row);
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest(".row-order button");
    if (!button) return;
    const row = rowOf(button);
    const isUp = button.classList.contains("row-order-up");
    const rows = group(row);
    const other = rows[rows.indexOf(row) + (isUp ? -1 : 1)];
    if (!other) return; // on another page: the form knows
    event.preventDefault();
    place(row, other, !isUp);
    save(row);
    // Moving a row in the document takes the focus away, and so does a button that is switched off.
    (button.disabled ? row.querySelector(".row-order button:enabled") : button)?.focus();
  });

  for (const grip of form.querySelectorAll(".row-order-grip")) {
    grip.hidden = false;
    grip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      const row = rowOf(grip);
      const before = group(row).indexOf(row);
      row.classList.add("row-order-dragged");
      const follow = (move) => {
        const rows = group(row);
        const over = rows.find((one) => {
          const box = one.getBoundingClientRect();
          return one !== row && move.clientY >= box.top && move.clientY < box.bottom;
        });
        if (over) place(row, over, rows.indexOf(over) > rows.indexOf(row));
      };
      const stop = () => {
        row.classList.remove("row-order-dragged");
        document.removeEventListener("pointermove", follow);
        if (group(row).indexOf(row) !== before) save(row);
      };
      document.addEventListener("pointermove", follow);
      document.addEventListener("pointerup", stop, { once: true });
      document.addEventListener("pointercancel", stop, { once: true });
    });
  }
});
