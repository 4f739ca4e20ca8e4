"""The command line: `python -m bot run`, and every other command, which works beside a running bot."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
from rules.station import Datum
from storage.database import DatabaseError, sqlite_path
from storage.schema import SchemaError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
stations = typer.Typer(no_args_is_help=True, help="The stations: bring in an office's list, show what is known.")
app.add_typer(stations, name="stations")

Language = Literal["zh_CN", "en"]

WIDE = 200  # columns, where the list goes into a file and nothing may be cut

REFUSALS = (Refusal, DatabaseError, SchemaError)


@app.command()
def run() -> None:
    """Run the bot until SIGTERM or Ctrl-C. Settings come from the environment: see .env.example."""
    from bot.run import run_until_told  # with the Telegram parts, which no other command needs

    with _plainly():
        settings = from_environment(os.environ).with_token()
        with RunLock(sqlite_path(settings.database_url)):
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
    lang: Annotated[Language, typer.Option(help="The report's language.")] = "zh_CN",
) -> None:
    """Bring in an office's list. Exit status 0: every row is in; 1: some were refused; 2: nothing could be read."""
    from bot.import_stations import import_stations  # with the spreadsheet parts, which no other command needs

    with _plainly():
        settings = from_environment(os.environ)
        status = import_stations(
            file, settings=settings, rulebook=rulebook, datum=datum, dry_run=dry_run, strict=strict, language=lang
        )
    raise typer.Exit(status)


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
