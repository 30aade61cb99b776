// Progressive enhancement of the pages of a consultation: the same links, without a reload.
"use strict";

const booker = () => document.getElementById("booker");
const statusLine = () => document.getElementById("booker-status");
const wait = { latest: 0 };
// What Chromium still calls them; the server knows all older names.
const OLDER_NAMES = { "Asia/Calcutta": "Asia/Kolkata", "Asia/Saigon": "Asia/Ho_Chi_Minh", "Asia/Katmandu": "Asia/Kathmandu", "Europe/Kiev": "Europe/Kyiv" };

function visitorZone() {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  } catch {
    return "";
  }
}

// Fetches the page at an address and shows its card in place of this one.
async function show(address, { keep = "", history = "push" } = {}) {
  const turn = ++wait.latest;
  booker().setAttribute("aria-busy", "true");
  let page;
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(response.status);
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    window.location.assign(address);
    return;
  }
  if (turn !== wait.latest) return; // a later press has taken over
  const fresh = page.getElementById("booker");
  if (!fresh) {
    window.location.assign(address);
    return;
  }
  const showsMonth = Boolean(document.querySelector(".show-month[open]"));
  if (history === "push") window.history.pushState({ booker: true }, "", address);
  if (history === "replace") window.history.replaceState({ booker: true }, "", address);
  const { scrollX, scrollY } = window;
  booker().replaceWith(document.adoptNode(fresh));
  if (showsMonth) document.querySelector(".show-month")?.setAttribute("open", "");
  enhance();
  // Without scrolling: the page stays where it is under the reader's eyes.
  const target = keep ? document.getElementById(keep) || fallback() : null;
  target?.focus({ preventScroll: true });
  window.scrollTo(scrollX, scrollY);
  announce();
}

const fallback = () => document.getElementById("zone-find") || document.querySelector(".month [tabindex='0'], .month a") || document.getElementById("booker-heading");

function announce() {
  const title = document.getElementById("times-title") || document.getElementById("zones-title");
  const words = [title?.textContent, title?.dataset.count].filter(Boolean).join(": ");
  statusLine().textContent = words;
}

// Plain presses of links within the card; anything else is left to the browser.
function followLinks(event) {
  const link = event.target.closest("a[href]");
  if (!link || !booker().contains(link) || event.defaultPrevented) return;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (new URL(link.href).pathname !== window.location.pathname || link.matches(".slot")) return;
  event.preventDefault();
  const id = link.id || "";
  show(link.href, { keep: link.closest(".zone-list") || id === "zone-keep" ? "zone-change" : id || "booker-heading" });
}

// The month as a grid: one stop of the Tab key, arrows from day to day.
function makeGrid() {
  const month = document.querySelector("[data-month]");
  if (!month) return;
  month.setAttribute("role", "grid");
  const days = [...month.querySelectorAll("td > *")];
  for (const day of days) {
    day.tabIndex = -1;
    if (day.matches("span")) {
      day.setAttribute("role", "link");
      day.setAttribute("aria-disabled", "true");
      day.setAttribute("aria-label", day.dataset.label);
    }
  }
  const first = month.querySelector("[aria-current]") || month.querySelector("a") || days[0];
  if (first) first.tabIndex = 0;
  month.addEventListener("keydown", (event) => moveInGrid(event, days));
}

function moveInGrid(event, days) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const at = days.indexOf(document.activeElement);
  const aside = document.documentElement.dir === "rtl" ? -1 : 1;
  const steps = { ArrowLeft: -aside, ArrowRight: aside, ArrowUp: -7, ArrowDown: 7 };
  const week = days.filter((day) => day.closest("tr") === days[at]?.closest("tr"));
  const ends = { Home: week[0], End: week.at(-1) };
  const pages = { PageUp: "previous", PageDown: "next" };
  if (at < 0 || !(event.key in { ...steps, ...ends, ...pages })) return;
  event.preventDefault();
  const goal = ends[event.key] || days[at + steps[event.key]];
  if (goal && goal.offsetParent) {
    for (const day of days) day.tabIndex = day === goal ? 0 : -1;
    goal.focus();
    return;
  }
  // Beyond what is shown: the nearest earlier or later dates with free times.
  const way = pages[event.key] || (steps[event.key] > 0 ? "next" : "previous");
  const link = [...document.querySelectorAll(`.step-link[id$="${way}"]`)].find((one) => one.offsetParent);
  if (link) show(link.href, { keep: "month" });
}

// The list of zones narrows while one types; without script the server searches.
function searchZones() {
  const form = document.querySelector("[data-zone-search]");
  if (!form) return;
  const input = form.elements.find, none = document.querySelector("[data-zone-none]");
  const rows = [...document.querySelectorAll(".zone-list li")].map((row) => {
    const link = row.querySelector("a");
    return [row, `${link.querySelector("span").textContent} ${link.dataset.search || ""} ${new URL(link.href).searchParams.get("zone")}`.toLowerCase()];
  });
  const narrow = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.startsWith(word) || text.includes(` ${word}`) || text.includes(`,${word}`));
      count += row.hidden ? 0 : 1;
    }
    none.hidden = count > 0;
  };
  // What was searched by address holds only its own rows; then the server goes on searching.
  if (!input.value) {
    input.addEventListener("input", narrow);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      document.querySelector(".zone-list li:not([hidden]) a")?.focus();
    });
  }
}

function tellTime() {
  const clock = document.querySelector("[data-zone-clock]"), card = booker();
  if (!clock || !card) return;
  const options = { hour: "numeric", minute: "2-digit", timeZone: card.dataset.zone };
  try {
    clock.textContent = new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date());
  } catch { /* a zone that this browser does not know: the server's time stays */ }
}

function enhance() {
  makeGrid();
  searchZones();
}

function detectZone() {
  const card = booker(), zone = visitorZone();
  if (!card?.hasAttribute("data-detect") || !zone || zone === card.dataset.zone) return;
  const address = new URL(window.location.href);
  address.searchParams.set("zone", zone);
  show(address.href, { history: "replace" });
}

// The form of a request: its list of zones begins with the visitor's own.
function preselectZone() {
  const list = document.querySelector("select#id_zone"), zone = visitorZone();
  if (!list || document.querySelector(".error-summary")) return;
  const own = [...list.options].find((option) => option.value === (OLDER_NAMES[zone] || zone));
  if (own) list.value = own.value;
}

preselectZone();
if (booker()) {
  enhance();
  detectZone();
  document.addEventListener("click", followLinks);
  window.setInterval(tellTime, 30_000);
  window.addEventListener("popstate", () => show(window.location.href, { history: "none", keep: document.activeElement?.id }));
}
