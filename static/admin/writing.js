// The writing page: saves while somebody writes, keeps a copy in this browser until the server has the
// text, and warns before unsaved text is left. Without it the page is a plain form.
"use strict";

// The editors start on their own; one may be ready before this page is.
const editors = new Map();
document.addEventListener("prose-editor:ready", (event) => {
  editors.set(event.detail.textarea, event.detail.editor);
});

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-writing]");
  if (!form) return;
  const gettext = window.gettext || ((words) => words);
  const SAVE_AFTER = 2000; // ms after the last change
  const COPY_AFTER = 300;
  const RETRY_AFTER = 15000;
  const SUBMIT_AFTER = 10000; // at the latest, if an answer does not come
  const COPY_LIFETIME = 7 * 24 * 3600 * 1000;
  const NOT_COPIED = new Set(["csrfmiddlewaretoken", "version", "revision_note"]);

  // --- the title grows, and is one line ---

  const title = document.getElementById("id_title");
  function growTitle() {
    if (!title || CSS.supports("field-sizing", "content")) return;
    title.rows = 1;
    while (title.scrollHeight > title.clientHeight + 2 && title.rows < 8) title.rows += 1;
  }
  title?.addEventListener("input", growTitle);
  title?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    document.querySelector(".field-body .tiptap.ProseMirror")?.focus();
  });
  growTitle();

  // --- what the form holds ---

  function readFields() {
    const pairs = [...new FormData(form).entries()]
      .filter(([name, value]) => typeof value === "string" && !NOT_COPIED.has(name));
    return JSON.stringify(pairs);
  }

  class Writing {
    constructor() {
      this.savedFields = readFields();
      this.isLeaving = false;
      this.isStopped = form.hasAttribute("data-conflict");
      this.saving = null;
      this.submitter = null; // the button pressed while saving
      this.isWaiting = this.hasWaited = false;
      this.at = Number(document.getElementById("saved").dataset.at || 0) * 1000;
      this.status = document.getElementById("saved-status");
      this.copy = new LocalCopy(form.dataset.writing);
    }

    get hasChanges() { return readFields() !== this.savedFields; }

    // --- what the bar says ---

    show(words) {
      document.getElementById("saved").textContent = words;
    }

    showAge() {
      if (!this.at || this.hasChanges) return;
      const minutes = Math.floor((Date.now() - this.at) / 60000);
      if (minutes < 1) this.show(gettext("Saved just now"));
      else if (minutes < 60) this.show(gettext("Saved %s min ago").replace("%s", minutes));
    }

    announce(words) {
      if (this.status.textContent !== words) this.status.textContent = words;
    }

    showTrouble(words, link) {
      const box = document.getElementById("save-trouble");
      box.hidden = !words;
      const line = box.querySelector("p");
      line.textContent = words;
      if (words && link) {
        const sign = document.createElement("a");
        sign.href = link;
        sign.target = "_blank";
        sign.textContent = gettext("Sign in in a new tab");
        line.append(" ", sign);
      }
    }

    // --- saving ---

    changed() {
      if (!this.hasChanges) return;
      this.show(this.isStopped ? gettext("Not saved") : gettext("Not saved yet"));
      clearTimeout(this.copyTimer);
      this.copyTimer = setTimeout(() => this.copy.write(readFields()), COPY_AFTER);
      this.plan(SAVE_AFTER);
    }

    plan(delay) {
      clearTimeout(this.timer);
      if (!this.isStopped) this.timer = setTimeout(() => this.save(), delay);
    }

    async save() {
      if (this.saving || this.isStopped || this.isLeaving) return;
      const fields = readFields();
      if (fields === this.savedFields) return;
      this.show(gettext("Saving…"));
      this.saving = this.send(fields);
      try { await this.saving; } finally { this.saving = null; }
      if (this.hasChanges && !this.timer) this.plan(SAVE_AFTER);
    }

    async send(fields, isSecondTry = false) {
      this.timer = null;
      let answer;
      try {
        answer = await fetch(form.dataset.autosave, {
          method: "POST", body: new FormData(form), redirect: "manual", cache: "no-store",
          headers: { Accept: "application/json" },
        });
      } catch {
        this.fail(gettext("Not saved: there’s no connection. Your text is kept in this browser."));
        return;
      }
      if (answer.ok) this.succeed(fields, await answer.json());
      else if (answer.status === 409) this.conflict((await answer.json()).error);
      else if (answer.status === 403 && !isSecondTry && await this.renewToken()) await this.send(fields, true);
      else if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) this.signedOut();
      else this.fail(gettext("Not saved: something went wrong. Your text is kept in this browser."));
    }

    succeed(fields, saved) {
      this.savedFields = fields;
      this.at = Date.now();
      form.elements.version.value = form.elements.version.defaultValue = saved.version;
      if (location.pathname !== saved.page) {
        history.replaceState(history.state, "", saved.page);
        form.dataset.autosave = saved.autosave;
        this.copy.rename(form.dataset.writing = form.dataset.writing.replace(/-new$/, `-${saved.pk}`));
      }
      if (!this.hasChanges) {
        clearTimeout(this.copyTimer);
        this.copy.drop();
      }
      const left = saved.not_saved.filter(Boolean);
      const words = left.length ? gettext("Saved, except: %s").replace("%s", left.join(", ")) : gettext("Saved just now");
      this.show(words);
      this.announce(words);
      this.showTrouble("");
    }

    fail(words) {
      this.copy.write(readFields());
      this.show(gettext("Not saved"));
      this.announce(words);
      this.showTrouble(words);
      this.plan(RETRY_AFTER);
    }

    conflict(words) {
      this.isStopped = true;
      this.copy.write(readFields());
      this.show(gettext("Not saved"));
      this.showTrouble(words || gettext("This article was saved in another tab. Save to compare the two."));
    }

    signedOut() {
      this.copy.write(readFields());
      this.show(gettext("Not saved"));
      this.showTrouble(
        gettext("You’re signed out. Your text is kept in this browser, and is saved when you’re back."),
        form.dataset.login,
      );
      this.plan(RETRY_AFTER);
    }

    // Signing in changes the token that the form carries.
    async renewToken() {
      try {
        const page = await (await fetch(location.href, { redirect: "manual", cache: "no-store" })).text();
        const token = new DOMParser().parseFromString(page, "text/html").querySelector("[name=csrfmiddlewaretoken]");
        if (!token) return false;
        form.elements.csrfmiddlewaretoken.value = token.value;
        return true;
      } catch { return false; }
    }
  }

  // --- the copy in this browser ---

  class LocalCopy {
    constructor(name) { this.key = `writing:${name}`; }

    read() {
      try {
        const copy = JSON.parse(localStorage.getItem(this.key));
        return copy && Date.now() - copy.at < COPY_LIFETIME ? copy : null;
      } catch { return null; }
    }

    write(fields) {
      try { localStorage.setItem(this.key, JSON.stringify({ fields, at: Date.now(), version: form.elements.version.defaultValue })); } catch { /* storage is blocked or full */ }
    }

    drop() {
      try { localStorage.removeItem(this.key); } catch { /* storage is blocked */ }
    }

    rename(name) {
      this.drop();
      this.key = `writing:${name}`;
    }
  }

  function putBack(fields) {
    const values = new Map();
    for (const [name, value] of JSON.parse(fields)) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of form.elements) {
      if (!field.name || NOT_COPIED.has(field.name) || ["hidden", "submit", "button", "file"].includes(field.type)) continue;
      const given = values.get(field.name) ?? [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = given.includes(field.value);
      else field.value = given[0] ?? "";
      if (field.matches("[data-django-prose-editor-configurable]")) {
        editors.get(field)?.commands.setContent(field.value);
      }
    }
    growTitle();
  }

  function offerCopy(writing) {
    const copy = writing.copy.read();
    if (!copy) return;
    if (copy.fields === readFields()) {
      // Saved since, or brought back by the browser itself after Back.
      if (copy.version !== form.elements.version.defaultValue) writing.copy.drop();
      else {
        writing.savedFields = "";
        writing.changed();
      }
      return;
    }
    const box = document.getElementById("local-copy");
    document.getElementById("local-copy-at").textContent = new Date(copy.at).toLocaleString(document.documentElement.lang);
    box.hidden = false;
    document.getElementById("local-copy-use").addEventListener("click", () => {
      putBack(copy.fields);
      box.hidden = true;
      writing.changed();
      title?.focus();
    });
    document.getElementById("local-copy-drop").addEventListener("click", () => {
      writing.copy.drop();
      box.hidden = true;
      title?.focus();
    });
  }

  // The toolbar sticks below the bar, which may take two lines.
  const bar = form.querySelector(".write-bar");
  new ResizeObserver(() => {
    form.style.setProperty("--write-bar", `${bar.offsetHeight}px`);
  }).observe(bar);

  // What is being saved changes the version, and the address of a new article. Sent with the old
  // ones, the form would meet a conflict with itself, or begin the article a second time.
  async function submitAfterSave(writing, submitter) {
    writing.submitter = submitter; // the last press counts
    if (writing.isWaiting) return;
    writing.isWaiting = true;
    await Promise.race([writing.saving, new Promise((done) => setTimeout(done, SUBMIT_AFTER))]);
    writing.isWaiting = false;
    writing.hasWaited = true;
    form.requestSubmit(writing.submitter);
  }

  function start() {
    const writing = new Writing();
    offerCopy(writing);
    form.addEventListener("input", () => writing.changed());
    form.addEventListener("change", () => writing.changed());
    // The calendar and the picture picker set a value without an event.
    setInterval(() => {
      if (writing.hasChanges && !writing.timer && !writing.saving) writing.changed();
      writing.showAge();
    }, 5000);
    form.addEventListener("submit", (event) => {
      clearTimeout(writing.timer);
      if (writing.saving && !writing.hasWaited) {
        event.preventDefault();
        submitAfterSave(writing, event.submitter);
        return;
      }
      writing.isLeaving = true;
      // The answer may be a sign-in page: the copy goes when the saved page has been loaded.
      if (writing.hasChanges) writing.copy.write(readFields());
    });
    window.addEventListener("pageshow", () => { writing.isLeaving = writing.hasWaited = false; });
    window.addEventListener("online", () => writing.plan(0));
    window.addEventListener("focus", () => { if (writing.hasChanges) writing.plan(500); });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") writing.save();
    });
    window.addEventListener("beforeunload", (event) => {
      if (writing.isLeaving || !writing.hasChanges) return;
      writing.copy.write(readFields());
      event.preventDefault();
    });
    writing.showAge();
    if (form.hasAttribute("data-conflict")) writing.savedFields = "";
    form.dataset.ready = "";
  }

  // The editors may rewrite their textareas when they start, so what is saved is read after that.
  const waiting = new Set(form.querySelectorAll("[data-django-prose-editor-configurable]"));
  function startWhenReady() {
    for (const textarea of waiting) if (editors.has(textarea)) waiting.delete(textarea);
    if (!waiting.size && !("ready" in form.dataset)) start();
  }
  document.addEventListener("prose-editor:ready", startWhenReady);
  startWhenReady();
});
