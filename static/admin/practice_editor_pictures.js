// Pictures in the editor: chosen from the library, dropped or pasted as a file, described in place.
import { Extension, Figure as BaseFigure, Plugin, updateAttrsDialog } from "django-prose-editor/editor";

const gettext = window.gettext || ((words) => words);

// --- choosing from the library ---

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

// --- alt text, asked for under the picture ---

const csrfToken = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
let altFields = 0;

function figureView({ node, editor, getPos, describeUrl }) {
  const dom = document.createElement("figure");
  dom.className = node.attrs.class;
  const contentDOM = document.createElement("div");
  const ask = document.createElement("div");
  ask.className = "alt-ask";
  ask.contentEditable = "false";
  const label = document.createElement("label");
  const input = document.createElement("input");
  altFields += 1;
  label.htmlFor = input.id = `alt-text-${altFields}`;
  label.textContent = gettext("Alt text (for people who can’t see the picture)");
  input.type = "text";
  input.maxLength = 300;
  input.placeholder = gettext("Leave it empty only if the picture is decoration.");
  const caption = document.createElement("button");
  caption.type = "button";
  caption.className = "button caption-button";
  ask.append(label, input, caption);
  dom.append(contentDOM, ask);
  let image = node.firstChild;
  function show(figure) {
    image = figure.firstChild;
    if (input.value !== image.attrs.alt) input.value = image.attrs.alt ?? "";
    caption.textContent = figure.childCount > 1 ? gettext("Remove caption") : gettext("Add caption");
  }

  caption.addEventListener("click", () => {
    const start = getPos() + 1 + image.nodeSize;
    const figure = editor.state.doc.nodeAt(getPos());
    const { tr, schema } = editor.state;
    if (figure.childCount > 1) {
      editor.view.dispatch(tr.delete(start, start + figure.child(1).nodeSize));
      return;
    }
    editor.view.dispatch(tr.insert(start, schema.nodes.caption.create()));
    editor.commands.focus(start + 1);
  });

  input.addEventListener("input", () => {
    const { tr } = editor.state;
    const attrs = { ...image.attrs, alt: input.value };
    editor.view.dispatch(tr.setNodeMarkup(getPos() + 1, null, attrs));
  });
  input.addEventListener("change", () => {
    if (!image.attrs.file || !input.value.trim()) return;
    // The library asks for it too, and takes this one if it has none yet.
    fetch(describeUrl, {
      method: "POST",
      body: new URLSearchParams({
        picture: image.attrs.file, alt: input.value.trim(), csrfmiddlewaretoken: csrfToken(),
      }),
    }).catch(() => {});
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault(); // it would send the form
    editor.chain().focus(getPos() + dom.pmViewDesc.node.nodeSize).run();
  });
  show(node);
  return {
    dom,
    contentDOM,
    update(updated) {
      if (updated.type.name !== "figure") return false;
      show(updated);
      return true;
    },
    stopEvent: (event) => ask.contains(event.target),
    ignoreMutation: (mutation) => mutation.type !== "selection" && ask.contains(mutation.target),
  };
}

export const Figure = BaseFigure.extend({
  addOptions() {
    return { ...this.parent?.(), describeUrl: "" };
  },
  // The packaged menu floats over the toolbar; the button under the picture takes its place.
  addExtensions: () => [],
  addNodeView() {
    const { describeUrl } = this.options;
    return (props) => figureView({ ...props, describeUrl });
  },
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

// --- dropped and pasted files ---

const isPicture = (file) => file.type.startsWith("image/");

function showStatus(editor, words, isTrouble = false) {
  const home = editor.view.dom.parentElement;
  let line = home.querySelector(".upload-status");
  if (!line) {
    line = document.createElement("p");
    line.className = "upload-status";
    line.setAttribute("role", "status");
    editor.view.dom.before(line);
  }
  line.classList.toggle("is-trouble", isTrouble);
  line.textContent = words;
}

async function sendFile(uploadUrl, file) {
  const body = new FormData();
  body.append("file", file);
  body.append("csrfmiddlewaretoken", csrfToken());
  const headers = { Accept: "application/json" };
  const answer = await fetch(uploadUrl, { method: "POST", body, headers, redirect: "manual" });
  if (answer.status === 422) return { error: (await answer.json()).error };
  if (!answer.ok) return { error: gettext("The picture wasn’t uploaded. Are you still signed in?") };
  return answer.json();
}

async function addPictures(editor, uploadUrl, files, start) {
  let at = start;
  const follow = ({ transaction }) => { at = transaction.mapping.map(at); };
  editor.on("transaction", follow);
  let newest = "";
  const troubles = [];
  for (const file of files) {
    showStatus(editor, gettext("Uploading the picture…"));
    let picture;
    try {
      picture = await sendFile(uploadUrl, file);
    } catch {
      picture = { error: gettext("The picture wasn’t uploaded: there’s no connection.") };
    }
    if (picture.error) {
      troubles.push(`${file.name}: ${picture.error}`);
      continue;
    }
    const attrs = { src: picture.url, alt: picture.alt, file: picture.id };
    editor.chain().insertContentAt(at, { type: "figure", content: [{ type: "image", attrs }] }).run();
    newest = picture.id;
  }
  editor.off("transaction", follow);
  showStatus(editor, troubles.join(" "), troubles.length > 0);
  const image = newest && editor.view.dom.querySelector(`img[data-file="${newest}"]`);
  if (image) image.closest("figure").querySelector(".alt-ask input")?.focus();
}

// Word and web pages put a picture of the whole selection beside its text: the text counts then.
function isPictureOnly(data) {
  const html = data.getData("text/html");
  return !html || !new DOMParser().parseFromString(html, "text/html").body.textContent.trim();
}

export const PictureUpload = Extension.create({
  name: "pictureUpload",
  addOptions: () => ({ uploadUrl: "" }),
  addProseMirrorPlugins() {
    const { editor } = this;
    const { uploadUrl } = this.options;
    const take = (event, data, at) => {
      const files = [...data.files];
      if (!files.length) return false;
      event.preventDefault();
      const pictures = files.filter(isPicture);
      if (pictures.length) addPictures(editor, uploadUrl, pictures, at);
      else {
        const words = gettext("We can’t use this file. Try JPEG, PNG, WebP, AVIF or GIF.");
        showStatus(editor, words, true);
      }
      return true;
    };
    return [new Plugin({
      props: {
        handlePaste(view, event) {
          const data = event.clipboardData;
          if (!data || !isPictureOnly(data)) return false;
          return take(event, data, view.state.selection.to);
        },
        handleDrop(view, event, slice, isMoved) {
          if (isMoved || !event.dataTransfer) return false;
          const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
          return take(event, event.dataTransfer, place?.pos ?? view.state.doc.content.size);
        },
      },
    })];
  },
});
