// The page: a window for everybody, kept up to date by one stream of events.

import { element } from "./build.js";
import { clockMoved, retell, setTimeZone, showClock } from "./clock.js";
import { ChatWindow } from "./window.js";
import { role, say, sayAll, switchLanguage } from "./words.js";

const page = (testid) => document.querySelector(`[data-testid="${testid}"]`);
const windows = new Map();
const oneAtATime = matchMedia("(max-width: 699px)");

function showAll({ people, bot, clock, time_zone: zone, round_trip_ms: trip, limits_on: limits }) {
  setTimeZone(zone);
  showClock(clock);
  document.title = `${bot.first_name} · ${say("sandbox")}`;
  page("round-trip").value = trip;
  page("limits-on").checked = limits;
  page("windows").classList.toggle("several", people.length > 1);
  for (const person of people) {
    if (windows.has(person.id)) windows.get(person.id).load(person, people.length > 1);
    else open(person, people.length > 1);
  }
  followDeepLink();
  page("tabs").hidden = windows.size < 2;
}

// What t.me/<bot>?start=… does on a phone: the payload goes out as /start, once.
function followDeepLink() {
  const payload = new URLSearchParams(location.search).get("start");
  if (payload === null) return;
  history.replaceState(null, "", location.pathname);
  [...windows.values()][0]?.starts(payload);
}

function open(person, several) {
  const made = new ChatWindow(person, several, (count) => tab.classList.toggle("unread", count > 0));
  windows.set(person.id, made);
  page("windows").append(made.root);
  sayAll(made.root);
  made.toBottom();
  const tab = element("button", { type: "button", class: "tab", testid: `tab-${person.role}`, onclick: () => made.root.scrollIntoView({ behavior: "smooth", inline: "start", block: "nearest" }) }, role(person.role));
  page("tabs").append(tab);
  new IntersectionObserver(([{ isIntersecting }]) => {
    tab.classList.toggle("current", isIntersecting);
    if (isIntersecting && oneAtATime.matches) made.attend();
  }, { root: page("windows"), threshold: 0.6 }).observe(made.root);
}

function listen() {
  const stream = new EventSource("/sandbox/events");
  stream.onmessage = ({ data }) => {
    page("lost").hidden = true;
    const event = JSON.parse(data);
    if (event.kind === "state") showAll(event);
    else if (event.kind === "clock") clockMoved(event.clock);
    else windows.get(event.chat)?.on(event);
  };
  stream.onerror = () => {
    page("lost").hidden = false;
  };
}

const json = (method, address, body) => fetch(address, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

function weather() {
  page("weather-open").onclick = () => page("weather").showModal();
  page("round-trip").onchange = ({ target }) => json("POST", "/sandbox/settings", { round_trip_ms: Number(target.value) });
  page("limits-on").onchange = ({ target }) => json("POST", "/sandbox/settings", { limits_on: target.checked });
  for (const button of document.querySelectorAll("[data-fault]")) {
    button.onclick = async () => {
      await json("POST", "/sandbox/faults", { kind: button.dataset.fault, retry_after: 3 });
      page("weather-note").textContent = `${say("planned")} · ${button.textContent}`;
    };
  }
}

page("language").onclick = () => {
  switchLanguage();
  sayAll();
  retell();
  for (const made of windows.values()) {
    made.close();
    made.redraw();
  }
  for (const [index, made] of [...windows.values()].entries()) page("tabs").children[index].textContent = role(made.person.role);
};

sayAll();
weather();
listen();
