"""The command line: `python -m bot run`, and every other command, which works beside a running bot."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bot.list_stations import all_stations, as_json, as_row
from bot.lock import RunLock
from bot.rulebooks import load_all
from bot.settings import Refusal, from_environment
from rules.exports import What
from rules.parts import RoleKind
from rules.station import Datum
from storage.database import DatabaseError, sqlite_path
from storage.schema import SchemaError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
stations = typer.Typer(
    no_args_is_help=True, help="The stations: an office's list in and out, the sheets on their walls, which rest."
)
app.add_typer(stations, name="stations")
tickets = typer.Typer(no_args_is_help=True, help="What is broken or missing, and who was told.")
app.add_typer(tickets, name="tickets")
people = typer.Typer(no_args_is_help=True, help="Who holds which role, and ending one.")
app.add_typer(people, name="people")

Language = Literal["zh_CN", "en"]
Area = Annotated[
    str, typer.Option(metavar="PATH", help="An area and all below it; none: everything. 沙坪坝区/小龙坎街道")
]

WIDE = 200  # columns, where the list goes into a file and nothing may be cut

REFUSALS = (Refusal, DatabaseError, SchemaError)


@app.command()
def run() -> None:
    """Run the bot until SIGTERM or Ctrl-C. Settings come from the environment: see .env.example."""
    with _plainly():
        settings = from_environment(os.environ).with_token()
        with RunLock(sqlite_path(settings.database_url)):
            from bot.run import run_until_told  # with the Telegram parts; what is refused is refused at once

            raise typer.Exit(run_until_told(settings))


@app.command()
def understand() -> None:
    """Read lines on standard input, write what was understood: one JSON object a line."""
    from bot.understand import understand as read_lines  # with the lexicon, which no other command here needs

    with _plainly():
        read_lines(sys.stdin.buffer, sys.stdout.buffer)


@stations.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The office's list: .xlsx or .csv.", metavar="FILE")],
    rulebook: Annotated[str, typer.Option(help="The rulebook of rows that do not say: a name or a path.")] = "",
    datum: Annotated[Datum | None, typer.Option(help="What the file's coordinates mean.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the report, change nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse rows that have a warning.")] = False,
    list_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day the list is of, where its rows do not say.")
    ] = None,
    take_list: Annotated[
        bool, typer.Option("--take-list", help="Take the list's word for what was mended on the spot since, too.")
    ] = False,
    lang: Annotated[Language, typer.Option(help="The report's language.")] = "zh_CN",
) -> None:
    """Bring in an office's list. Exit status 0: every row is in; 1: some were refused; 2: nothing could be read."""
    from bot.import_stations import import_stations  # with the spreadsheet parts, which no other command needs

    with _plainly():
        settings = from_environment(os.environ)
        status = import_stations(
            file,
            settings=settings,
            rulebook=rulebook,
            datum=datum,
            dry_run=dry_run,
            strict=strict,
            list_date=list_date.date() if list_date is not None else None,
            take_list=take_list,
            language=lang,
        )
    raise typer.Exit(status)


@stations.command("export")
def export_(
    file: Annotated[Path, typer.Argument(help="A .xlsx or a .csv.", metavar="FILE")],
    rulebook: Annotated[str, typer.Option(help="Only the stations under this rulebook: a name or a path.")] = "",
    area: Area = "",
    private: Annotated[bool, typer.Option("--private", help="With the keepers' phones.")] = False,
) -> None:
    """Write the list of stations in the columns that import reads. Exit status 0: written; 2: it could not be."""
    from bot.export_stations import export_stations  # with the spreadsheet parts, which few commands need

    with _plainly():
        settings = from_environment(os.environ)
        rows = export_stations(settings, file, rulebook=rulebook, area=area, private=private)
    typer.echo(f"{rows} stations are in {file}.")
    typer.echo(
        "The keepers' phones are in it, too: it is not for everybody."
        if private
        else "The keepers' phones are not in it; with --private they are."
    )


@stations.command("qr")
def qr(
    out: Annotated[Path, typer.Option(help="A .pdf for all of them, or a folder for one file a station.")],
    codes: Annotated[
        list[str] | None, typer.Argument(help="Codes or plaque numbers; none: every station.", metavar="[CODE]...")
    ] = None,
    per_page: Annotated[int, typer.Option(help="1, or 4 small cards to cut apart.")] = 1,
    lang: Annotated[Language, typer.Option(help="The sheet's language.")] = "zh_CN",
) -> None:
    """Print the sheets that hang at the stations. Exit status 0: printed; 1: letters missing; 2: nothing printed."""
    from bot.print_qr import print_qr  # with the PDF parts, which no other command needs

    with _plainly():
        status = print_qr(codes or [], out, settings=from_environment(os.environ), language=lang, per_page=per_page)
    raise typer.Exit(status)


@stations.command("list")
def list_(as_json_lines: Annotated[bool, typer.Option("--json", help="One object a line.")] = False) -> None:
    """Show every station there is."""
    with _plainly():
        settings = from_environment(os.environ)
        rulebooks = load_all(settings.rulebook)
        found = asyncio.run(all_stations(settings))
    if as_json_lines:
        sys.stdout.writelines(as_json(one, rulebooks) + "\n" for one in found)
        return
    table = Table("code", "number", "name", "hours", "", box=SIMPLE_HEAD)
    for one in found:
        table.add_row(*as_row(one))
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(table)
    console.print(f"{len(found)} stations. Everything about them: stations list --json")


@app.command()
def invite(
    role: Annotated[RoleKind, typer.Option(help="What the link gives.")],
    station: Annotated[str, typer.Option(metavar="CODE", help="The station of a manager or unit_head.")] = "",
    area: Annotated[str, typer.Option(metavar="PATH", help="沙坪坝区/小龙坎街道; the others' area.")] = "",
    system: Annotated[str, typer.Option(metavar="NAME", help="环卫; instead of an area.")] = "",
    days: Annotated[int, typer.Option(help="How long the link is good.")] = 7,
    as_json_line: Annotated[bool, typer.Option("--json", help="One object.")] = False,
    sheet: Annotated[Path | None, typer.Option(help="Print a card a station into this .pdf instead.")] = None,
    lang: Annotated[Language, typer.Option(help="The cards' language.")] = "zh_CN",
) -> None:
    """Make a one-time link that gives a role: pass it on, whoever opens it first has it."""
    from bot.invite import invite as make  # with the PDF parts, which few commands need
    from bot.invite import print_cards

    with _plainly():
        settings, now = from_environment(os.environ), datetime.now(UTC)
        if sheet is not None:
            raise typer.Exit(print_cards(settings, role, sheet, now, area=area, language=lang))
        made = make(settings, role, now, station=station, area=area, system=system, days=days)
    if as_json_line:
        typer.echo(made.as_json())
    elif made.link:
        typer.echo(f"Pass this link on; it is good once, for {days} days:\n{made.link}")
    else:
        typer.echo(f"Send this to the bot from the chat that takes the role:\n/start {made.payload}")
        typer.echo("Set BOT_USERNAME to the bot's name on Telegram, and there is a link to open.", err=True)


@stations.command("follows")
def follows(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The station's code.")],
    parent: Annotated[
        Literal["area", "system", "rulebook"], typer.Argument(metavar="PARENT", help="Whose ladder its tickets climb.")
    ],
) -> None:
    """Say which of its two parents a station's tickets go to: the area, the system, or as the rulebook says."""
    from bot.list_stations import set_follows

    with _plainly():
        asyncio.run(set_follows(from_environment(os.environ), code, parent, datetime.now(UTC)))
    typer.echo(f"The tickets of {code} follow: {parent}.")


@stations.command("pause")
def pause_station(code: Annotated[str, typer.Argument(metavar="CODE", help="The station's code.")]) -> None:
    """Let a station rest: it is in no answer, and it owes no activity and no report."""
    from bot.list_stations import pause

    with _plainly():
        asyncio.run(pause(from_environment(os.environ), code, datetime.now(UTC)))
    typer.echo(f"{code} is paused. To go on: stations resume {code}")


@stations.command("resume")
def resume_station(code: Annotated[str, typer.Argument(metavar="CODE", help="The station's code.")]) -> None:
    """A paused station runs again."""
    from bot.list_stations import resume

    with _plainly():
        asyncio.run(resume(from_environment(os.environ), code, datetime.now(UTC)))
    typer.echo(f"{code} runs again.")


@tickets.command("list")
def list_tickets(
    as_json_lines: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    open_only: Annotated[bool, typer.Option("--open", help="Without those that are closed.")] = False,
) -> None:
    """Show every ticket and who was told of it."""
    from bot.tickets import all_tickets

    with _plainly():
        found = asyncio.run(all_tickets(from_environment(os.environ), open_only=open_only))
    if as_json_lines:
        sys.stdout.writelines(one.as_json() + "\n" for one in found)
        return
    table = Table("number", "station", "what", "state", "step", "next", "told", box=SIMPLE_HEAD)
    for one in found:
        table.add_row(*one.as_row())
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(table)
    console.print(f"{len(found)} tickets. Everything about them: tickets list --json")


@people.command("list")
def list_people(as_json_lines: Annotated[bool, typer.Option("--json", help="One object a line.")] = False) -> None:
    """Show who holds what."""
    from bot.people import everybody

    with _plainly():
        held = asyncio.run(everybody(from_environment(os.environ), datetime.now(UTC)))
    if as_json_lines:
        sys.stdout.writelines(one.as_json() + "\n" for one in held)
        return
    table = Table("number", "role", "where", "who", "since", "", box=SIMPLE_HEAD)
    for one in held:
        table.add_row(*one.as_row())
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(table)
    console.print(f"{len(held)} roles. To end one: people end NUMBER")


@people.command("end")
def end_role(number: Annotated[int, typer.Argument(metavar="NUMBER", help="As people list shows it.")]) -> None:
    """End a role at once. What its holder had promised passes on; whoever is concerned hears of it."""
    from bot.people import end

    with _plainly():
        asyncio.run(end(from_environment(os.environ), number, datetime.now(UTC)))
    typer.echo(f"Role {number} has ended.")


@app.command()
def calendar(
    days: Annotated[int, typer.Option(min=1, max=366, help="How far ahead.")] = 60,
    station: Annotated[str, typer.Option(metavar="CODE", help="What comes to one station only.")] = "",
    as_json_lines: Annotated[bool, typer.Option("--json", help="One object a line, for each debtor and date.")] = False,
    ics: Annotated[Path | None, typer.Option(metavar="FILE", help="Write iCalendar for calendar programs.")] = None,
    lang: Annotated[Language, typer.Option(help="The language of the words in it.")] = "zh_CN",
) -> None:
    """Show the reminders to come: when, of which duty, to whom, by which rule. Sends nothing."""
    from bot import calendar_list  # with the calendar parts, which no other command needs

    with _plainly():
        settings, now = from_environment(os.environ), datetime.now(UTC)
        found = asyncio.run(calendar_list.ahead(settings, now, days, station, lang))
        if ics is not None:
            calendar_list.put(ics, calendar_list.as_ics(found, station))
    if as_json_lines:
        sys.stdout.writelines(line + "\n" for line in calendar_list.as_lines(found))
        return
    if ics is not None:
        typer.echo(f"{len(found.found)} entries are in {ics}.")
        return
    table = Table("date", "time", "what", "duty", "due", "to", "why", "clause", box=SIMPLE_HEAD)
    for one in calendar_list.as_rows(found):
        table.add_row(*one)
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(table)
    console.print(f"{len(found.found)} reminders in {days} days. A line for each station and date: calendar --json")


@app.command()
def history(
    as_json_lines: Annotated[bool, typer.Option("--json", help="The only form there is: one object a line.")] = True,
) -> None:
    """Write all that was done, oldest first: tickets, roles, stations, what was handed in; one object a line."""
    from bot.people import everything

    with _plainly():
        sys.stdout.writelines(line + "\n" for line in asyncio.run(everything(from_environment(os.environ))))


@app.command()
def export(
    what: Annotated[
        What,
        typer.Argument(
            metavar="WHAT",
            help="visits: the register's lines; days: visits by day; submissions: what was handed in; undone: what was "
            "not; evaluations; satisfaction; tickets; stock: goods of campaigns.",
        ),
    ],
    file: Annotated[Path, typer.Argument(help="A .xlsx, or a .csv, which has no limit of rows.", metavar="FILE")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day; none: this month's.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day; none: today.")] = "",
    area: Area = "",
    lang: Annotated[Language, typer.Option(help="The language of headers and words.")] = "zh_CN",
) -> None:
    """Write a register or a report as a table. Exit status 0: written; 2: it could not be."""
    from bot.export import export as write  # with the spreadsheet parts, which few commands need

    with _plainly():
        settings, now = from_environment(os.environ), datetime.now(UTC)
        rows = write(settings, what, file, now, first=first, last=last, area=area, language=lang)
    typer.echo(f"{rows} rows are in {file}.")


@contextmanager
def _plainly() -> Iterator[None]:
    """What the person at the terminal can mend is one sentence and exit status 2, never a traceback."""
    try:
        yield
    except REFUSALS as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    app(prog_name="python -m bot")
