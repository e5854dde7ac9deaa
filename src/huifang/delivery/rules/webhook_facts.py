"""Which facts other programs may subscribe to, and when a delivery that failed is tried again. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from huifang.decisions.buckets import BUCKETS, bucket
from huifang.kernel.refusals import gettext_noop

# The names are part of the interface: never rename one.
KINDS: Mapping[str, str] = {
    "attempt.settled": gettext_noop("what became of a contact"),
    "customer.refused": gettext_noop("a customer said no"),
    "link.followed": gettext_noop("a customer opened the link of a message"),
    "plan.paused": gettext_noop("a plan was paused, by a person or by its breaker"),
    "reply.received": gettext_noop("a customer wrote back"),
    "response.completed": gettext_noop("a customer answered a questionnaire"),
    "response.started": gettext_noop("a customer began to answer"),
    "reward.issued": gettext_noop("a customer earned a reward"),
}
# Of no fact: a message to try an endpoint with, which any endpoint gets.
TRIAL = "webhook.test"
# As the specification of Standard Webhooks proposes; after the last one the delivery is parked.
_PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)


def pause(message_id: str, tries: int, *, retry_after_seconds: int = 0) -> timedelta | None:
    """The wait after try number *tries* (from 1), spread by a tenth; None: it was the last."""
    if tries > len(_PAUSES):
        return None
    spread = 1 + 0.1 * bucket(f"webhook:{tries}", message_id) / BUCKETS
    return max(_PAUSES[tries - 1] * spread, timedelta(seconds=retry_after_seconds))


def message_id(kind: str, key: str) -> str:
    """The number of a fact: the same whenever it is told, so that it is told once."""
    return "msg_" + sha256(f"{kind}\n{key}".encode()).hexdigest()[:32]


def body(kind: str, data: Mapping[str, object], *, at: datetime) -> str:
    """What is posted, to the letter: the signature covers it."""
    told = {"type": kind, "timestamp": at.isoformat(), "data": dict(data)}
    return msgspec.json.encode(told).decode()


def shown(kind: str, posted: str) -> str:
    """What staff see of *posted*: whoever reads a coupon's code can spend it."""
    if kind != "reward.issued":
        return posted
    told = msgspec.json.decode(posted, type=dict[str, object])
    data = told.get("data")
    if not isinstance(data, dict) or not data.get("code"):
        return posted
    return msgspec.json.encode({**told, "data": {**data, "code": "••••"}}).decode()
