"""Versions never change what earlier answers meant; the pack; inviting; erasure; two submits at once."""

import threading
from datetime import timedelta

import msgspec
import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from tests.integration.questionnaires.conftest import DEFINITION, NOW, invite

from huifang.customers.models import Customer
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import personal_data, queries, services
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.definition_errors import NoQuestionsError
from huifang.questionnaires.errors import (
    ArchivedError,
    DraftChangedError,
    NotPublishedError,
    SlugTakenError,
    UnknownVersionError,
)
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.models import Answer, Invitation, Response, Version
from huifang.questionnaires.records import Definition, ResponseFilter


def answer(invitation_id: int, key: str, value: str) -> bool:
    submission = Submission(given={key: Given(values=[value])}, language="en")
    return services.answer(invitation_id=invitation_id, submission=submission, now=NOW)  # type: ignore[arg-type]


def reworded() -> Definition:
    first, *rest = DEFINITION.questions
    return msgspec.structs.replace(
        DEFINITION,
        questions=(msgspec.structs.replace(first, title={"en": "Reworded", "zh-Hans": "改"}), *rest),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["definition", "number", "state"])
def test_the_database_itself_refuses_to_change_a_published_version(version_id: int, column: str) -> None:
    value = {"definition": {}, "number": 9, "state": "draft"}[column]
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Version.objects.filter(pk=version_id).update(**{column: value})
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Version.objects.filter(pk=version_id).delete()


@pytest.mark.django_db
def test_who_was_invited_before_keeps_the_version_of_then(version_id: int) -> None:
    before = invite(version_id, key="before")
    made = Version.objects.get(pk=version_id).questionnaire_id
    services.save_draft(questionnaire_id=made, definition=reworded(), by="test", now=NOW)
    assert queries.published(questionnaire_id=made).version_id == version_id
    newer = services.publish(questionnaire_id=made, by="test", now=NOW)
    after = invite(newer, key="after")

    asked = [queries.sitting(invitation_id=each.id, now=NOW).definition for each in (before, after)]
    assert [each.questions[0].title["en"] for each in asked] == ["How was this payment?", "Reworded"]


@pytest.mark.django_db
def test_saving_what_is_there_already_makes_no_version(version_id: int) -> None:
    made = Version.objects.get(pk=version_id).questionnaire_id
    assert services.save_draft(questionnaire_id=made, definition=DEFINITION, by="test", now=NOW) == 1
    assert Version.objects.count() == 1


@pytest.mark.django_db
def test_a_draft_saved_from_an_old_state_is_refused(version_id: int) -> None:
    made = Version.objects.get(pk=version_id).questionnaire_id
    stamp = queries.questionnaire(questionnaire_id=made).latest.stamp
    services.save_draft(questionnaire_id=made, definition=reworded(), by="a", now=NOW, stamp=stamp)
    with pytest.raises(DraftChangedError):
        services.save_draft(questionnaire_id=made, definition=DEFINITION, by="b", now=NOW, stamp=stamp)


@pytest.mark.django_db
def test_drafts_are_neither_offered_nor_asked() -> None:
    made = services.create_questionnaire(slug="s", name={"en": "S"}, by="test", now=NOW)
    assert queries.questionnaire_choices() == []
    with pytest.raises(NotPublishedError):
        queries.published(questionnaire_id=made)
    with pytest.raises(UnknownVersionError):
        invite(Version.objects.get().pk)
    with pytest.raises(NoQuestionsError):
        services.publish(questionnaire_id=made, by="test", now=NOW)
    with pytest.raises(SlugTakenError):
        services.create_questionnaire(slug="s", name={"en": "S"}, by="test", now=NOW)


@pytest.mark.django_db
def test_an_archived_questionnaire_is_not_offered_yet_still_answered(version_id: int) -> None:
    invitation = invite(version_id)
    made = Version.objects.get(pk=version_id).questionnaire_id
    services.archive(questionnaire_id=made, by="test", now=NOW)
    assert queries.questionnaire_choices() == []
    answer(invitation.id, "satisfied", "4")
    with pytest.raises(ArchivedError):
        services.save_draft(questionnaire_id=made, definition=reworded(), by="test", now=NOW)


@pytest.mark.django_db
def test_the_pack_is_put_in_once_and_never_over_a_change() -> None:
    added = services.install_pack(now=NOW)
    assert len(added) == 11
    assert {"after-first-payment", "ease-of-use", "quarterly-pulse", "security-check"} <= set(added)
    assert services.install_pack(now=NOW) == []
    choices = queries.questionnaire_choices()
    assert [choice.languages for choice in choices] == [["zh-Hans", "en"]] * 11


@pytest.mark.django_db
def test_erasure_takes_words_and_links_and_leaves_the_numbers(version_id: int) -> None:
    invitation = invite(version_id, key="enrolment:77:step:1")
    answer(invitation.id, "satisfied", "2")
    answer(invitation.id, "words", "我是张三")
    held = personal_data.export(customer_id=CustomerId(1))
    assert "我是张三" in str(held)

    personal_data.erase(customer_id=CustomerId(1), now=NOW)

    [csat] = queries.scores(only=ResponseFilter())
    assert csat.counts == {2: 1}
    assert queries.responses_of(customer_id=CustomerId(1)) == []
    assert personal_data.export(customer_id=CustomerId(1)) == {"invitations": [], "responses": []}
    kept = [
        *Answer.objects.values_list("text", "customer_id"),
        *Invitation.objects.values_list("key", "customer_id"),
    ]
    assert [value for _, value in kept] == [None] * 3
    assert not any("张三" in text or "77" in text for text, _ in kept)
    assert Client().get(invitation.path).status_code == 410


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_keep_one_answer_and_start_once() -> None:
    invitation = _invited()
    errors: list[Exception] = []

    def send(value: str) -> None:
        try:
            answer(invitation.pk, "satisfied", value)
        except Exception as error:  # collected, so that the test fails with it
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(value,)) for value in "12345123"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Response.objects.count() == 1
    assert Answer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_with_one_key_get_the_one_invitation() -> None:
    version_id = _invited().version_id
    ids: list[int] = []

    def ask() -> None:
        try:
            ids.append(invite(version_id, key="same").id)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6
    assert len(set(ids)) == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_is_sent_on_has_an_answer_that_survives_the_process() -> None:
    """Once the redirect is out, another connection sees the answer: a kill after that takes nothing back."""
    now = clock.now()
    invitation = _invited(expires_at=now + timedelta(days=1))
    path = queries.invitation_path(invitation_id=invitation.pk)
    reply = Client().post(path, {"q": "satisfied", "a.satisfied": "3"})
    assert reply.status_code == 303
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], host=settings["HOST"], user=settings["USER"], port=settings["PORT"] or None
    ) as other:
        assert other.execute("SELECT number FROM questionnaires_answer").fetchall() == [(3,)]


def _invited(expires_at: object = None) -> Invitation:
    Customer.objects.get_or_create(pk=1, external_id="u-1", first_seen_at=NOW, last_seen_at=NOW)
    made = services.create_questionnaire(
        slug="payment", name={"en": "P"}, by="test", now=NOW, definition=DEFINITION
    )
    version_id = services.publish(questionnaire_id=made, by="test", now=NOW)
    found = Invitation.objects.get(pk=invite(version_id).id)
    if expires_at:
        Invitation.objects.update(expires_at=expires_at)
    return found
