"""Reads an identify that sets once, adds to, counts up or deletes as one that simply sets traits. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime

from huifang.customers import cleaning, statements
from huifang.customers.records import KINDS
from huifang.customers.rules import Portrait

_NAMES = frozenset({"name", "first_name", "last_name"})


def resolve(portrait: Portrait, raw: Mapping[str, object], *, change: str) -> dict[str, object]:
    """What *raw* makes of *portrait*, as traits to set. A *change* that is not known sets, as "" does."""
    if change == "set_once":
        return {key: value for key, value in raw.items() if stamp_of(key) not in portrait.stamps}
    if change == "delete":
        return dict.fromkeys(portrait.traits)
    if change == "append":
        return {key: _appended(portrait.traits.get(key), value) for key, value in raw.items()}
    if change == "increment":
        summed = {key: _summed(portrait.traits.get(key), value) for key, value in raw.items()}
        return {key: value for key, value in summed.items() if value is not None}
    return dict(raw)


def instant(portrait: Portrait, raw: Mapping[str, object], *, change: str, at: datetime) -> datetime:
    """When the result holds: what counts up or adds to is never outdated by what it adds to."""
    if change not in {"append", "increment"}:
        return at
    known = [portrait.stamps[stamp] for key in raw if (stamp := stamp_of(key)) in portrait.stamps]
    return max([at, *(datetime.fromtimestamp(each, UTC) for each in known)])


def stamp_of(key: str) -> str:
    """The name under which a portrait keeps when the trait *key* was stated."""
    meaning = statements.meaning_of(key)
    if meaning in _NAMES:
        return "name"
    if meaning in KINDS:
        return f"contact.{meaning}"
    return meaning or f"traits.{cleaning.clean_text(key)}"


def _appended(known: object, value: object) -> list[object]:
    before = list(known) if isinstance(known, list) else [] if known is None else [known]
    new = value if isinstance(value, list) else [value]
    return [*before, *(each for each in new if each not in before)]


def _summed(known: object, value: object) -> int | float | None:
    """The sum, None where *value* is no number; what was no number before counts as 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_number = isinstance(known, int | float) and not isinstance(known, bool)
    return (known if is_number and isinstance(known, int | float) else 0) + value
