"""The words of a sentence that name a place: 三峡广场附近, 我在人民路, near People's Square."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rules.understanding.scanner import Scanner

Span = tuple[int, int]

# fmt: off
_NEAR = (
    "附近|旁边|旁|边上|周边|周围|一带|那边|这边|门口|对面|楼下|那里|那儿|跟前|近旁|隔壁|侧边|那块|边边|后面|里面|下面|这里|那头"
)
_KINDS = (
    "广场|大道|小区|公园|大厦|中心|步行街|大学|学院|中学|小学|医院|地铁站|火车站|高铁站|汽车站|客运站|公交站|轻轨站|轻轨|机场|商场"
    "|市场|工业园|园区|大桥|路口|商圈|街道|社区|花园|公寓|码头|立交|转盘|工地|新村|科技园|开发区|体育馆|图书馆|博物馆|派出所|超市|银行"
    "|酒店|城"
)
_NOT_A_NAME = re.compile(
    "哪|什么|有没|这|那|我|你|想|要|最近|离|吗|呢|的|啥|有|能|可以|给|了|没|不|很|好|怎|谁|个|最|吧|请|在"
)
# fmt: on
_SHORT_KINDS = "路街巷弄村镇桥湾坝坪寺沟浜"
_ENDS_IN_KIND = re.compile(rf"(?:{_KINDS}|[{_SHORT_KINDS}])$")
_ENDS_IN_LONG_KIND = re.compile(rf".{{2}}(?:{_KINDS})$")
_LEADING = re.compile(r"^.*(?:在|到|去|离|从|请问|我们)(?=.{2})")
_PAUSE = r"[,，。！？!?；;、\s]"
# A name may end before any of these: 人民路哪里…, 在人民路的…, 人民路充电
_NAMED_KIND = re.compile(
    rf"[\u4e00-\u9fff0-9a-z·]{{1,14}}?(?:{_KINDS}|(?<=[\u4e00-\u9fff]{{2}})[{_SHORT_KINDS}])"
    rf"(?=哪|有|能|可以|的|那|怎|上|想|要|充|热|喝|手机|这|几|$|{_PAUSE})"
)
_NAMED_AT = re.compile(
    rf"(?:^|{_PAUSE})(?:我们?|人)?(?:现在|正)?在(?P<place>[\u4e00-\u9fff]{{2,8}}?)(?=哪|有没|想|要|能|{_PAUSE})"
)
_ENGLISH = re.compile(
    r"\b(?:(?:near|around|close to|next to|beside|opposite)(?: to)?|(?P<weak>at|in|by|on)) (?:the )?"
    r"(?P<place>[a-z][a-z0-9]*(?: [a-z0-9]+){0,4}?)"
    r"(?= (?:where|can|could|that|which|with|to|for|and|is|has|i|please|now|tonight|tomorrow|open|there|at|have|any)\b"
    r"|[,.?!;]|$)"
)
_ENGLISH_KIND = re.compile(
    r"\b(?:square|road|rd|street|st|park|mall|district|university|plaza|hospital|school|bridge|avenue|airport|tower"
    r"|metro station|subway station|train station|railway station|bus station|market|campus|building)$"
)
_NO_ENGLISH_NAME = re.compile(r"\b(?:me|here|by|my|this|that|us|you|it|home|area|a|an|some|any|place|station)\b")


class Places:
    """Finds names of places; needs the scanner to tell a name from words of the lexicon."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner

    def found(self, text: str, spans: Sequence[tuple[int, int, str]]) -> tuple[str, Span | None]:
        """The place a cleaned text names and where, outside `spans`; "" and None where it names none."""
        ours = (span for span in _kind_names(text) if self._scanner.class_of(text[slice(*span)]) != "elsewhere")
        for start, end in (*_near_names(text), *ours, *_names_after_at(text)):
            start = max([start, *(stop for _, stop, _ in spans if start < stop <= end)])
            if end - start >= 2 and self._is_name(text[start:end]):
                return text[start:end], (start, end)
        for match in _ENGLISH.finditer(text):
            if self._is_english_name(match["place"], weak=bool(match["weak"])):
                return match["place"], match.span("place")
        return "", None

    def _is_name(self, words: str) -> bool:
        if _NOT_A_NAME.search(words):
            return False
        if _ENDS_IN_LONG_KIND.search(words):  # 凉水井小区
            return True
        known = [one for one in self._scanner.cut(words) if self._scanner.is_known(one)]
        if _ENDS_IN_KIND.search(words):  # 热河路: one character of a name may be a word, a longer one is no accident
            return all(len(one.text) == 1 or one.end == len(words) for one in known)
        short = all(len(one.text) == 1 for one in known)
        return short and len(words) - len(known) >= 2

    def _is_english_name(self, words: str, weak: bool) -> bool:
        if _ENGLISH_KIND.search(words):
            return True
        known = any(self._scanner.is_known(one) for one in self._scanner.cut(words))
        return not (weak or known or _NO_ENGLISH_NAME.search(words))


def _near_names(text: str) -> Iterator[Span]:
    """What stands before 附近."""
    for near in re.finditer(_NEAR, text):
        before = re.split(_PAUSE, text[: near.start()])[-1]
        words = _LEADING.sub("", before).removesuffix("的")
        end = near.start() - (1 if before.endswith("的") else 0)
        if 2 <= len(words) <= 14:
            yield end - len(words), end


def _kind_names(text: str) -> Iterator[Span]:
    """What ends in 广场, 路 or the like."""
    for match in _NAMED_KIND.finditer(text):
        yield match.end() - len(_LEADING.sub("", match.group())), match.end()


def _names_after_at(text: str) -> Iterator[Span]:
    """What stands after 我在."""
    for match in _NAMED_AT.finditer(text):
        yield match.span("place")


def as_typed(place: str, text: str) -> str:
    """The place as `text` has it, with the capitals and apostrophes that were cleaned away."""
    if not place.isascii():
        return place
    letters = r"['’]?".join(re.escape(letter) for letter in place)
    found = re.search(letters, text, re.IGNORECASE)
    return found.group() if found else place
