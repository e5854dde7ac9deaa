"""Chinese in both scripts: what is listed in simplified characters is known in traditional ones too. Pure."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from huifang.textanalysis import phrases


@cache
def _tables() -> tuple[Mapping[int, int | str], Mapping[int, int | str], Mapping[int, int | str]]:
    """To traditional characters, from those to the other way of writing some, and to simplified ones."""
    data = phrases.data("scripts")
    simplified, traditional, other = data["simplified"], data["traditional"], data["other"]
    back = {**dict(zip(traditional, simplified, strict=True)), **data["also"]}
    return str.maketrans(simplified, traditional), str.maketrans(other), str.maketrans(back)


def both(listed: Iterable[str]) -> list[str]:
    """The phrases *listed*, and each Chinese one as it is written in traditional characters."""
    to_traditional, to_other, _ = _tables()
    found = dict.fromkeys(listed)
    for phrase in list(found):
        traditional = phrase.translate(to_traditional)
        found |= dict.fromkeys((traditional, traditional.translate(to_other), phrase.replace("账", "帐")))
    return list(found)


@cache
def _traditional() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, _tables()[2]))}]")


def simple(text: str) -> str:
    """*text* in simplified characters, each in its place."""
    # To look for any of them takes a twentieth of the time.
    return text.translate(_tables()[2]) if _traditional().search(text) else text
