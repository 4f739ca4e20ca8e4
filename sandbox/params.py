"""What a request said: by query, form, multipart or JSON, it is read the same way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.refusals import Refused, bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    content: bytes
    mime_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of one call. Nonsense in a number reads as absent, as it does at Telegram."""

    values: Mapping[str, Any]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def decimal(self, name: str) -> float | None:
        try:
            return float(self.text(name))
        except ValueError:
            return None

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def parsed(self, name: str, what: str) -> Any:
        """The JSON value of `name`, None when absent. Raises Refused when it is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except json.JSONDecodeError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def file(self, name: str) -> Upload | str:
        """An upload, or a file_id, or an address. An empty string when absent."""
        if name in self.uploads:
            return self.uploads[name]
        value = self.text(name)
        return self.uploads.get(value.removeprefix("attach://"), value) if "attach://" in value else value

    def as_sent(self) -> dict[str, Any]:
        """Everything the request carried, the uploads in the place of their names."""
        resolved = {
            name: self.uploads.get(value[9:], value)
            if isinstance(value, str) and value.startswith("attach://")
            else value
            for name, value in self.values.items()
        }
        attached = {id(upload) for upload in resolved.values() if isinstance(upload, Upload)}
        return resolved | {name: up for name, up in self.uploads.items() if id(up) not in attached}


async def read(request: web.Request) -> Params:
    """Read one request. What stands in the body wins over the query."""
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        values |= await _json(request)
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[name] = Upload(value.filename, value.file.read(), value.content_type)
            else:
                values[name] = value
    return Params(values, uploads)


async def _json(request: web.Request) -> dict[str, Any]:
    body = await request.text()
    try:
        value = json.loads(body) if body.strip() else {}
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise Refused(400, "Bad Request: can't parse request body as JSON object")
    return value
