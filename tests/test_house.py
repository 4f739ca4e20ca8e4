"""The house checks its own lists: every file says what it is for, every setting is documented, every text is there."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.settings import Settings
from handlers import routes
from locales.update import sentences, written
from messages.words import DEFAULT, NAMES, load_languages

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "bot",
    "channels",
    "handlers",
    "jobs",
    "web",
    "messages",
    "storage",
    "sheets",
    "paper",
    "charts",
    "rules",
    "sandbox",
    "demo",
    "bench",
    "chaos",
    "tests",
)
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
CATALOGUES = {path.parent.parent.name: path for path in (ROOT / "locales").glob("*/LC_MESSAGES/messages.po")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_opens_with_the_sentence_you_would_say_aloud(path):
    said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert said, "no docstring at the top"
    assert said.split("\n\n")[0].rstrip().endswith((".", "?", "…", '"', ":")), said


def test_there_is_no_drawer_for_odds_and_ends():
    names = {path.stem for path in SOURCES} | {path.parent.name for path in SOURCES}
    assert not names & {"utils", "util", "common", "core", "services", "helpers", "misc"}


def test_every_file_the_glossary_names_exists():
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_*]*(?:\.py|\.toml)?)`", (ROOT / "docs/glossary.md").read_text("utf-8"))
    assert len(named) > 20
    assert [name for name in named if not list(ROOT.glob(name.rstrip("/")))] == []


def test_every_setting_is_in_the_example_and_nothing_else_is():
    example = (ROOT / ".env.example").read_text("utf-8")
    named = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert named == {name.upper(): str(getattr(Settings(), name)) for name in Settings.__struct_fields__}


def test_every_setting_is_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in Settings.__struct_fields__ if f"`{name.upper()}`" not in readme] == []


@pytest.mark.parametrize("name", ["README", "docs/handbook"])
def test_both_languages_name_the_same_commands(name):
    commands = [
        set(re.findall(r"`make [a-z]+|^make [a-z]+|python -m bot [a-z]+(?: [a-z]+)?", path.read_text("utf-8")))
        for path in (ROOT / f"{name}.md", ROOT / f"{name}.zh-CN.md")
    ]
    assert commands[0] == commands[1]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_chapter_of_the_handbook_is_in_the_readme(name):
    handbook = (ROOT / "docs" / name.replace("README", "handbook")).read_text("utf-8")
    chapters = re.findall(r"^## (.+)$", handbook, re.MULTILINE)
    assert [one for one in chapters if f"| [{one}]" not in (ROOT / name).read_text("utf-8")] == []


# ── texts ─────────────────────────────────────────────


def test_the_languages_are_chinese_by_default_and_english():
    assert set(load_languages()) == set(NAMES) == {DEFAULT, "en"}


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_has_every_sentence_of_the_code_translated_and_no_other(language):
    with CATALOGUES[language].open("rb") as file:
        catalogue = read_po(file, locale=language)
    there = {_id(one): one.string for one in catalogue if one.id}
    assert set(there) == {_id(one) for one in sentences() if one.id}
    assert [id for id, text in there.items() if not all(_all(text))] == []
    assert written(catalogue) == CATALOGUES[language].read_text("utf-8"), "run: make words"


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_translation_has_the_placeholders_and_the_tags_of_its_sentence(language):
    with CATALOGUES[language].open("rb") as file:
        catalogue = read_po(file, locale=language)
    for one in catalogue:
        for text in _all(one.string) if one.id else ():
            assert _holes(text) == _holes(_id(one)), one.id
            assert _tags(text) == _tags(_id(one)), one.id


def test_every_sentence_is_looked_up_by_a_literal():
    """A sentence put together at run time is in no catalogue; neither is one within an f-string."""
    known = {_id(one) for one in sentences() if one.id}
    for path in (ROOT / "messages").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and _says(call.func) and path.name != "words.py":
                assert isinstance(call.args[0], ast.Constant), f"{path.name}:{call.lineno}"
                assert call.args[0].value in known, f"{path.name}:{call.lineno}"


def test_no_chinese_sentence_stands_outside_the_catalogues_and_the_data():
    """Words lists use (columns, hours, trouble) are data; a sentence for people ends with 。or ？ or ！."""
    for path in SOURCES:
        if path.relative_to(ROOT).parts[0] in (
            "bot",
            "channels",
            "handlers",
            "jobs",
            "web",
            "messages",
            "storage",
            "paper",
            "charts",
        ):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert not re.search(r"[\u4e00-\u9fff][。？！]", node.value), f"{path.name}:{node.lineno}"


def _says(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "say"
    return isinstance(function, ast.Attribute) and function.attr in ("plain", "many", "plain_many")


def _id(one) -> str:
    return one.id if isinstance(one.id, str) else one.id[0]


def _all(text) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)


def _holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?[a-z]+>", text))


# ── routes ────────────────────────────────────────────


def test_every_button_we_make_has_somebody_who_answers_it():
    made = set()
    for path in (ROOT / "messages").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Button":
                made |= {_verb(argument) for argument in call.args[1:]}
    assert len(made) > 5
    assert made <= set(routes.PRESSES)
    assert set(routes.PRESSES) <= made


def _verb(argument: ast.expr) -> str:
    if isinstance(argument, ast.JoinedStr):
        argument = argument.values[0]
    assert isinstance(argument, ast.Constant)
    return argument.value.partition(":")[0]
