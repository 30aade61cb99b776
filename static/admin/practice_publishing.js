// Keeps the words of the publish button true while its time is being changed.
"use strict";

function momentIn(words, day, time) {
  // Read as a bare clock: the practice's zone is applied by the server.
  const at = new Date(`${day}T${time}:00Z`);
  if (Number.isNaN(at.valueOf())) return "";
  const parts = new Intl.DateTimeFormat(document.documentElement.lang || "en", {
    timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric",
  }).formatToParts(at);
  const part = (type) => parts.find((one) => one.type === type)?.value ?? "";
  const year = Number(part("year")) === new Date().getFullYear() ? "" : ` ${part("year")}`;
  return words
    .replace("%(day)s", `${part("weekday")} ${part("day")} ${part("month")}${year}`)
    .replace("%(time)s", time);
}

function start() {
  const row = document.querySelector(".submit-row[data-publish-now]");
  const button = row?.querySelector("[data-timed]");
  const day = document.querySelector("#id_published_at_0");
  const time = document.querySelector("#id_published_at_1");
  if (!button || !day || !time) return;
  const [firstDay, firstTime] = [day.value, time.value];
  const firstWords = button.value;

  function update() {
    const clock = (time.value || "00:00").slice(0, 5);
    const moment = momentIn(row.dataset.moment, day.value, clock);
    if (day.value === firstDay && time.value === firstTime) button.value = firstWords;
    else if (!day.value) button.value = row.dataset.publishNow;
    else if (moment) button.value = row.dataset.publishAt.replace("%(moment)s", moment);
  }

  for (const input of [day, time]) {
    input.addEventListener("input", update);
    input.addEventListener("change", update);
  }
  // Django's own "today" and "now" set the value without an event.
  document.addEventListener("click", () => setTimeout(update, 0));
}

document.addEventListener("DOMContentLoaded", start);
