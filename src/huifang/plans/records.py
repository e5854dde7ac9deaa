"""What crosses the door of the plans room: definitions, decisions, rewards, what a rehearsal finds, facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huifang.kernel.ids import CustomerId, EnrolmentId, PlanId
from huifang.plans.definition import (
    Breaker,
    Incentive,
    IncentiveKind,
    Occurrence,
    PlanDefinition,
    Prize,
    PrizeKind,
    PulsePeriod,
    Quota,
    QuotaCell,
    QuotaOf,
    QuotaPer,
    Repeat,
    Step,
    StepKind,
    Texts,
    Trigger,
    TriggerKind,
)
from huifang.plans.rehearsed import AnswerRate, RehearsalRecord, RehearsalResult, RehearsalRow

__all__ = [
    "AnswerRate",
    "ApprovalRecord",
    "Breaker",
    "CampaignProgress",
    "CauseStuck",
    "Change",
    "DecisionRecord",
    "EnrolmentRecord",
    "EnrolmentState",
    "EnrolmentStuck",
    "EventStuck",
    "Fault",
    "Incentive",
    "IncentiveKind",
    "Occurrence",
    "Outlook",
    "PlanDefinition",
    "PlanLine",
    "PlanPaused",
    "Prize",
    "PrizeKind",
    "PulsePeriod",
    "Quota",
    "QuotaCell",
    "QuotaOf",
    "QuotaPer",
    "QuotaStanding",
    "RehearsalRecord",
    "RehearsalResult",
    "RehearsalRow",
    "Repeat",
    "RewardIssued",
    "RewardRecord",
    "RuleResult",
    "Step",
    "StepKind",
    "Texts",
    "Trigger",
    "TriggerKind",
    "VersionRecord",
    "VersionState",
    "Why",
]


class VersionState(StrEnum):
    """Where a version stands. Stored: never rename a value."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class EnrolmentState(StrEnum):
    """Where one follow-up of one customer stands. Stored: never rename a value.

    ``parked``: its step made the product fail; it waits for a person among the parked facts.
    """

    WAITING = "waiting"
    CONTACTING = "contacting"
    ANSWERED = "answered"
    ENDED = "ended"
    HELD_OUT = "held_out"
    REFUSED = "refused"
    PARKED = "parked"


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
class ApprovalRecord:
    """Somebody asked that a draft go live; *approved_by* "" until another person has agreed."""

    asked_by: str
    asked_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One plan in a list. Versions are None where there is none of that state.

    *paused_by* is who paused it, "breaker" where it paused itself, and *paused_because* what was said of it:
    of the breaker "failed" or "refused". *approval* is of the draft, None where nobody asked.
    """

    id: PlanId
    name: Texts
    state: VersionState
    live_version: int | None
    draft_version: int | None
    live_since: datetime | None
    definition: PlanDefinition
    edited_at: datetime
    paused_by: str = ""
    paused_because: str = ""
    paused_at: datetime | None = None
    approval: ApprovalRecord | None = None


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
    ended_at: datetime | None = None
    activated_by: str = ""
    approval: ApprovalRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two versions. *path* reads like "steps.2.body.en", steps counted from 1.

    *before* and *after* are what stands there as JSON values; None where nothing does.
    """

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignProgress:
    """How far a plan over a segment or a list is: *taken* of *total* customers have been decided about.

    *state*: waiting (before its start), running, paused, done, or stuck: its customers cannot be found, which
    takes too long. *entered* were enrolled.
    """

    state: str
    total: int
    taken: int
    entered: int
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaStanding:
    """How full one cell of a quota is in the period that runs now."""

    number: int
    value: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRecord:
    """One reward of the ledger. *state*: issued, void, or withheld with its *reason*.

    *path* is the customer's page, after the public address. *cost* in hundredths of *currency*.
    """

    id: int
    plan_id: PlanId
    customer_id: CustomerId | None
    kind: PrizeKind
    name: Texts
    points: int
    code: str
    cost: int
    currency: str
    state: str
    reason: str
    path: str
    issued_at: datetime
    expires_at: datetime
    seen_at: datetime | None


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
class RewardIssued:
    """Fact: a customer earned a reward. *key* is unique, so that the wallet pays it once.

    A coupon's code is not in it: facts lie in the outbox as they are. `queries.reward_code` tells it.
    """

    reward_id: int
    key: str
    customer_id: CustomerId
    plan_id: PlanId
    kind: str
    points: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPaused:
    """Fact: a plan went from active to paused, by a person or by its *breaker*."""

    plan_id: PlanId
    by: str
    because: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStuck:
    """Fact, always parked: the event behind this place of its shard made the runner fail."""

    shard: int
    txid: int
    seq: int
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseStuck:
    """Fact, always parked: a customer whom a date, a pulse, a segment or a list brings in made it fail."""

    plan_id: PlanId
    customer_id: CustomerId
    key: str
    name: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentStuck:
    """Fact, always parked: the next step of this follow-up made the dispatcher fail."""

    enrolment_id: EnrolmentId
