// Choosing a point: click on the sketch, a well-known place, typed coordinates, or where the browser is.

import { element, icon } from "./build.js";
import { areaMap } from "./map.js";
import { AREAS, typedPoint } from "./places.js";
import { locale, say } from "./words.js";

const PIN_SHOWN_MS = 260; // long enough to see where the pin fell before the sheet closes

let lastArea = AREAS[0].id;

/** A sheet over one chat window. `send({lat, lon, accuracy?})` is called once, `close()` after it or alone. */
export function picker(send, close) {
  const problem = element("p", { class: "picker-problem", role: "alert", testid: "picker-problem" });
  const body = element("div", { class: "picker-body" });
  let chosen = false;
  const choose = (point, wait = 0) => {
    if (chosen) return;
    chosen = true;
    setTimeout(() => {
      send(point);
      close();
    }, wait);
  };
  const show = (area) => {
    lastArea = area.id;
    body.replaceChildren(
      areaSwitch(area, show),
      element("p", { class: "picker-hint" }, `${say("pickHint")} · ${say("sketch")}`),
      areaMap(area, (point) => choose(point, PIN_SHOWN_MS)),
      presets(area, choose),
      ownPosition(choose, problem),
      typed(choose, problem),
      problem,
    );
  };
  show(AREAS.find((area) => area.id === lastArea));
  return element(
    "div",
    { class: "sheet picker", testid: "picker", role: "dialog", "aria-label": say("pickPlace") },
    element("header", { class: "sheet-head" }, element("strong", {}, say("pickPlace")), element("button", { type: "button", class: "quiet", testid: "picker-close", onclick: close }, say("close"))),
    body,
  );
}

const nameOf = (thing) => thing[locale() === "en-GB" ? "en" : "zh"];

function areaSwitch(current, show) {
  const choices = AREAS.map((area) =>
    element("button", { type: "button", role: "tab", "aria-selected": area === current ? "true" : "false", testid: `area-${area.id}`, onclick: () => show(area) }, nameOf(area)),
  );
  return element("div", { class: "switch", role: "tablist", "aria-label": say("whereMap") }, ...choices);
}

function presets(area, choose) {
  const wanted = area.places.filter((place) => place.preset);
  return element(
    "div",
    { class: "presets", "aria-label": say("places") },
    ...wanted.map((place) =>
      element("button", { type: "button", class: "preset", testid: "preset", "data-place": place.zh, onclick: () => choose({ lat: place.lat, lon: place.lon }) }, icon("pin"), nameOf(place)),
    ),
  );
}

function ownPosition(choose, problem) {
  const found = ({ coords }) => choose({ lat: coords.latitude, lon: coords.longitude, accuracy: Math.min(coords.accuracy, 1500) });
  const ask = () => {
    problem.textContent = say("locating");
    if (!navigator.geolocation) problem.textContent = say("noPosition");
    else navigator.geolocation.getCurrentPosition(found, () => (problem.textContent = say("noPosition")), { timeout: 10000 });
  };
  return element("button", { type: "button", class: "wide", testid: "own-position", onclick: ask }, icon("pin"), say("here"));
}

function typed(choose, problem) {
  const field = element("input", { type: "text", class: "field", testid: "coordinates", placeholder: say("typed"), "aria-label": say("typed"), autocomplete: "off" });
  const submit = (event) => {
    event.preventDefault();
    const point = typedPoint(field.value);
    if (point) choose(point);
    else problem.textContent = say("typedWrong");
  };
  return element("form", { class: "typed", onsubmit: submit }, field, element("button", { class: "plain", testid: "coordinates-send" }, say("typedSend")));
}
