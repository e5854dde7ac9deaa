"""What holds for every customer, history and policy: never too much, and never less than is allowed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.decisions.examples import ask, candidate

from huifang.decisions.buckets import bucket
from huifang.decisions.budget import Contact, check_caps
from huifang.decisions.calendars import NO_HOLIDAYS, calendar_for
from huifang.decisions.eligibility import Ask, Candidate, Decision, Stage, decide
from huifang.decisions.policy import CHANNELS, DEFAULT_POLICY, Cap, Policy
from huifang.decisions.windows import is_open
from huifang.decisions.zones import find_zone

CALENDAR = calendar_for("CN", (2025, 2026))
HOUR = timedelta(hours=1)
START = datetime(2025, 9, 20, tzinfo=UTC)
ALWAYS_OPEN = replace(
    DEFAULT_POLICY,
    hours=dict.fromkeys(CHANNELS, DEFAULT_POLICY.hours["in_app"]),
    caps=(),
    minimum_gap=timedelta(0),
)

channels = st.sampled_from(["phone", "sms", "in_app", "email"])
channel_sets = st.frozensets(st.one_of(channels, st.just("*")))
zones = st.sampled_from(
    ["Asia/Shanghai", "America/New_York", "Europe/London", "Asia/Kathmandu", "Pacific/Chatham", "", "Moon"]
)
instants = st.datetimes(datetime(2025, 3, 1), datetime(2026, 3, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
caps = st.lists(
    st.builds(
        Cap,
        scope=st.sampled_from(["round", "contact", "phone", "sms"]),
        limit=st.integers(0, 4),
        window=st.integers(1, 24 * 10).map(lambda hours: hours * HOUR),
    ),
    max_size=5,
).map(tuple)
contacts = st.lists(
    st.builds(
        Contact,
        at=st.integers(-24 * 40 * 60, 60).map(lambda minutes: START + timedelta(minutes=minutes)),
        channel=channels,
        contact_class=st.sampled_from(["follow_up", "follow_up", "follow_up", "case", "security"]),
        round_key=st.sampled_from(["a", "b", "c", "d", "e"]),
    ),
    max_size=8,
).map(tuple)
candidates = st.builds(
    Candidate,
    customer_key=st.text(max_size=5),
    time_zone=zones,
    consented_channels=channel_sets,
    suppressed_channels=st.one_of(st.just(frozenset()), channel_sets),
    reachable_channels=st.frozensets(channels),
    contacts=contacts,
    clock_trusted=st.sampled_from([True, True, True, False]),
    last_enrolled_at=st.one_of(st.none(), instants),
    answered=st.sampled_from([False, False, False, True]),
)
asks = st.builds(
    Ask,
    plan_key=st.sampled_from(["one", "two"]),
    contact_class=st.sampled_from(["follow_up", "follow_up", "case", "security"]),
    channel=channels,
    round_key=st.sampled_from(["", "a", "new"]),
    deadline=st.integers(-10, 24 * 20).map(lambda hours: START + hours * HOUR),
    stage=st.sampled_from(list(Stage)),
    not_before=st.one_of(st.none(), st.integers(-30, 24 * 10).map(lambda hours: START + hours * HOUR)),
    cooldown=st.integers(0, 60).map(lambda days: timedelta(days=days)),
    sampling_basis_points=st.sampled_from([0, 5_000, 10_000, 10_000]),
    holdout_basis_points=st.sampled_from([0, 0, 2_000, 10_000]),
)
policies = st.builds(
    lambda caps, holdout, gap: replace(
        DEFAULT_POLICY, caps=caps, global_holdout_basis_points=holdout, minimum_gap=gap * HOUR
    ),
    caps,
    st.sampled_from([0, 0, 1_000]),
    st.integers(0, 30),
)


def counts_towards(cap: Cap, made: Contact) -> bool:
    return cap.scope == "contact" or made.channel == cap.scope


def first_of_each_round(made: list[Contact]) -> list[datetime]:
    return [min(one.at for one in made if one.round_key == key) for key in {one.round_key for one in made}]


def most_in_a_window(instants: list[datetime], window: timedelta) -> int:
    return max((sum(at - window < other <= at for other in instants) for at in instants), default=0)


@given(caps, st.lists(st.tuples(channels, st.sampled_from("abcdefgh")), min_size=1, max_size=4))
def test_no_cap_is_exceeded_in_any_window_over_a_fortnight_of_decisions(
    caps: tuple[Cap, ...], wishes: list[tuple[str, str]]
) -> None:
    """Plans that ask every three hours, each for its own channel and round, get no more than the caps."""
    policy = replace(ALWAYS_OPEN, caps=caps)
    made: list[Contact] = []
    for hour in range(0, 24 * 14, 3):
        now = START + hour * HOUR
        channel, name = wishes[hour // 3 % len(wishes)]
        # A round goes on for two days; then the same plan asks again under a new key.
        key = f"{name}{hour // 48}"
        who = candidate(contacts=tuple(made), reachable_channels=frozenset({channel}))
        what = ask(channel=channel, round_key=key, deadline=now + HOUR, stage=Stage.DISPATCH)
        if decide(who, what, policy, NO_HOLIDAYS, now=now).outcome == "contact":
            made.append(Contact(at=now, channel=channel, contact_class="follow_up", round_key=key))
    for cap in caps:
        counted = [one.at for one in made if counts_towards(cap, one)]
        instants = first_of_each_round(made) if cap.scope == "round" else counted
        assert most_in_a_window(instants, cap.window) <= cap.limit


@given(contacts, caps, channels, st.sampled_from(["", "a", "new"]))
def test_the_budget_refuses_only_what_would_exceed_a_cap(
    made: tuple[Contact, ...], caps: tuple[Cap, ...], channel: str, key: str
) -> None:
    result = check_caps(made, caps, channel=channel, round_key=key, now=START)

    counted = [one for one in made if one.contact_class == "follow_up"]
    opens = key not in {one.round_key for one in counted}
    full = []
    for cap in caps:
        rounds = first_of_each_round(counted) if opens else []
        singles = [one.at for one in counted if counts_towards(cap, one)]
        binds = opens if cap.scope == "round" else cap.scope in ("contact", channel)
        recent = [at for at in (rounds if cap.scope == "round" else singles) if START - at < cap.window]
        if binds and len(recent) >= cap.limit:
            full.append(cap)
    assert result.ok == (not full)
    assert result.ok or result.cap in full


@given(contacts, caps, channels, st.sampled_from(["", "a", "new"]))
def test_the_budget_is_free_at_the_instant_it_names_and_not_before(
    made: tuple[Contact, ...], caps: tuple[Cap, ...], channel: str, key: str
) -> None:
    result = check_caps(made, caps, channel=channel, round_key=key, now=START)
    free_at = result.free_at or START

    then = check_caps(made, caps, channel=channel, round_key=key, now=free_at)
    before = check_caps(made, caps, channel=channel, round_key=key, now=free_at - timedelta(microseconds=1))

    assert then.ok or (result.free_at is None and not result.ok)
    assert result.free_at is None or not before.ok


@given(candidates, asks, policies)
def test_a_contact_breaks_no_rule(who: Candidate, what: Ask, policy: Policy) -> None:
    decision = decide(who, what, policy, CALENDAR, now=START)
    if decision.outcome != "contact":
        return
    follow_up = what.contact_class == "follow_up"
    zone = find_zone(who.time_zone)
    at = max(START, what.not_before or START)

    assert who.clock_trusted
    assert not who.answered
    assert what.channel in who.reachable_channels
    assert zone is not None
    assert is_open(at, zone, policy.hours[what.channel], CALENDAR)
    assert at < what.deadline
    assert what.contact_class == "security" or {"*", what.channel} & who.consented_channels
    assert not follow_up or not {"*", what.channel} & who.suppressed_channels
    assert not follow_up or bucket(f"sampling:{what.plan_key}", who.customer_key) < what.sampling_basis_points
    assert not follow_up or bucket(f"holdout:{what.plan_key}", who.customer_key) >= what.holdout_basis_points


@given(candidates, asks, policies)
def test_a_wait_ends_in_contact_and_no_sooner(who: Candidate, what: Ask, policy: Policy) -> None:
    """Nothing else changing, the named instant does, and an instant before it does not."""
    decision = decide(who, what, policy, CALENDAR, now=START)
    if decision.outcome != "wait":
        return
    assert decision.until is not None
    assert START < decision.until < what.deadline

    # Asked later, a plan's delay is over; only the wait itself is tried here.
    later = replace(what, not_before=None)

    def at(now: datetime) -> Decision:
        return decide(who, later, policy, CALENDAR, now=now)

    assert at(decision.until).outcome == "contact"
    assert at(decision.until - timedelta(microseconds=1)).outcome == "wait"


@given(candidates, asks, policies)
def test_every_decision_explains_itself(who: Candidate, what: Ask, policy: Policy) -> None:
    decision = decide(who, what, policy, CALENDAR, now=START)
    said = [result.outcome for result in decision.rules if result.outcome != "not_asked"]

    assert (decision.outcome == "contact") == (decision.reason is None)
    assert (decision.outcome == "wait") == (decision.until is not None)
    assert said[:-1] == ["yes"] * (len(said) - 1)
    assert said[-1] == {"contact": "yes", "wait": "wait", "no": "no"}[decision.outcome]


@given(
    st.text(max_size=8),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Chatham"]),
    channels,
    st.lists(instants, max_size=5),
    instants,
)
def test_whom_nothing_forbids_is_always_contacted(
    key: str, zone: str, channel: str, earlier: list[datetime], now: datetime
) -> None:
    history = tuple(
        Contact(at=at, channel=channel, contact_class="follow_up", round_key=str(at)) for at in earlier
    )
    who = candidate(
        customer_key=key, time_zone=zone, contacts=history, reachable_channels=frozenset({channel})
    )

    decision = decide(who, ask(channel=channel, deadline=now + HOUR), ALWAYS_OPEN, NO_HOLIDAYS, now=now)

    assert decision.outcome == "contact"


# Each alone is enough against a follow-up; "own" stands for its channel.
SPOILERS: list[tuple[str, dict[str, object]]] = [
    ("who", {"suppressed_channels": {"*"}}),
    ("who", {"suppressed_channels": {"own", "other"}}),
    ("who", {"consented_channels": frozenset()}),
    ("who", {"consented_channels": {"other"}}),
    ("who", {"reachable_channels": frozenset()}),
    ("who", {"time_zone": ""}),
    ("who", {"time_zone": "Moon"}),
    ("who", {"clock_trusted": False}),
    ("who", {"answered": True}),
    ("what", {"deadline": START}),
    ("what", {"sampling_basis_points": 0}),
    ("what", {"holdout_basis_points": 10_000}),
    ("policy", {"global_holdout_basis_points": 10_000}),
    ("policy", {"caps": (Cap(scope="contact", limit=0, window=HOUR),)}),
]


@given(
    st.sampled_from(SPOILERS),
    st.text(max_size=8),
    channels,
    st.sampled_from(["Asia/Shanghai", "Europe/London"]),
)
def test_one_thing_that_forbids_is_enough(
    spoiler: tuple[str, dict[str, object]], key: str, channel: str, zone: str
) -> None:
    """Whom nothing else forbids, so that no other rule hides what this one should do."""
    part, values = spoiler
    named = {"own": channel, "other": "push"}
    spoilt = {
        name: frozenset(named.get(each, each) for each in value) if isinstance(value, set) else value
        for name, value in values.items()
    }
    who = candidate(customer_key=key, time_zone=zone, reachable_channels=frozenset({channel}))
    what = ask(channel=channel, deadline=START + HOUR)
    policy = ALWAYS_OPEN
    assert decide(who, what, policy, NO_HOLIDAYS, now=START).outcome == "contact"
    if part == "who":
        who = replace(who, **spoilt)  # type: ignore[arg-type]
    elif part == "what":
        what = replace(what, **spoilt)  # type: ignore[arg-type]
    else:
        policy = replace(policy, **spoilt)  # type: ignore[arg-type]

    assert decide(who, what, policy, NO_HOLIDAYS, now=START).outcome != "contact"


@given(st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham"]), instants)
def test_the_clock_on_the_customers_own_wall_decides(zone: str, now: datetime) -> None:
    policy = replace(ALWAYS_OPEN, hours=DEFAULT_POLICY.hours)
    who = candidate(time_zone=zone, reachable_channels=frozenset({"sms"}))
    what = ask(channel="sms", deadline=now + timedelta(days=30))
    there = find_zone(zone)
    assert there is not None

    decision = decide(who, what, policy, NO_HOLIDAYS, now=now)

    assert (decision.outcome == "contact") == is_open(now, there, policy.hours["sms"], NO_HOLIDAYS)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_bucket_is_one_of_ten_thousand(salt: str, key: str) -> None:
    assert 0 <= bucket(salt, key) < 10_000
    assert bucket(salt, key) == bucket(salt, key)


@given(st.text(min_size=1, max_size=8), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_wider_holdout_keeps_whom_a_narrower_one_had(key: str, one: int, other: int) -> None:
    """Raising a holdout from 5 to 10 per cent releases nobody who was in it."""
    narrow, wide = sorted((one, other))

    def is_held(basis_points: int) -> bool:
        what = ask(holdout_basis_points=basis_points)
        decision = decide(candidate(customer_key=key), what, ALWAYS_OPEN, NO_HOLIDAYS, now=START)
        return decision.reason == "holdout"

    assert is_held(wide) or not is_held(narrow)
