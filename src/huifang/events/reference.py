"""Writes the tables of the events page of the documentation, from the code that they describe.

python -m huifang.events.reference docs/reference/events.md
"""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from huifang.events import body, gateway, ingest, message, personal, settings, timestamps
from huifang.events.catalogue import DECLARED, EVERYWHERE
from huifang.events.rejections import MEANINGS

_BLOCK = re.compile(r"(<!-- from code: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _events() -> str:
    rows = [
        (
            f"`{each.name}`",
            each.about,
            "<br>".join(f"`{one.key}` ({one.type}): {one.about}" for one in each.properties) or "–",
        )
        for each in DECLARED
    ]
    everywhere = ", ".join(f"`{one.key}` ({one.about})" for one in EVERYWHERE)
    return _table(("Event", "When", "Properties"), rows) + f"\nWith any event: {everywhere}.\n"


def _codes() -> str:
    return _table(("Code", "Meaning"), ((f"`{code}`", text) for code, text in MEANINGS.items()))


def _personal() -> str:
    rows = [
        ("sealed, wherever they stand", _words(personal.SEALED)),
        ("sealed among the traits of identify", _words(personal.SEALED_TRAITS - personal.SEALED)),
        ("dropped", _words(personal.DROPPED)),
    ]
    return _table(("What becomes of the value", "Keys"), rows)


def _words(keys: Iterable[str]) -> str:
    return " ".join(f"`{key}`" for key in sorted(keys))


def _limits() -> str:
    minutes = int(timestamps.SKEW_MAX.total_seconds() // 60)
    hours = int(timestamps.AHEAD_MAX.total_seconds() // 3600)
    rows = [
        ("Body, before and after unpacking", f"{body.BODY_BYTES_MAX // 1024:,} kB"),
        ("Messages of one batch", f"{gateway.MESSAGES_MAX:,}"),
        ("One message", f"{message.MESSAGE_BYTES_MAX // 1024} kB"),
        ("Nesting of properties and traits", f"{personal.DEPTH_MAX} deep"),
        ("Rejected message kept whole up to", f"{ingest.PAYLOAD_BYTES_MAX // 1024} kB"),
        ("Error of the client's clock that is left alone", f"{minutes} minutes"),
        ("Future that is taken as now", f"{hours} hour"),
        ("Age of an event (`EVENTS_AGE_DAYS_MAX`)", f"{settings.AGE_DAYS_MAX} days"),
        ("Storage period of events (`EVENTS_KEPT_DAYS`)", f"{settings.KEPT_DAYS} days"),
        (
            "Storage period of rejected ones (`EVENTS_REJECTED_KEPT_DAYS`)",
            f"{settings.REJECTED_KEPT_DAYS} days",
        ),
        ("Messages that wait in one gateway (`GATEWAY_QUEUE_MAX`)", f"{settings.QUEUE_MAX:,}"),
    ]
    return _table(("Limit", "Value"), rows)


_WRITERS: dict[str, Callable[[], str]] = {
    "events": _events,
    "codes": _codes,
    "personal": _personal,
    "limits": _limits,
}


def filled(page: str) -> str:
    """*page* with each block between ``<!-- from code: NAME -->`` and ``<!-- end -->`` written anew."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_WRITERS[found[2]]()}{found[3]}", page)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
