"""What can be done with the facts from outside of this room."""

from collections.abc import Sequence
from datetime import datetime

from huifang.insights.errors import UnknownTopicError
from huifang.insights.facts import store
from huifang.insights.facts.shapes import SHAPES
from huifang.kernel import audit


def rebuild_facts(*, topics: Sequence[str], by: str, now: datetime) -> list[str]:
    """Begin *topics* (none named: all) anew from the rooms' tables; which ones. The worker writes them again.

    Raises `UnknownTopicError`.
    """
    for topic in topics:
        if topic not in SHAPES:
            raise UnknownTopicError(topic=topic, known=", ".join(SHAPES))
    wanted = list(topics) or list(SHAPES)
    for topic in wanted:
        store.rebuild(topic, now=now)
    audit.record(actor=by, action="facts.rebuilt", subject="facts", facts={"topics": wanted}, at=now)
    return wanted
