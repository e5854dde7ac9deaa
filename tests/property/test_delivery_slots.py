"""The contact ledger over any run of claims: never over a cap, and never refusing without need."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from huifang.decisions.budget import Contact
from huifang.decisions.policy import Cap
from huifang.delivery.rules.slots import Full, Held, Taken, Wanted, scope_of, take

START = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

caps = st.lists(
    st.builds(
        Cap,
        scope=st.sampled_from(["contact", "round", "sms", "email"]),
        limit=st.integers(0, 3),
        window=st.integers(1, 48).map(lambda hours: hours * HOUR),
    ),
    max_size=4,
)
gaps = st.integers(0, 6).map(lambda hours: hours * HOUR)
# Hours since the last claim, the channel, the round, and hours until it is handed over (None: never was).
claims = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from(["sms", "email"]),
        st.sampled_from(["a", "b", "c"]),
        st.one_of(st.none(), st.integers(0, 5)),
    ),
    max_size=25,
)


@dataclass(slots=True)
class Ledger:
    """The ledger as the database keeps it: slots and contacts, held open until hand-over."""

    caps: list[Cap]
    gap: timedelta
    contacts: list[Contact] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def claim(self, channel: str, round_key: str, *, now: datetime) -> tuple[Taken, ...] | Full:
        wanted = Wanted(channel=channel, round_key=round_key)
        return take(wanted, self.caps, self.gap, (self.contacts, self.held), now=now)

    def hand_over(self, taken: tuple[Taken, ...], contact: Contact) -> None:
        self.contacts.append(contact)
        self.held += [
            Held(
                scope=each.scope, slot=each.slot, round_key=contact.round_key, until=contact.at + each.window
            )
            for each in taken
        ]


def counted(contacts: list[Contact], cap: Cap) -> list[datetime]:
    if cap.scope == "round":
        starts: dict[str, datetime] = {}
        for contact in contacts:
            starts.setdefault(contact.round_key, contact.at)
        return list(starts.values())
    return [contact.at for contact in contacts if cap.scope in ("contact", contact.channel)]


def run(ledger: Ledger, wanted: list[tuple[int, str, str, int | None]]) -> None:
    now = START
    for wait, channel, round_key, until_sent in wanted:
        now += wait * HOUR
        found = ledger.claim(channel, round_key, now=now)
        if isinstance(found, Full) or until_sent is None:
            continue
        now += until_sent * HOUR
        contact = Contact(at=now, channel=channel, contact_class="follow_up", round_key=round_key)
        ledger.hand_over(found, contact)


@settings(max_examples=300, deadline=None)
@given(caps, gaps, claims)
def test_no_cap_is_exceeded_in_any_window(
    limits: list[Cap], gap: timedelta, wanted: list[tuple[int, str, str, int | None]]
) -> None:
    ledger = Ledger(caps=limits, gap=gap)
    run(ledger, wanted)
    for cap in limits:
        instants = counted(ledger.contacts, cap)
        for end in instants:
            assert sum(end - cap.window < at <= end for at in instants) <= cap.limit


@settings(max_examples=300, deadline=None)
@given(caps, gaps, claims)
def test_no_two_slots_of_one_number_overlap(
    limits: list[Cap], gap: timedelta, wanted: list[tuple[int, str, str, int | None]]
) -> None:
    """What the exclusion constraint asks, so that the database never has to say no."""
    ledger = Ledger(caps=limits, gap=gap)
    run(ledger, wanted)
    windows = {scope_of(cap): cap.window for cap in limits}
    seen: dict[tuple[str, int], list[datetime]] = {}
    for held in ledger.held:
        if held.scope in windows and held.until:
            seen.setdefault((held.scope, held.slot), []).append(held.until)
    for (scope, _), ends in seen.items():
        ends.sort()
        assert all(later - windows[scope] >= sooner for sooner, later in pairwise(ends))


@settings(max_examples=300, deadline=None)
@given(caps, gaps, claims, st.integers(0, 60), st.sampled_from(["sms", "email"]))
def test_it_refuses_only_what_a_plain_count_refuses(
    limits: list[Cap],
    gap: timedelta,
    wanted: list[tuple[int, str, str, int | None]],
    later: int,
    channel: str,
) -> None:
    """Liveness: where a new round would break no cap and no gap, there is a slot for it."""
    ledger = Ledger(caps=limits, gap=gap)
    run(ledger, wanted)
    now = max((contact.at for contact in ledger.contacts), default=START) + later * HOUR
    fits = all(
        sum(now - cap.window < at <= now for at in counted(ledger.contacts, cap)) < cap.limit
        for cap in limits
        if cap.scope in ("contact", "round", channel)
    ) and all(contact.at + gap <= now for contact in ledger.contacts)
    assert isinstance(ledger.claim(channel, "new", now=now), tuple) == fits
