// Updates the label of the publish button when the publication time changes.
"use strict";

function formatMoment(template, day, time) {
  // Read without a time zone: the server applies the one of the practice.
  const at = new Date(`${day}T${time}:00Z`);
  if (Number.isNaN(at.valueOf())) return "";
  const parts = new Intl.DateTimeFormat(document.documentElement.lang || "en", {
    timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric",
  }).formatToParts(at);
  const part = (type) => parts.find((one) => one.type === type)?.value ?? "";
  const year = Number(part("year")) === new Date().getFullYear() ? "" : ` ${part("year")}`;
  return template
    .replace("%(day)s", `${part("weekday")} ${part("day")} ${part("month")}${year}`)
    .replace("%(time)s", time);
}

function initPublishButton() {
  const row = document.querySelector(".submit-row[data-publish-now]");
  const button = row?.querySelector("[data-timed]");
  const day = document.querySelector("#id_published_at_0");
  const time = document.querySelector("#id_published_at_1");
  if (!button || !day || !time) return;
  const [firstDay, firstTime] = [day.value, time.value];
  const firstWords = button.value;

  function updateLabel() {
    const clock = (time.value || "00:00").slice(0, 5);
    const moment = formatMoment(row.dataset.moment, day.value, clock);
    if (day.value === firstDay && time.value === firstTime) button.value = firstWords;
    else if (!day.value) button.value = row.dataset.publishNow;
    else if (moment) button.value = row.dataset.publishAt.replace("%(moment)s", moment);
  }

  for (const input of [day, time]) {
    input.addEventListener("input", updateLabel);
    input.addEventListener("change", updateLabel);
  }
  // Django's own "today" and "now" set the value without an event.
  document.addEventListener("click", () => setTimeout(updateLabel, 0));
}

document.addEventListener("DOMContentLoaded", initPublishButton);
