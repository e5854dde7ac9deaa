"""What a rehearsal found, and what it expects."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from huifang.kernel.ids import PlanId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRate:
    """Share of the people reached who answer, with its 95 % interval; *base* 0: assumed, not measured."""

    rate: float
    low: float
    high: float
    base: int


class RehearsalRow(msgspec.Struct, frozen=True, kw_only=True):
    """People of one local day or hour: contacted, and held back by reason."""

    label: str
    contacted: int
    reasons: dict[str, int]


class RehearsalResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal found, as if nobody answered: the most that can happen.

    People count once: contacted where any of their events led to a contact, else under the reason of
    their first event, on the day and hour of that event where they live. *contacts* count each message:
    by channel, by local day and by local hour. *twice*: people with contacts of two follow-ups;
    *reminded*: with more than one contact. *samples*: some external ids by reason, "contacted" too.
    *answer_rate*, *answer_low*, *answer_high* are fractions; *answer_base* is 0 where they are assumed.
    """

    start: datetime
    end: datetime
    events: int
    people: int
    contacted: int
    held_out: int
    reasons: dict[str, int]
    days: list[RehearsalRow]
    hours: list[RehearsalRow]
    contacts: dict[str, int]
    contacts_by_day: dict[str, int]
    contacts_by_hour: dict[str, int]
    twice: int
    reminded: int
    answer_rate: float
    answer_low: float
    answer_high: float
    answer_base: int
    sms_parts: int
    samples: dict[str, list[str]]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalRecord:
    """One rehearsal as it stands. *state* is queued, running, done or failed; *done* counts events read."""

    id: int
    plan_id: PlanId
    version: int
    state: str
    done: int
    start: datetime
    end: datetime
    created_at: datetime
    finished_at: datetime | None
    problem: str
    result: RehearsalResult | None
