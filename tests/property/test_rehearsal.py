"""A rehearsal that plays those who are alike together, or in parts, says what playing each alone says."""

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.plans.examples import DAY, HOUR, contact, live, moment, step, subject

from huifang.decisions.calendars import calendar_for
from huifang.decisions.policy import DEFAULT_POLICY, Cap, Hours, Span
from huifang.decisions.windows import is_open, steady_for
from huifang.plans.crowds import Part
from huifang.plans.playing import Person
from huifang.plans.rehearsal import Happening, Member, Simulation
from huifang.plans.situations import EVENT, LivePlan
from huifang.plans.tallies import Tally, tally_of, together

ZONES = ("Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "")
CHANNELS = ("in_app", "sms", "email", "phone")
# Two days before clocks go forward in Europe, over a weekend, and where China has a holiday.
STARTS = (
    datetime(2025, 3, 28, tzinfo=UTC),
    datetime(2025, 4, 3, tzinfo=UTC),
    datetime(2025, 4, 5, tzinfo=UTC),
)

_MORNING, _EVENING = Span(start=time(9, 20), end=time(12, 40)), Span(start=time(14, 10), end=time(20, 50))
_ODD = Hours(weekday=(_MORNING, _EVENING), weekend=(_EVENING,), holiday=())
ODD_HOURS = {"in_app": _ODD, "sms": _ODD, "email": replace(_ODD, holiday=(_MORNING,)), "phone": _ODD}

everything = frozenset({"*"})
nothing: frozenset[str] = frozenset()
standings = st.tuples(
    st.sampled_from(ZONES),
    st.sampled_from([everything, everything, frozenset({"sms", "email"}), nothing]),
    st.sampled_from([nothing, nothing, frozenset({"sms"}), everything]),
    st.sampled_from([frozenset(CHANNELS), frozenset({"in_app"}), frozenset({"in_app", "email"})]),
    st.sampled_from(["soft", "hard"]),
)


@st.composite
def plans(draw: st.DrawFn) -> LivePlan:
    """A plan of up to three steps: rarely with conditions, mostly without."""
    first, *later = draw(
        st.lists(
            st.tuples(
                st.sampled_from(CHANNELS), st.sampled_from(["reminder", "fallback"]), st.integers(0, 60)
            ),
            min_size=1,
            max_size=3,
        )
    )
    asks = [
        {"field": "wallet_kind", "op": "is", "value": "soft"},
        {"field": "event:ok", "op": "is", "value": 1},
    ]
    extra = {"conditions": asks[:1]} if draw(st.integers(0, 5)) == 0 else {}
    return live(
        trigger={"event": "Paid", "occurrence": "every"},
        delay=f"PT{draw(st.sampled_from([0, 0, 45, 600, 2000]))}M",
        cooldown=f"P{draw(st.sampled_from([0, 0, 2, 30]))}D",
        valid_for=draw(st.sampled_from(["PT1H", "PT3H", "PT13H", "PT20H", "P3D", "P20D"])),
        contact_class=draw(st.sampled_from(["follow_up", "follow_up", "case"])),
        conditions=draw(st.sampled_from([[], [], asks[:1], asks])),
        holdout_basis_points=draw(st.sampled_from([0, 3_000])),
        sampling_basis_points=draw(st.sampled_from([10_000, 10_000, 6_000])),
        quotas=draw(
            st.sampled_from([[], [], [], [{"of": "people", "cell": "all", "per": "ever", "limit": 3}]])
        ),
        steps=[
            step(first[0], **extra),
            *(step(channel, kind, f"PT{hours}H") for channel, kind, hours in later),
        ],
    )


policies = st.builds(
    lambda calendar, hours, gap, holdout, caps: replace(
        DEFAULT_POLICY,
        calendar=calendar,
        hours=hours,
        minimum_gap=gap,
        global_holdout_basis_points=holdout,
        caps=caps,
    ),
    st.sampled_from(["", "CN"]),
    st.sampled_from([DEFAULT_POLICY.hours, ODD_HOURS, ODD_HOURS]),
    st.sampled_from([timedelta(0), 4 * HOUR]),
    st.sampled_from([0, 2_000]),
    st.sampled_from(
        [
            DEFAULT_POLICY.caps,
            (),
            (Cap(scope="contact", limit=1, window=DAY), Cap(scope="sms", limit=0, window=DAY)),
            (Cap(scope="contact", limit=1, window=10 * HOUR), Cap(scope="round", limit=1, window=3 * DAY)),
        ]
    ),
)


def _members(kinds: list[tuple[object, ...]], chance: random.Random) -> list[Member]:
    members = []
    for number in range(60):
        zone, consented, suppressed, reachable, wallet_kind = chance.choice(kinds)
        who = subject(consented=consented, suppressed=suppressed, reachable=reachable, name=f"W-{number}")
        standing = replace(who.standing, time_zone=zone, wallet_kind=wallet_kind, customer_id=number)
        earlier = (contact(STARTS[0] - 20 * HOUR),) if chance.random() < 0.1 else ()
        members.append(Member(customer_id=number, standing=standing, contacts=earlier, activity={}))
    return members


def _happenings(members: list[Member], start: datetime, chance: random.Random) -> list[Happening]:
    """Most of them within an hour at one of three times, the others over four days; some customers twice."""
    found = []
    rushes = [chance.uniform(0, 2 * 86400) for _ in range(3)]
    for _ in range(120):
        rush = chance.choice(rushes) + chance.uniform(0, 3600)
        at = start + timedelta(seconds=round(chance.choice([rush, rush, chance.uniform(0, 4 * 86400)])))
        facts = {EVENT + "ok": chance.choice([1, 1, 0])}
        found.append(Happening(member=chance.choice(members), occurred_at=at, facts=facts))
    return sorted(found, key=lambda each: each.occurred_at)


def _played(plan: LivePlan, policy: object, found: list[Happening], **options: bool) -> Simulation:
    calendar = calendar_for(policy.calendar, [2025])
    plain = replace(moment(), policy=policy, calendar=calendar)
    simulation = Simulation(plan, lambda now: replace(plain, now=now), **options)
    for each in found:
        # A copy, for the kinds of one simulation are not those of another.
        simulation.see(replace(each, member=replace(each.member, kind=None)))
    simulation.finish()
    return simulation


def _told(person: Person) -> tuple[object, ...]:
    entered = person.last_entered_at
    planned = [(each.at or entered + each.after, each.channel, each.contact_class) for each in person.planned]
    made = [(each.at, each.channel, each.contact_class) for each in person.contacts]
    return (
        person.external_id,
        person.first_at,
        person.hour,
        person.first_reason,
        entered,
        person.open_until,
        made + planned,
    )


@settings(max_examples=80, deadline=None)
@given(
    plan=plans(),
    policy=policies,
    kinds=st.lists(standings, min_size=1, max_size=3),
    start=st.sampled_from(STARTS),
    seed=st.integers(0, 10**6),
)
def test_the_fate_of_those_who_are_alike_is_that_of_each_alone(plan, policy, kinds, start, seed):
    chance = random.Random(seed)
    found = _happenings(_members(kinds, chance), start, chance)
    alone = _played(plan, policy, found, shares_fates=False)
    shared = _played(plan, policy, found)
    for customer_id, person in alone.people.items():
        assert _told(shared.people[customer_id]) == _told(person)
    assert tally_of(shared) == tally_of(alone)


def test_most_of_a_crowd_share_their_fate():
    chance = random.Random(1)
    members = _members([("Asia/Shanghai", everything, nothing, frozenset(CHANNELS), "soft")], chance)
    plan = live(trigger={"event": "Paid", "occurrence": "every"}, steps=[step("sms")])
    found = [
        Happening(member=each, occurred_at=STARTS[0] + HOUR + each.customer_id * timedelta(seconds=1))
        for each in members
    ]
    simulation = _played(plan, DEFAULT_POLICY, found)
    planned = [person.planned for person in simulation.people.values() if person.planned]
    assert len(planned) == sum(not each.contacts for each in members) > len(members) / 2
    assert simulation.sent.total() == sum(person.is_contacted for person in simulation.people.values())


@pytest.mark.parametrize(
    ("valid_for", "after", "made"),
    [
        ("PT11H30M", "P30D", [0, 1]),  # nothing opens before the deadline of the first
        ("PT13H", "PT1H20M", [1, 2]),  # the reminder, counted from the opening, is too late for the first
    ],
)
def test_a_deadline_goes_by_ones_own_event(valid_for: str, after: str, made: list[int]):
    plan = live(
        trigger={"event": "Paid", "occurrence": "every"},
        valid_for=valid_for,
        steps=[step("sms"), step("sms", "reminder", after)],
    )
    members = _members(
        [("Asia/Shanghai", everything, nothing, frozenset(CHANNELS), "soft")], random.Random(0)
    )
    two = [replace(member, contacts=()) for member in members[:2]]
    evening = datetime(2025, 3, 10, 13, 0, tzinfo=UTC)  # nine in Shanghai, when messages end
    found = [
        Happening(member=two[0], occurred_at=evening),
        Happening(member=two[1], occurred_at=evening + timedelta(minutes=40)),
    ]
    policy = replace(DEFAULT_POLICY, caps=(), calendar="")
    people = _played(plan, policy, found).people
    assert [len(_told(person)[-1]) for person in people.values()] == made


@settings(max_examples=25, deadline=None)
@given(
    plan=plans().filter(lambda plan: not plan.definition.quotas),
    kinds=st.lists(standings, min_size=1, max_size=4),
    seed=st.integers(0, 10**6),
    of=st.integers(2, 5),
)
def test_parts_add_up_to_the_whole(plan, kinds, seed, of):
    chance = random.Random(seed)
    found = _happenings(_members(kinds, chance), STARTS[0], chance)
    whole = tally_of(_played(plan, DEFAULT_POLICY, found))
    parts: list[Tally] = []
    for number in range(of):
        part = Part(number, of)
        mine = [each for each in found if part.holds(each.member.standing.external_id)]
        parts.append(tally_of(_played(plan, DEFAULT_POLICY, mine)))
    told = together(parts)
    assert (told.events, told.people, told.sent) == (whole.events, whole.people, whole.sent)
    assert (told.twice, told.reminded, told.outcomes) == (whole.twice, whole.reminded, whole.outcomes)
    first = {outcome: [at for at, _ in shown] for outcome, shown in whole.samples.items()}
    assert {outcome: [at for at, _ in shown] for outcome, shown in told.samples.items()} == first


@settings(max_examples=200, deadline=None)
@given(
    zone=st.sampled_from([zone for zone in ZONES if zone]),
    minutes=st.integers(0, 60 * 24 * 20),
    channel=st.sampled_from(CHANNELS),
    policy_hours=st.sampled_from([DEFAULT_POLICY.hours, ODD_HOURS]),
    share=st.floats(0, 0.999),
)
def test_while_it_is_steady_nothing_opens_or_closes_and_the_hour_stays(
    zone, minutes, channel, policy_hours, share
):
    at, where = STARTS[0] + minutes * timedelta(minutes=1), ZoneInfo(zone)
    hours, calendar = policy_hours[channel], calendar_for("CN", [2025])
    left = steady_for(at, where, [hours], calendar)
    assert timedelta(0) <= left <= HOUR
    later = at + left * share
    assert is_open(later, where, hours, calendar) is is_open(at, where, hours, calendar)
    assert later.astimezone(where).hour == at.astimezone(where).hour
