// Small builders: an element from its parts, and text with entities as DOM, never as markup.

export function element(tag, { testid, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  if (testid) made.dataset.testid = testid;
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "say") made.dataset.say = value;
    else if (name === "label") made.dataset.sayLabel = value;
    else if (name === "hint") made.dataset.sayHint = value;
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const ICONS = {
  send: "M3 11.5 20.5 4 16 20.5l-4.6-6.2L17 8 8.6 13.3z",
  attach: "M16.5 6.5 9 14a2.1 2.1 0 0 0 3 3l7-7a4.2 4.2 0 0 0-6-6l-7.4 7.4a6.3 6.3 0 0 0 8.9 8.9L20 15",
  keyboard: "M3 6h18v12H3zM6.5 9.5h.01M10 9.5h.01M14 9.5h.01M17.5 9.5h.01M6.5 12.5h.01M17.5 12.5h.01M9.5 15h5",
  pin: "M12 21s7-6.4 7-11.5A7 7 0 0 0 5 9.5C5 14.6 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.2h.01",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.2a4.3 4.3 0 0 0 7 0M9 9.6h.01M15 9.6h.01",
  slash: "M4 4h16v16H4zM14 8l-4 8",
  stop: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12",
  link: "M9 7h8v8M17 7 7 17",
  down: "M6 10l6 6 6-6",
};

export function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

const SHAPES = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
  spoiler: "span",
  bot_command: "button",
  text_link: "a",
  url: "a",
  mention: "span",
};

const SAFE = /^(https?:|mailto:|tel:|tg:)/i;

/** `text` with its entities (UTF-16 offsets, possibly nested) as nodes. `command` is called with a pressed /command. */
export function withEntities(text, entities = [], command = () => {}) {
  return between(text, 0, text.length, [...entities], command);
}

function between(text, from, to, entities, command) {
  const nodes = [];
  let at = from;
  while (entities.length && entities[0].offset < to) {
    const entity = entities.shift();
    if (entity.offset < at) continue;
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    nodes.push(marked(entity, text.slice(entity.offset, end), between(text, entity.offset, end, entities, command), command));
    at = end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function marked(entity, plain, children, command) {
  const made = element(SHAPES[entity.type] ?? "span", { class: `entity-${entity.type}` }, ...children);
  if (made.tagName === "A") {
    const address = entity.url ?? plain;
    if (SAFE.test(address)) Object.assign(made, { href: address, target: "_blank", rel: "noopener noreferrer" });
  }
  if (entity.type === "spoiler") made.addEventListener("click", () => made.classList.toggle("shown"));
  if (entity.type === "bot_command") {
    made.type = "button";
    made.addEventListener("click", () => command(plain));
  }
  return made;
}
