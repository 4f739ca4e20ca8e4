// The offline map: a sketch of the sample areas, and a small one for every place in a bubble.

import { element, svg } from "./build.js";
import { locale } from "./words.js";
import { AREAS } from "./places.js";

const WIDTH = 720;

function projection({ south, north, west, east }) {
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = WIDTH / ((east - west) * squeeze);
  const height = (north - south) * scale;
  return {
    height,
    to: ([lat, lon]) => [(lon - west) * squeeze * scale, (north - lat) * scale],
    from: (x, y) => ({ lat: north - y / scale, lon: west + x / (squeeze * scale) }),
  };
}

const dots = (points, to) => points.map((point) => to(point).map((n) => n.toFixed(1)).join(",")).join(" ");

function along(line, share, to) {
  const points = line.map(to);
  const steps = points.slice(1).map(([x, y], i) => Math.hypot(x - points[i][0], y - points[i][1]));
  let left = steps.reduce((sum, step) => sum + step, 0) * share;
  const index = steps.findIndex((step) => (left -= step) <= 0);
  const [[x1, y1], [x2, y2]] = [points[index], points[index + 1]];
  const part = 1 + left / steps[index];
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return { x: x1 + (x2 - x1) * part, y: y1 + (y2 - y1) * part, angle: Math.abs(angle) > 90 ? angle + 180 : angle };
}

function turned(name, kind, { x, y, angle }) {
  return svg("text", { class: kind, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${angle.toFixed(1)})`, dy: 6 }, name);
}

function landmark(place, to) {
  const [x, y] = to([place.lat, place.lon]);
  const shift = { right: [13, 8, "start"], left: [-13, 8, "end"], below: [0, 31, "middle"] }[place.side];
  const name = locale() === "en-GB" ? place.en : place.zh;
  return svg("g", { class: "landmark" },
    svg("circle", { cx: x, cy: y, r: 6 }),
    svg("text", { x: x + shift[0], y: y + shift[1], "text-anchor": shift[2] }, name));
}

/** The map of one area. `pick({lat, lon})` is called with the point that was clicked. */
export function areaMap(area, pick) {
  const { height, to, from } = projection(area.box);
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${height.toFixed(0)}`, class: "map", role: "img", "aria-label": area[locale() === "en-GB" ? "en" : "zh"] });
  drawing.dataset.testid = "map";
  drawing.dataset.area = area.id;
  drawing.append(svg("rect", { width: WIDTH, height, class: "map-land" }));
  for (const { ring } of area.green) drawing.append(svg("polygon", { points: dots(ring, to), class: "map-green" }));
  for (const { line, width } of area.water) drawing.append(svg("polyline", { points: dots(line, to), class: "map-water", "stroke-width": width }));
  for (const kind of ["edge", "road"]) {
    for (const { line, major } of area.roads) drawing.append(svg("polyline", { points: dots(line, to), class: `map-${kind} ${major ? "major" : "minor"}` }));
  }
  for (const { name, at } of area.green) drawing.append(svg("text", { x: to(at)[0], y: to(at)[1] + 5, class: "map-green-name" }, name));
  for (const { name, line, at } of area.water) drawing.append(turned(name, "map-water-name", along(line, at, to)));
  for (const { name, line, major, at = 0.8 } of area.roads) if (major) drawing.append(turned(name, "map-road-name", along(line, at, to)));
  for (const place of area.places) drawing.append(landmark(place, to));
  const pin = svg("path", { class: "map-pin", d: "M0 0C-9-12-13-17-13-24a13 13 0 0 1 26 0C13-17 9-12 0 0zM0-19a5 5 0 1 0 0-10 5 5 0 0 0 0 10z" });
  drawing.addEventListener("click", (event) => {
    const box = drawing.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * height];
    pin.setAttribute("transform", `translate(${x} ${y})`);
    drawing.append(pin);
    const point = from(x, y);
    pick({ lat: Number(point.lat.toFixed(6)), lon: Number(point.lon.toFixed(6)) });
  });
  return drawing;
}

function spread(lat, lon) {
  return { south: lat - 0.0042, north: lat + 0.0042, west: lon - 0.0105, east: lon + 0.0105 };
}

/** A picture of the surroundings of one point, for a bubble. Outside the sample areas only a grid is drawn. */
export function placePicture(lat, lon) {
  const { height, to } = projection(spread(lat, lon));
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${height.toFixed(0)}`, class: "map map-small", "aria-hidden": "true" });
  drawing.append(svg("rect", { width: WIDTH, height, class: "map-land" }));
  const area = AREAS.find(({ box }) => lat > box.south && lat < box.north && lon > box.west && lon < box.east);
  for (let x = 60; x < WIDTH; x += 120) drawing.append(svg("line", { x1: x, x2: x - 40, y1: 0, y2: height, class: "map-lane" }));
  for (let y = 50; y < height; y += 100) drawing.append(svg("line", { x1: 0, x2: WIDTH, y1: y, y2: y + 24, class: "map-lane" }));
  if (area) {
    for (const { ring } of area.green) drawing.append(svg("polygon", { points: dots(ring, to), class: "map-green" }));
    for (const { line, width } of area.water) drawing.append(svg("polyline", { points: dots(line, to), class: "map-water", "stroke-width": width * 4 }));
    for (const kind of ["edge", "road"]) {
      for (const { line, major } of area.roads) drawing.append(svg("polyline", { points: dots(line, to), class: `map-${kind} near ${major ? "major" : "minor"}` }));
    }
  }
  drawing.append(svg("path", { class: "map-pin", transform: `translate(${WIDTH / 2} ${height / 2}) scale(2.6)`, d: "M0 0C-9-12-13-17-13-24a13 13 0 0 1 26 0C13-17 9-12 0 0zM0-19a5 5 0 1 0 0-10 5 5 0 0 0 0 10z" }));
  return element("div", { class: "place-picture" }, drawing);
}
