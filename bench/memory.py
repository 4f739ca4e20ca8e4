"""What the index holds in memory, measured in a process of its own: `python -m bench.memory COUNT`."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.nation import Nation, hours_of, rulebooks
from rules.nearest import StationIndex
from rules.station import Position, Station


def resident() -> float:
    """Megabytes this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def measured(count: int) -> dict[str, float]:
    """Megabytes of the Station objects, of the index beside them, and at the height of building its trees anew."""
    answer = subprocess.run(
        [sys.executable, "-m", "bench.memory", str(count)], capture_output=True, check=True, text=True
    )
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def main(count: int) -> None:
    """Build in order, reading the resident set between."""
    books, hours = rulebooks(), hours_of()
    StationIndex.from_stations(Nation(100).stations, books, hours)  # what is imported and grown once
    gc.collect()
    before = resident()
    stations = Nation(count).stations
    gc.collect()
    with_stations = resident()
    index = StationIndex.from_stations(stations, books, hours)
    gc.collect()
    settled = resident()
    found = {"stations_mb": with_stations - before, "index_mb": settled - with_stations}
    print(json.dumps(found | {"while_building_mb": _highest(index, stations) - with_stations}))


def _highest(index: StationIndex, stations: list[Station]) -> float:
    """While a thousand stations move, which has the trees built anew."""
    highest = 0.0
    for one in stations[:1000]:
        index.put(replace(one, position=Position(30.0, 106.0)))
        time.sleep(0.001)
        highest = max(highest, resident())
    return highest


if __name__ == "__main__":
    main(int(sys.argv[1]))
