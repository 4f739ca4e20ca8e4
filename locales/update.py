"""Bring the catalogues up to date with the sentences in the code: new ones come in empty, unused ones go."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {"say": None, "plain": None, "many": (1, 2), "plain_many": (1, 2)}
NOISE = tuple(
    f'"{name}' for name in ("Report-", "POT-", "PO-Rev", "Last-Tr", "Language-Team", "Generated-By", "Project-Id")
)


def sentences() -> Catalog:
    """Every sentence that messages/ says."""
    catalogue = Catalog()
    found = extract_from_dir(ROOT / "messages", [("**.py", "python")], keywords=KEYWORDS)
    for _file, _line, message, comments, _context in sorted(found, key=lambda one: (one[0], one[1])):
        catalogue.add(message, auto_comments=comments)
    return catalogue


def main() -> int:
    """How many sentences have no translation yet is the exit status."""
    missing = 0
    for path in sorted((ROOT / "locales").glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            catalogue = read_po(file)
        catalogue.update(sentences(), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path.write_text(written(catalogue), "utf-8")
        empty = [one.id for one in catalogue if one.id and not all(_all(one.string))]
        print(f"{path.parent.parent.name}: {len(catalogue)} sentences, {len(empty)} without translation")
        missing += len(empty)
    return missing


def written(catalogue: Catalog) -> str:
    """The catalogue's file, without header lines that would change at every run or hold a placeholder."""
    whole = io.BytesIO()
    write_po(whole, catalogue, width=110, ignore_obsolete=True)
    lines = whole.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(NOISE))


def _all(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


if __name__ == "__main__":
    sys.exit(main())
