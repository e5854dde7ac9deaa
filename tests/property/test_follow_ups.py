"""Whatever happens to a customer in whatever order, no rule of contact is broken, and nobody is forgotten."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.plans.examples import DAY, HOUR, MINUTE, START, live, moment, step, subject

from huifang.decisions.budget import Contact
from huifang.decisions.policy import DEFAULT_POLICY
from huifang.decisions.windows import is_open
from huifang.decisions.zones import find_zone
from huifang.plans.course import after_contact, enter
from huifang.plans.priorities import Due, advance_all
from huifang.plans.situations import Act, History, LivePlan, Moment, Progress

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "")
CHANNELS = ("in_app", "sms", "email")


@dataclass(slots=True)
class World:
    """One customer, their plans and their ledger; every change of standing is remembered."""

    plans: list[LivePlan]
    zone: str
    consented: frozenset[str] = frozenset({"*"})
    suppressed: frozenset[str] = frozenset()
    trusted: bool = True
    made: list[tuple[Contact, int, frozenset[str], frozenset[str], bool]] = field(default_factory=list)
    open: dict[int, Progress] = field(default_factory=dict)
    entered: dict[int, datetime] = field(default_factory=dict)
    number: int = 0

    def _who(self):
        who = subject(consented=self.consented, suppressed=self.suppressed)
        made = tuple(contact for contact, *_ in self.made)
        return replace(who, standing=replace(who.standing, time_zone=self.zone), contacts=made)

    def _moment(self, now: datetime) -> Moment:
        return replace(moment(now), clock_trusted=self.trusted)

    def pay(self, now: datetime) -> None:
        """An event that every plan hears."""
        if not self.trusted:
            return
        for plan in self.plans:
            is_running = any(each.plan.plan_id == plan.plan_id for each in self.open.values())
            history = History(last_enrolled_at=self.entered.get(plan.plan_id), has_open=is_running)
            entry = enter(plan, self._who(), history, occurred_at=now, moment=self._moment(now))
            if entry.enters:
                self.number += 1
                self.entered[plan.plan_id] = now
                self.open[self.number] = Progress(
                    id=self.number,
                    plan=plan,
                    next_step=entry.step,
                    planned_at=entry.due_at,
                    deadline=entry.deadline,
                    priority=plan.definition.priority,
                    reached=False,
                )

    def tick(self, now: datetime) -> None:
        """The dispatcher looks at what is due."""
        if not self.trusted:
            return
        for key, each in list(self.open.items()):
            if each.next_step >= len(each.plan.definition.steps) and each.planned_at <= now:
                del self.open[key]
        due = [
            Due(progress=each, subject=self._who())
            for each in self.open.values()
            if each.planned_at <= now and each.next_step < len(each.plan.definition.steps)
        ]
        for item, move in advance_all(due, moment=self._moment(now)):
            progress = item.progress
            if move.act is Act.END:
                del self.open[progress.id]
                continue
            step_at, planned = move.step, move.planned_at
            if move.act is Act.CONTACT:
                self._contact(progress, move.step, now)
                step_at, planned = after_contact(progress, move.step, at=now)
            self.open[progress.id] = replace(progress, next_step=step_at, planned_at=planned)

    def _contact(self, progress: Progress, number: int, now: datetime) -> None:
        contact = Contact(
            at=now,
            channel=progress.plan.definition.steps[number].channel,
            contact_class=progress.plan.definition.contact_class,
            round_key=progress.round_key,
        )
        self.made.append((contact, number, self.consented, self.suppressed, self.trusted))


steps = st.lists(
    st.tuples(st.sampled_from(CHANNELS), st.sampled_from(["reminder", "fallback"]), st.integers(1, 40)),
    min_size=1,
    max_size=4,
)


@st.composite
def plans(draw: st.DrawFn) -> list[LivePlan]:
    """One to three plans on one event."""
    found = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        drawn = draw(steps)
        first, *later = drawn
        found.append(
            live(
                plan_id=number,
                trigger={"event": "Paid", "occurrence": "every"},
                delay=f"PT{draw(st.integers(0, 72))}H",
                cooldown=f"P{draw(st.integers(0, 10))}D",
                priority=draw(st.integers(0, 2)),
                valid_for=f"P{draw(st.integers(1, 20))}D",
                holdout_basis_points=draw(st.sampled_from([0, 2_000])),
                steps=[
                    step(first[0]),
                    *(step(channel, kind, f"PT{hours}H") for channel, kind, hours in later),
                ],
            )
        )
    return found


acts = st.lists(
    st.tuples(
        st.sampled_from(
            ["pay", "tick", "tick", "agree", "withdraw", "some", "refuse", "lift", "jump", "steady"]
        ),
        st.integers(0, 60 * 24 * 3),
    ),
    min_size=5,
    max_size=80,
)


_CHANGES = {
    "agree": ("consented", frozenset({"*"})),
    "withdraw": ("consented", frozenset()),
    "some": ("consented", frozenset({"sms"})),
    "refuse": ("suppressed", frozenset({"*"})),
    "lift": ("suppressed", frozenset()),
    "jump": ("trusted", False),
    "steady": ("trusted", True),
}


def _live_through(world: World, story: list[tuple[str, int]]) -> None:
    now = START
    for act, minutes in story:
        now += minutes * MINUTE
        if act in _CHANGES:
            setattr(world, *_CHANGES[act])
        else:
            getattr(world, act)(now)


@settings(max_examples=150, deadline=None)
@given(plans(), st.sampled_from(ZONES), acts)
def test_no_rule_of_contact_is_ever_broken(found, zone, story):
    """Caps, hours, consent, refusal, clock and zone hold; no step is taken twice."""
    world = World(plans=found, zone=zone)
    _live_through(world, story)
    made = [contact for contact, *_ in world.made]
    assert zone or not made
    assert all(trusted for *_, trusted in world.made)
    assert all("*" in consented or contact.channel in consented for contact, _, consented, _, _ in world.made)
    assert not any(suppressed for _, _, _, suppressed, _ in world.made)
    _check_hours(made, zone)
    _check_caps(made)
    taken = Counter((contact.round_key, number) for contact, number, *_ in world.made)
    assert not taken or max(taken.values()) == 1


def _check_hours(made: list[Contact], zone: str) -> None:
    calendar = moment().calendar
    for contact in made:
        there = find_zone(zone)
        assert there is not None
        assert is_open(contact.at, there, DEFAULT_POLICY.hours[contact.channel], calendar)


def _check_caps(made: list[Contact]) -> None:
    first: dict[str, datetime] = {}
    for contact in made:
        first.setdefault(contact.round_key, contact.at)
    instants = {"round": list(first.values()), "contact": [contact.at for contact in made]}
    for channel in CHANNELS:
        instants[channel] = [contact.at for contact in made if contact.channel == channel]
    for cap in DEFAULT_POLICY.caps:
        counted = instants.get(cap.scope, [])
        for at in counted:
            assert sum(at - cap.window < other <= at for other in counted) <= cap.limit


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 23), st.sampled_from(ZONES[:-1]), st.integers(0, 72), st.sampled_from(CHANNELS))
def test_who_may_be_contacted_is_contacted_at_the_first_allowed_instant(hour, zone, delay, channel):
    """Nothing forbids it: asked every quarter of an hour, one contact is made, as soon as hours allow."""
    world = World(plans=[live(delay=f"PT{delay}H", steps=[step(channel)])], zone=zone)
    there = find_zone(zone)
    assert there is not None
    paid_at = START + hour * HOUR
    world.pay(paid_at)
    expected = None
    for quarter in range(4 * 24 * 6):
        now = paid_at + quarter * 15 * MINUTE
        world.tick(now)
        is_due = now >= paid_at + delay * HOUR
        if (
            expected is None
            and is_due
            and is_open(now, there, DEFAULT_POLICY.hours[channel], moment().calendar)
        ):
            expected = now
    assert [contact.at for contact, *_ in world.made] == [expected]


@settings(max_examples=60, deadline=None)
@given(plans())
def test_with_consent_and_time_somebody_is_always_contacted(found):
    """Of several plans for one customer at least one gets its contact: they do not block each other."""
    open_ones = [replace(plan, definition=_unhindered(plan)) for plan in found]
    world = World(plans=open_ones, zone="Asia/Shanghai")
    world.pay(START)
    for hour in range(24 * 30):
        world.tick(START + hour * HOUR)
    assert world.made
    assert world.made[0][0].at <= START + 4 * DAY + timedelta(hours=12)


def _unhindered(plan: LivePlan):
    return msgspec.structs.replace(plan.definition, holdout_basis_points=0, valid_for=20 * DAY)


@given(st.text(min_size=1, max_size=20), st.integers(1, 10_000))
def test_a_holdout_is_the_same_at_every_look(name: str, share: int):
    """The control group does not change with time, version or what else is known."""
    plan = live(holdout_basis_points=share % 10_000)
    newer = replace(plan, version=9, version_id=9)
    looks = {
        enter(each, subject(name=name), History(), occurred_at=at, moment=moment(at)).enters
        for each in (plan, newer)
        for at in (START, START + 200 * DAY)
    }
    assert len(looks) == 1
