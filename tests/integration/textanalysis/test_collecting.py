"""Answers, replies and imports find their way to textanalysis, late commits and rewritten words too."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.integration.questionnaires.conftest import DEFINITION, NOW, invite
from tests.integration.textanalysis.texts import read_all

from huifang.config import wiring  # noqa: F401 - it provides the sources
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import queries as questionnaire_queries
from huifang.questionnaires import services as questionnaires
from huifang.questionnaires import wordings
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.models import Answer, Response, TakenReply, Version
from huifang.questionnaires.records import Invitation
from huifang.textanalysis import collecting, queries
from huifang.textanalysis.models import Finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def version_id(db: None) -> int:
    """A published version that asks for a score and for words."""
    made = questionnaires.create_questionnaire(
        slug="payment", name={"en": "Payment"}, by="test", now=NOW, definition=DEFINITION
    )
    return questionnaires.publish(questionnaire_id=made, by="test", now=NOW)


def say(invitation: Invitation, minutes: int = 0, **answers: Given) -> None:
    questionnaires.answer(
        invitation_id=invitation.id,
        submission=Submission(given=answers, language="zh-Hans"),
        now=NOW + timedelta(minutes=minutes),
    )


def collect(minutes: int = 0) -> int:
    return collecting.collect(now=NOW + timedelta(minutes=minutes))


def only_response() -> int:
    [found] = questionnaire_queries.responses_of(customer_id=CustomerId(1))
    return found.id


def test_an_answer_has_a_finding_and_keeps_its_score(version_id: int) -> None:
    collect()
    invitation = invite(version_id)
    say(invitation, satisfied=Given(values=["2"]))
    say(invitation, words=Given(values=["提现手续费太高"]))
    assert collect(1) == 1
    read_all()
    key = f"{only_response()}/words"
    found = queries.findings(source="answer", keys=[key])[key]
    assert (found.rating, found.sentiment, found.customer_id) == (0.25, "negative", 1)
    assert found.at == NOW
    assert collect(2) == 0


def test_words_beside_an_option_are_read_and_a_number_is_not(version_id: int) -> None:
    collect()
    invitation = invite(version_id)
    say(invitation, satisfied=Given(values=["1"]))
    say(invitation, reason=Given(values=["other"], text="验证码收不到"))
    assert collect(1) == 1
    assert Finding.objects.get().masked == "验证码收不到"


def test_rewritten_words_are_read_anew_and_words_taken_back_are_forgotten(version_id: int) -> None:
    collect()
    invitation = invite(version_id)
    say(invitation, satisfied=Given(values=["3"]))
    say(invitation, words=Given(values=["手续费太高"]))
    collect(1)
    say(invitation, words=Given(values=["还是闪退"]), minutes=3)
    assert collect(4) == 1
    assert Finding.objects.get().masked == "还是闪退"
    # Answered again and cleared.
    Answer.objects.filter(question_key="words").update(text="")
    Response.objects.update(last_answered_at=NOW + timedelta(minutes=6))
    collect(7)
    assert not Finding.objects.exists()


def test_a_score_that_comes_after_the_words_counts(version_id: int) -> None:
    collect()
    invitation = invite(version_id)
    say(invitation, satisfied=Given(values=["3"]))
    say(invitation, words=Given(values=["手续费"]))
    collect(1)
    read_all()
    assert Finding.objects.get().sentiment == "neutral"
    say(invitation, satisfied=Given(values=["1"]), minutes=3)
    collect(4)
    read_all()
    assert Finding.objects.get().sentiment == "negative"


def bare(version_id: int, words: str, **more: object) -> Answer:
    """An answer as an import writes it."""
    version = Version.objects.get(pk=version_id)
    response = Response.objects.create(
        questionnaire_id=version.questionnaire_id,
        version=version,
        version_number=version.number,
        mode="import",
        started_at=NOW - timedelta(days=900),
        last_answered_at=NOW - timedelta(days=900),
    )
    return Answer.objects.create(
        response=response,
        question_key="words",
        place=1,
        kind="text",
        text=words,
        answered_at=NOW - timedelta(days=900),
        questionnaire_id=version.questionnaire_id,
        **more,
    )


def test_history_of_a_new_installation_is_read_in_steps(
    version_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "LIMIT", 3)
    for number in range(8):
        bare(version_id, f"手续费太高 {number}")
    counts = [collect(minute) for minute in range(4)]
    assert counts == [3, 3, 2, 0]
    assert {each.customer_id for each in Finding.objects.all()} == {None}
    for minute in range(4, 12):
        collect(minute)
    assert Finding.objects.count() == 8


def test_a_comment_by_message_is_read(version_id: int) -> None:
    answer = bare(version_id, "")
    TakenReply.objects.create(
        reply_id=9,
        customer_id=4,
        response=answer.response,
        mode="sms",
        words="一直闪退",
        outcome="answered",
        at=NOW,
    )
    TakenReply.objects.create(reply_id=10, mode="sms", words="nothing", outcome="left", at=NOW)
    assert collect() == 1
    assert Finding.objects.get().key == f"{answer.response_id}/reply:9"


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_commits_late_below_a_higher_id_is_found(version_id: int) -> None:
    wrote, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                bare(version_id, "手续费太高")
                wrote.set()
                assert may_commit.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert wrote.wait(60)
        later = bare(version_id, "一直闪退")
        assert collect() == 1
        assert collect(1) == 0
        assert collect(2) == 0
    finally:
        may_commit.set()
        thread.join(60)
    found = sum(collect(minute) for minute in range(3, 7))
    assert found == 1
    assert Answer.objects.exclude(pk=later.pk).get().pk < later.pk
    assert Finding.objects.count() == 2


@pytest.mark.parametrize(
    ("kind", "number", "share"),
    [
        ("csat", 1, 0.0),
        ("csat", 5, 1.0),
        ("nps", 6, 0.4),
        ("nps", 7, 0.6),
        ("nps", 9, 0.9),
        ("ces", 4, 0.5),
        ("text", 3, None),
    ],
)
def test_scores_are_shares_of_their_scales(kind: str, number: int, share: float | None) -> None:
    assert wordings.share_of(kind, number) == (None if share is None else pytest.approx(share))
