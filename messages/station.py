"""One station in words: open or not, what works, how to get in, how fresh the facts are; its card and its pin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from messages import links, times
from messages.different import different
from messages.import_report import field as field_name
from messages.message import Button, Message, Venue
from messages.words import Html, Say, marked
from rules.campaigns import Running
from rules.facts import FACILITY, known_on, mended_since
from rules.holidays import unconfirmed
from rules.hours import SHANGHAI, Moment, State, Timetable
from rules.rulebook import Rulebook, ServiceRule, services_given
from rules.station import Facility, Station
from rules.ticket import ABOUT, DOOR, INFO, PLACE
from rules.today import as_at
from rules.travel import Travel

MOST_FAVOURITES = 12  # what a screen holds
MOST_MENDED = 3  # facts named as mended on the spot


def nothing_runs(_station: Station, _moment: datetime) -> Sequence[Running]:
    """Where no campaign is known of."""
    return ()


@dataclass(frozen=True, slots=True)
class Facts:
    """How to look up what a station stands under and when it is open."""

    book: Callable[[Station], Rulebook]
    timetable: Callable[[Station], Timetable]
    home: Rulebook
    running: Callable[[Station, datetime], Sequence[Running]] = nothing_runs


def opening(
    say: Say,
    book: Rulebook,
    station: Station,
    timetable: Timetable,
    moment: Moment,
    now: datetime,
    *,
    planned: bool = False,
) -> Html:
    """The line a person looks for first: the state when they get there. `planned`: `now` is a time still to come.

    On a public holiday of which nobody said anything it says that, too: 🟢 开到 18:00 · 假期未确认.
    """
    state = _state(say, book, station, timetable, moment, now, planned=planned)
    if station.shut or not station.in_operation or moment.state is State.UNKNOWN:
        return state
    then = now if moment.state is State.OPEN else timetable.next_open(now)
    if then is None or not unconfirmed(station, timetable, then.astimezone(SHANGHAI).date()):
        return state
    return say("{state} · public holiday not confirmed", state=state)


def _state(
    say: Say,
    book: Rulebook,
    station: Station,
    timetable: Timetable,
    moment: Moment,
    now: datetime,
    *,
    planned: bool,
) -> Html:
    if not station.in_operation:  # paused here, or by what its list says
        return say("⏸ out of service for now")
    if station.shut:
        return _shut(say, station, now)
    if moment.state is State.UNKNOWN:
        return _not_confirmed(say, station, moment)
    if moment.state is State.CLOSED:
        return _closed(say, timetable, now, planned)
    if timetable.always_open:
        return say("🟢 open 24 hours")
    if moment.until is None:
        return say("🟢 open")
    left = int((moment.until - now).total_seconds() // 60)
    until = times.until(say, moment.until, now)
    if left <= book.closing_soon.minutes and not planned:
        return say.many("🟠 closes in {n} min ({time})", "🟠 closes in {n} min ({time})", left, time=until)
    return say("🟢 open until {time}", time=until)


def _closed(say: Say, timetable: Timetable, now: datetime, planned: bool) -> Html:
    opens = timetable.next_open(now)
    if opens is None:
        return say("🔴 closed")
    time = times.beginning(say, opens, now)
    return say("🔴 closed then, opens {time}", time=time) if planned else say("🔴 closed now, opens {time}", time=time)


def _shut(say: Say, station: Station, now: datetime) -> Html:
    """疑似未开放: staff, or two people, stood before a closed door."""
    since = min(one.since for one in station.doubts if one.item == DOOR and one.sure)
    return say("🔒 probably not open (since {time})", time=times.past(say, since, now))


def _not_confirmed(say: Say, station: Station, moment: Moment) -> Html:
    if moment.reason == "holiday":
        return say("⚪ public holiday: hours not confirmed")
    if moment.reason == "calendar":
        return say("⚪ hours not confirmed: the year's working days are not published yet")
    if station.hours_text:
        return say("⚪ hours not confirmed; the list says “{hours}”", hours=station.hours_text)
    return say("⚪ hours not confirmed")


def short_name(book: Rulebook, station: Station) -> str:
    """The name for a button: without the ending that all stations of the city share, and its quotation marks."""
    for ending in book.station_name.endings:
        name = station.name.removesuffix(ending).strip('“”"「」 ')
        if name and name != station.name:
            return name.replace("”", "").replace("“", "")
    return station.name


def services(
    say: Say, book: Rulebook, station: Station, first: Sequence[str] = (), *, at_most: int | None = None
) -> Html:
    """Icons with words for what works now; what was asked for stands first. `at_most` so many, then "…"."""
    works = services_given(book, station.facilities)
    given = [book.service(id) for id in dict.fromkeys((*(id for id in first if id in works), *works))]
    words = [_unbroken(say, one) for one in given if one]
    rest = " …" if at_most and len(words) > at_most else ""
    return Html("  ".join(marked("{word}", word=word) for word in words[:at_most]) + rest)


def _unbroken(say: Say, service: ServiceRule) -> str:
    """Icon and word, kept on one line."""
    if say.language.startswith("zh"):
        return f"{service.icon}\u2060{service.zh}"  # a word joiner: an icon at a line's end belongs to nothing
    return f"{service.icon} {service.en}".replace(" ", "\u00a0")


def gifts(say: Say, book: Rulebook, running: Sequence[Running]) -> Html:
    """🧊 送清凉：矿泉水、绿豆汤（到 8月31日）, a line for each campaign; or an empty string."""
    return Html("\n".join(_gift(say, book, one) for one in running))


def _gift(say: Say, book: Rulebook, one: Running) -> Html:
    rule = next((each for each in book.campaigns if each.id == one.campaign.kind), None)
    icon, name = (rule.icon, say.of(rule)) if rule is not None else ("🎁", one.campaign.kind)
    until, goods = times.date_name(say, one.campaign.until_on), say.listed(one.goods)
    return say("{icon} {name}: {goods} (until {day})", icon=icon, name=name, goods=goods, day=until)


def broken(say: Say, book: Rulebook, station: Station, now: datetime) -> Html:
    """What is out of order, since when if that is known; or an empty string."""
    names = [_since(say, _facility(say, book, one.kind), one.since, now) for one in _out_of_order(station)]
    return say("⚠️ out of order: {things}", things=say.listed(names)) if names else Html("")


def doubted(say: Say, book: Rulebook, station: Station, now: datetime) -> Html:
    """What people say that nobody has looked at yet, and what is running out; or an empty string."""
    lines = []
    for one in station.doubts:
        if (one.item == DOOR and one.sure) or any(each.kind == one.item for each in _out_of_order(station)):
            continue  # the state, or "out of order", says so already
        what, time = fault(say, book, one.item, one.symptom), times.past(say, one.since, now)
        if one.sure:
            lines.append(say("⚠️ {what} (since {time})", what=what, time=time))
        else:
            lines.append(say("⚠️ somebody says: {what}, not looked at yet ({time})", what=what, time=time))
    return Html("\n".join(lines))


def doubt_in_short(say: Say, book: Rulebook, station: Station) -> Html:
    """The same for a line of an answer: what is in doubt, in a few words."""
    unsure = [one for one in station.doubts if not one.sure]
    names = say.listed(fault(say, book, one.item, one.symptom) for one in unsure)
    return say("⚠️ somebody says: {what}", what=names) if unsure else Html("")


def _out_of_order(station: Station) -> list[Facility]:
    return [one for one in station.facilities if one.state != "working"]


def _since(say: Say, name: str, since: datetime | None, now: datetime) -> str:
    return say.plain("{thing} (since {time})", thing=name, time=times.past(say, since, now)) if since else name


def thing(say: Say, book: Rulebook, item: str) -> str:
    """What can be wrong, by its name: a facility, a consumable, the door, the place, what we say of it."""
    rule = book.facility(item) or book.consumable(item)
    if rule is not None:
        return say.of(rule)
    besides = {DOOR: say.plain("the door"), PLACE: say.plain("the place"), INFO: say.plain("the information")}
    return besides.get(item, item)


def fault(say: Say, book: Rulebook, item: str, symptom: str) -> str:
    """微波炉坏了, 纸杯快没了, 门锁着: what is wrong, in as few words as people use."""
    rule = book.symptom(symptom)
    word = say.of(rule) if rule is not None else symptom
    if ABOUT.get(symptom) == item:  # 门锁着 names its door already
        return word
    return say.plain("{item}: {symptom}", item=thing(say, book, item), symptom=word)


def whereabouts(say: Say, station: Station) -> Html:
    """Floor and landmark, what somebody at the door needs."""
    parts = [part for part in (station.floor, station.landmark) if part]
    return marked("📍 {where}", where=" · ".join(parts)) if parts else Html("")


def entry(say: Say, station: Station) -> Html:
    """How to get in, as the list says."""
    return marked("🚪 {entry}", entry=station.entry) if station.entry else Html("")


def freshness(say: Say, station: Station, now: datetime, kinds: Iterable[str] = ()) -> Html:
    """How old the oldest fact that matters is: the hours, and these facilities. A day to come is a slip of the list:
    nobody looked at it yet."""
    known, today = known_on(station, kinds), now.astimezone(SHANGHAI).date()
    if known is None or known > today:
        return say("<i>From the office's list, not checked on the spot</i>")
    days = (today - known).days
    if days == 0:
        return say("<i>Checked today</i>")
    if days < 60:
        return say.many("<i>Checked {n} day ago</i>", "<i>Checked {n} days ago</i>", days)
    return say("<i>Last checked on {date}</i>", date=times.date_name(say, known, today))


def mended(say: Say, book: Rulebook, station: Station, now: datetime) -> Html:
    """What was mended on the spot since somebody looked at the whole; or an empty string."""
    newer = mended_since(station)[:MOST_MENDED]
    if not newer:
        return Html("")
    names = dict.fromkeys(_mended_name(say, book, one.field) for one in newer)
    day, today = newer[0].at.astimezone(SHANGHAI).date(), now.astimezone(SHANGHAI).date()
    date = times.date_name(say, day, today)
    return say("<i>Mended on the spot ({date}): {facts}</i>", facts=say.listed(names), date=date)


def _mended_name(say: Say, book: Rulebook, field: str) -> str:
    if field.startswith(FACILITY):
        return _facility(say, book, field.removeprefix(FACILITY))
    return field_name(say, field)


def card(
    say: Say,
    book: Rulebook,
    station: Station,
    timetable: Timetable,
    now: datetime,
    travel: Travel,
    *,
    starred: bool = False,
    here: bool = False,
    running: Sequence[Running] = (),
) -> Message:
    """Everything public about one station. `starred`: it is a favourite of whoever looks; `here`: who stands there;
    `running`: the campaigns there now."""
    parts = (
        (marked("<b>{name}</b>", name=station.name), opening(say, book, station, timetable, timetable.at(now), now)),
        (_hours(say, station, timetable, now),),
        (
            services(say, book, as_at(station, book, now)),
            different(say, book, station, now),
            gifts(say, book, running),
            broken(say, book, station, now),
            doubted(say, book, station, now),
            _facilities(say, book, as_at(station, book, now)),
        ),
        (_address(say, station), whereabouts(say, station), entry(say, station), _audience(say, book, station)),
        (_phone(say, station), _hotline(say, book)),
        (
            _names_on_the_wall(say, station),
            freshness(say, station, now, (one.kind for one in station.facilities)),
            mended(say, book, station, now),
        ),
    )
    paragraphs = ("\n".join(line for line in part if line) for part in parts)
    hear = ((Button(say.plain("🔔 Tell me of gifts like these"), "hear:1"),),) if running else ()
    rows = (*_card_buttons(say, station, travel, starred, here), *hear)
    return Message("\n\n".join(one for one in paragraphs if one), rows)


def favourites(say: Say, stations: Sequence[Station], facts: Facts, now: datetime) -> Message:
    """A line and a button each, open or not now."""
    if not stations:
        return Message(say("No favourites yet. Open a station's card and tap ☆."))
    lines, rows = [say("<b>Your favourites</b>")], []
    for one in stations[:MOST_FAVOURITES]:
        book, timetable = facts.book(one), facts.timetable(one)
        state = opening(say, book, one, timetable, timetable.at(now), now)
        lines.append(marked("{name}\n{state}", name=one.name, state=state))
        rows.append((Button(short_name(book, one)[:48], f"card:{one.code}"),))
    return Message("\n\n".join(lines), tuple(rows))


def pin(say: Say, station: Station) -> Message:
    """The station on the channel's own map; in words where it has no position yet."""
    if station.position is None:
        where = station.address or station.area or station.name
        return Message(say("{name} is not on the map yet. Its address: {where}", name=station.name, where=where))
    address = " ".join(part for part in (station.address or station.area, station.floor, station.landmark) if part)
    return Message(venue=Venue(station.position, station.name, address or station.name))


def _hours(say: Say, station: Station, timetable: Timetable, now: datetime) -> Html:
    if station.hours is None:
        return Html("")
    lines = times.seven_days(say, timetable, now.astimezone(SHANGHAI).date())
    return marked("🕘 {hours}", hours=Html("\n      ".join(marked("{line}", line=one) for one in lines)))


def _address(say: Say, station: Station) -> Html:
    where = station.address or station.area.replace("/", "")
    lines = [marked("🏠 {address}", address=where)] if where else []
    if station.position is None:
        lines.append(say("<i>Not on the map yet: ask at the address, or call.</i>"))
    return Html("\n".join(lines))


def _audience(say: Say, book: Rulebook, station: Station) -> Html:
    rule = next(one for one in book.audiences if one.id == station.audience)
    return say("👥 for {audience}", audience=say.of(rule))


def _phone(say: Say, station: Station) -> Html:
    return marked("☎️ {phone}", phone=station.public_phone) if station.public_phone else Html("")


def _hotline(say: Say, book: Rulebook) -> Html:
    name = say.of(book.hotline)
    return marked("📞 {number} {name}", number=book.hotline.number, name=name)


def _names_on_the_wall(say: Say, station: Station) -> Html:
    if station.number:
        return say("Plaque {number} · code <code>{code}</code>", number=station.number, code=station.code)
    return say("Code <code>{code}</code>", code=station.code)


def _facilities(say: Say, book: Rulebook, station: Station) -> Html:
    working = [_facility(say, book, one.kind) for one in station.facilities if one.state == "working"]
    return marked("🔩 {things}", things=say.listed(working)) if working else Html("")


def _facility(say: Say, book: Rulebook, kind: str) -> str:
    rule = book.facility(kind)
    if rule is None:
        return kind
    return say.of(rule)


def check_in_label(say: Say) -> str:
    """签到: whoever is there says so."""
    return say.plain("🙋 I am here: check in")


def _card_buttons(
    say: Say, station: Station, travel: Travel, starred: bool, here: bool
) -> tuple[tuple[Button, ...], ...]:
    ways = links.navigate(say, station, travel, every=True)
    pins = (Button(say.plain("📍 Show on the map"), f"pin:{station.code}"),) if station.position else ()
    locked = Button(say.plain("🔒 It was locked"), f"locked:{station.code}")
    star = Button(say.plain("★ No favourite any more") if starred else say.plain("☆ Favourite"), f"star:{station.code}")
    others = Button(say.plain("🔎 Others nearby"), f"at:{station.code}")
    wrong = Button(say.plain("⚠️ Something is wrong"), f"wrong:{station.code}")
    works = Button(say.plain("✅ Open and working"), f"open:{station.code}")
    came = (Button(check_in_label(say), f"check_in:{station.code}"),) if station.in_operation else ()
    rows = (came if here else (), ways[:3], ways[3:], (*pins, locked), (works, wrong), (star, others), came)
    return tuple(row for row in (rows[:-1] if here else rows) if row)
