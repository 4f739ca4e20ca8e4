// The clock in the bar on top: what time the sandbox says it is, and the buttons that move it on.

import { locale, say } from "./words.js";

const bar = document.querySelector("[data-testid=clock-bar]");
const face = document.querySelector("[data-testid=clock]");
const note = document.querySelector("[data-testid=clock-note]");
const progress = document.querySelector("[data-testid=clock-way]");
const toDay = document.querySelector("[data-testid=clock-day]");
const buttons = bar.querySelectorAll("button");
const NOTE_MS = 6000;

let ahead = 0; // milliseconds between the machine's clock and the sandbox's
let timeZone;
let asked = false; // this page is moving it
let forgetting; // the note on the bar

export const setTimeZone = (name) => (timeZone = name);

/** "11:40" */
export const hour = (milliseconds) => written(milliseconds, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** "今天" or "11月23日"; where the clock can be moved, and "today" means little, "11月23日 周一". */
export function day(milliseconds) {
  if (bar.hidden && sameDay(milliseconds, Date.now())) return say("today");
  const name = written(milliseconds, { month: "long", day: "numeric" });
  if (bar.hidden) return name;
  const weekday = written(milliseconds, { weekday: "short" });
  return locale() === "en-GB" ? `${weekday} ${name}` : `${name} ${weekday}`;
}

export const sameDay = (one, other) => date(one) === date(other);

/** `clock` is what /control/clock answers, or nothing where the sandbox's clock cannot be moved. */
export function showClock(clock) {
  bar.hidden = !clock;
  document.querySelector(".top-note").hidden = Boolean(clock);
  if (!clock) return;
  ahead = Date.parse(clock.now) - Date.now();
  toDay.day.min = date(Date.now() + ahead);
  if (!toDay.day.value) toDay.day.value = date(Date.now() + ahead + 7 * 86400000);
  under(clock.way);
  retell();
}

// Somebody moves it, here or on another page: nobody else does meanwhile. `way`: how much of it is behind, 0 to 1.
function under(way) {
  progress.hidden = way === undefined;
  progress.value = way ?? 0;
  for (const button of buttons) button.disabled = asked || way !== undefined;
}

/** The sandbox's clock went on. */
export function clockMoved(clock) {
  showClock(clock);
  face.getAnimations().forEach((animation) => animation.cancel());
  face.animate([{ backgroundColor: "#ffe08a" }, { backgroundColor: "transparent" }], 1200);
}

/** Write the time again, in the page's language. */
export function retell() {
  const now = Date.now() + ahead;
  const words = `${day(now)} ${hour(now)}`;
  if (face.textContent !== words) face.textContent = words;
}

async function move(how) {
  asked = true; // until everything due by then has been done
  under();
  tell("");
  try {
    const answer = await fetch("/control/clock", { method: "POST", headers: { "Content-Type": "application/json" }, body: how });
    tell(answer.ok ? "" : `${say("onlyForward")}${face.textContent}`);
  } finally {
    asked = false;
    under();
  }
}

function tell(words) {
  note.textContent = words;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => (note.textContent = ""), NOTE_MS);
}

const written = (milliseconds, parts) => new Intl.DateTimeFormat(locale(), { ...parts, timeZone }).format(milliseconds);
const date = (milliseconds) => new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone }).format(milliseconds);

for (const button of bar.querySelectorAll("[data-move]")) button.addEventListener("click", () => move(button.dataset.move));
toDay.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!toDay.day.value) return toDay.day.showPicker();
  move(JSON.stringify({ to: `${toDay.day.value} 09:00` }));
});
setInterval(retell, 1000);
