// Keeps the words of the publish button true while its time is being changed.
"use strict";

const row = document.querySelector(".submit-row[data-publish-now]");
const button = row?.querySelector("[data-timed]");
const day = document.querySelector("#id_published_at_0");
const time = document.querySelector("#id_published_at_1");

function words() {
  if (!day.value) return row.dataset.publishNow;
  // Read as a bare clock: the practice's zone is applied by the server.
  const at = new Date(`${day.value}T${(time.value || "00:00").slice(0, 5)}:00Z`);
  if (Number.isNaN(at.valueOf())) return button.value;
  if (at.valueOf() - Date.now() < -14 * 3600e3) return null;
  const zone = { timeZone: "UTC" };
  const date = new Intl.DateTimeFormat(document.documentElement.lang || "en", {
    ...zone, weekday: "long", day: "numeric", month: "long", year: "numeric",
  }).formatToParts(at);
  const part = (type) => date.find((one) => one.type === type)?.value ?? "";
  const year = Number(part("year")) === new Date().getFullYear() ? "" : ` ${part("year")}`;
  const moment = row.dataset.moment
    .replace("%(day)s", `${part("weekday")} ${part("day")} ${part("month")}${year}`)
    .replace("%(time)s", (time.value || "00:00").slice(0, 5));
  return row.dataset.publishAt.replace("%(moment)s", moment);
}

function update() {
  button.value = words() ?? button.value;
}

if (button && day && time) {
  for (const input of [day, time]) {
    input.addEventListener("input", update);
    input.addEventListener("change", update);
  }
  // Django's own "today" and "now" links set the value without an event.
  document.addEventListener("click", () => setTimeout(update, 0));
}
