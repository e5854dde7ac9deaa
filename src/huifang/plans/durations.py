"""Reads and says durations the way people do: "2 days", "36 h", "90分钟". Nothing shorter than a minute."""

import re
from datetime import timedelta

from django.utils.translation import gettext, ngettext

_UNITS: dict[str, timedelta] = {}
for _words, _unit in (
    ("m min mins minute minutes 分 分钟", timedelta(minutes=1)),
    ("h hr hrs hour hours 时 小时 个小时", timedelta(hours=1)),
    ("d day days 天 日", timedelta(days=1)),
    ("w week weeks 周 星期 个星期", timedelta(weeks=1)),
):
    _UNITS.update(dict.fromkeys(_words.split(), _unit))
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)")
_BETWEEN = re.compile(r"[\s,，、]*(?:and|和|又)?[\s,，、]*")
_NOTHING = frozenset({"0", "no time", "at once", "now", "马上", "立即", "不等"})


def read_duration(text: str) -> timedelta | None:
    """The duration that *text* names, to the minute; None where it names none."""
    text = text.strip().lower()
    if text in _NOTHING:
        return timedelta(0)
    total, place = timedelta(0), 0
    for part in _PART.finditer(text):
        unit = _UNITS.get(part.group(2))
        if unit is None or not _BETWEEN.fullmatch(text[place : part.start()]):
            return None
        total += float(part.group(1).replace(",", ".")) * unit
        place = part.end()
    if place == 0 or text[place:].strip():
        return None
    return timedelta(minutes=round(total / timedelta(minutes=1)))


def say_duration(duration: timedelta) -> str:
    """*duration* in the reader's language, in the largest unit that divides it."""
    minutes = round(duration / timedelta(minutes=1))
    if not minutes:
        return gettext("no time")
    if minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}
    if minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}
    return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}
