"""Tells people, in their language, what was refused and why.

msgspec and pydantic tell of faults in English only; what is not known here is passed on as they say it. A
record's own `ValueError` is in the catalogue as "text" or "text: value", where its room names it so.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext

from huifang.kernel.refusals import Refusal, gettext_noop

_KINDS = {
    "str": gettext_noop("a text"),
    "int": gettext_noop("a whole number"),
    "float": gettext_noop("a number"),
    "bool": gettext_noop("true or false"),
    "object": gettext_noop("an object"),
    "array": gettext_noop("a list"),
    "datetime": gettext_noop("an instant with its zone"),
    "date": gettext_noop("a day"),
}
_NOT_A_KIND = gettext_noop("This should be {wanted}, not {given}.")
_A_KIND = gettext_noop("This should be {wanted}.")
_INSTANT = gettext_noop("Write an instant with its zone, such as 2026-03-01T09:00+08:00.")
_DAY = gettext_noop("Write a day such as 2026-03-01.")
_SHORT = gettext_noop("This is too short: {n} at least.")
_LONG = gettext_noop("This is too long: {n} at most.")
_LEAST = gettext_noop("This should be {n} at least.")
_MOST = gettext_noop("This should be {n} at most.")
_MORE = gettext_noop("This should be more than {n}.")
_LESS = gettext_noop("This should be less than {n}.")
_MISSING = gettext_noop("The field {name} is missing.")
_UNKNOWN = gettext_noop("There is no field {name}.")
_NO_CHOICE = gettext_noop("{value} is none of the values that are known.")
_ONE_OF = gettext_noop("This should be one of {expected}.")

# What msgspec says, and what we say.
_SAID = [
    (re.compile(pattern), text)
    for pattern, text in (
        (r"Expected `(?P<wanted>[^`]+)`, got `(?P<given>[^`]+)`", _NOT_A_KIND),
        (r"Object missing required field `(?P<name>.+)`", _MISSING),
        (r"Object contains unknown field `(?P<name>.+)`", _UNKNOWN),
        (r"Invalid enum value (?P<value>.+)", _NO_CHOICE),
        (r"Expected `\w+` of length >= (?P<n>\d+)", _SHORT),
        (r"Expected `\w+` of length <= (?P<n>\d+)", _LONG),
        (r"Expected `\w+` >= (?P<n>\S+)", _LEAST),
        (r"Expected `\w+` <= (?P<n>\S+)", _MOST),
        (r"Expected `\w+` > (?P<n>\S+)", _MORE),
        (r"Expected `\w+` < (?P<n>\S+)", _LESS),
        (r"Invalid RFC3339 encoded datetime", _INSTANT),
        (r"Expected `datetime` with a timezone component", _INSTANT),
        (r"Invalid RFC3339 encoded date", _DAY),
        (r"Invalid ISO8601 duration", gettext_noop("Write a duration such as P2D or PT36H.")),
        (r"JSON is malformed: .+ \(byte (?P<n>\d+)\)", gettext_noop("This is no JSON from byte {n} on.")),
        (r"Input data was truncated", gettext_noop("The JSON ends too early.")),
    )
]

# Type of a fault of pydantic to what we say; {…} are facts of the fault.
_TYPES = {
    "missing": gettext_noop("This field is missing."),
    "extra_forbidden": gettext_noop("There is no such field."),
    "string_too_short": _SHORT,
    "string_too_long": _LONG,
    "too_short": _SHORT,
    "too_long": _LONG,
    "greater_than_equal": _LEAST,
    "less_than_equal": _MOST,
    "greater_than": _MORE,
    "less_than": _LESS,
    "enum": _ONE_OF,
    "literal_error": _ONE_OF,
    "timezone_aware": _INSTANT,
}
_NUMBERS = ("min_length", "max_length", "ge", "le", "gt", "lt")
_STEMS = {
    "string": "str",
    "int": "int",
    "float": "float",
    "decimal": "float",
    "bool": "bool",
    "list": "array",
    "dict": "object",
    "model": "object",
    "datetime": "datetime",
    "date": "date",
}
_OF_KIND = re.compile(rf"({'|'.join(_STEMS)})_(type|parsing|from_\w+|attributes_type|object_invalid)")


def told(refusal: Refusal) -> str:
    """What *refusal* says to whoever reads the page."""
    facts = {
        name: said(fact) if isinstance(fact, msgspec.MsgspecError) else fact
        for name, fact in refusal.facts.items()
    }
    return gettext(refusal.text).format(**facts)


def said(fault: Exception) -> str:
    """What a fault of msgspec says, with the place in the values at which it is."""
    words, _, place = str(fault).partition(" - at `$")
    place = place.removesuffix("`").removeprefix(".")
    told = _told(words)
    return gettext("At {place}: {what}").format(place=place, what=told) if place else told


def _told(words: str) -> str:
    for pattern, text in _SAID:
        if match := pattern.fullmatch(words):
            found = match.groupdict()
            facts = {name: _kinds(one) if name in {"wanted", "given"} else one for name, one in found.items()}
            return gettext(text).format(**facts)
    ours, colon, value = words.partition(": ")  # a fault of our own that a record raised
    return gettext(ours) + colon + value if ours else words


def _kinds(names: str) -> str:
    return gettext(" or ").join(gettext(_KINDS[one]) if one in _KINDS else one for one in names.split(" | "))


def said_of_field(fault: Mapping[str, Any]) -> str:
    """What one fault of pydantic says, a mapping with ``type``, ``msg`` and perhaps ``ctx``."""
    facts = fault.get("ctx") or {}
    if text := _TYPES.get(fault["type"]):
        number = next((facts[name] for name in _NUMBERS if name in facts), "")
        return gettext(text).format(n=number, expected=facts.get("expected", ""))
    if match := _OF_KIND.fullmatch(fault["type"]):
        return gettext(_A_KIND).format(wanted=gettext(_KINDS[_STEMS[match[1]]]))
    return str(fault["msg"]).removeprefix("Value error, ")
