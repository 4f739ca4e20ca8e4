"""The third party: aiogram's models and teremok's limits judge what the bot asks and what the sandbox says.

Test-only. `judge(sandbox)` hooks onto a running Sandbox and collects what it objects to:

    verdict = judge(telegram)
    ...
    verdict.check()  # raises AssertionError with every objection
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import aiogram.methods
from aiogram import Bot
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile, Update
from pydantic import BaseModel, TypeAdapter, ValidationError
from teremok.validation import ApiRuleViolation, validate_method

ANY_BOT = Bot("1:judge")
MODELS: dict[str, type[TelegramMethod[Any]]] = {
    model.__api_method__.lower(): model
    for model in vars(aiogram.methods).values()
    if isinstance(model, type) and issubclass(model, TelegramMethod) and model is not TelegramMethod
}
MOST_BUTTONS = 100


class Watched(Protocol):
    """What the judge hooks onto: a Sandbox, or anything with the same observers."""

    on_request: list[Any]
    on_result: list[Any]
    on_update: list[Any]


@dataclass
class Verdict:
    """How much was judged, and everything that was wrong with it."""

    requests: list[str] = field(default_factory=list)
    updates: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Raises AssertionError with every objection."""
        assert not self.objections, "\n".join(self.objections)


def judge(sandbox: Watched) -> Verdict:
    """Hook onto `sandbox`: every request, result and update from now on is judged."""
    verdict = Verdict()

    def request(method: str, params: Mapping[str, Any]) -> None:
        verdict.requests.append(method)
        verdict.objections += [f"{method}: {why}" for why in judge_request(method, params)]

    def result(method: str, value: Any) -> None:
        verdict.results.append(method)
        verdict.objections += [f"result of {method}: {why}" for why in judge_result(method, value)]

    def update(value: Mapping[str, Any]) -> None:
        verdict.updates.append(next(key for key in value if key != "update_id"))
        verdict.objections += [f"update {verdict.updates[-1]}: {why}" for why in judge_update(value)]

    sandbox.on_request.append(request)
    sandbox.on_result.append(result)
    sandbox.on_update.append(update)
    return verdict


def judge_request(method: str, params: Mapping[str, Any]) -> list[str]:
    """What is wrong with a request of the bot; `params` as they came, uploads having `.content`."""
    model = MODELS.get(method.lower())
    if model is None:
        return ["no such method in the Bot API"]
    try:
        call = model.model_validate({name: _read(model, name, value) for name, value in params.items()})
        validate_method(ANY_BOT, call)
    except ValidationError as error:
        return [_told(problem) for problem in error.errors()]
    except ApiRuleViolation as error:
        return [error.description]
    return [*_unknown(call), *_too_many_buttons(call)]


def judge_result(method: str, value: Any) -> list[str]:
    """What is wrong with an answer of the sandbox, judged by the type the method returns."""
    model = MODELS.get(method.lower())
    if model is None:
        return ["no such method in the Bot API"]
    try:
        parsed = _answer_of(model).validate_python(value)
    except ValidationError as error:
        return [_told(problem) for problem in error.errors()]
    return list(_unknown(parsed))


@cache
def _answer_of(model: type[TelegramMethod[Any]]) -> TypeAdapter[Any]:
    """What reads the method's answers: dear to make, and always the same."""
    return TypeAdapter(model.__returning__)


def judge_update(value: Mapping[str, Any]) -> list[str]:
    """What is wrong with an update: a missing or ill-typed field, an unknown one, or two contents."""
    try:
        update = Update.model_validate(dict(value))
    except ValidationError as error:
        return [_told(problem) for problem in error.errors()]
    contents = set(value) - {"update_id"}
    crowd = [] if len(contents) == 1 else [f"{len(contents)} contents: {sorted(contents)}"]
    return [*crowd, *_unknown(update), *_entities_outside(value)]


def _read(model: type[BaseModel], name: str, value: Any) -> Any:
    """A form sends everything as text: JSON is read where the model wants something else than text."""
    if hasattr(value, "content"):
        return BufferedInputFile(value.content, value.name)
    known = model.model_fields.get(name)
    if not isinstance(value, str) or known is None or known.annotation in (str, str | None):
        return value
    if "str" in str(known.annotation) and not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _told(problem: Any) -> str:
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _unknown(value: Any, where: str = "") -> Iterator[str]:
    """Fields the models do not know; they let them pass, we do not."""
    if isinstance(value, BaseModel):
        for name in value.model_extra or {}:
            yield f"unknown field {where}{name}"
        for name, inner in vars(value).items():
            if isinstance(inner, (BaseModel, list, tuple)):  # all else knows nothing of fields
                yield from _unknown(inner, f"{where}{name}.")
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _unknown(item, where)


def _too_many_buttons(call: Any) -> list[str]:
    markup = getattr(call, "reply_markup", None)
    rows = getattr(markup, "inline_keyboard", None) or getattr(markup, "keyboard", None) or []
    count = sum(len(row) for row in rows)
    return [f"{count} buttons"] if count > MOST_BUTTONS else []


def _entities_outside(value: Any) -> Iterator[str]:
    """Entities that reach beyond their text, counted in UTF-16."""
    if isinstance(value, Mapping):
        for text, entities in (("text", "entities"), ("caption", "caption_entities")):
            length = len(str(value.get(text, "")).encode("utf-16-le")) // 2
            for entity in value.get(entities) or ():
                if entity["offset"] < 0 or entity["length"] < 1 or entity["offset"] + entity["length"] > length:
                    yield f"entity {entity} outside its {text}"
        for inner in value.values():
            yield from _entities_outside(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _entities_outside(inner)
