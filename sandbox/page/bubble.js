// One message as a bubble: what it says, when, and the buttons under it.

import { element, icon, withEntities } from "./build.js";
import { day, hour, sameDay } from "./clock.js";
import { placePicture } from "./map.js";
import { say } from "./words.js";

/** The label between two days, or null when `before` was written on the same day. */
export function dayBetween(before, message) {
  if (before && sameDay(before.date * 1000, message.date * 1000)) return null;
  return element("div", { class: "day" }, element("span", {}, day(message.date * 1000)));
}

/**
 * `person`: whose window it is. `does.command(text)` and `does.press(button, element)` are called for what is pressed.
 */
export function messageElement(message, person, does) {
  const own = message.from.id === person.id;
  const bare = Boolean(message.sticker);
  const bubble = element("div", { class: `bubble${bare ? " bare" : ""}`, testid: "bubble" }, ...content(message, does), meta(message));
  return element(
    "article",
    {
      class: `message ${own ? "own" : "theirs"}${message.reply_markup ? " with-buttons" : ""}`,
      testid: "message",
      "data-message-id": message.message_id,
      "data-from": own ? "person" : "bot",
    },
    bubble,
    buttons(message, does),
  );
}

function meta(message) {
  const words = `${message.edit_date ? `${say("edited")} ` : ""}${hour(message.date * 1000)}`;
  return element("time", { class: "meta", datetime: new Date(message.date * 1000).toISOString() }, words);
}

function content(message, does) {
  const parts = [];
  if (message.reply_to_message) parts.push(quoted(message.reply_to_message));
  if (message.venue) parts.push(...place(message.venue.location, message.venue.title, message.venue.address));
  else if (message.location) {
    const { latitude, longitude, live_period: live } = message.location;
    parts.push(...place(message.location, say(live ? "livePlace" : "sharedPlace"), `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`));
  }
  if (message.photo) parts.push(photo(message.photo.at(-1)));
  if (message.sticker) parts.push(element("div", { class: "sticker", testid: "sticker" }, message.sticker.emoji));
  if (message.document) parts.push(file(message.document));
  if (message.voice) parts.push(element("div", { class: "card-line" }, `${say("voice")} ${message.voice.duration}″`));
  if (message.contact) parts.push(element("div", { class: "card-line" }, `${say("contact")}: ${message.contact.first_name} ${message.contact.phone_number}`));
  const text = message.text ?? message.caption;
  if (text) parts.push(element("div", { class: "text", testid: "text" }, ...withEntities(text, message.entities ?? message.caption_entities, does.command)));
  return parts;
}

function quoted(message) {
  return element("div", { class: "quoted" }, message.text ?? message.caption ?? message.venue?.title ?? say("sharedPlace"));
}

function place({ latitude, longitude }, title, lines) {
  const address = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
  const card = element(
    "a",
    { class: "place", testid: "place", href: address, target: "_blank", rel: "noopener noreferrer", "aria-label": `${say("openMap")}: ${title}` },
    placePicture(latitude, longitude),
    element("strong", { class: "place-title" }, title),
    element("span", { class: "place-address" }, lines),
  );
  card.dataset.lat = latitude;
  card.dataset.lon = longitude;
  return [card];
}

function photo({ file_id: id, width, height }) {
  const address = `/sandbox/files/${encodeURIComponent(id)}`;
  const image = element("img", { class: "photo", testid: "photo", src: address, width, height, alt: say("photo"), loading: "lazy" });
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer", class: "photo-link" }, image);
}

function file({ file_id: id, file_name: name, file_size: size }) {
  const address = `/sandbox/files/${encodeURIComponent(id)}`;
  const words = element("span", { class: "file-words" }, element("b", {}, name), element("span", { class: "file-size" }, sizeWords(size)));
  return element("a", { class: "file", testid: "document", href: address, download: name }, icon("file"), words);
}

function sizeWords(size) {
  if (size < 1024) return `${size} B`;
  return size < 1024 ** 2 ? `${Math.ceil(size / 1024)} KB` : `${(size / 1024 ** 2).toFixed(1)} MB`;
}

function buttons(message, does) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return element("div", { class: "buttons", testid: "buttons" }, ...rows.map((row) => element("div", { class: "buttons-row" }, ...row.map((button) => inlineButton(button, does)))));
}

function inlineButton(button, does) {
  if (button.url) {
    return element("a", { class: "inline-button", testid: "inline-button", href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text, icon("link"));
  }
  const made = element("button", { type: "button", class: "inline-button", testid: "inline-button" }, button.text);
  if (button.callback_data) made.dataset.callback = button.callback_data;
  made.addEventListener("click", () => does.press(button, made));
  return made;
}
