"""What crosses the door of the room that reads all: moments of one customer, measures with their bases."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huifang.customers.records import ConsentEntry
from huifang.delivery.records import AttemptRecord
from huifang.events.records import StoredEvent
from huifang.plans.records import DecisionRecord
from huifang.questionnaires.records import ResponseRecord

What = StoredEvent | DecisionRecord | AttemptRecord | ResponseRecord | ConsentEntry


class MomentKind(StrEnum):
    """What happened at a moment of a customer's line of time."""

    EVENT = "event"
    DECISION = "decision"
    ATTEMPT = "attempt"
    ANSWER = "answer"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment of a customer's line of time. *what* is the record of the room that it came from."""

    at: datetime
    kind: MomentKind
    what: What


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Moments of one customer, newest first; *has_more* where older ones are left."""

    moments: list[Moment]
    has_more: bool
