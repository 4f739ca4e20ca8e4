"""How marked-up text becomes plain text and entities, and which words Telegram marks by itself.

Offsets and lengths count UTF-16 code units, as in the Bot API and in JavaScript.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.refusals import bad_request

Entity = dict[str, Any]

PLAIN_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
TAGS = {*PLAIN_TAGS, "a", "tg-emoji"}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TOKEN = re.compile(
    r"""<(?P<end>/?)(?P<tag>[^\s>]*)(?P<rest>(?:[^>"']|"[^"]*"|'[^']*')*)>"""
    r"""|&(?P<ref>\#x[0-9a-fA-F]{1,6}|\#[0-9]{1,7}|[a-z]+);?"""
    r"""|[^<&]+|[<&]"""
)
ATTRIBUTE = re.compile(r"""([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.-]+)))?""")
REFERENCE = re.compile(r"&(\#x[0-9a-fA-F]{1,6}|\#[0-9]{1,7}|[a-z]+);?")
FOUND_IN_TEXT = {
    "url": re.compile(r"https?://[^\s<>\"\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+"),
    "bot_command": re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>@])"),
    "mention": re.compile(r"(?<![\w/])@[a-zA-Z][a-zA-Z0-9_]{3,31}\b"),
}


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    attributes: dict[str, str]
    offset: int


def utf16(text: str) -> int:
    """The length of `text` in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Read Telegram's HTML. Raises Refused with Telegram's own words where it is not well formed."""
    text: list[str] = []
    length = 0
    open_tags: list[Tag] = []
    entities: list[Entity] = []
    for token in TOKEN.finditer(source):
        at = f"at byte offset {len(source[: token.start()].encode())}"
        if token["tag"] is None:
            piece = _plain(token, source, at)
            text.append(piece)
            length += utf16(piece)
        elif token["end"]:
            tag = _closed(open_tags, token["tag"].lower(), at)
            if length > tag.offset:
                entities += _entity(tag, length - tag.offset, "".join(text))
        else:
            open_tags.append(_opened(token["tag"].lower(), token["rest"], length, at))
    if open_tags:
        raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{open_tags[-1].name}"')
    return "".join(text), sorted(_with_language(entities), key=lambda e: (e["offset"], -e["length"]))


def _cannot_parse(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")


def _plain(token: re.Match[str], source: str, at: str) -> str:
    if token["ref"] is not None:
        return _referred(token)
    if token[0] != "<":
        return token[0]
    name = re.match(r"/?[^\s>]*", source[token.end() :])
    read = name[0].lower() if name else ""
    if token.end() + len(read) == len(source) or read in TAGS:
        raise _cannot_parse(f"Unclosed start tag {at}")
    raise _cannot_parse(f'Unsupported start tag "{read}" {at}')


def _referred(match: re.Match[str]) -> str:
    name = match[match.lastindex or 1] if "ref" not in match.re.groupindex else match["ref"]
    if not name.startswith("#"):
        return NAMED.get(name, match[0])
    code = int(name[2:], 16) if name.startswith("#x") else int(name[1:])
    return chr(code) if 0 < code < 0x10FFFF else match[0]


def _opened(name: str, rest: str, offset: int, at: str) -> Tag:
    if name not in TAGS:
        raise _cannot_parse(f'Unsupported start tag "{name}" {at}')
    attributes = {
        key: REFERENCE.sub(_referred, double or single or bare) for key, double, single, bare in ATTRIBUTE.findall(rest)
    }
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _cannot_parse(f'Tag "span" must have class "tg-spoiler" {at}')
    return Tag(name, attributes, offset)


def _closed(open_tags: list[Tag], name: str, at: str) -> Tag:
    if not open_tags:
        raise _cannot_parse(f"Unexpected end tag {at}")
    tag = open_tags.pop()
    if name and name != tag.name:
        raise _cannot_parse(f'Unmatched end tag {at}, expected "</{tag.name}>", found "</{name}>"')
    return tag


def _entity(tag: Tag, length: int, text: str) -> list[Entity]:
    place: Entity = {"offset": tag.offset, "length": length}
    if tag.name == "a":
        url = tag.attributes.get("href") or cut(text, tag.offset, length)
        return [{"type": "text_link", **place, "url": url}] if _is_link(url) else []
    if tag.name == "tg-emoji":
        return [{"type": "custom_emoji", **place, "custom_emoji_id": tag.attributes.get("emoji-id", "")}]
    if tag.name == "blockquote" and "expandable" in tag.attributes:
        return [{"type": "expandable_blockquote", **place}]
    language = tag.attributes.get("class", "") if tag.name == "code" else ""
    marked: Entity = {"type": PLAIN_TAGS[tag.name], **place}
    if language.startswith("language-"):
        marked["language"] = language.removeprefix("language-")
    return [marked]


def _with_language(entities: list[Entity]) -> list[Entity]:
    """`<pre><code class="language-x">` is one entity; a language on bare code is dropped."""
    coded = {(e["offset"], e["length"]): e.get("language") for e in entities if e["type"] == "code"}
    kept: list[Entity] = []
    inside_pre = {(e["offset"], e["length"]) for e in entities if e["type"] == "pre"}
    for entity in entities:
        place = (entity["offset"], entity["length"])
        if entity["type"] == "pre" and coded.get(place):
            kept.append({**entity, "language": coded[place]})
        elif entity["type"] == "code":
            if not (place in inside_pre and coded[place]):
                kept.append({key: value for key, value in entity.items() if key != "language"})
        else:
            kept.append(entity)
    return kept


def _is_link(url: str) -> bool:
    parts = urlsplit(url if "://" in url or url.startswith(("mailto:", "tel:")) else f"http://{url}")
    if parts.scheme in {"http", "https"}:
        return "." in parts.netloc or parts.netloc.startswith("localhost")
    return parts.scheme in {"tg", "ton", "mailto", "tel"}


def cut(text: str, offset: int, length: int) -> str:
    """The part of `text` an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[offset * 2 : (offset + length) * 2].decode("utf-16-le", "surrogatepass")


def found(text: str, marked: list[Entity] | None = None) -> list[Entity]:
    """`marked` and the addresses, commands and mentions Telegram finds by itself, in order."""
    entities = list(marked or [])
    for kind, pattern in FOUND_IN_TEXT.items():
        for match in pattern.finditer(text):
            entity: Entity = {
                "type": kind,
                "offset": utf16(text[: match.start()]),
                "length": utf16(match[0]),
            }
            if not any(_overlap(entity, other) for other in entities if other["type"] not in SHAPES):
                entities.append(entity)
    return sorted(entities, key=lambda e: (e["offset"], -e["length"]))


SHAPES = {
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
}


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"])


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without the white space at both ends, which Telegram drops, and with the entities moved along."""
    start = utf16(text) - utf16(text.lstrip())
    kept = text.strip()
    end = utf16(kept)
    moved: list[Entity] = []
    for entity in entities:
        left = max(entity["offset"] - start, 0)
        right = min(entity["offset"] + entity["length"] - start, end)
        if right > left:
            moved.append({**entity, "offset": left, "length": right - left})
    return kept, moved
