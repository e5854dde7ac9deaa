"""Which cells a contact falls into, when a period ends, and that a full one stops just what it should."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.plans.examples import HOUR, START, live, moment, progress, step, subject

from huifang.decisions.reasons import Reason
from huifang.plans.allotments import Used, cells_of, full_cell, period_of, value_in
from huifang.plans.course import advance, enter
from huifang.plans.records import QuotaPer
from huifang.plans.situations import Act, History, Moment, PlanRule

SHANGHAI = ZoneInfo("Asia/Shanghai")
UTC_ZONE = ZoneInfo("UTC")


def _at(used: dict[str, int], now: datetime = START) -> Moment:
    counts = {(1, key): number for key, number in used.items()}
    return replace(moment(now), used=Used(counts=counts))


def _keys(*quotas: dict[str, Any], channel: str = "sms") -> list[str]:
    plan = live(quotas=list(quotas))
    standing = subject().standing
    return [cell.key for cell in cells_of(plan.definition, standing, channel, now=START, zone=UTC_ZONE)]


def test_a_cell_says_what_it_counts_over_whom_and_when():
    assert _keys(
        {"limit": 5},
        {"limit": 5, "of": "people", "cell": "wallet_kind", "per": "day"},
        {"limit": 5, "cell": "channel", "only": "sms", "per": "quarter"},
        {"limit": 5, "cell": "channel", "only": "email"},
    ) == [
        "answers|all|||ever",
        "people|wallet_kind||soft|2025-03-10",
        "answers|channel|only|sms|quarter 2025-01",
    ]


@pytest.mark.parametrize(
    ("per", "name", "end"),
    [
        (QuotaPer.DAY, "2025-12-31", datetime(2025, 12, 31, 16, tzinfo=UTC)),
        (QuotaPer.WEEK, "week 2025-12-29", datetime(2026, 1, 4, 16, tzinfo=UTC)),
        (QuotaPer.MONTH, "month 2025-12", datetime(2025, 12, 31, 16, tzinfo=UTC)),
        (QuotaPer.QUARTER, "quarter 2025-10", datetime(2025, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_period_is_that_of_the_staffs_calendar(per: QuotaPer, name: str, end: datetime):
    last = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)  # a minute before midnight in Shanghai
    assert period_of(per, last, SHANGHAI) == (name, end)
    assert period_of(per, end, SHANGHAI)[0] != name


def test_the_cell_of_another_quota_or_period_has_no_value_here():
    quota = live(quotas=[{"limit": 5, "cell": "region", "per": "day"}]).definition.quotas[0]
    assert value_in(quota, "answers|region||CN-11|2025-03-10", now=START, zone=UTC_ZONE) == "CN-11"
    assert value_in(quota, "answers|region||CN-11|2025-03-09", now=START, zone=UTC_ZONE) is None
    assert value_in(quota, "people|region||CN-11|2025-03-10", now=START, zone=UTC_ZONE) is None


def test_the_last_place_is_given_and_none_after_it():
    plan = live(quotas=[{"limit": 3}])
    due = progress(plan)
    assert advance(due, subject(), moment=_at({"answers|all|||ever": 2})).act is Act.CONTACT
    move = advance(due, subject(), moment=_at({"answers|all|||ever": 3}))
    assert move.act is Act.END
    assert (move.verdicts[-1].reason, move.verdicts[-1].rule) == (Reason.QUOTA_REACHED, PlanRule.QUOTA)


def test_a_full_quota_ends_reminders_too_but_one_of_people_counts_each_once():
    plan = live(quotas=[{"limit": 3}])
    asked = progress(plan, reached=True)
    assert advance(asked, subject(), moment=_at({"answers|all|||ever": 3})).act is Act.END
    people = live(quotas=[{"limit": 3, "of": "people"}])
    asked = progress(people, reached=True)
    assert advance(asked, subject(), moment=_at({"people|all|||ever": 3})).act is Act.CONTACT


def test_a_quota_of_a_period_is_waited_for_as_long_as_the_plan_may_still_contact():
    plan = live(quotas=[{"limit": 1, "per": "day"}])
    full = {"answers|all|||2025-03-10": 1}
    move = advance(progress(plan), subject(), moment=_at(full))
    assert move.act is Act.WAIT
    assert move.due_at == datetime(2025, 3, 11, tzinfo=UTC)
    brief = progress(plan, deadline=START + 2 * HOUR)
    assert advance(brief, subject(), moment=_at(full)).act is Act.END


def test_a_full_channel_makes_way_for_the_fallback():
    plan = live(
        steps=[step("sms"), step("in_app", "fallback")],
        quotas=[{"limit": 1, "cell": "channel", "only": "sms"}],
    )
    move = advance(progress(plan), subject(), moment=_at({"answers|channel|only|sms|ever": 1}))
    assert (move.act, move.step) == (Act.CONTACT, 1)


def test_nobody_enters_once_a_quota_is_full_for_good_and_everybody_while_it_empties_again():
    for quota, key, enters in (
        ({"limit": 1}, "answers|all|||ever", False),
        ({"limit": 1, "per": "day"}, "answers|all|||2025-03-10", True),
    ):
        plan = live(quotas=[quota])
        entry = enter(plan, subject(), History(), occurred_at=START, moment=_at({key: 1}))
        assert entry.enters is enters


def test_a_customer_without_consent_is_told_so_and_not_of_the_quota():
    plan = live(quotas=[{"limit": 1}])
    nobody = subject(consented=frozenset())
    entry = enter(plan, nobody, History(), occurred_at=START, moment=_at({"answers|all|||ever": 1}))
    assert entry.verdict.reason is Reason.NO_CONSENT


def test_a_cell_that_never_empties_is_told_before_one_that_does():
    plan = live(quotas=[{"limit": 1, "per": "day"}, {"limit": 1}])
    standing = subject().standing
    cells = list(cells_of(plan.definition, standing, "sms", now=START, zone=UTC_ZONE))
    used = Used(counts={(1, cell.key): 1 for cell in cells})
    full = full_cell(cells, 1, used=used, is_reached=False)
    assert full is not None
    assert full.until is None


@given(
    limit=st.integers(1, 6),
    kinds=st.lists(st.sampled_from(["soft", "hard"]), max_size=40),
)
def test_no_cell_is_ever_exceeded_and_none_refuses_while_it_has_room(limit: int, kinds: list[str]):
    """Safety and liveness over any run of customers, asked one after the other."""
    plan = live(quotas=[{"limit": limit, "of": "people", "cell": "wallet_kind"}])
    used: Counter[str] = Counter()
    for kind in kinds:
        one = subject()
        one = replace(one, standing=replace(one.standing, wallet_kind=kind))
        key = f"people|wallet_kind||{kind}|ever"
        contacted = advance(progress(plan), one, moment=_at(used)).act is Act.CONTACT
        assert contacted == (used[key] < limit)
        used[key] += contacted
    assert max(used.values(), default=0) <= limit


@given(days=st.integers(0, 1000), per=st.sampled_from(list(QuotaPer)))
def test_periods_follow_each_other_without_a_gap(days: int, per: QuotaPer):
    at = START + timedelta(days=days)
    name, end = period_of(per, at, SHANGHAI)
    if end is None:
        assert name == "ever"
    else:
        assert at < end
        assert period_of(per, end - timedelta(seconds=1), SHANGHAI)[0] == name
        assert period_of(per, end, SHANGHAI)[0] != name
