"""What crosses the door of the plans room: a plan's definition, decisions, what a rehearsal finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from huifang.decisions.buckets import BUCKETS
from huifang.decisions.conditions import Condition
from huifang.kernel.ids import CustomerId, EnrolmentId, PlanId

Texts = dict[str, str]


class Occurrence(StrEnum):
    """Which of a customer's events starts the plan. Stored: never rename a value."""

    FIRST = "first"
    EVERY = "every"


class StepKind(StrEnum):
    """When a step is taken. Stored: never rename a value.

    A reminder follows silence. A fallback is taken only where the step before
    it could not be made: no contact point, a failed delivery, no hours left.
    """

    FIRST = "first"
    REMINDER = "reminder"
    FALLBACK = "fallback"


class VersionState(StrEnum):
    """Where a version stands. Stored: never rename a value."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class EnrolmentState(StrEnum):
    """Where one follow-up of one customer stands. Stored: never rename a value."""

    WAITING = "waiting"
    CONTACTING = "contacting"
    ANSWERED = "answered"
    ENDED = "ended"
    HELD_OUT = "held_out"
    REFUSED = "refused"


class Trigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The event that starts the plan. *amount_at_least* is in the event's own currency."""

    event: str = ""
    occurrence: Occurrence = Occurrence.FIRST
    amount_at_least: float | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contact. *after* counts from the contact before; of the first step, from trigger and delay."""

    channel: str
    after: timedelta = timedelta(0)
    kind: StepKind = StepKind.FIRST
    subject: Texts = msgspec.field(default_factory=dict)
    body: Texts = msgspec.field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()


class PlanDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole plan as a value: plain JSON, durations in ISO 8601.

    *valid_for* is how long after its first contact was due anyone may still be
    contacted. *sampling_basis_points* of the customers take part;
    *holdout_basis_points* of these are the control group.
    """

    name: Texts = msgspec.field(default_factory=dict)
    trigger: Trigger = Trigger()
    delay: timedelta = timedelta(0)
    conditions: tuple[Condition, ...] = ()
    steps: tuple[Step, ...] = ()
    questionnaire_id: int | None = None
    purpose: str = "service_follow_up"
    contact_class: str = "follow_up"
    priority: int = 50
    cooldown: timedelta = timedelta(days=30)
    sampling_basis_points: int = BUCKETS
    holdout_basis_points: int = 0
    valid_for: timedelta = timedelta(days=7)
    fallback_language: str = "zh-Hans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that keeps a definition from going live. *step* counts from 1; 0 is the plan itself."""

    code: str
    step: int = 0
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What one rule said: ``yes``, ``no``, ``wait`` or ``not_asked``; *detail* are facts for display."""

    rule: str
    outcome: str
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One stored decision with its whole chain of rules. *step* counts from 1."""

    at: datetime
    plan_id: PlanId
    plan_name: Texts
    version: int
    enrolment_id: EnrolmentId | None
    stage: str
    step: int
    channel: str
    outcome: str
    reason: str
    until: datetime | None
    rules: list[RuleResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One plan in a list. Versions are None where there is none of that state."""

    id: PlanId
    name: Texts
    state: VersionState
    live_version: int | None
    draft_version: int | None
    live_since: datetime | None
    definition: PlanDefinition
    edited_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRecord:
    """One version of a plan."""

    plan_id: PlanId
    id: int
    number: int
    state: VersionState
    definition: PlanDefinition
    edited_at: datetime
    activated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRecord:
    """One follow-up of one customer. *next_step* counts from 0."""

    id: EnrolmentId
    plan_id: PlanId
    plan_name: Texts
    version: int
    customer_id: CustomerId
    state: EnrolmentState
    occurred_at: datetime
    next_step: int
    due_at: datetime | None
    deadline: datetime
    end_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What a sentence needs that says why a customer was or was not contacted because of one plan.

    *facts* are those of the rule that stopped it: of a cap its ``scope``, ``used``, ``limit``,
    ``window_seconds``, ``free_at``, and ``spent_channel`` and ``spent_at`` of the contact that used it.
    """

    code: str
    reason: str
    at: datetime | None
    until: datetime | None
    channel: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Whether a customer could be contacted now on one channel for one class of contact."""

    channel: str
    contact_class: str
    outcome: str
    reason: str
    until: datetime | None


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
