// Paste from Word, Google Docs and pages: headings, marks, kinds of lists, quotes, links and footnotes stay.
import { Extension, Plugin } from "django-prose-editor/editor";

const gettext = window.gettext || ((words) => words);

// The Content-Security-Policy blocks style attributes, also while a paste is parsed, so
// the styles of Google Docs are read from the attribute's text. The server's cleaner has the same rules.
const LIST_PLACE = /mso-list:\s*(l\d+)\s+level(\d)/i;
const HEADING_NAMES = { H1: "h2", H5: "h4", H6: "h4" };

function parseStyle(element) {
  const pairs = (element.getAttribute("style") ?? "").toLowerCase().split(";")
    .map((rule) => rule.split(":").map((part) => part.trim()));
  return Object.fromEntries(pairs.filter((pair) => pair.length === 2));
}

function marksFromStyle(element) {
  const rules = parseStyle(element);
  const isBold = element.localName !== "span";
  const weight = rules["font-weight"] ?? (isBold ? "bold" : "");
  return Object.entries({
    strong: /^(bold|bolder|[6-9]00)$/.test(weight),
    em: rules["font-style"] === "italic",
    s: (rules["text-decoration"] ?? "").includes("line-through"),
    sup: rules["vertical-align"] === "super",
    sub: rules["vertical-align"] === "sub",
  }).filter(([, isWanted]) => isWanted).map(([name]) => name);
}

function convertStyledText(page) {
  for (const element of page.querySelectorAll("b[style], strong[style], span[style]")) {
    if (/mso-list/i.test(element.getAttribute("style"))) continue;
    let inner = page.createDocumentFragment();
    inner.append(...element.childNodes);
    for (const name of marksFromStyle(element)) {
      const mark = page.createElement(name);
      mark.append(inner);
      inner = mark;
    }
    element.replaceWith(inner);
  }
  for (const heading of page.querySelectorAll("h1, h5, h6")) {
    const renamed = page.createElement(HEADING_NAMES[heading.tagName]);
    renamed.append(...heading.childNodes);
    heading.replaceWith(renamed);
  }
}

// --- lists ---

// Word writes lists as paragraphs with drawn bullets.
function convertWordLists(page) {
  let open = []; // the lists that are open, outermost first
  for (const line of [...page.querySelectorAll("p, h2, h3, h4, table")]) {
    const style = line.getAttribute("style") ?? "";
    const place = line.localName === "p" ? LIST_PLACE.exec(style) : null;
    if (!place || line.closest("li")) {
      open = [];
      continue;
    }
    const level = Number(place[2]);
    const mark = [...line.querySelectorAll("span")]
      .find((span) => /mso-list:\s*ignore/i.test(span.getAttribute("style") ?? ""));
    const drawn = mark?.textContent.trim() ?? "";
    const number = /^\(?([0-9]+|[a-z]+)[.)]/i.exec(drawn)?.[1];
    const name = number ? "ol" : "ul";
    mark?.remove();
    open = open.slice(0, level);
    // Another kind of list at the same level, or another list of Word's, is a list of its own.
    const current = open[level - 1];
    if (current && (current.localName !== name || current.wordList !== place[1])) open.pop();
    while (open.length < level) {
      const list = page.createElement(name);
      list.wordList = place[1];
      if (Number(number) > 1) list.setAttribute("start", number);
      const outer = open.at(-1);
      if (outer) (outer.lastElementChild ?? outer).append(list);
      else line.before(list);
      open.push(list);
    }
    const item = page.createElement("li");
    item.append(...line.childNodes);
    open.at(-1).append(item);
    line.remove();
  }
}

// --- quotes ---

const WORD_QUOTE = /^Mso(Intense)?Quote/;

// Google Docs has no quotes: people indent them.
function isIndented(paragraph) {
  const rules = parseStyle(paragraph);
  const points = /^([\d.]+)pt$/.exec(rules["margin-left"] ?? "");
  return Number(points?.[1] ?? 0) >= 30 && !parseFloat(rules["text-indent"] ?? "0");
}

function convertQuotes(page) {
  for (const paragraph of [...page.querySelectorAll("p")]) {
    if (paragraph.closest("li, td, blockquote")) continue;
    const isQuote = WORD_QUOTE.test(paragraph.className)
      || (page.isGoogleDocs && isIndented(paragraph));
    if (!isQuote) continue;
    const before = paragraph.previousElementSibling;
    if (before?.localName === "blockquote" && before.isPasted) {
      before.append(paragraph);
      continue;
    }
    const quote = page.createElement("blockquote");
    quote.isPasted = true;
    paragraph.before(quote);
    quote.append(paragraph);
  }
}

// --- links ---

function convertLinks(page) {
  for (const link of page.querySelectorAll("a[href]")) {
    const href = link.getAttribute("href");
    // Google Docs leads links through itself in some exports.
    const wrapped = /^https:\/\/www\.google\.com\/url\?/.test(href) && new URL(href).searchParams.get("q");
    if (wrapped) link.setAttribute("href", wrapped);
  }
}

// --- footnotes become references ---

const NOTE_LINK = /#_?(?:ftn|edn|ftnt|sdfootnote)(\d+)(?:sym)?$/i;

function noteNumber(link) {
  return NOTE_LINK.exec(link.getAttribute("href") ?? "")?.[1];
}

function takeNote(page, number) {
  const anchor = page.querySelector(
    ["_ftn", "_edn", "ftn", "ftnt", "edn"].flatMap((name) => [`[name="${name}${number}"]`, `[id="${name}${number}"]`]).join(", "),
  );
  if (!anchor) return null;
  const block = anchor.closest("[style*=mso-element]") ?? anchor.closest("p, li, div") ?? anchor;
  const note = block.cloneNode(true);
  // The way back, and the number before the words.
  for (const link of note.querySelectorAll("a[href*=ref]")) link.remove();
  const words = note.textContent.replace(/\s+/g, " ").trim().replace(/^(\[?\d+\]?|[ivx]+)[.)\s]+/, "");
  return words && { words, block };
}

function convertFootnotes(page, countBefore) {
  const notes = [];
  for (const link of [...page.querySelectorAll("a[href]")]) {
    const number = noteNumber(link);
    const note = number && takeNote(page, number);
    if (!note || note.block.contains(link)) continue;
    notes.push(note);
    const place = countBefore + notes.length;
    const mark = page.createElement("sup");
    const reference = page.createElement("a");
    reference.setAttribute("href", `#reference-${place}`);
    reference.textContent = String(place);
    mark.append(reference);
    (link.closest("sup") ?? link).replaceWith(mark);
  }
  for (const { block } of notes) block.remove();
  for (const list of page.querySelectorAll("[style*='mso-element:footnote-list'], [style*='mso-element:endnote-list']")) list.remove();
  return notes.map((note) => note.words);
}

// --- pictures that cannot come along ---

function markLostPictures(page) {
  for (const image of page.querySelectorAll("img:not([data-file])")) {
    const src = image.getAttribute("src") ?? "";
    // A picture of one or two pixels counts visits.
    if (Number(image.getAttribute("width") || 9) < 3 || !src) continue;
    const about = (image.getAttribute("alt") ?? "").trim();
    const words = about
      ? gettext("[A picture could not be copied: %s. Drop its file here.]").replace("%s", about)
      : gettext("[A picture could not be copied. Drop its file here.]");
    image.replaceWith(words);
  }
}

// --- the references of the article ---

function referenceField(editor) {
  const form = editor.view.dom.closest("form");
  const field = form?.querySelector("textarea#id_references");
  return field && !field.closest(".prose-editor") ? field : null;
}

function countLines(field) {
  return field.value.split("\n").filter((line) => line.trim()).length;
}

function addReferences(field, lines) {
  field.value = [...field.value.split("\n").filter((line) => line.trim()), ...lines].join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function cleanPastedHtml(html, editor) {
  // Nothing runs or loads in a document that is parsed like this.
  const page = new DOMParser().parseFromString(html, "text/html");
  // From this editor: nothing of it is foreign.
  if (page.querySelector("[data-pm-slice]")) return html;
  page.isGoogleDocs = Boolean(page.querySelector("[id^=docs-internal-guid]"));
  const field = editor && referenceField(editor);
  if (field) {
    const lines = convertFootnotes(page, countLines(field));
    if (lines.length) addReferences(field, lines);
  }
  convertLinks(page);
  convertWordLists(page);
  convertQuotes(page);
  convertStyledText(page);
  markLostPictures(page);
  return page.body.innerHTML;
}

export const PasteFromElsewhere = Extension.create({
  name: "pasteFromElsewhere",
  addProseMirrorPlugins() {
    const { editor } = this;
    return [new Plugin({ props: { transformPastedHTML: (html) => cleanPastedHtml(html, editor) } })];
  },
});
