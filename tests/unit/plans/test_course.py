"""Who enters, which step comes next, and when: one follow-up from its event to its end."""

from datetime import timedelta

import pytest
from tests.unit.plans.examples import (
    DAY,
    HOUR,
    MINUTE,
    START,
    contact,
    definition,
    live,
    moment,
    progress,
    step,
    subject,
)

from huifang.decisions.reasons import Reason
from huifang.plans.course import advance, after_contact, amount_of, enter, is_triggered
from huifang.plans.records import VersionState
from huifang.plans.situations import Act, History, event_facts


def _enter(plan=None, *, who=None, history=None, occurred_at=START, at=None):
    return enter(
        plan or live(),
        who or subject(),
        history or History(),
        occurred_at=occurred_at,
        moment=at or moment(),
    )


def test_the_first_event_starts_a_first_plan_and_the_second_does_not():
    assert is_triggered(definition(), event="Payment Completed", nth=1, amount=None)
    assert not is_triggered(definition(), event="Payment Completed", nth=2, amount=None)


def test_an_amount_at_the_bound_starts_the_plan_and_one_below_does_not():
    plan = definition(trigger={"event": "Paid", "occurrence": "every", "amount_at_least": 500})
    assert is_triggered(plan, event="Paid", nth=9, amount=500.0)
    assert not is_triggered(plan, event="Paid", nth=9, amount=499.99)


def test_an_event_without_amount_does_not_start_a_plan_that_needs_one():
    plan = definition(trigger={"event": "Paid", "occurrence": "every", "amount_at_least": 1})
    assert not is_triggered(plan, event="Paid", nth=1, amount=None)


@pytest.mark.parametrize("value", ["500", True, None, float("nan"), float("inf"), [500]])
def test_what_is_no_number_is_no_amount(value: object):
    assert amount_of({"amount": value}) is None


def test_who_may_be_contacted_enters_and_is_due_after_the_delay():
    entry = _enter(live(delay="P2D"))
    assert (entry.enters, entry.due_at, entry.deadline) == (True, START + 2 * DAY, START + 9 * DAY)


def test_quiet_hours_at_the_planned_time_put_the_first_step_off():
    entry = _enter(live(delay="PT12H", steps=[step("sms")]))
    assert entry.enters
    assert entry.due_at == START + 23 * HOUR  # nine in the morning after ten in the evening


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (subject(consented=frozenset()), Reason.NO_CONSENT),
        (subject(suppressed=frozenset({"*"})), Reason.SUPPRESSED),
        (subject(reachable=frozenset()), Reason.NO_CONTACT_POINT),
    ],
)
def test_a_standing_that_forbids_contact_keeps_out(who, reason: Reason):
    entry = _enter(who=who)
    assert (entry.enters, entry.verdict.reason) == (False, reason)


def test_an_event_that_comes_after_its_deadline_is_let_go():
    entry = _enter(at=moment(START + 7 * DAY))
    assert entry.verdict.reason is Reason.EXPIRED


def test_an_event_one_minute_before_its_deadline_still_counts():
    assert _enter(at=moment(START + 7 * DAY - MINUTE)).enters


def test_nobody_enters_a_paused_plan():
    entry = _enter(live(state=VersionState.PAUSED))
    assert entry.verdict.reason is Reason.PLAN_NOT_ACTIVE


def test_nobody_enters_a_first_plan_twice():
    entry = _enter(history=History(last_enrolled_at=START - 400 * DAY))
    assert entry.verdict.reason is Reason.ALREADY_ENROLLED


def test_nobody_enters_while_a_follow_up_is_open():
    plan = live(trigger={"event": "Paid", "occurrence": "every"})
    entry = _enter(plan, history=History(last_enrolled_at=START - 400 * DAY, has_open=True))
    assert entry.verdict.reason is Reason.ALREADY_ENROLLED


def test_the_cooldown_ends_to_the_second():
    plan = live(trigger={"event": "Paid", "occurrence": "every"}, cooldown="P30D")
    just_over = History(last_enrolled_at=START - 30 * DAY)
    just_not = History(last_enrolled_at=START - 30 * DAY + timedelta(seconds=1))
    assert _enter(plan, history=just_over).enters
    assert _enter(plan, history=just_not).verdict.reason is Reason.COOLDOWN


def test_a_condition_that_is_not_met_says_which():
    plan = live(conditions=[{"field": "wallet_kind", "op": "is", "value": "hard"}])
    verdict = _enter(plan, who=subject(facts={"wallet_kind": "soft"})).verdict
    assert verdict.reason is Reason.CONDITION_NOT_MET
    assert verdict.seen == {"field": "wallet_kind", "op": "is", "value": "hard"}


def test_a_full_holdout_makes_a_control_group_of_who_would_have_entered():
    plan = live(holdout_basis_points=9_999)
    held = [_enter(plan, who=subject(name=f"W-{n}")) for n in range(20)]
    assert {entry.verdict.reason for entry in held} == {Reason.HOLDOUT}
    assert all(entry.is_control and not entry.enters for entry in held)


def test_who_could_not_be_reached_anyway_is_no_control():
    plan = live(holdout_basis_points=9_999)
    entry = _enter(plan, who=subject(reachable=frozenset()))
    assert entry.verdict.reason is Reason.HOLDOUT
    assert not entry.is_control


def test_without_a_contact_point_the_fallback_is_taken():
    plan = live(steps=[step("sms"), step("email", "fallback")])
    entry = _enter(plan, who=subject(reachable=frozenset({"email"})))
    assert (entry.enters, entry.step) == (True, 1)


def test_consent_for_one_channel_leads_to_the_step_on_it():
    plan = live(steps=[step("sms"), step("in_app", "reminder", "P1D")])
    move = advance(progress(plan), subject(consented=frozenset({"in_app"})), moment=moment())
    assert (move.act, move.step) == (Act.CONTACT, 1)
    assert [verdict.reason for verdict in move.verdicts] == [Reason.NO_CONSENT, None]


def test_after_a_contact_the_fallback_is_passed_over():
    plan = live(steps=[step(), step("email", "fallback"), step("sms", "reminder", "P2D")])
    assert after_contact(progress(plan), 0, at=START) == (2, START + 2 * DAY)


def test_after_the_last_step_the_link_stays_open_for_a_week():
    assert after_contact(progress(live()), 0, at=START) == (1, START + 14 * DAY)


def test_a_step_whose_condition_is_not_met_makes_way_in_its_own_time():
    plan = live(
        steps=[
            step(),
            step(
                "sms",
                "reminder",
                "P1D",
                conditions=[{"field": "event:amount", "op": "at_least", "value": 500}],
            ),
            step("email", "reminder", "P1D"),
        ]
    )
    due = progress(plan, next_step=1, planned_at=START + DAY, deadline=START + 7 * DAY)
    move = advance(due, subject(facts={"event:amount": 20}), moment=moment(START + DAY))
    assert (move.act, move.step, move.due_at) == (Act.WAIT, 2, START + 2 * DAY)
    assert move.verdicts[-1].reason is Reason.CONDITION_NOT_MET


def test_a_spent_budget_waits_until_it_is_free_again():
    made = (contact(START - 5 * DAY),)
    move = advance(progress(live()), subject(contacts=made), moment=moment())
    assert (move.act, move.due_at) == (Act.WAIT, START + 2 * DAY)


def test_a_budget_that_is_free_too_late_ends_the_follow_up():
    made = (contact(START - HOUR),)
    plan = live(valid_for="P3D")
    move = advance(progress(plan), subject(contacts=made), moment=moment())
    assert (move.act, move.verdicts[-1].reason) == (Act.END, Reason.CAP_REACHED)


def test_only_what_conditions_and_messages_need_is_kept_of_an_event():
    plan = definition(
        conditions=[{"field": "event:category", "op": "is", "value": "taxi"}],
        steps=[step(body={"en": "{amount} {link}", "zh-Hans": "{amount} {link}"})],
    )
    given = {"category": "taxi", "amount": 12.5, "shop": "secret", "currency": "CNY"}
    assert event_facts(plan, given) == {"event:category": "taxi", "event:amount": 12.5}


@pytest.mark.parametrize("value", [10**400, -(10**400), 10**15, 1e300])
def test_an_amount_that_no_payment_has_is_no_amount_and_jams_nothing(value: float):
    assert amount_of({"amount": value}) is None


def test_a_number_of_hundreds_of_digits_is_not_kept_for_a_message():
    texts = {"en": "{amount} {link}", "zh-Hans": "{amount} {link}"}
    plan = definition(steps=[step(body=texts)])
    assert event_facts(plan, {"amount": 10**400}) == {}
    assert event_facts(plan, {"amount": 12}) == {"event:amount": 12}
