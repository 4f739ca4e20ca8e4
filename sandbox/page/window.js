// One person's chat window: the list of bubbles, the typing line, keyboards, menus and the location picker.

import { dayBetween, messageElement } from "./bubble.js";
import { element, icon } from "./build.js";
import { picker } from "./picker.js";
import { role, say, sayAll } from "./words.js";

const STICKERS = ["👍", "🙏", "😊", "🍱", "💧", "☀️", "😴", "🎉"];
const NEAR_BOTTOM = 90; // pixels
const TOP_MARGIN = 10;
const TOAST_MS = 3500;
const TYPING_MS = 5000;
const PATIENCE_MS = 30000; // a pressed button stops waiting after as long as Telegram does
const LARGEST_SIDE = 1280; // photos are sent no larger, as Telegram's own clients do
const PRACTICE_PHONE = "+8610000000000";

/** The picture as Telegram's own clients send it: a JPEG, no larger than they do. Throws for what is none. */
async function asPhoto(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(LARGEST_SIDE / Math.max(picture.width, picture.height), 1);
  const canvas = element("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.86));
}

export class ChatWindow {
  static attended = null; // the window somebody last did something in
  unreadCount = 0;

  /** `several`: there are windows beside this one. `mark(count)` is called when its unread messages change. */
  constructor(person, several, mark) {
    this.messages = new Map();
    this.waiting = new Map();
    this.mark = mark;
    this.build(person);
    this.load(person, several);
  }

  build({ id, role: name }) {
    this.title = element("strong", { class: "who-title", testid: "title" });
    this.subtitle = element("span", { class: "who-subtitle", testid: "subtitle" });
    this.avatar = element("span", { class: "avatar", "aria-hidden": "true" });
    this.stop = element("button", { type: "button", class: "round", label: "block", testid: "block", onclick: () => this.does("block") }, icon("stop"));
    this.unread = element("span", { class: "unread", testid: "unread", role: "status", hidden: true });
    const head = element("header", { class: "who" }, this.avatar, element("div", { class: "who-names" }, this.title, this.subtitle), this.unread, this.stop);
    this.list = element("div", { class: "list", testid: "messages", role: "log", "aria-live": "polite", tabindex: "0" });
    this.list.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.atEnd = true;
    this.following = false; // not at the end, but nobody has looked for another place since: what is new is shown
    for (const sign of ["wheel", "touchmove"]) this.list.addEventListener(sign, () => (this.following = false), { passive: true });
    new ResizeObserver(() => this.atEnd && this.toBottom()).observe(this.list);
    this.jump = element("button", { type: "button", class: "jump", label: "jump", onclick: () => this.toBottom(), hidden: true }, icon("down"));
    this.toast = element("p", { class: "toast", testid: "toast", role: "status", hidden: true });
    this.above = element("div", { class: "above" });
    this.line = this.typingLine();
    this.begin = element("button", { type: "button", class: "begin", testid: "start", onclick: () => this.starts() });
    this.keyboard = element("div", { class: "keyboard", testid: "keyboard", hidden: true });
    const foot = element("footer", { class: "foot" }, this.jump, this.above, this.line, this.begin, this.keyboard);
    this.root = element("section", { class: "window", testid: "window", "data-person": name, "data-person-id": id }, head, this.list, this.toast, foot);
    for (const sign of ["pointerdown", "focusin", "wheel"]) this.root.addEventListener(sign, () => this.attend(), { passive: true });
  }

  typingLine() {
    this.input = element("textarea", { class: "input", testid: "input", rows: 1, hint: "input", autocomplete: "off", enterkeyhint: "send" });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    this.slash = element("button", { type: "button", class: "round", label: "commands", testid: "commands-open", onclick: () => this.toggleCommands() }, icon("slash"));
    this.keys = element("button", { type: "button", class: "round", label: "keyboard", testid: "keyboard-toggle", onclick: () => this.toggleKeyboard(), hidden: true }, icon("keyboard"));
    const attach = element("button", { type: "button", class: "round", label: "attach", testid: "attach", onclick: () => this.toggleAttach() }, icon("attach"));
    const send = element("button", { type: "button", class: "round send", label: "send", testid: "send", onclick: () => this.send() }, icon("send"));
    return element("div", { class: "line" }, this.slash, element("div", { class: "input-box" }, this.input, this.keys), attach, send);
  }

  load(person, several) {
    this.person = person;
    this.several = several;
    this.messages = new Map(person.messages.map((message) => [message.message_id, message]));
    this.markup = person.keyboard;
    this.keyboardOpen = Boolean(person.keyboard);
    this.close();
    this.redraw();
  }

  redraw() {
    const { bot_name: bot, name, role: what } = this.person;
    this.title.textContent = this.several ? `${role(what)} · ${name}` : bot;
    this.avatar.textContent = [...(this.several ? name : bot)][0];
    this.rest();
    this.slash.hidden = !this.person.commands.length;
    this.list.replaceChildren();
    if (!this.messages.size) this.list.append(this.welcome());
    let before = null;
    for (const message of this.messages.values()) {
      this.list.append(...[dayBetween(before, message), this.drawn(message)].filter(Boolean));
      before = message;
    }
    this.drawKeyboard();
    this.drawFoot();
    sayAll(this.root);
    this.toBottom();
  }

  welcome() {
    const words = this.person.description || say("welcome");
    return element("div", { class: "welcome", testid: "welcome" }, element("span", { class: "avatar large" }, [...this.person.bot_name][0]), element("strong", {}, this.person.bot_name), element("p", {}, words));
  }

  drawn(message) {
    return messageElement(message, this.person, { command: (text) => this.write(text), press: (button, made) => this.press(message, button, made) });
  }

  drawFoot() {
    const blocked = this.person.standing !== "open";
    const fresh = !this.messages.size;
    this.begin.hidden = !(blocked || fresh);
    this.line.hidden = blocked || fresh;
    this.begin.textContent = say(blocked ? "restart" : "start");
    this.keyboard.hidden = this.line.hidden || !this.markup?.keyboard || !this.keyboardOpen;
    this.stop.hidden = blocked || fresh;
  }

  // What the stream says

  on(event) {
    const handler = { message: "said", deleted: "gone", keyboard: "newKeyboard", keyboard_used: "usedKeyboard", answer: "answered", action: "acting", standing: "stood", pressed: "pressed" }[event.kind];
    if (handler) this[handler](event);
  }

  said({ message }) {
    const old = this.list.querySelector(`[data-message-id="${message.message_id}"]`);
    const follow = message.from.id === this.person.id || this.atBottom() || (this.following && !old);
    const before = [...this.messages.values()].at(-1);
    if (!this.messages.size) this.list.replaceChildren();
    this.messages.set(message.message_id, message);
    if (old) {
      const changed = this.drawn(message);
      changed.classList.add("changed");
      old.replaceWith(changed);
    } else this.list.append(...[dayBetween(before, message), this.drawn(message)].filter(Boolean));
    if (message.from.id === this.person.id) this.attend();
    else this.heard(old);
    this.drawFoot();
    if (follow) this.showNewest(old);
    else this.jump.hidden = false;
  }

  heard(edited) {
    this.rest();
    if (this.several && !edited && ChatWindow.attended !== this) this.count(this.unreadCount + 1);
  }

  // Somebody does something here: what comes next in this window is expected, in every other one it is news.
  attend() {
    ChatWindow.attended = this;
    this.count(0);
  }

  count(unread) {
    if (unread === this.unreadCount) return;
    this.unreadCount = unread;
    this.unread.hidden = !unread;
    this.unread.textContent = unread;
    this.unread.title = `${unread} ${say("unread")}`;
    this.root.classList.toggle("news", unread > 0);
    this.mark(unread);
  }

  showNewest(edited) {
    const newest = this.list.lastElementChild;
    if (edited || newest.offsetHeight < this.list.clientHeight) return this.toBottom();
    this.atEnd = false; // a message taller than the window is read from its top
    this.following = true;
    this.list.scrollTop += newest.getBoundingClientRect().top - this.list.getBoundingClientRect().top - TOP_MARGIN;
  }

  gone({ message_id: id }) {
    this.messages.delete(id);
    const note = element("div", { class: "day", testid: "deleted" }, element("span", {}, say("deleted")));
    this.list.querySelector(`[data-message-id="${id}"]`)?.replaceWith(note);
  }

  newKeyboard({ keyboard }) {
    this.markup = keyboard;
    this.keyboardOpen = Boolean(keyboard);
    this.drawKeyboard();
    this.drawFoot();
    if (keyboard?.force_reply && (!this.several || ChatWindow.attended === this)) this.input.focus();
    this.toBottom();
  }

  usedKeyboard() {
    this.keyboardOpen = false;
    this.drawFoot();
  }

  answered({ query, text, show_alert: alert }) {
    this.waiting.get(query)?.();
    if (!text) return;
    if (alert) this.alert(text);
    else this.tell(text);
  }

  pressed({ query, message_id: id, data }) {
    this.attend();
    this.following = true;
    const made = [...this.list.querySelectorAll(`[data-message-id="${id}"] .inline-button`)].find((button) => button.dataset.callback === data);
    made?.classList.add("pressed");
    const rest = () => {
      clearTimeout(timer);
      this.waiting.delete(query);
      made?.classList.remove("pressed");
    };
    const timer = setTimeout(rest, PATIENCE_MS);
    this.waiting.set(query, rest);
  }

  acting() {
    this.subtitle.textContent = say("typing");
    this.subtitle.classList.add("acting");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), TYPING_MS);
  }

  rest() {
    const { about, bot_name: bot, name, role: what } = this.person;
    this.subtitle.classList.remove("acting");
    this.subtitle.textContent = this.several ? about || bot : `${name} · ${role(what)}`;
    this.subtitle.title = this.subtitle.textContent;
  }

  stood({ standing }) {
    this.person.standing = standing;
    this.drawFoot();
    if (standing !== "open") this.tell(say("stopped"));
  }

  // What the person does

  async does(action, facts = {}) {
    this.close();
    const response = await fetch(`/sandbox/people/${this.person.id}/${action}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(facts) });
    return this.sent(response);
  }

  async sent(response) {
    if (!response.ok) this.tell(`${say("refused")}${(await response.json().catch(() => ({}))).description ?? response.status}`);
    return response.ok;
  }

  write(text) {
    return this.does("text", { text });
  }

  async send() {
    const text = this.input.value;
    if (!text.trim()) return;
    this.input.value = "";
    this.typed();
    if (!(await this.write(text))) this.input.value = text;
  }

  async starts(payload = "") {
    if (this.person.standing !== "open") await this.does("unblock");
    await this.does("start", { payload });
  }

  press(message, button) {
    if (button.callback_data) this.does("press", { message_id: message.message_id, data: button.callback_data });
    else if (button.copy_text) navigator.clipboard?.writeText(button.copy_text.text);
  }

  typed() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 132)}px`;
    this.root.classList.toggle("typing", Boolean(this.input.value.trim()));
    if (/^\/\w*$/.test(this.input.value)) this.showCommands(this.input.value.slice(1));
    else this.close();
  }

  // Keyboards, menus, sheets

  drawKeyboard() {
    const rows = this.markup?.keyboard ?? [];
    this.keys.hidden = !rows.length;
    this.input.placeholder = this.markup?.input_field_placeholder || say("input");
    this.input.dataset.sayHint = this.markup?.input_field_placeholder ? "" : "input";
    if (this.markup?.input_field_placeholder) delete this.input.dataset.sayHint;
    this.keyboard.replaceChildren(...rows.map((row) => element("div", { class: "keyboard-row" }, ...row.map((key) => this.key(key)))));
  }

  key(key) {
    const speaksForItself = /^\p{Extended_Pictographic}/u.test(key.text);
    const sign = key.request_location && !speaksForItself ? icon("pin") : null;
    return element("button", { type: "button", class: "key", testid: "keyboard-button", "data-request": key.request_location ? "location" : null, onclick: () => this.pressKey(key) }, sign, element("span", {}, key.text));
  }

  pressKey(key) {
    if (key.request_location) this.pickPlace();
    else if (key.request_contact) this.does("contact", { phone_number: PRACTICE_PHONE });
    else this.write(key.text);
  }

  toggleKeyboard() {
    this.keyboardOpen = !this.keyboardOpen;
    this.drawFoot();
    this.toBottom();
  }

  close() {
    this.above?.replaceChildren();
    this.root.querySelector(".sheet")?.remove();
  }

  toggleCommands() {
    if (this.above.querySelector(".commands")) this.close();
    else this.showCommands("");
  }

  showCommands(prefix) {
    const fitting = this.person.commands.filter(({ command }) => command.startsWith(prefix));
    const lines = fitting.map(({ command, description }) =>
      element("button", { type: "button", class: "command", testid: `command-${command}`, onclick: () => this.runCommand(command) }, element("b", {}, `/${command}`), element("span", {}, description)),
    );
    this.above.replaceChildren(...(lines.length ? [element("div", { class: "menu commands", testid: "commands" }, ...lines)] : []));
  }

  runCommand(command) {
    this.input.value = "";
    this.typed();
    this.write(`/${command}`);
  }

  toggleAttach() {
    if (this.above.querySelector(".attach")) return this.close();
    const choice = (name, sign, act) => element("button", { type: "button", class: "choice", testid: `attach-${name}`, onclick: act }, icon(sign), say(name));
    this.above.replaceChildren(
      element("div", { class: "menu attach", testid: "attach-menu" }, choice("location", "pin", () => this.pickPlace()), choice("photo", "photo", () => this.pickPhotos()), choice("file", "file", () => this.pickFile()), choice("sticker", "smile", () => this.pickSticker())),
    );
  }

  pickPlace() {
    this.close();
    this.root.append(picker((point) => this.does("location", point), () => this.close()));
  }

  pickSticker() {
    const stickers = STICKERS.map((emoji) => element("button", { type: "button", class: "sticker-choice", testid: "sticker-choice", onclick: () => this.does("sticker", { emoji }) }, emoji));
    this.above.replaceChildren(element("div", { class: "menu stickers" }, ...stickers));
  }

  pickPhotos() {
    this.pick({ accept: "image/*", multiple: true, testid: "photo-file" }, (files) => this.sendAll("photo", files));
  }

  pickFile() {
    this.pick({ testid: "document-file" }, ([file]) => this.sendAll("document", [file]));
  }

  pick(kind, send) {
    this.close();
    this.root.querySelector("input[type=file]")?.remove();
    const field = element("input", { type: "file", hidden: true, ...kind });
    field.addEventListener("change", () => field.files.length && send([...field.files]));
    this.root.append(field);
    field.click();
  }

  // What stands in the typing line goes with the files, under the first of them.
  async sendAll(action, files) {
    const album = files.length > 1 ? String(Date.now()) : "";
    for (const file of files) {
      const caption = this.input.value.trim();
      try {
        if (!(await this.upload(action, file, { caption, album }))) continue;
        this.input.value = "";
        this.typed();
      } catch (error) {
        this.tell(`${say("refused")}${error.message}`);
      }
    }
  }

  async upload(action, file, facts) {
    const form = new FormData();
    for (const [key, value] of Object.entries(facts)) form.append(key, value);
    if (action === "photo") form.append(action, await asPhoto(file), "photo.jpg");
    else form.append(action, file, file.name);
    return this.sent(await fetch(`/sandbox/people/${this.person.id}/${action}`, { method: "POST", body: form }));
  }

  tell(text) {
    this.toast.textContent = text;
    this.toast.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (this.toast.hidden = true), TOAST_MS);
  }

  alert(text) {
    this.close();
    const ok = element("button", { type: "button", class: "wide", testid: "alert-ok", onclick: () => this.close() }, say("ok"));
    this.root.append(element("div", { class: "sheet alert", testid: "alert", role: "alertdialog" }, element("div", { class: "alert-box" }, element("p", {}, text), ok)));
    ok.focus();
  }

  scrolled() {
    this.atEnd = this.atBottom();
    this.jump.hidden = this.atEnd;
  }

  atBottom() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_BOTTOM;
  }

  toBottom() {
    this.atEnd = true;
    this.list.scrollTop = this.list.scrollHeight;
    this.jump.hidden = true;
  }
}
