"""`python -m bench [nearest|updates|import|understand|heartbeat|write|…]`: how fast, one JSON object a line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence

from bench import fanout, heartbeat, imports, month, nearest, updates, words, write
from bench.line import Line


def _nearest(small: bool) -> Iterator[Line]:
    return nearest.lines(nearest.Size(2000, 20, 1, 20, 2, 10, 20) if small else nearest.Size())


def _updates(small: bool) -> Iterator[Line]:
    return updates.lines(updates.Size(8, 0.3, 1, 20, (0, 20)) if small else updates.Size())


def _import(small: bool) -> Iterator[Line]:
    return imports.lines(imports.Size(30, 1) if small else imports.Size())


def _understand(small: bool) -> Iterator[Line]:
    return words.lines(words.Size(1, 20) if small else words.Size())


def _heartbeat(small: bool) -> Iterator[Line]:
    return heartbeat.lines(heartbeat.Size(120, 20, 5, 2, 3) if small else heartbeat.Size())


def _write(small: bool) -> Iterator[Line]:
    return write.lines(write.Size((1, 4), 0.2, 1, 20) if small else write.Size())


def _fanout(small: bool) -> Iterator[Line]:
    return fanout.lines(fanout.Size(60, 12) if small else fanout.Size())


def _month(small: bool) -> Iterator[Line]:
    return month.lines(month.Size(240, 40) if small else month.Size())


BENCHES: Mapping[str, Callable[[bool], Iterator[Line]]] = {
    "nearest": _nearest,
    "updates": _updates,
    "import": _import,
    "understand": _understand,
    "heartbeat": _heartbeat,
    "write": _write,
    "fanout": _fanout,
    "month": _month,
}


def main(line: Sequence[str] | None = None) -> None:
    """Print the lines of those that were named, of all where none was."""
    parser = argparse.ArgumentParser("bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], default=[], metavar="|".join(BENCHES))
    parser.add_argument("--small", action="store_true", help="tiny sizes: to see that it runs, not how fast")
    given = parser.parse_args(line)
    for name in given.names or BENCHES:
        for found in BENCHES[name](given.small):
            print(found.json(), flush=True)


if __name__ == "__main__":
    main()
