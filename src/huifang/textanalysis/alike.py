"""Groups wishes that say alike, by their words alone, without any library: quick enough for a page. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from math import log, sqrt

from huifang.textanalysis import phrases

_LATIN, _HAN = re.compile(r"[a-z0-9]+(?:['’-][a-z]+)*"), re.compile(r"[\u3400-\u9fff]+")
# As much as two wishes for the same thing share, in other words.
_NEAR = 0.5
# What wishes for anything are made of.
_WISHING = frozenset(
    {
        "add",
        "added",
        "adding",
        "option",
        "options",
        "feature",
        "features",
        "allow",
        "support",
        "provide",
        "include",
        "offer",
        "bring",
        "enable",
    }
)
_WISHING_ZH = re.compile(
    r"希望|建议|能不能|可不可以|要是|最好|期待|求|麻烦|请|增加|添加|新增|加个|加上|加一个|支持|提供|推出|功能|选项|可以|就好了"
)


def grouped(words: Sequence[str]) -> list[list[int]]:
    """Places of *words* that say alike, the largest group first; one that is like no other stands alone."""
    return [list(many) for many in _grouped(tuple(words))]


@lru_cache(maxsize=16)
def _grouped(words: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    # Many say the same to the letter: each of these once.
    places: dict[frozenset[str], list[int]] = {}
    for at, each in enumerate(words):
        places.setdefault(_parts(each) or frozenset({each.lower()}), []).append(at)
    weights = _weights(list(places))
    leaders: list[tuple[frozenset[str], float]] = []
    groups: list[list[int]] = []
    # Who says it as most do leads.
    for parts, many in sorted(places.items(), key=lambda pair: (-len(pair[1]), pair[1])):
        length = sqrt(sum(weights[part] for part in parts))
        near = [_alike(parts, length, leader, weights) for leader in leaders]
        best = max(range(len(near)), key=near.__getitem__, default=-1)
        if best >= 0 and near[best] >= _NEAR:
            groups[best].extend(many)
        else:
            leaders.append((parts, length))
            groups.append(list(many))
    return tuple(tuple(group) for group in sorted(groups, key=lambda group: (-len(group), group)))


def _parts(text: str) -> frozenset[str]:
    return frozenset(_split(text.lower()))


def _split(text: str) -> Iterator[str]:
    """Words that say what is wished; of Chinese, pairs of characters."""
    yield from (word for word in _LATIN.findall(text) if word not in _common())
    for run in _HAN.findall(_WISHING_ZH.sub(" ", text)):
        yield from ("".join(pair) for pair in pairwise(run))


@cache
def _common() -> frozenset[str]:
    return _WISHING | frozenset(phrases.data("nameless_words"))


def _weights(listed: Sequence[frozenset[str]]) -> Mapping[str, float]:
    """The square of how much each part tells: what everybody says tells little."""
    counts = Counter(part for parts in listed for part in parts)
    return {part: (1 + log((1 + len(listed)) / (1 + count))) ** 2 for part, count in counts.items()}


def _alike(
    parts: frozenset[str], length: float, leader: tuple[frozenset[str], float], weights: Mapping[str, float]
) -> float:
    shared = sum(weights[part] for part in parts & leader[0])
    return shared / (length * leader[1]) if shared else 0.0
