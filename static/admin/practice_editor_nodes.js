// Extensions of the packaged editor. Each writes only markup that the server's cleaner keeps.
import {
  Extension, Figure as BaseFigure, Link as BaseLink, Mark, Node, Plugin, mergeAttributes,
  updateAttrsDialog,
} from "django-prose-editor/editor";

const gettext = window.gettext || ((words) => words);

// --- callouts ---

const CALLOUT_KINDS = { note: gettext("Note"), tip: gettext("Tip"), care: gettext("Please take care") };

export const Callout = Node.create({
  name: "callout",
  group: "block",
  content: "block+",
  defining: true,

  addAttributes() {
    return { kind: { default: "note", rendered: false } };
  },
  parseHTML() {
    return [{
      tag: "div.callout",
      getAttrs: (element) => ({
        kind: Object.keys(CALLOUT_KINDS).find((kind) => element.classList.contains(`callout-${kind}`)) ?? "note",
      }),
    }];
  },
  renderHTML({ node }) {
    return ["div", { class: `callout callout-${node.attrs.kind}` }, 0];
  },
  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "callout",
      groups: "nodes",
      button: buttons.material("lightbulb", gettext("callout")),
      active: (editor) => editor.isActive("callout"),
      command(editor) {
        if (editor.isActive("callout")) return editor.chain().focus().lift("callout").run();
        updateAttrsDialog(
          { kind: { title: gettext("Kind"), enum: Object.values(CALLOUT_KINDS) } },
          { title: gettext("Set apart from the text"), submitText: gettext("Insert") },
        )(editor, {}).then((chosen) => {
          if (!chosen) return;
          const kind = Object.keys(CALLOUT_KINDS).find((key) => CALLOUT_KINDS[key] === chosen.kind) ?? "note";
          editor.chain().focus().wrapIn("callout", { kind }).run();
        });
        return true;
      },
    });
  },
});

// --- the source of a quote, abbreviations and definition lists ---

export const Cite = Mark.create({
  name: "cite",
  parseHTML: () => [{ tag: "cite" }],
  renderHTML: ({ HTMLAttributes }) => ["cite", HTMLAttributes, 0],
  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "cite",
      groups: "marks",
      button: buttons.text(gettext("Source"), gettext("source of a quote")),
      active: (editor) => editor.isActive("cite"),
      command: (editor) => editor.chain().focus().toggleMark("cite").run(),
    });
  },
});

export const Abbreviation = Mark.create({
  name: "abbreviation",
  addAttributes: () => ({ title: { default: "" } }),
  parseHTML: () => [{ tag: "abbr[title]" }],
  renderHTML: ({ HTMLAttributes }) => ["abbr", mergeAttributes(HTMLAttributes), 0],
});

export const DefinitionList = Node.create({
  name: "definitionList",
  group: "block",
  content: "(definitionTerm | definitionText)+",
  parseHTML: () => [{ tag: "dl" }],
  renderHTML: () => ["dl", 0],
});

export const DefinitionTerm = Node.create({
  name: "definitionTerm",
  content: "inline*",
  parseHTML: () => [{ tag: "dt" }],
  renderHTML: () => ["dt", 0],
});

export const DefinitionText = Node.create({
  name: "definitionText",
  content: "block+",
  parseHTML: () => [{ tag: "dd" }],
  renderHTML: () => ["dd", 0],
});

// --- pictures of the media library ---

const pendingPicks = new Map();
let lastPickId = 0;

// The picker answers through the callback interface of CKEditor; the number names the request.
function registerPickerCallback() {
  window.CKEDITOR = window.CKEDITOR || {};
  window.CKEDITOR.tools = {
    callFunction(number, url, facts) {
      pendingPicks.get(Number(number))?.(url, facts);
      pendingPicks.delete(Number(number));
    },
  };
}

function openPicker(address, onPick) {
  registerPickerCallback();
  lastPickId += 1;
  pendingPicks.set(lastPickId, onPick);
  window.open(`${address}?CKEditorFuncNum=${lastPickId}`, "_blank", "width=900,height=700");
}

const pictureFields = (hasCaption) => ({
  altText: {
    type: "string",
    title: gettext("Description for those who do not see it"),
    description: gettext("Leave it empty only if the picture is decorative."),
  },
  ...(hasCaption ? { caption: { type: "string", title: gettext("Caption") } } : {}),
});

function selectedPicture({ selection }) {
  if (selection.node?.type.name === "image") return { node: selection.node, pos: selection.from };
  if (selection.node?.type.name === "figure") {
    return { node: selection.node.firstChild, pos: selection.from + 1 };
  }
  const { $from } = selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    if ($from.node(depth).type.name === "figure") {
      return { node: $from.node(depth).firstChild, pos: $from.start(depth) };
    }
  }
  return null;
}

export const Figure = BaseFigure.extend({
  addCommands() {
    const edit = () => ({ editor, state, dispatch }) => {
      if (!dispatch) return true;
      const found = selectedPicture(state);
      if (found) {
        updateAttrsDialog(pictureFields(false), { title: gettext("Picture") })(editor, {
          altText: found.node.attrs.alt,
        }).then((given) => {
          if (!given) return;
          editor.chain().setNodeSelection(found.pos)
            .updateAttributes("image", { alt: given.altText.trim() }).run();
        });
        return true;
      }
      openPicker(this.options.pickerUrl, (src, facts) => {
        updateAttrsDialog(pictureFields(true), {
          title: gettext("Picture"), submitText: gettext("Insert"),
        })(editor, { altText: facts.alternative_text, caption: facts.caption }).then((given) => {
          if (!given) return;
          const image = {
            type: "image", attrs: { src, alt: given.altText.trim(), file: String(facts.id) },
          };
          const caption = given.caption.trim();
          const below = caption
            ? [{ type: "caption", content: [{ type: "text", text: caption }] }] : [];
          editor.chain().focus()
            .insertContent({ type: "figure", content: [image, ...below] }).run();
        });
      });
      return true;
    };
    return { ...this.parent?.(), editImage: edit, insertFigure: edit };
  },
});

// --- links to pages of this site, by their titles ---

const rowsByUrl = new Map();

async function fetchRows(address) {
  if (!rowsByUrl.has(address)) {
    rowsByUrl.set(address, fetch(address, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : { rows: [] }))
      .then((answer) => answer.rows)
      .catch(() => []));
  }
  return rowsByUrl.get(address);
}

async function openLinkDialog(editor, present, address) {
  const rows = address ? await fetchRows(address) : [];
  const titles = rows.map((row) => row.title);
  const answer = updateAttrsDialog({
    ...(rows.length ? {
      page: { title: gettext("A page of this site"), enum: ["", ...titles] },
    } : {}),
    href: { type: "string", title: gettext("URL") },
  }, { title: gettext("Edit Link"), submitText: gettext("Update") })(editor, present);
  const dialog = editor.view.dom.parentElement.querySelector("dialog[open]");
  const page = dialog?.querySelector("select[name=page]");
  const href = dialog?.querySelector("input[name=href]");
  if (page && href) {
    page.selectedIndex = 1 + rows.findIndex((row) => row.url === href.value);
    page.addEventListener("change", () => {
      href.value = rows[page.selectedIndex - 1]?.url ?? "";
    });
  }
  href?.focus();
  return answer;
}

export const Link = BaseLink.extend({
  addOptions() {
    return { ...this.parent?.(), pagesUrl: "" };
  },
  addCommands() {
    return {
      ...this.parent?.(),
      addLink: () => ({ editor }) => {
        if (editor.state.selection.empty && !editor.isActive("link")) return false;
        const present = { href: editor.getAttributes("link").href ?? "" };
        openLinkDialog(editor, present, this.options.pagesUrl).then((given) => {
          const href = given?.href.trim();
          if (!href) return;
          const chain = editor.chain().focus();
          if (editor.isActive("link")) chain.extendMarkRange("link");
          chain.setMark("link", { href, target: null, rel: null }).run();
        });
        return true;
      },
    };
  },
});

// --- reusable blocks: a marker in plain text ---

export const Blocks = Extension.create({
  name: "blocks",
  addOptions: () => ({ choicesUrl: "" }),
  addMenuItems({ menu, buttons }) {
    const { choicesUrl } = this.options;
    menu.defineItem({
      name: "blocks",
      groups: "nodes",
      button: buttons.text(gettext("Block"), gettext("insert a reusable block")),
      command(editor) {
        fetchRows(choicesUrl).then((rows) => updateAttrsDialog(
          { block: { title: gettext("Block"), enum: rows.map((row) => row.name) } },
          {
            title: gettext("A block that is written once and stands in many texts"),
            submitText: gettext("Insert"),
          },
        )(editor, {}).then((given) => {
          const row = rows.find((one) => one.name === given?.block);
          if (!row) return;
          editor.chain().focus().insertContent([
            { type: "paragraph", content: [{ type: "text", text: `[[${row.slug}]]` }] },
            { type: "paragraph" },
          ]).run();
        }));
        return true;
      },
    });
  },
});

// --- paste from Word, Google Docs and pages ---

// The Content-Security-Policy blocks style attributes, also while a paste is parsed, so
// the styles of Google Docs are read from the attribute's text. The server's cleaner has the same rules.
const LIST_LEVEL = /mso-list:[^;]*level(\d)/i;
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

// Word writes lists as paragraphs with drawn bullets.
function convertWordLists(page) {
  let open = []; // the lists that are open, outermost first
  for (const line of [...page.querySelectorAll("p, h2, h3, h4, table")]) {
    const style = line.getAttribute("style") ?? "";
    const level = line.localName === "p" ? Number(LIST_LEVEL.exec(style)?.[1] ?? 0) : 0;
    if (!level || line.closest("li")) {
      open = [];
      continue;
    }
    const mark = [...line.querySelectorAll("span")]
      .find((span) => /mso-list:\s*ignore/i.test(span.getAttribute("style") ?? ""));
    const name = /^\s*\(?([0-9]+|[a-z])[.)]/i.test(mark?.textContent ?? "") ? "ol" : "ul";
    mark?.remove();
    open = open.slice(0, level);
    while (open.length < level) {
      const list = page.createElement(name);
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

function cleanPastedHtml(html) {
  // Nothing runs or loads in a document that is parsed like this.
  const page = new DOMParser().parseFromString(html, "text/html");
  convertWordLists(page);
  convertStyledText(page);
  return page.body.innerHTML;
}

export const PasteFromElsewhere = Extension.create({
  name: "pasteFromElsewhere",
  addProseMirrorPlugins: () => [
    new Plugin({ props: { transformPastedHTML: (html) => cleanPastedHtml(html) } }),
  ],
});
