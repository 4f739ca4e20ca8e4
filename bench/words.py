"""A sentence understood: how long that takes, over sentences put together for this alone."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from bench.line import Line
from bench.nation import LUNCH

OPENINGS = ("", "请问", "师傅，", "你好 ", "我在三峡广场，", "今天太热了 ", "刚送完单，", "麻煩問一下，")
WISHES = (
    *("哪里能热一下饭", "想找个地方喝口热水", "手机快没电了", "附近有没有厕所", "可以歇会儿吗", "哪儿有空调吹吹"),
    *("饮水机又坏了", "微波炉不热", "门锁着进不去", "几点关门", "投诉打哪个电话", "怎么走过去", "老板不给工钱怎么办"),
    *("nali keyi re fan", "where can i charge my phone", "the water dispenser is broken", "有人中暑了", "谢谢你"),
)
ENDINGS = ("", "？", "呀", "，急", "，明早六点开门的", "，要近一点的", "...", "，两个人")


@dataclass(frozen=True, slots=True)
class Size:
    """How often every sentence is read."""

    rounds: int = 3
    sentences: int = 1152


def lines(size: Size) -> Iterator[Line]:
    """Microseconds a sentence: the middle one, and the slowest in a hundred."""
    try:
        from bot.lexicon import understanding
    except ImportError:
        yield Line("understand", 0, "skipped: there is no understanding yet")
        return
    start = time.perf_counter()
    known = understanding()
    loaded = time.perf_counter() - start
    took = _timed(lambda text: known.read(text, LUNCH), size)
    more = {"sentences": took.shape[1], "rounds": size.rounds}
    p50, p99 = (float(np.median(np.percentile(took, percent, axis=1))) for percent in (50, 99))
    yield Line("understand.p50", p50, "us", "2 ms", p50 / 2000, more=more | {"loading_s": loaded})
    yield Line("understand.p99", p99, "us", "2 ms", p99 / 2000, "< 1", more | {"max_us": float(took.max())})


def _timed(read: Callable[[str], object], size: Size) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Microseconds (rounds, sentences); the first sentences, read before, do not count."""
    sentences = ["".join(parts) for parts in itertools.product(OPENINGS, WISHES, ENDINGS)]
    random.Random(1).shuffle(sentences)
    for text in sentences[:50]:
        read(text)
    took = np.zeros((size.rounds, len(sentences[: size.sentences])))
    for number, n in np.ndindex(took.shape):
        start = time.perf_counter()
        read(sentences[n])
        took[number, n] = (time.perf_counter() - start) * 1e6
    return took
