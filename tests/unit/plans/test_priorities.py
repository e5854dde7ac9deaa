"""Where two follow-ups are due for one customer, the higher priority goes first."""

from datetime import timedelta

from tests.unit.plans.examples import DAY, HOUR, START, live, moment, progress, step, subject

from huifang.decisions.reasons import Reason
from huifang.plans.priorities import Due, advance_all
from huifang.plans.situations import Act


def _due(number: int, *, priority: int, who=None, **changes):
    plan = live(plan_id=number, priority=priority, **changes)
    return Due(progress=progress(plan, id=number, priority=priority), subject=who or subject())


def _acts(*due: Due, at=None) -> dict[int, tuple[Act, Reason | None]]:
    moves = advance_all(due, moment=at or moment())
    return {each.progress.id: (move.act, move.verdicts[-1].reason) for each, move in moves}


def test_the_higher_priority_is_contacted_and_the_other_waits_for_it():
    low, high = _due(1, priority=10, valid_for="P9D"), _due(2, priority=90)
    assert _acts(low, high) == {2: (Act.CONTACT, None), 1: (Act.WAIT, Reason.SUPERSEDED)}


def test_who_waits_is_told_when_the_budget_is_free():
    low, high = _due(1, priority=10, valid_for="P9D"), _due(2, priority=90)
    moves = {each.progress.id: move for each, move in advance_all([low, high], moment=moment())}
    assert moves[1].due_at == START + 7 * DAY


def test_a_follow_up_that_cannot_wait_so_long_ends_superseded():
    low, high = _due(1, priority=10, valid_for="P2D"), _due(2, priority=90)
    assert _acts(low, high)[1] == (Act.END, Reason.SUPERSEDED)


def test_a_lower_one_does_not_spend_the_budget_of_a_higher_one_that_waits_for_its_hours():
    night = moment(START + 13 * HOUR)  # eleven in the evening
    high = _due(2, priority=90, steps=[step("sms")])
    low = _due(1, priority=10, valid_for="P9D")
    assert _acts(low, high, at=night) == {
        2: (Act.WAIT, Reason.QUIET_HOURS),
        1: (Act.WAIT, Reason.SUPERSEDED),
    }


def test_where_both_fit_into_the_budget_nobody_waits_for_the_other():
    free = moment(caps=(), minimum_gap=timedelta(0))
    assert _acts(_due(1, priority=10), _due(2, priority=90), at=free) == {
        1: (Act.CONTACT, None),
        2: (Act.CONTACT, None),
    }


def test_a_security_contact_neither_waits_nor_makes_others_wait():
    security = _due(1, priority=10, contact_class="security")
    assert _acts(security, _due(2, priority=90)) == {1: (Act.CONTACT, None), 2: (Act.CONTACT, None)}


def test_a_suppressed_customer_is_not_called_superseded():
    who = subject(suppressed=frozenset({"*"}))
    assert _acts(_due(1, priority=10, who=who), _due(2, priority=90)) == {
        2: (Act.CONTACT, None),
        1: (Act.END, Reason.SUPPRESSED),
    }
