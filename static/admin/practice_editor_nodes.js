// Extensions of the packaged editor. Each writes only markup that the server's cleaner keeps.
import {
  Extension, Link as BaseLink, Mark, Node, mergeAttributes, updateAttrsDialog,
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
