"""Replies by SMS: a digit or a label answers, once; a refusal wins; the rest is kept and changes nothing."""

import json
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from tests.contract.delivery.providers import HttpProvider
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.conftest import now as now
from tests.integration.delivery.conftest import sms as sms
from tests.integration.delivery.test_notices import sent, tell
from tests.integration.questionnaires.conftest import DEFINITION, NOW
from tests.integration.questionnaires.conftest import invite as _invite

from huifang.console.models import Person
from huifang.customers import queries as customers
from huifang.delivery import notices
from huifang.delivery.models import Reply
from huifang.kernel import outbox, vault
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import personal_data, replies, services
from huifang.questionnaires import queries as feedback
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.models import Answer, Invitation, Response, TakenReply
from huifang.questionnaires.replies import Heard

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(hours=1)


def say(text: str, *, customer_id: int = 1, at: datetime = AT, channel: str = "sms", **more: Any) -> str:
    """A reply that arrived and was announced; what became of it."""
    return take(arrive(text, customer_id=customer_id, at=at, channel=channel), at=at, **more)


def arrive(text: str, *, customer_id: int = 1, at: datetime = AT, channel: str = "sms") -> Reply:
    sealed = vault.seal(text.encode(), context="delivery/reply")
    return Reply.objects.create(customer_id=customer_id, channel=channel, sealed_text=sealed, received_at=at)


def take(reply: Reply, *, at: datetime = AT, round_key: str = "") -> str:
    heard = Heard(
        reply_id=reply.pk,
        customer_id=CustomerId(reply.customer_id),
        channel=reply.channel,
        at=at,
        round_key=round_key,
    )
    return services.take_reply(heard=heard)


@pytest.mark.parametrize("text", ["2", "2分", "二", "２", "Dissatisfied", "不满意"])
def test_a_reply_answers_the_first_question_as_of_sms(version_id: int, text: str) -> None:
    _invite(version_id)
    assert say(text) == "answered"
    (response,) = feedback.responses_of(customer_id=CustomerId(1))
    (answer,) = response.answers
    assert (answer.question_key, answer.number, answer.mode) == ("satisfied", 2, "sms")
    assert (response.mode, response.channel, response.plan_id, response.low_score) == ("sms", "sms", 3, True)
    assert response.started_at == AT


def test_words_beside_the_digit_are_a_comment_and_outlive_later_answers(version_id: int) -> None:
    invitation = _invite(version_id)
    assert say("2 扣了两次") == "answered"
    later = Submission(given={"reason": Given(values=["slow"])})
    services.answer(invitation_id=invitation.id, submission=later, now=AT)
    (response,) = feedback.responses_of(customer_id=CustomerId(1))
    assert response.comments == ["扣了两次"]
    assert Response.objects.get().has_text is True


def test_the_same_reply_announced_twice_answers_once(version_id: int) -> None:
    _invite(version_id)
    reply = arrive("4")
    assert [take(reply), take(reply)] == ["answered", "answered"]
    assert TakenReply.objects.count() == Answer.objects.count() == 1


def test_who_answered_already_changes_nothing_by_another_digit(version_id: int) -> None:
    _invite(version_id)
    say("5")
    assert say("1", at=AT + timedelta(minutes=1)) == "repeated"
    assert Answer.objects.get().number == 5
    assert Response.objects.get().last_answered_at == AT


def test_words_after_an_answer_are_a_comment_and_before_one_are_left(version_id: int) -> None:
    _invite(version_id)
    assert say("你们是谁？") == "left"
    assert not Response.objects.exists()
    say("5")
    assert say("Thank you") == "comment"
    (left,) = replies.left(limit=10)
    assert left.words == "你们是谁？"


def test_the_newest_open_invitation_by_sms_is_meant(version_id: int) -> None:
    _invite(version_id, key="old")
    newer = _invite(version_id, key="new")
    Invitation.objects.filter(pk=newer.id).update(created_at=NOW + timedelta(minutes=5))
    say("4")
    assert Response.objects.get().invitation_id == newer.id


def test_the_last_message_says_which_invitation_is_meant(version_id: int) -> None:
    old = _invite(version_id, key="old")
    newer = _invite(version_id, key="new")
    Invitation.objects.filter(pk=newer.id).update(created_at=NOW + timedelta(minutes=5))
    assert say("4", round_key="old") == "answered"
    assert Response.objects.get().invitation_id == old.id
    assert say("4", round_key="old") == "repeated"


@pytest.mark.parametrize(
    "change", [{"closed_at": NOW}, {"expires_at": AT}, {"channel": "email"}, {"customer_id": 2}]
)
def test_no_open_invitation_by_sms_leaves_the_reply(version_id: int, change: dict[str, Any]) -> None:
    invitation = _invite(version_id)
    Invitation.objects.filter(pk=invitation.id).update(**change)
    assert say("5") == "left"
    assert not Response.objects.exists()


def test_an_instant_before_its_end_an_invitation_still_takes_a_reply(version_id: int) -> None:
    invitation = _invite(version_id)
    Invitation.objects.filter(pk=invitation.id).update(expires_at=AT + timedelta(microseconds=1))
    assert say("5") == "answered"


def test_a_reply_is_no_anonymous_answer(db: None) -> None:
    asked = msgspec.structs.replace(DEFINITION, is_anonymous=True)
    made = services.create_questionnaire(slug="a", name={"en": "A"}, by="t", now=NOW, definition=asked)
    _invite(services.publish(questionnaire_id=made, by="t", now=NOW))
    assert say("5") == "left"
    assert not Response.objects.exists()


def test_erasing_takes_the_words_and_an_export_has_them(version_id: int) -> None:
    _invite(version_id)
    say("2 my name is Li Na")
    told = personal_data.export(customer_id=CustomerId(1))
    assert "my name is Li Na" in str(told)
    personal_data.erase(customer_id=CustomerId(1), now=AT)
    assert list(TakenReply.objects.values_list("customer_id", "words")) == [(None, "")]


@pytest.mark.parametrize(
    ("text", "answers", "is_refused"),
    [("5", [5], False), ("STOP", [], True), ("退订", [], True), ("5 退订", [], True), ("TD", [], True)],
)
def test_from_the_provider_to_the_answer_a_refusal_always_wins(
    now: Clock, sms: HttpProvider, text: str, answers: list[int], is_refused: bool
) -> None:
    account = people.sms_account(sms.url, now.at)
    made = services.create_questionnaire(
        slug="p", name={"en": "P"}, by="t", now=now.at, definition=DEFINITION
    )
    version_id = services.publish(questionnaire_id=made, by="t", now=now.at)
    attempt = sent(now)
    services.invite(
        customer_id=CustomerId(attempt.customer_id),
        version_id=version_id,
        key=attempt.round_key,
        language="en",
        mode="web",
        now=now.at,
        expires_at=now.at + timedelta(days=7),
        channel="sms",
    )
    body = {"type": "message.received", "data": {"id": "in", "from": people.PHONE, "text": text}}
    assert tell(account, json.dumps(body).encode()) == 200
    notices.handle(now=now.at)
    while outbox.relay(now=now.at):
        pass
    assert list(Answer.objects.values_list("number", flat=True)) == answers
    customer_id = CustomerId(attempt.customer_id)
    standing = customers.standings(customer_ids=[customer_id])[customer_id]
    assert ("*" in standing.suppressed_channels) is is_refused
    assert outbox.parked_count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_reply_answer_once(version_id: int) -> None:
    _invite(version_id)
    reply, together, said = arrive("5 fine"), Barrier(2, timeout=20), list[str]()

    def work() -> None:
        together.wait()
        said.append(take(reply))
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)
    assert said == ["answered", "answered"]
    assert Answer.objects.count() == 1


def test_what_answered_nothing_is_read_on_a_screen(version_id: int, client: Client) -> None:
    _invite(version_id)
    say("<b>你们是谁？")
    person = Person.objects.create(email="a@spruce.test", name="A", role="product_owner", date_joined=NOW)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get("/feedback/replies/").content.decode()
    assert "&lt;b&gt;你们是谁？" in shown
    assert client.get("/feedback/replies/?before=1").status_code == 200
    assert client.get("/feedback/replies/?before=²").status_code == 200
