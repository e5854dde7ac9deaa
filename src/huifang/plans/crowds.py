"""The customers of a rehearsal as they stand now, each looked up when first met, and what they did."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from huifang.customers.queries import activity, names_of_merged, standings_of
from huifang.customers.records import Activity, Standing
from huifang.decisions.budget import Contact
from huifang.decisions.calendars import Calendar, calendar_around
from huifang.delivery.queries import contacts, policy
from huifang.events.queries import Wanted, doings_between
from huifang.events.records import SHARDS, shard_of
from huifang.kernel.ids import CustomerId
from huifang.plans import population
from huifang.plans.allotments import Used
from huifang.plans.course import amount_of, is_triggered
from huifang.plans.models import Enrolment
from huifang.plans.quotas import zone
from huifang.plans.records import Occurrence, PlanDefinition
from huifang.plans.rehearsal import Happening, Member
from huifang.plans.situations import EVENT, LivePlan, Moment, event_facts, fields_of, round_key

_REMEMBERED_MAX = 200_000  # customers kept in memory, about a kilobyte each
_NOTHING: Mapping[str, object] = {}


class Part(msgspec.Struct, frozen=True):
    """Every customer whose shard leaves *number* when divided by *of*. All, where nothing is said."""

    number: int = 0
    of: int = 1

    @property
    def shards(self) -> list[int]:
        """The shards of events in which these customers' own lie."""
        return [shard for shard in range(SHARDS) if shard % self.of == self.number]

    def holds(self, external_id: str) -> bool:
        """Whether the customer of that name is one of them."""
        return shard_of(external_id, "") % self.of == self.number


def moments() -> Callable[[datetime], Moment]:
    """The moment at any instant, with the policy that holds now."""
    holds, used = policy(), Used(zone=zone())
    calendars: dict[int, Calendar] = {}

    def at(now: datetime) -> Moment:
        known = calendars.get(now.year)
        if known is None:
            known = calendars[now.year] = calendar_around(holds.calendar, now)
        return Moment(now=now, policy=holds, calendar=known, clock_trusted=True, used=used)

    return at


def happenings(plan: LivePlan, start: datetime, end: datetime, *, part: Part) -> Iterator[list[Happening]]:
    """What starts the plan in [*start*, *end*) for the customers of *part*, in order of time."""
    crowd = Crowd(plan, moments()(start))
    away, here = _astray(part)
    wanted = Wanted(
        name=plan.definition.trigger.event,
        with_properties=_looks_at_events(plan.definition),
        shards=part.shards,
        also=here,
    )
    for doings in doings_between(wanted, start=start, end=end):
        yield crowd.happenings([doing for doing in doings if doing[0] not in away] if away else doings)


def _astray(part: Part) -> tuple[frozenset[str], frozenset[str]]:
    """Names of merged customers whose events lie in the shards of *part* or elsewhere, and they do not."""
    if part.of == 1:
        return frozenset(), frozenset()
    lying = {name: (part.holds(name), part.holds(kept)) for name, kept in names_of_merged().items()}
    away = frozenset(name for name, (its, theirs) in lying.items() if its and not theirs)
    here = frozenset(name for name, (its, theirs) in lying.items() if theirs and not its)
    return away, here


def _looks_at_events(definition: PlanDefinition) -> bool:
    is_about_amounts = definition.trigger.amount_at_least is not None
    return is_about_amounts or any(field.startswith(EVENT) for field in fields_of(definition))


class Crowd:
    """Customers by the names that the wallet gave them."""

    def __init__(self, plan: LivePlan, moment: Moment) -> None:
        self._plan, self._moment = plan, moment
        trigger = plan.definition.trigger
        self._wants_first = trigger.occurrence is Occurrence.FIRST
        self._wants_facts = _looks_at_events(plan.definition)
        self._asks = self._wants_first or trigger.amount_at_least is not None
        self._seen: set[int] = set()
        self._forget()

    def happenings(
        self, doings: Sequence[tuple[str, datetime, Mapping[str, object] | None]]
    ) -> list[Happening]:
        """Which of *doings*, in order of time, start the plan; those of strangers do not."""
        self._meet({doing[0] for doing in doings})
        found, members = [], self._members
        for name, occurred_at, properties in doings:
            member = members[name]
            if member is None or (self._asks and not self._is_triggered(member, occurred_at, properties)):
                continue
            facts = event_facts(self._plan.definition, properties) if properties else _NOTHING
            found.append(Happening(member=member, occurred_at=occurred_at, facts=facts))
        return found

    def _is_triggered(
        self, member: Member, occurred_at: datetime, properties: Mapping[str, object] | None
    ) -> bool:
        definition, customer_id = self._plan.definition, member.customer_id
        first = self._firsts.get(CustomerId(customer_id))
        is_first = customer_id not in self._seen and (first is None or occurred_at <= first.first_at)
        if self._wants_first:
            self._seen.add(customer_id)
        amount = amount_of(properties) if properties else None
        event = definition.trigger.event
        return is_triggered(definition, event=event, nth=1 if is_first else 2, amount=amount)

    def _forget(self) -> None:
        self._members: dict[str, Member | None] = {}
        self._firsts: dict[CustomerId, Activity] = {}

    def _meet(self, names: set[str]) -> None:
        if len(self._members) > _REMEMBERED_MAX:
            self._forget()
        names = names - self._members.keys()
        if not names:
            return
        definition = self._plan.definition
        known = standings_of(external_ids=names, purpose=definition.purpose)
        standings = {standing.customer_id: standing for standing in known.values()}
        if self._wants_first:
            event = definition.trigger.event
            done = activity(customer_ids=standings, names=[event])
            self._firsts.update({customer_id: each for (customer_id, _), each in done.items()})
        members = members_of(self._plan, standings, moment=self._moment)
        for name in names:
            standing = known.get(name)
            self._members[name] = members[standing.customer_id] if standing else None


def members_of(
    plan: LivePlan, standings: Mapping[CustomerId, Standing], *, moment: Moment
) -> dict[CustomerId, Member]:
    """*standings* with what else the plan needs to know of these customers at *moment*, at the start."""
    ids = sorted(standings)
    made = contacts(customer_ids=ids, since=moment.now - population.memory_of(moment.policy))
    foreign = without_own(plan, made)
    counted = population.activity_of(ids, population.counted_events([plan.definition]))
    return {
        customer_id: Member(
            customer_id=customer_id,
            standing=standing,
            contacts=foreign.get(customer_id, ()),
            activity=counted.get(customer_id, {}),
        )
        for customer_id, standing in standings.items()
    }


def without_own(
    plan: LivePlan, made: Mapping[CustomerId, Iterable[Contact]]
) -> dict[CustomerId, tuple[Contact, ...]]:
    """Real contacts but those of the plan itself, which the rehearsal makes anew."""
    if not made:
        return {}
    own = Enrolment.objects.filter(plan_id=plan.plan_id, customer_id__in=list(made), reached=True)
    keys = {round_key(pk) for pk in own.values_list("pk", flat=True)}
    return {
        customer_id: tuple(contact for contact in found if contact.round_key not in keys)
        for customer_id, found in made.items()
    }
