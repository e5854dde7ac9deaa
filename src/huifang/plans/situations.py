"""What the course of a follow-up is told and what it answers: plain values, no clock, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from huifang.customers.records import Standing
from huifang.decisions.budget import Contact
from huifang.decisions.calendars import Calendar
from huifang.decisions.eligibility import Outcome, Rule, Seen
from huifang.decisions.policy import ContactClass, Policy
from huifang.decisions.reasons import Reason
from huifang.plans.allotments import Used
from huifang.plans.records import PlanDefinition, VersionState

EVENT = "event:"
_NUMBER_MAX = 10**18
_NOTHING_USED = Used()
EVENT_PLACEHOLDERS = ("amount", "currency", "merchant")


class PlanRule(StrEnum):
    """Rules of a plan, asked around those of `decisions.eligibility.Rule`. Stored: never rename a value."""

    PLAN = "plan"
    ONCE = "once"
    CONDITIONS = "conditions"
    STEP_CONDITIONS = "step_conditions"
    QUOTA = "quota"
    PRIORITY = "priority"
    LEDGER = "ledger"


CHAIN: tuple[str, ...] = (
    PlanRule.PLAN,
    PlanRule.ONCE,
    PlanRule.CONDITIONS,
    PlanRule.STEP_CONDITIONS,
    *Rule,
    PlanRule.QUOTA,
    PlanRule.PRIORITY,
    PlanRule.LEDGER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlan:
    """One version of a plan as the course sees it. *is_tripped*: its breaker has paused it."""

    plan_id: int
    version_id: int
    version: int
    state: VersionState
    live_since: datetime
    definition: PlanDefinition
    is_tripped: bool = False

    @property
    def key(self) -> str:
        """What sampling and holdout are salted with: the same for every version."""
        return f"plan:{self.plan_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """All that does not depend on the customer. *used* is how full the quotas are."""

    now: datetime
    policy: Policy
    calendar: Calendar
    clock_trusted: bool
    used: Used = _NOTHING_USED


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What this customer had of this plan before."""

    last_enrolled_at: datetime | None = None
    has_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One customer: standing, facts for conditions, and contacts within the longest window."""

    standing: Standing
    facts: Mapping[str, object]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was decided about one step (counted from 0). *rule* stopped it, "" where none; *seen* is why.

    Of a notice, *follows_at* is when the step that it announces will be made.
    """

    step: int
    channel: str
    outcome: Outcome
    reason: Reason | None = None
    until: datetime | None = None
    rule: str = ""
    seen: Mapping[str, Seen] = field(default_factory=dict)
    exempt: frozenset[str] = frozenset()
    follows_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Whether a customer enters. *step* is due at *due_at*, first planned at *planned_at*.

    *is_control*: would have entered, but belongs to the holdout.
    """

    verdict: Verdict
    enters: bool
    is_control: bool
    step: int
    planned_at: datetime
    due_at: datetime
    deadline: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one enrolment is."""

    id: int
    plan: LivePlan
    next_step: int
    planned_at: datetime
    deadline: datetime
    priority: int
    reached: bool

    @property
    def round_key(self) -> str:
        """One follow-up of one customer, in the budget and for its invitation."""
        return round_key(self.id)


class Act(StrEnum):
    """What is to be done with an enrolment now."""

    CONTACT = "contact"
    WAIT = "wait"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What happens now: *verdicts* to store, then contact at *step*, or look again at *due_at*, or end."""

    act: Act
    step: int
    planned_at: datetime
    due_at: datetime | None
    verdicts: tuple[Verdict, ...]


def round_key(enrolment_id: int) -> str:
    """The key of one follow-up of one customer."""
    return f"enrolment:{enrolment_id}"


def is_follow_up(definition: PlanDefinition) -> bool:
    """Whether caps, suppression and priority bind the plan."""
    return definition.contact_class not in (ContactClass.CASE, ContactClass.SECURITY)


def subject_facts(
    standing: Standing, *, event_facts: Mapping[str, object], activity: Mapping[str, tuple[int, float]]
) -> dict[str, object]:
    """Facts for conditions. *event_facts* by "event:<property>"; *activity*: (count, sum) by event name."""
    facts: dict[str, object] = {
        "wallet_kind": standing.wallet_kind,
        "language": standing.language,
        "region": standing.region,
        **event_facts,
    }
    facts.update((f"trait:{name}", value) for name, value in standing.traits.items())
    for name, (count, amount) in activity.items():
        facts[f"count:{name}"] = count
        facts[f"sum:{name}"] = amount
    return facts


def fields_of(definition: PlanDefinition) -> set[str]:
    """Every field that the conditions of the plan and of its steps look at."""
    conditions = [*definition.conditions, *(one for step in definition.steps for one in step.conditions)]
    return {condition.field for condition in conditions}


def event_facts(definition: PlanDefinition, properties: Mapping[str, object]) -> dict[str, object]:
    """What an enrolment keeps of its event: only what a condition looks at or a message names, if simple."""
    found = {field: properties.get(field.removeprefix(EVENT)) for field in _event_fields(definition)}
    return {field: value for field, value in found.items() if _is_simple(value)}


_DEFINITIONS_MAX = 512
_known: dict[int, tuple[PlanDefinition, list[str]]] = {}  # by identity: a definition has no hash


def _event_fields(definition: PlanDefinition) -> list[str]:
    """What of an event *definition* looks at or names, found once a definition."""
    known = _known.get(id(definition))
    if known is None or known[0] is not definition:
        if len(_known) >= _DEFINITIONS_MAX:
            _known.clear()
        known = _known[id(definition)] = (definition, _find_event_fields(definition))
    return known[1]


def _find_event_fields(definition: PlanDefinition) -> list[str]:
    wanted = {field for field in fields_of(definition) if field.startswith(EVENT)}
    texts = "".join(
        text for step in definition.steps for text in (*step.subject.values(), *step.body.values())
    )
    wanted |= {EVENT + name for name in EVENT_PLACEHOLDERS if f"{{{name}}}" in texts}
    return sorted(wanted)


def _is_simple(value: object) -> bool:
    """Text, truth or a number that arithmetic and messages can bear: JSON allows hundreds of digits."""
    if isinstance(value, int | float):
        return abs(value) < _NUMBER_MAX
    return isinstance(value, str)
