"""Answers as they are kept: each once, the latest, on the path, and not after closing."""

from datetime import timedelta

import pytest
from tests.integration.questionnaires.conftest import NOW, invite

from huifang.kernel import outbox
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import queries, services
from huifang.questionnaires.answer_errors import AnswerInvalidError, AnswerMissingError, ResponseCompleteError
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.errors import InvitationClosedError
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.records import (
    Invitation,
    ResponseCompleted,
    ResponseFilter,
    ResponseRecord,
    ResponseStarted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every fact that is recorded."""
    heard: list[object] = []
    monkeypatch.setattr(outbox, "record", lambda *facts: heard.extend(facts))
    return heard


def tap(invitation: Invitation, key: str, value: str, *, minutes: int = 0, text: str = "") -> bool:
    given = {key: Given(values=[value], text=text)}
    submission = Submission(given=given, language="zh-Hans")
    return services.answer(
        invitation_id=invitation.id, submission=submission, now=NOW + timedelta(minutes=minutes)
    )


def skip(invitation: Invitation, key: str) -> bool:
    return services.answer(
        invitation_id=invitation.id, submission=Submission(given={}, skipped=[key]), now=NOW
    )


def only_response() -> ResponseRecord:
    [response] = queries.responses_of(customer_id=CustomerId(1))
    return response


def test_inviting_twice_by_one_key_gives_one_invitation(version_id: int) -> None:
    assert invite(version_id) == invite(version_id)


def test_the_first_answer_starts_and_the_last_completes(version_id: int, facts: list[object]) -> None:
    invitation = invite(version_id)

    assert tap(invitation, "satisfied", "5") is False
    assert tap(invitation, "words", "很好", minutes=1) is True

    started, completed = facts
    assert isinstance(started, ResponseStarted)
    assert isinstance(completed, ResponseCompleted)
    assert completed.invitation_key == "enrolment:1:step:0"
    assert completed.low_score is False


@pytest.mark.parametrize(("score", "is_low"), [("2", True), ("3", False)])
def test_a_csat_of_two_is_low_and_three_is_not(
    version_id: int, facts: list[object], score: str, is_low: bool
) -> None:
    invitation = invite(version_id)
    tap(invitation, "satisfied", score)
    tap(invitation, "reason", "slow")
    skip(invitation, "words")

    [completed] = [fact for fact in facts if isinstance(fact, ResponseCompleted)]
    assert completed.low_score is is_low


def test_an_answer_given_again_replaces_the_one_before(version_id: int) -> None:
    invitation = invite(version_id)
    tap(invitation, "satisfied", "5")
    tap(invitation, "satisfied", "4", minutes=1)

    assert [answer.number for answer in only_response().answers] == [4]


def test_an_answer_off_the_path_does_not_count_until_the_path_comes_back(version_id: int) -> None:
    invitation = invite(version_id)
    tap(invitation, "satisfied", "2")
    tap(invitation, "reason", "slow")
    tap(invitation, "satisfied", "5")
    assert [answer.question_key for answer in only_response().answers] == ["satisfied"]

    tap(invitation, "satisfied", "1")
    assert [answer.question_key for answer in only_response().answers] == ["satisfied", "reason"]


def test_partial_answers_are_kept_when_the_invitation_closes(version_id: int) -> None:
    invitation = invite(version_id)
    tap(invitation, "satisfied", "3")
    services.close_invitation(key=invitation.key, now=NOW)

    with pytest.raises(InvitationClosedError):
        tap(invitation, "words", "太晚了")
    assert only_response().state == "started"
    assert [answer.number for answer in only_response().answers] == [3]


def test_an_answer_at_the_very_moment_of_expiry_is_late(version_id: int) -> None:
    invitation = invite(version_id)
    with pytest.raises(InvitationClosedError):
        tap(invitation, "satisfied", "3", minutes=7 * 24 * 60)


def test_a_complete_response_takes_no_more(version_id: int, facts: list[object]) -> None:
    invitation = invite(version_id)
    tap(invitation, "satisfied", "5")
    skip(invitation, "words")

    with pytest.raises(ResponseCompleteError):
        tap(invitation, "satisfied", "1")
    assert services.complete(invitation_id=invitation.id, now=NOW) is True
    assert sum(isinstance(fact, ResponseCompleted) for fact in facts) == 1


def test_what_is_no_answer_is_refused_and_nothing_is_kept(version_id: int) -> None:
    invitation = invite(version_id)
    with pytest.raises(AnswerInvalidError):
        tap(invitation, "satisfied", "6")
    with pytest.raises(AnswerMissingError):
        tap(invitation, "satisfied", "")
    assert queries.responses_of(customer_id=CustomerId(1)) == []


def test_a_required_question_cannot_be_skipped(version_id: int) -> None:
    invitation = invite(version_id)
    assert skip(invitation, "satisfied") is False
    sitting = queries.sitting(invitation_id=invitation.id, now=NOW)
    assert sitting.skipped == frozenset()


def test_an_answer_to_a_hidden_question_is_left_out(version_id: int) -> None:
    invitation = invite(version_id)
    tap(invitation, "satisfied", "5")
    tap(invitation, "reason", "slow")
    assert [answer.question_key for answer in only_response().answers] == ["satisfied"]


def test_words_beside_other_are_kept_and_elsewhere_dropped(version_id: int) -> None:
    invitation = invite(version_id)
    tap(invitation, "satisfied", "1")
    tap(invitation, "reason", "other", text=" 店员\x00不会用 ")
    assert only_response().answers[1].text == "店员不会用"
    tap(invitation, "reason", "slow", text="不该留下")
    assert only_response().answers[1].text == ""


def test_the_score_counts_leave_out_what_is_off_the_path(version_id: int) -> None:
    for number, score in enumerate(["5", "5", "2"], start=1):
        tap(invite(version_id, key=f"k{number}", customer_id=number), "satisfied", score)
    [csat] = queries.scores(only=ResponseFilter())
    assert (csat.metric, csat.counts) == ("csat", {2: 1, 5: 2})


def test_an_answer_counts_for_the_channel_that_reached_the_customer_last(version_id: int) -> None:
    for channel in ("in_app", "sms"):
        invitation = services.invite(
            customer_id=CustomerId(5),
            version_id=version_id,
            key="enrolment:77",
            language="en",
            mode="page",
            now=NOW,
            expires_at=NOW + timedelta(days=7),
            plan_id=3,
            channel=channel,
        )
    submission = Submission(given={"satisfied": Given(values=("5",))}, language="en")
    services.answer(invitation_id=invitation.id, submission=submission, now=NOW)
    (response,) = queries.responses_of(customer_id=CustomerId(5))
    assert response.channel == "sms"
