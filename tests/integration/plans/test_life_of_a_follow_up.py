"""From event to enrolment to attempt, and everything that stops it on the way."""

from datetime import timedelta

import pytest
from tests.integration.plans.makers import (
    PAID,
    START,
    channels,
    customer,
    enrolment,
    happen,
    live,
    step,
    told,
    work,
)

from huifang.customers.services import suppress
from huifang.delivery.models import HeldPlan
from huifang.delivery.queries import attempts_of
from huifang.plans import services
from huifang.plans.dispatcher import dispatch
from huifang.plans.models import Decision, Enrolment
from huifang.questionnaires.models import Invitation, Response

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PHONE = "+8613800000421"
CONTACT = [("enrol", "contact", ""), ("dispatch", "contact", "")]


def test_a_first_payment_leads_to_one_contact():
    live()
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    (attempt,) = attempts_of(customer_id=lin, limit=9)
    assert (attempt.channel, attempt.state, attempt.label) == ("in_app", "queued", "首次支付")
    assert told(lin) == CONTACT
    assert enrolment(lin).state == "contacting"
    assert Invitation.objects.get(key=f"enrolment:{enrolment(lin).pk}").channel == "in_app"


def test_the_second_payment_starts_nothing():
    live()
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    happen("lin", at=START + 2 * HOUR)
    assert told(lin) == [("enrol", "contact", "")]


def test_an_event_from_before_the_plan_went_live_is_none_of_its_business():
    live(at=START)
    lin = customer("lin")
    happen("lin", at=START - timedelta(seconds=1), now=START + HOUR)
    assert told(lin) == []


def test_an_event_at_the_very_instant_counts():
    live(at=START)
    lin = customer("lin")
    happen("lin", at=START)
    assert told(lin) == [("enrol", "contact", "")]


def test_a_late_event_is_let_go_with_a_reason():
    live(valid_for="P1D")
    lin = customer("lin")
    happen("lin", at=START + HOUR, now=START + 3 * DAY)
    assert told(lin) == [("enrol", "no", "expired")]
    assert not Enrolment.objects.exists()


def test_the_same_event_decided_twice_is_stored_once():
    live(trigger={"event": PAID, "occurrence": "every"}, cooldown="PT0S")
    lin = customer("lin")
    happen("lin", at=START + HOUR, message_id="one")
    happen("lin", at=START + HOUR, message_id="one")
    assert Enrolment.objects.count() == 1
    assert Decision.objects.filter(customer_id=lin, stage="enrol").count() == 1


def test_dispatching_again_does_nothing_more():
    live()
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    work(START + 2 * HOUR)
    assert channels(lin) == ["in_app"]


def test_without_consent_nobody_is_contacted():
    live()
    wang = customer("wang", consent=False)
    happen("wang", at=START + HOUR)
    work(START + 9 * DAY)
    assert told(wang) == [("enrol", "no", "no_consent")]
    assert channels(wang) == []


def test_a_refusal_between_enrolment_and_dispatch_ends_it():
    live(delay="P2D")
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    suppress(customer_id=lin, reason="complaint", source="test", at=START + DAY)
    work(START + 3 * DAY)
    assert told(lin) == [("enrol", "contact", ""), ("dispatch", "no", "suppressed")]
    assert channels(lin) == []
    assert enrolment(lin).state == "refused"


def test_a_message_waits_for_the_morning_and_says_so_once():
    live(steps=[step("sms")])
    lin = customer("lin", phone=PHONE)
    evening = START + 12 * HOUR
    happen("lin", at=evening)
    work(evening)
    work(evening + HOUR)
    work(START + 23 * HOUR - timedelta(seconds=1))
    assert channels(lin) == []
    work(START + 23 * HOUR)
    assert channels(lin) == ["sms"]
    assert told(lin) == [("enrol", "wait", "quiet_hours"), ("dispatch", "contact", "")]


def test_after_silence_the_reminder_goes_out_on_the_next_channel():
    live(steps=[step(), step("sms", "reminder", "P1D")])
    lin = customer("lin", phone=PHONE)
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    work(START + DAY + HOUR - timedelta(seconds=1))
    assert channels(lin) == ["in_app"]
    work(START + DAY + HOUR)
    assert channels(lin) == ["in_app", "sms"]
    assert Invitation.objects.count() == 1


def test_an_answer_stops_the_reminder():
    live(steps=[step(), step("sms", "reminder", "P1D")])
    lin = customer("lin", phone=PHONE)
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    key = f"enrolment:{enrolment(lin).pk}"
    services.note_response(invitation_key=key, at=START + 2 * HOUR)
    services.note_response(invitation_key=key, at=START + 3 * HOUR)
    work(START + 5 * DAY)
    assert channels(lin) == ["in_app"]
    assert enrolment(lin).state == "answered"


def test_somebody_elses_invitation_changes_nothing():
    services.note_response(invitation_key="case:7", at=START)
    services.note_response(invitation_key="enrolment:999999", at=START)
    assert not Enrolment.objects.exists()


def test_a_failed_attempt_makes_way_for_the_fallback_at_once():
    live(steps=[step("sms"), step("email", "fallback"), step("in_app", "reminder", "P2D")])
    lin = customer("lin", phone=PHONE, email="lin@example.com")
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    key = f"enrolment:{enrolment(lin).pk}:step:1"
    for _ in range(2):
        services.note_attempt(key=key, outcome="failed", reason="number_dead", now=START + 2 * HOUR)
        work(START + 2 * HOUR)
    assert channels(lin) == ["sms", "email"]


def test_the_last_failed_attempt_ends_the_follow_up():
    live()
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    key = f"enrolment:{enrolment(lin).pk}:step:1"
    services.note_attempt(key=key, outcome="failed", reason="gone", now=START + 2 * HOUR)
    assert (enrolment(lin).state, enrolment(lin).end_reason) == ("ended", "gone")


def test_a_delivered_attempt_changes_nothing():
    live(steps=[step(), step("sms", "reminder", "P1D")])
    lin = customer("lin", phone=PHONE)
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    before = enrolment(lin).due_at
    key = f"enrolment:{enrolment(lin).pk}:step:1"
    services.note_attempt(key=key, outcome="delivered", reason="", now=START + 2 * HOUR)
    assert enrolment(lin).due_at == before


def test_a_customer_who_refuses_is_left_alone_with_a_stored_reason():
    live(steps=[step(), step("sms", "reminder", "P1D")])
    lin = customer("lin", phone=PHONE)
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    for _ in range(2):
        services.note_refusal(customer_id=lin, channel="*", purpose="*", now=START + 2 * HOUR)
    work(START + 5 * DAY)
    assert told(lin)[2:] == [("dispatch", "no", "customer_refused")]
    assert enrolment(lin).state == "refused"


def test_a_refusal_of_another_purpose_or_of_one_channel_leaves_the_plan_running():
    live(delay="P1D")
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    services.note_refusal(customer_id=lin, channel="*", purpose="marketing", now=START + 2 * HOUR)
    services.note_refusal(customer_id=lin, channel="sms", purpose="*", now=START + 2 * HOUR)
    assert enrolment(lin).state == "waiting"


def test_silence_to_the_end_is_no_answer():
    live()
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    work(START + HOUR + 14 * DAY)
    assert (enrolment(lin).state, enrolment(lin).end_reason) == ("ended", "no_answer")


def test_the_holdout_is_kept_as_a_control_group():
    live(holdout_basis_points=9_999)
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    work(START + DAY)
    assert told(lin) == [("enrol", "no", "holdout")]
    assert (enrolment(lin).state, enrolment(lin).due_at) == ("held_out", None)
    assert channels(lin) == []


def test_two_plans_never_both_contact_one_customer():
    live(priority=10, valid_for="P9D")
    live(priority=90, name={"en": "Urgent", "zh-Hans": "紧急"})
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    labels = [attempt.label for attempt in attempts_of(customer_id=lin, limit=9)]
    assert labels == ["紧急"]
    assert ("dispatch", "wait", "superseded") in told(lin)


def test_nothing_is_decided_while_the_clock_is_unsure():
    live()
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    assert dispatch(now=START + HOUR, clock_trusted=False) == 0
    assert channels(lin) == []


def test_a_paused_plan_holds_everybody_and_goes_on_where_it_was():
    plan_id = live(delay="PT1H")
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    services.pause(plan_id=plan_id, by="person:1", now=START + HOUR)
    work(START + 3 * HOUR)
    work(START + 6 * HOUR)
    assert told(lin)[1:] == [("dispatch", "wait", "plan_not_active")]
    services.resume(plan_id=plan_id, by="person:1", now=START + 7 * HOUR)
    work(START + 7 * HOUR)
    assert channels(lin) == ["in_app"]


def test_an_event_during_the_pause_is_told_why_it_starts_nothing():
    plan_id = live()
    lin = customer("lin")
    services.pause(plan_id=plan_id, by="person:1", now=START)
    happen("lin", at=START + HOUR)
    assert told(lin) == [("enrol", "no", "plan_not_active")]


def test_an_ended_plan_ends_those_under_way():
    plan_id = live(delay="P2D")
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    services.end(plan_id=plan_id, by="person:1", now=START + 2 * HOUR)
    work(START + 2 * HOUR)
    assert told(lin)[1:] == [("dispatch", "no", "plan_not_active")]
    assert enrolment(lin).state == "ended"


def test_who_entered_an_old_version_goes_on_with_it():
    plan_id = live(steps=[step(), step("sms", "reminder", "P1D")])
    lin = customer("lin", phone=PHONE)
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    services.new_draft(plan_id=plan_id, by="person:1", now=START + 2 * HOUR)
    services.activate(plan_id=plan_id, by="person:1", now=START + 2 * HOUR)
    work(START + DAY + HOUR)
    assert channels(lin) == ["in_app", "sms"]


def test_an_answer_whose_news_is_on_its_way_stops_the_reminder_at_dispatch():
    plan_id = live(steps=[step(), step("sms", "reminder", "P1D")])
    customer_id = customer("lin", phone=PHONE)
    happen("lin", at=START)
    dispatch(now=START, clock_trusted=True)
    invitation = Invitation.objects.get(customer_id=customer_id)
    Response.objects.create(
        invitation=invitation,
        questionnaire_id=invitation.version.questionnaire_id,
        version_number=1,
        customer_id=customer_id,
        mode="web",
        started_at=START,
        last_answered_at=START,
    )
    dispatch(now=START + DAY, clock_trusted=True)
    assert len(attempts_of(customer_id=customer_id, limit=9)) == 1
    row = Enrolment.objects.get(plan_id=plan_id)
    assert (row.state, row.due_at) == ("answered", None)
    last = Decision.objects.filter(customer_id=customer_id).latest("pk")
    assert (last.outcome, last.reason, last.rule) == ("no", "already_answered", "answer")


def test_a_plan_that_is_paused_holds_what_is_queued_and_lets_it_go_after():
    plan_id = live()
    customer("lin")
    services.pause(plan_id=plan_id, by="person:1", now=START)
    assert HeldPlan.objects.filter(plan_id=plan_id, is_ended=False).exists()
    services.resume(plan_id=plan_id, by="person:1", now=START)
    assert not HeldPlan.objects.exists()
    services.end(plan_id=plan_id, by="person:1", now=START)
    assert HeldPlan.objects.filter(plan_id=plan_id, is_ended=True).exists()
    services.new_draft(plan_id=plan_id, by="person:1", now=START)
    services.activate(plan_id=plan_id, by="person:1", now=START)
    assert not HeldPlan.objects.exists()
