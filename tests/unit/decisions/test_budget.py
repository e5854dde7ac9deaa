from datetime import timedelta

import pytest
from tests.unit.decisions.examples import NOON, contact

from huifang.decisions.budget import CapResult, Contact, cap_usage, check_caps, check_gap
from huifang.decisions.policy import Cap

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
WEEKLY_ROUND = Cap(scope="round", limit=1, window=7 * DAY)
TWO_A_DAY = Cap(scope="contact", limit=2, window=DAY)
ONE_SMS_A_DAY = Cap(scope="sms", limit=1, window=DAY)


def checked(contacts: list[Contact], *caps: Cap, channel: str = "sms", round_key: str = "new") -> CapResult:
    return check_caps(contacts, caps, channel=channel, round_key=round_key, now=NOON)


def test_a_contact_exactly_one_window_ago_no_longer_counts() -> None:
    assert checked([contact(NOON - DAY)], ONE_SMS_A_DAY).ok


def test_a_contact_an_instant_less_than_one_window_ago_counts() -> None:
    result = checked([contact(NOON - DAY + INSTANT)], ONE_SMS_A_DAY)

    assert result == CapResult(ok=False, cap=ONE_SMS_A_DAY, used=1, free_at=NOON + INSTANT)


def test_a_contact_on_its_way_counts_though_it_lies_ahead() -> None:
    result = checked([contact(NOON + timedelta(hours=1))], ONE_SMS_A_DAY)

    assert result.free_at == NOON + DAY + timedelta(hours=1)


def test_a_channel_cap_does_not_bind_another_channel() -> None:
    assert checked([contact(NOON)], ONE_SMS_A_DAY, channel="phone").ok
    assert checked([contact(NOON, channel="phone")], ONE_SMS_A_DAY).ok


def test_a_contact_cap_counts_every_channel() -> None:
    made = [contact(NOON - timedelta(hours=2), channel="phone"), contact(NOON - timedelta(hours=1))]

    result = checked(made, TWO_A_DAY, channel="in_app")

    assert (result.ok, result.used, result.free_at) == (False, 2, NOON + timedelta(hours=22))


@pytest.mark.parametrize("contact_class", ["case", "security"])
def test_case_and_security_contacts_spend_nothing(contact_class: str) -> None:
    assert checked([contact(NOON, contact_class=contact_class)], ONE_SMS_A_DAY, TWO_A_DAY, WEEKLY_ROUND).ok


def test_a_second_round_waits_for_the_window_of_the_first() -> None:
    result = checked([contact(NOON - 2 * DAY)], WEEKLY_ROUND)

    assert (result.cap, result.free_at) == (WEEKLY_ROUND, NOON + 5 * DAY)


def test_a_round_is_counted_once_and_at_its_first_contact() -> None:
    made = [
        contact(NOON - 3 * DAY, round_key="a"),
        contact(NOON - 5 * DAY, round_key="a"),
        contact(NOON - 4 * DAY, round_key="a"),
    ]
    two = Cap(scope="round", limit=2, window=7 * DAY)

    assert checked(made, two).ok
    assert checked(made, WEEKLY_ROUND).free_at == NOON + 2 * DAY


def test_a_later_step_of_a_round_opens_no_other() -> None:
    assert checked([contact(NOON - 2 * DAY, round_key="new")], WEEKLY_ROUND).ok


def test_a_later_step_opens_the_round_where_the_first_step_never_went_out() -> None:
    assert not checked([contact(NOON - 2 * DAY, round_key="other")], WEEKLY_ROUND, round_key="new").ok


def test_a_contact_without_a_round_key_opens_a_round_of_its_own() -> None:
    assert not checked([contact(NOON - 2 * DAY, round_key="")], WEEKLY_ROUND, round_key="").ok


def test_of_several_full_caps_the_one_that_frees_last_is_named() -> None:
    result = checked([contact(NOON - timedelta(hours=1))], ONE_SMS_A_DAY, WEEKLY_ROUND)
    turned = checked([contact(NOON - timedelta(hours=1))], WEEKLY_ROUND, ONE_SMS_A_DAY)

    assert result.cap == turned.cap == WEEKLY_ROUND
    assert result.free_at == NOON + 7 * DAY - timedelta(hours=1)


@pytest.mark.parametrize("made", [[], [contact(NOON - timedelta(hours=1))]])
@pytest.mark.parametrize("scope", ["round", "contact", "sms"])
def test_a_limit_of_zero_never_frees(made: list[Contact], scope: str) -> None:
    never = Cap(scope=scope, limit=0, window=DAY)

    result = checked(made, never, ONE_SMS_A_DAY)

    assert (result.ok, result.cap, result.free_at) == (False, never, None)


def test_with_more_spent_than_allowed_enough_of_them_must_age() -> None:
    """A cap was lowered after three contacts: two of them must be a day old before one more fits."""
    made = [contact(NOON - timedelta(hours=hours)) for hours in (1, 2, 3)]

    result = checked(made, TWO_A_DAY)

    assert (result.used, result.free_at) == (3, NOON + timedelta(hours=22))


def test_the_gap_is_over_exactly_when_it_has_passed() -> None:
    gap = timedelta(hours=4)

    assert check_gap([contact(NOON - gap)], gap, round_key="new", now=NOON) is None
    assert check_gap([contact(NOON - gap + INSTANT)], gap, round_key="new", now=NOON) == NOON + INSTANT


def test_the_gap_runs_from_the_latest_contact_of_another_round() -> None:
    made = [
        contact(NOON - timedelta(hours=2)),
        contact(NOON - timedelta(hours=3)),
        contact(NOON - timedelta(hours=1), round_key="mine"),
        contact(NOON, contact_class="case"),
    ]

    assert check_gap(made, timedelta(hours=4), round_key="mine", now=NOON) == NOON + timedelta(hours=2)


def test_the_display_counts_each_cap_by_itself() -> None:
    made = [contact(NOON - timedelta(hours=1)), contact(NOON - 2 * DAY, channel="phone")]

    usage = cap_usage(made, (WEEKLY_ROUND, TWO_A_DAY, ONE_SMS_A_DAY), now=NOON)

    assert [(line.used, line.free_at) for line in usage] == [
        (2, NOON + 7 * DAY - timedelta(hours=1)),
        (1, None),
        (1, NOON + timedelta(hours=23)),
    ]
