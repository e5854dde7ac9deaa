from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.unit.decisions.examples import NOON, ask, candidate, contact, decided

from huifang.decisions.buckets import bucket
from huifang.decisions.calendars import NO_HOLIDAYS, calendar_for
from huifang.decisions.eligibility import Rule, Stage, decide
from huifang.decisions.policy import DEFAULT_POLICY, Cap

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


def test_a_customer_whom_nothing_forbids_is_contacted() -> None:
    decision = decided()

    assert (decision.outcome, decision.reason, decision.until) == ("contact", None, None)
    assert {result.outcome for result in decision.rules} == {"yes"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"clock_trusted": False}, "clock_unsure"),
        ({"answered": True}, "already_answered"),
        ({"suppressed_channels": frozenset({"*"})}, "suppressed"),
        ({"suppressed_channels": frozenset({"phone"})}, "suppressed"),
        ({"consented_channels": frozenset()}, "no_consent"),
        ({"consented_channels": frozenset({"sms"})}, "no_consent"),
        ({"reachable_channels": frozenset({"sms"})}, "no_contact_point"),
        ({"reachable_channels": frozenset({"*"})}, "no_contact_point"),
        ({"time_zone": ""}, "unknown_zone"),
        ({"time_zone": "Asia/Pekin"}, "unknown_zone"),
    ],
)
def test_one_thing_that_forbids_is_enough(change: dict[str, Any], reason: str) -> None:
    decision = decided(candidate(**change))

    assert (decision.outcome, decision.reason, decision.until) == ("no", reason, None)


@pytest.mark.parametrize(
    "change",
    [{"suppressed_channels": frozenset({"sms"})}, {"consented_channels": frozenset({"phone"})}],
)
def test_what_concerns_another_channel_forbids_nothing(change: dict[str, Any]) -> None:
    assert decided(candidate(**change)).outcome == "contact"


def test_the_first_rule_that_says_no_ends_the_chain() -> None:
    who = candidate(consented_channels=frozenset(), time_zone="", suppressed_channels=frozenset({"sms"}))

    said = {result.rule: result.outcome for result in decided(who).rules}

    assert list(said) == list(Rule)
    assert said == dict.fromkeys(Rule, "not_asked") | {
        Rule.CLOCK: "yes",
        Rule.ANSWER: "yes",
        Rule.DEADLINE: "yes",
        Rule.SUPPRESSION: "yes",
        Rule.CONSENT: "no",
    }


def test_the_chain_can_be_stored() -> None:
    decision = decided(candidate(contacts=(contact(NOON - HOUR, channel="phone"),)))

    stored = msgspec.json.decode(msgspec.json.encode(decision.rules))

    assert [line for line in stored if line["outcome"] == "wait"] == [
        {
            "rule": "caps",
            "outcome": "wait",
            "detail": {
                "scope": "round",
                "used": "1",
                "limit": "1",
                "window_seconds": "604800",
                "free_at": "2025-10-01T03:30:00+00:00",
            },
        }
    ]


def test_the_deadline_itself_is_too_late() -> None:
    assert decided(what=ask(deadline=NOON)).reason == "expired"
    assert decided(what=ask(deadline=NOON + INSTANT)).outcome == "contact"


def test_sampling_takes_the_buckets_under_its_share() -> None:
    place = bucket("sampling:first-payment", "1")

    assert decided(what=ask(sampling_basis_points=place)).reason == "not_sampled"
    assert decided(what=ask(sampling_basis_points=place + 1)).outcome == "contact"


def test_a_plan_holdout_takes_the_buckets_under_its_share() -> None:
    place = bucket("holdout:first-payment", "1")

    assert decided(what=ask(holdout_basis_points=place)).outcome == "contact"
    assert decided(what=ask(holdout_basis_points=place + 1)).reason == "holdout"


def test_the_global_holdout_is_the_same_for_every_plan() -> None:
    place = bucket("huifang", "1")
    policy = replace(DEFAULT_POLICY, global_holdout_basis_points=place + 1)

    assert decided(policy=policy).reason == "global_holdout"
    assert decided(what=ask(plan_key="another"), policy=policy).reason == "global_holdout"
    assert decided(policy=replace(policy, global_holdout_basis_points=place)).outcome == "contact"


def test_a_cooldown_is_over_exactly_when_it_has_passed() -> None:
    what = ask(cooldown=30 * DAY)

    assert decided(candidate(last_enrolled_at=NOON - 30 * DAY), what).outcome == "contact"
    recent = decided(candidate(last_enrolled_at=NOON - 30 * DAY + INSTANT), what)
    assert (recent.outcome, recent.reason) == ("no", "cooldown")


def test_the_enrolment_that_is_being_dispatched_is_no_cooldown_for_itself() -> None:
    decision = decided(candidate(last_enrolled_at=NOON - HOUR), ask(cooldown=30 * DAY, stage=Stage.DISPATCH))

    assert decision.outcome == "contact"
    assert [result.rule for result in decision.rules if result.outcome == "not_asked"] == ["cooldown"]


@pytest.mark.parametrize("stage", list(Stage))
def test_outside_hours_it_waits_for_the_next_opening(stage: Stage) -> None:
    at = NOON + HOUR

    decision = decided(what=ask(stage=stage), now=at)

    assert (decision.outcome, decision.reason) == ("wait", "working_hours")
    assert decision.until == datetime.fromisoformat("2025-09-24T18:00+08:00")


def test_there_is_no_window_where_the_deadline_comes_first() -> None:
    opening = datetime.fromisoformat("2025-09-24T18:00+08:00")

    assert decided(what=ask(deadline=opening), now=NOON + HOUR).reason == "no_window"
    assert decided(what=ask(deadline=opening), now=NOON + HOUR).outcome == "no"
    assert decided(what=ask(deadline=opening + INSTANT), now=NOON + HOUR).until == opening


def test_a_channel_without_hours_is_never_open() -> None:
    policy = replace(DEFAULT_POLICY, hours={})

    decision = decided(policy=policy)

    assert (decision.outcome, decision.reason) == ("no", "no_window")


def test_a_full_cap_waits_until_it_is_free_and_the_hours_are_open() -> None:
    """Free at 12:30 a week later plus two hours, which is in working hours: until 18:00."""
    made = contact(NOON + 2 * HOUR - DAY)

    decision = decided(candidate(contacts=(made,)))

    assert (decision.outcome, decision.reason) == ("wait", "cap_reached")
    assert decision.until == datetime.fromisoformat("2025-09-30T18:00+08:00")


def test_a_cap_that_is_free_too_late_says_no() -> None:
    made = candidate(contacts=(contact(NOON - DAY),))

    decision = decided(made, ask(deadline=NOON + 6 * DAY))

    assert (decision.outcome, decision.reason, decision.until) == ("no", "cap_reached", None)


def test_a_cap_of_zero_says_no() -> None:
    policy = replace(DEFAULT_POLICY, caps=(Cap(scope="phone", limit=0, window=DAY),))

    assert (decided(policy=policy).outcome, decided(policy=policy).reason) == ("no", "cap_reached")


def test_the_gap_to_another_round_waits_like_a_cap() -> None:
    policy = replace(DEFAULT_POLICY, caps=(), minimum_gap=2 * HOUR)
    who = candidate(contacts=(contact(NOON - HOUR - 30 * timedelta(minutes=1)),))

    decision = decided(who, policy=policy)

    assert (decision.reason, decision.until) == ("cap_reached", NOON + 30 * timedelta(minutes=1))
    assert decision.detail["scope"] == "minimum_gap"


def test_the_longer_of_gap_and_cap_decides() -> None:
    daily = Cap(scope="sms", limit=1, window=DAY)
    who = candidate(contacts=(contact(NOON - HOUR),))
    what = ask(channel="sms")
    short = replace(DEFAULT_POLICY, caps=(daily,), minimum_gap=2 * HOUR)
    long = replace(DEFAULT_POLICY, caps=(daily,), minimum_gap=2 * DAY)

    assert decided(who, what, short).until == NOON + 23 * HOUR
    assert decided(who, what, long).until == NOON + 47 * HOUR


def test_a_notice_and_its_call_need_no_gap() -> None:
    notice = contact(NOON - HOUR, round_key="enrolment:1")

    assert decided(candidate(contacts=(notice,)), ask(stage=Stage.DISPATCH)).outcome == "contact"


def test_a_planned_delay_is_judged_at_its_end() -> None:
    """A week after the event the cap is free again and the hours are open."""
    who = candidate(contacts=(contact(NOON - DAY),))

    assert decided(who, ask(not_before=NOON + 6 * DAY)).outcome == "contact"
    early = decided(who, ask(not_before=NOON + 5 * DAY))
    assert (early.reason, early.until) == ("cap_reached", NOON + 6 * DAY)


def test_a_delay_that_is_past_changes_nothing() -> None:
    assert decided(what=ask(not_before=NOON - DAY)).outcome == "contact"


def test_a_delay_beyond_the_deadline_leaves_no_window() -> None:
    decision = decided(what=ask(not_before=NOON + 14 * DAY))

    assert (decision.outcome, decision.reason) == ("no", "no_window")


@pytest.mark.parametrize("contact_class", ["case", "security"])
def test_case_and_security_contacts_are_a_class_of_their_own(contact_class: str) -> None:
    who = candidate(
        suppressed_channels=frozenset({"*"}),
        contacts=(contact(NOON - HOUR, channel="phone"), contact(NOON - HOUR)),
        last_enrolled_at=NOON - HOUR,
    )
    what = ask(
        contact_class=contact_class, cooldown=DAY, sampling_basis_points=0, holdout_basis_points=10_000
    )
    policy = replace(DEFAULT_POLICY, global_holdout_basis_points=10_000)

    assert decided(who, what, policy).outcome == "contact"


def test_only_security_goes_without_consent() -> None:
    who = candidate(consented_channels=frozenset())

    security = decided(who, ask(contact_class="security"))
    assert security.outcome == "contact"
    assert "consent" in [result.rule for result in security.rules if result.outcome == "not_asked"]
    assert decided(who, ask(contact_class="case")).reason == "no_consent"


@pytest.mark.parametrize("contact_class", ["case", "security"])
def test_no_class_goes_by_an_unsure_clock_an_unknown_zone_or_at_night(contact_class: str) -> None:
    what = ask(contact_class=contact_class)

    assert decided(candidate(clock_trusted=False), what).reason == "clock_unsure"
    assert decided(candidate(time_zone=""), what).reason == "unknown_zone"
    assert decided(what=what, now=NOON + 10 * HOUR).reason == "quiet_hours"


def test_a_class_that_is_not_known_is_bound_as_a_follow_up() -> None:
    who = candidate(suppressed_channels=frozenset({"*"}))

    assert decided(who, ask(contact_class="marketing")).reason == "suppressed"


def test_no_call_is_made_on_a_public_holiday() -> None:
    at = datetime.fromisoformat("2025-10-01T12:30+08:00")
    calendar = calendar_for("CN", [2025])

    decision = decide(candidate(), ask(deadline=at + 30 * DAY), DEFAULT_POLICY, calendar, now=at)

    assert (decision.outcome, decision.reason) == ("wait", "holiday")
    assert decision.until == datetime.fromisoformat("2025-10-09T12:00+08:00")


def test_an_in_app_message_waits_in_the_app_at_any_hour() -> None:
    assert decided(what=ask(channel="in_app"), now=NOON + 14 * HOUR).outcome == "contact"


def test_a_naive_instant_is_a_mistake_and_no_contact() -> None:
    with pytest.raises((TypeError, ValueError)):
        decide(candidate(), ask(), DEFAULT_POLICY, NO_HOLIDAYS, now=datetime(2025, 9, 24, 12))  # noqa: DTZ001
