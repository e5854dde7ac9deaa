"""Loads what decisions need to know of many customers at once. Never decides anything."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from huifang.customers.queries import activity, standings
from huifang.customers.records import Standing
from huifang.decisions.budget import Contact
from huifang.decisions.calendars import calendar_around
from huifang.decisions.policy import Policy
from huifang.delivery.queries import contacts, policy
from huifang.kernel.ids import CustomerId
from huifang.plans import quotas
from huifang.plans.models import PlanVersion
from huifang.plans.records import PlanDefinition, VersionState
from huifang.plans.rules import read_definition
from huifang.plans.situations import LivePlan, Moment, Subject, fields_of, subject_facts

_COUNTED = ("count:", "sum:")
_BREAKER = "breaker"


@lru_cache(maxsize=512)
def _parsed(version_id: int) -> PlanDefinition:
    """The definition of a version that is or was live: it never changes, so it is read once a process."""
    return read_definition(PlanVersion.objects.values_list("definition", flat=True).get(pk=version_id))


def live_plans() -> list[LivePlan]:
    """Every plan with a live version, paused ones too."""
    found = PlanVersion.objects.filter(state__in=[VersionState.ACTIVE, VersionState.PAUSED])
    rows = found.values_list("plan_id", "pk", "number", "state", "plan__live_since", "plan__paused_by")
    return [_tripped(_live_plan(*row[:4], since=row[4]), row[5]) for row in rows]


def plans_of_versions(version_ids: Collection[int]) -> dict[int, LivePlan]:
    """The plans of *version_ids*, each version with the state in which its plan is now."""
    live = {plan.plan_id: plan for plan in live_plans()}
    rows = PlanVersion.objects.filter(pk__in=version_ids).values_list(
        "plan_id", "pk", "number", "plan__live_since"
    )
    found = {}
    for plan_id, pk, number, since in rows:
        plan = live.get(plan_id)
        state = plan.state if plan else VersionState.ENDED
        by = _BREAKER if plan and plan.is_tripped else ""
        found[pk] = _tripped(_live_plan(plan_id, pk, number, state, since=since), by)
    return found


def _tripped(plan: LivePlan, paused_by: str) -> LivePlan:
    is_tripped = plan.state is VersionState.PAUSED and paused_by == _BREAKER
    return replace(plan, is_tripped=True) if is_tripped else plan


def _live_plan(plan_id: int, version_id: int, number: int, state: str, *, since: datetime | None) -> LivePlan:
    assert since is not None, "a version that is or was live says since when"
    return LivePlan(
        plan_id=plan_id,
        version_id=version_id,
        version=number,
        state=VersionState(state),
        live_since=since,
        definition=_parsed(version_id),
    )


def moment_at(now: datetime, *, clock_trusted: bool) -> Moment:
    """Policy and calendar as they are now."""
    holds = policy()
    calendar = calendar_around(holds.calendar, now)
    return Moment(now=now, policy=holds, calendar=calendar, clock_trusted=clock_trusted)


def with_quotas(moment: Moment, plans: Iterable[LivePlan]) -> Moment:
    """*moment*, knowing how full the quotas of *plans* are."""
    known = {plan.plan_id: plan.definition for plan in plans}
    return replace(moment, used=quotas.used_of(list(known.items()), now=moment.now))


def memory_of(holds: Policy) -> timedelta:
    """How far back contacts matter."""
    return max([holds.minimum_gap, *(cap.window for cap in holds.caps)])


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """Customers as the plans see them: standings by purpose, contacts, and what conditions count."""

    standings: dict[str, dict[CustomerId, Standing]]
    contacts: dict[CustomerId, tuple[Contact, ...]]
    activity: dict[CustomerId, dict[str, tuple[int, float]]]

    def subject(
        self, customer_id: CustomerId, definition: PlanDefinition, event_facts: dict[str, object]
    ) -> Subject | None:
        """One customer for one plan; None where the customer is no more."""
        standing = self.standings.get(definition.purpose, {}).get(customer_id)
        if standing is None:
            return None
        seen = self.activity.get(customer_id, {})
        facts = subject_facts(definition, standing, event_facts=event_facts, activity=seen)
        return Subject(standing=standing, facts=facts, contacts=self.contacts.get(customer_id, ()))


def load(
    customer_ids: Iterable[int], definitions: Collection[PlanDefinition], *, moment: Moment
) -> Population:
    """All that *definitions* need to know of *customer_ids*: a few queries, whatever their number."""
    ids = sorted({CustomerId(each) for each in customer_ids})
    made = contacts(customer_ids=ids, since=moment.now - memory_of(moment.policy))
    return Population(
        standings={
            purpose: standings(customer_ids=ids, purpose=purpose)
            for purpose in {definition.purpose for definition in definitions}
        },
        contacts={customer_id: tuple(found) for customer_id, found in made.items()},
        activity=activity_of(ids, counted_events(definitions)),
    )


def counted_events(definitions: Iterable[PlanDefinition]) -> set[str]:
    """Names of the events whose count or sum a condition looks at."""
    fields = {field for definition in definitions for field in fields_of(definition)}
    return {field.partition(":")[2] for field in fields if field.startswith(_COUNTED)}


def activity_of(ids: list[CustomerId], names: set[str]) -> dict[CustomerId, dict[str, tuple[int, float]]]:
    """How often each customer did each of *names*, and the sum of its amounts; no query without names."""
    found: dict[CustomerId, dict[str, tuple[int, float]]] = {
        customer_id: dict.fromkeys(names, (0, 0.0)) for customer_id in ids if names
    }
    if names:
        for (customer_id, name), seen in activity(customer_ids=ids, names=names).items():
            found[customer_id][name] = (seen.count, float(seen.amount_sum))
    return found
