"""What the course of a follow-up is told and what it answers: plain values, no clock, no database."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from huifang.customers.records import Standing
from huifang.decisions.budget import Contact
from huifang.decisions.calendars import Calendar
from huifang.decisions.eligibility import Outcome, Rule, Seen
from huifang.decisions.policy import ContactClass, Policy
from huifang.decisions.reasons import Reason
from huifang.plans.allotments import Used
from huifang.plans.records import PlanDefinition, VersionState

EVENT, TRAIT = "event:", "trait:"
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


class LivePlan(msgspec.Struct, frozen=True, kw_only=True):
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


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """All that does not depend on the customer. *used* is how full the quotas are."""

    now: datetime
    policy: Policy
    calendar: Calendar
    clock_trusted: bool
    used: Used = _NOTHING_USED


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What this customer had of this plan before."""

    last_enrolled_at: datetime | None = None
    has_open: bool = False


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One customer: standing, facts for conditions, and contacts within the longest window."""

    standing: Standing
    facts: Mapping[str, object]
    contacts: tuple[Contact, ...]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about one step (counted from 0). *rule* stopped it, "" where none; *seen* is why.

    Of a notice, *follows_at* is when the step that it announces will be made.
    """

    step: int
    channel: str
    outcome: Outcome
    reason: Reason | None = None
    until: datetime | None = None
    rule: str = ""
    seen: Mapping[str, Seen] = msgspec.field(default_factory=dict)
    exempt: frozenset[str] = frozenset()
    follows_at: datetime | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a customer enters. *step* is due at *due_at*, first planned at *planned_at*.

    *is_control*: would have entered, but belongs to the holdout. *tried*: what was decided on the way.
    """

    verdict: Verdict
    enters: bool
    is_control: bool
    step: int
    planned_at: datetime
    due_at: datetime
    deadline: datetime
    tried: tuple[Verdict, ...] = ()


class Progress(msgspec.Struct, frozen=True, kw_only=True):
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


class Move(msgspec.Struct, frozen=True, kw_only=True):
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
    definition: PlanDefinition,
    standing: Standing,
    *,
    event_facts: Mapping[str, object],
    activity: Mapping[str, tuple[int, float]],
) -> dict[str, object]:
    """What the conditions of *definition* may look at of one customer.

    *event_facts* by "event:<property>"; *activity*: (count, sum) by event name.
    """
    facts: dict[str, object] = {
        "wallet_kind": standing.wallet_kind,
        "language": standing.language,
        "region": standing.region,
        **event_facts,
    }
    for field in _of_definition(definition).traits:
        name = field.removeprefix(TRAIT)
        if name in standing.traits:
            facts[field] = standing.traits[name]
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
    found = {field: properties.get(field.removeprefix(EVENT)) for field in _of_definition(definition).event}
    return {field: value for field, value in found.items() if _is_simple(value)}


class _Fields(NamedTuple):
    """What *definition* looks at or names: of an event, and of the traits."""

    definition: PlanDefinition
    event: list[str]
    traits: list[str]


_DEFINITIONS_MAX = 512
_known: dict[int, _Fields] = {}  # by identity: a definition has no hash


def _of_definition(definition: PlanDefinition) -> _Fields:
    """The fields of *definition*, found once a definition."""
    known = _known.get(id(definition))
    if known is None or known.definition is not definition:
        if len(_known) >= _DEFINITIONS_MAX:
            _known.clear()
        traits = sorted(field for field in fields_of(definition) if field.startswith(TRAIT))
        known = _known[id(definition)] = _Fields(definition, _find_event_fields(definition), traits)
    return known


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
