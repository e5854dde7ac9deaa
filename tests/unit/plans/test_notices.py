"""A notice is sent only where the contact that it announces may follow, and nothing comes unannounced."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.plans.examples import DAY, HOUR, START, contact, live, moment, progress, step, subject

from huifang.decisions.policy import DEFAULT_POLICY, Cap
from huifang.decisions.reasons import Reason
from huifang.plans.course import advance, after_contact, enter
from huifang.plans.records import StepKind
from huifang.plans.situations import Act, History

PLAN = live(steps=[step("sms", "notice"), step("phone", after="PT2H"), step("in_app", "fallback")])
EVERYWHERE = frozenset({"sms", "phone", "in_app"})
EVENING = datetime(2025, 3, 10, 8, 30, tzinfo=UTC)  # half past four in Shanghai; calls begin at six


def test_the_notice_goes_and_says_when_the_call_comes():
    move = advance(progress(PLAN), subject(reachable=EVERYWHERE), moment=moment(EVENING))
    assert (move.act, move.step) == (Act.CONTACT, 0)
    assert move.verdicts[-1].follows_at == EVENING + 2 * HOUR
    assert after_contact(progress(PLAN), 0, at=EVENING, follows_at=EVENING + 2 * HOUR) == (
        1,
        EVENING + 2 * HOUR,
    )


def test_a_call_whose_hours_begin_later_is_announced_for_then():
    move = advance(progress(PLAN), subject(reachable=EVERYWHERE), moment=moment(START))
    assert move.verdicts[-1].follows_at == START + 2 * HOUR  # noon in Shanghai, when calls begin
    early = moment(START - HOUR)
    later = advance(progress(PLAN, planned_at=START - HOUR), subject(reachable=EVERYWHERE), moment=early)
    assert later.verdicts[-1].follows_at == START + 2 * HOUR


def test_no_notice_where_the_customer_cannot_be_called_but_the_fallback():
    move = advance(progress(PLAN), subject(reachable=frozenset({"sms", "in_app"})), moment=moment(EVENING))
    assert (move.act, move.step) == (Act.CONTACT, 2)
    assert move.verdicts[0].reason is Reason.NO_CONTACT_POINT
    assert move.verdicts[0].step == 1


def test_no_call_where_no_notice_can_be_sent_but_the_fallback():
    move = advance(progress(PLAN), subject(reachable=frozenset({"phone", "in_app"})), moment=moment(EVENING))
    assert (move.act, move.step) == (Act.CONTACT, 2)
    assert move.verdicts[0].step == 0


def test_no_notice_of_a_call_that_would_come_too_late():
    late = progress(PLAN, deadline=EVENING + HOUR)
    move = advance(late, subject(reachable=EVERYWHERE), moment=moment(EVENING))
    assert (move.act, move.step) == (Act.CONTACT, 2)
    assert move.verdicts[0].reason is Reason.NO_WINDOW


def test_the_notice_counts_so_a_budget_of_one_contact_a_day_puts_the_call_off():
    caps = (Cap(scope="contact", limit=1, window=DAY),)
    now = moment(EVENING, caps=caps)
    move = advance(progress(PLAN), subject(reachable=EVERYWHERE), moment=now)
    follows = move.verdicts[-1].follows_at
    assert follows is not None
    assert follows >= EVENING + DAY


def test_a_spent_budget_for_calls_keeps_the_notice_back_too():
    caps = (Cap(scope="phone", limit=1, window=timedelta(days=30)),)
    called = contact(EVENING - DAY, channel="phone")
    brief = progress(PLAN, deadline=EVENING + 3 * DAY)
    move = advance(
        brief, subject(reachable=EVERYWHERE, contacts=(called,)), moment=moment(EVENING, caps=caps)
    )
    assert (move.act, move.step) == (Act.CONTACT, 2)
    assert move.verdicts[0].reason is Reason.CAP_REACHED


def test_a_notice_and_its_call_fail_their_conditions_together():
    only_hard = [{"field": "wallet_kind", "op": "is", "value": "hard"}]
    for conditions in ([only_hard, []], [[], only_hard]):
        plan = live(
            steps=[
                step("in_app"),
                step("sms", "notice", "P1D", conditions=conditions[0]),
                step("phone", "reminder", "PT2H", conditions=conditions[1]),
                step("in_app", "reminder", "P1D"),
            ]
        )
        due = progress(plan, next_step=1, reached=True, planned_at=EVENING - 2 * DAY)
        move = advance(
            due, subject(reachable=EVERYWHERE, facts={"wallet_kind": "soft"}), moment=moment(EVENING)
        )
        assert move.step == 3


def test_who_enters_is_told_when_the_notice_is_due():
    entry = enter(PLAN, subject(reachable=EVERYWHERE), History(), occurred_at=EVENING, moment=moment(EVENING))
    assert entry.enters
    assert (entry.step, entry.due_at) == (0, EVENING)


@given(
    hours=st.integers(0, 24 * 14),
    after=st.integers(0, 72),
    reachable=st.sets(st.sampled_from(["sms", "phone", "in_app"])),
    contacts=st.lists(st.integers(1, 24 * 30), max_size=4),
)
def test_every_notice_is_of_a_call_that_the_rules_then_allow(
    hours: int, after: int, reachable: set[str], contacts: list[int]
):
    """Safety: at the time that the notice names, and if nothing else happens, the very call may be made."""
    plan = live(steps=[step("sms", "notice"), step("phone", after=f"PT{after}H")], valid_for="P7D")
    now = START + timedelta(hours=hours)
    made = tuple(contact(now - timedelta(hours=ago), round_key=f"other:{ago}") for ago in contacts)
    one = subject(reachable=frozenset(reachable), contacts=made)
    due = progress(plan, planned_at=now, deadline=now + 7 * DAY)
    move = advance(due, one, moment=moment(now))
    if move.act is not Act.CONTACT:
        return
    assert plan.definition.steps[move.step].kind is StepKind.NOTICE
    follows = move.verdicts[-1].follows_at
    assert follows is not None
    notice = contact(now, channel="sms", round_key=due.round_key)
    then = replace(due, next_step=1, planned_at=follows, reached=True)
    call = advance(then, replace(one, contacts=(*made, notice)), moment=moment(follows))
    assert (call.act, call.step) == (Act.CONTACT, 1)


def test_the_default_policy_is_what_these_examples_rest_on():
    assert DEFAULT_POLICY.hours["phone"].weekday[1].start.hour == 18
