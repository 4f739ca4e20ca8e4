// The clock in the bar on top: what time the sandbox says it is, and the buttons that move it on.

import { locale, say } from "./words.js";

const bar = document.querySelector("[data-testid=clock-bar]");
const face = document.querySelector("[data-testid=clock]");

let ahead = 0; // milliseconds between the machine's clock and the sandbox's
let timeZone;

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
  if (clock) ahead = Date.parse(clock.now) - Date.now();
  retell();
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

async function move(button) {
  button.disabled = true; // the answer comes when everything due by then has been done
  const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: button.dataset.move };
  await fetch("/control/clock", asked).finally(() => (button.disabled = false));
}

const written = (milliseconds, parts) => new Intl.DateTimeFormat(locale(), { ...parts, timeZone }).format(milliseconds);
const date = (milliseconds) => new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone }).format(milliseconds);

for (const button of bar.querySelectorAll("[data-move]")) button.addEventListener("click", () => move(button));
setInterval(retell, 1000);
