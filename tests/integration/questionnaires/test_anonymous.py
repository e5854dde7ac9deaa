"""Nothing in the database leads from an anonymous answer to who gave it, however one tries to join."""

import re
from datetime import UTC, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.integration.questionnaires.conftest import NOW

from huifang.console.models import Person
from huifang.customers.models import Customer
from huifang.kernel import clock, vault
from huifang.kernel.ids import CustomerId
from huifang.kernel.models import OutboxEntry
from huifang.questionnaires import ballots, checks, queries, services
from huifang.questionnaires.definition_errors import AnonymousKindError
from huifang.questionnaires.models import Answer, Ballot, Invitation, Response

pytestmark = pytest.mark.django_db(transaction=True)
QUESTIONS: list[dict[str, Any]] = [
    {"key": "score", "kind": "nps", "title": {"en": "Recommend?"}, "is_required": True},
    {
        "key": "reason",
        "kind": "multiple",
        "title": {"en": "Why?"},
        "is_shuffled": True,
        "options": [{"key": f"o{number}", "label": {"en": f"Option {number}"}} for number in range(8)],
    },
    {"key": "words", "kind": "text", "title": {"en": "Anything else?"}},
]
# What was answered itself, and numbers that the worker's one transaction gave in random order.
OWN = {"id", "response_id", "number", "ctid", "place", "low_score", "is_live", "has_text"}
PEOPLE = (
    "questionnaires_invitation",
    "customers_customer",
    "kernel_outboxentry",
    "kernel_auditentry",
)
TABLES = ("questionnaires_response", "questionnaires_answer")


def _version(**more: Any) -> int:
    definition = checks.convert(
        {
            "questions": QUESTIONS,
            "fallback_language": "en",
            "is_anonymous": True,
            "intro": {"en": "x"},
            **more,
        }
    )
    made = services.create_questionnaire(
        slug="secret", name={"en": "Secret"}, by="test", now=NOW, definition=definition
    )
    return services.publish(questionnaire_id=made, by="test", now=NOW)


def _link(version_id: int, number: int) -> str:
    now = clock.now()
    customer = Customer.objects.create(
        external_id=f"customer-{number}",
        first_seen_at=now,
        last_seen_at=now,
        wallet_kind="hard",
        region=f"Town {number}",
    )
    return services.invite(
        customer_id=CustomerId(customer.pk),
        version_id=version_id,
        key=f"enrolment:{number}",
        language="en",
        mode="web",
        now=now,
        expires_at=now + timedelta(days=7),
        plan_id=3,
        channel="sms",
        context={"event": "Payment", "app_version": f"1.{number}"},
    ).path


def _ballot(client: Client, link: str) -> str:
    found = re.search(r'name="ballot" value="([^"]+)"', client.get(link).content.decode())
    assert found
    return unescape(found[1])


def _begin(client: Client, link: str, score: int) -> str:
    """The address of the ballot after a first answer."""
    data = {"ballot": _ballot(client, link), "q": "score", "a.score": str(score)}
    reply = client.post(link, data)
    assert reply.status_code == 303
    return str(reply["Location"])


def _answer(client: Client, link: str, score: int, words: str) -> str:
    address = _begin(client, link, score)
    client.post(address, {"q": "reason", "skip": "reason"})
    client.post(address, {"q": "words", "a.words": words})
    return address


@pytest.fixture
def links() -> list[str]:
    version_id = _version()
    return [_link(version_id, number) for number in range(8)]


def _everything(table: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ctid::text, xmin::text, * FROM {table} ORDER BY ctid")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_answers_wait_until_they_can_be_mixed(links: list[str], client: Client) -> None:
    for number in range(4):
        _answer(client, links[number], number, "words")
    assert ballots.mix(now=clock.now()) == 0
    assert not Response.objects.exists()
    _answer(client, links[4], 4, "words")
    assert ballots.mix(now=clock.now()) == 5
    assert sorted(Answer.objects.filter(metric="nps").values_list("number", flat=True)) == [0, 1, 2, 3, 4]
    assert not Ballot.objects.exists()
    assert ballots.mix(now=clock.now()) == 0


def test_feedback_shows_a_day_and_no_time_of_anonymous_answers(links: list[str], client: Client) -> None:
    for number in range(5):
        _answer(client, links[number], number, f"words {number}")
    ballots.mix(now=clock.now())
    person = Person.objects.create(email="shen@example.com", role="admin", date_joined=clock.now())
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/feedback/").content.decode()
    said = re.findall(r'<p class="hf-by">anonymous.*?</p>', page, re.DOTALL)
    assert len(said) == 5
    day = Response.objects.first().last_answered_at.astimezone(UTC).date().isoformat()  # type: ignore[union-attr]
    assert all(day in each and "<time" not in each for each in said)


def test_feedback_says_how_many_wait_and_nothing_of_what_they_say(links: list[str], client: Client) -> None:
    for number in range(3):
        _answer(client, links[number], number, f"words {number}")
    person = Person.objects.create(email="shen@example.com", role="admin", date_joined=clock.now())
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/feedback/").content.decode()
    assert "3 anonymous answers wait" in page
    assert "words 1" not in page
    one = Ballot.objects.first().version.questionnaire_id  # type: ignore[union-attr]
    assert "3 anonymous answers wait" in client.get(f"/feedback/?questionnaire={one}").content.decode()
    assert "anonymous answers wait" not in client.get("/feedback/?from=2020-01-01").content.decode()


def test_no_column_of_a_response_tells_who_when_or_by_what_it_came(links: list[str], client: Client) -> None:
    for number, link in enumerate(links):
        _answer(client, link, number, "words")
    ballots.mix(now=clock.now())
    for row in Response.objects.all():
        assert (row.customer_id, row.invitation_id, row.open_link_id, row.plan_id) == (None,) * 4
        assert (row.channel, row.wallet_kind, row.region, row.app_version) == ("",) * 4
        assert (row.context, row.seed, row.place, row.mode) == ({}, "", "", "anonymous")
        assert row.started_at == row.completed_at == row.last_answered_at
        day = row.started_at.astimezone(UTC)
        assert (day.hour, day.minute, day.second, day.microsecond) == (0, 0, 0, 0)
    assert set(Answer.objects.values_list("option_order", flat=True).distinct()[0]) == set()
    assert Response.objects.values("started_at").distinct().count() == 1


def test_no_value_of_a_response_occurs_in_any_row_about_a_person(links: list[str], client: Client) -> None:
    """A join over every pair of columns: what is told of one response alone is told of no invitation."""
    tokens = []
    for number, link in enumerate(links):
        tokens.append(_answer(client, link, number, "words").split("?")[0].rsplit("/", 1)[1])
    ballots.mix(now=clock.now())
    told_of_people = {
        str(value)
        for table in (
            "questionnaires_invitation",
            "customers_customer",
            "kernel_outboxentry",
            "kernel_auditentry",
        )
        for row in _everything(table)
        for value in row.values()
    }
    secrets = {str(ballots.read(token).id) for token in tokens} | {
        ballots.read(token).seed for token in tokens
    }
    for table in TABLES:
        rows = _everything(table)
        for name in rows[0].keys() - OWN:
            values = [str(row[name]) for row in rows]
            marks = {value for value in values if values.count(value) == 1}
            assert not marks & told_of_people, (table, name)
            assert not set(values) & secrets, (table, name)


def test_physical_order_ids_and_transactions_tell_nothing(links: list[str], client: Client) -> None:
    """Answers given in the order 0, 1, 2 … lie in another, written by one transaction of the worker's."""
    orders = set()
    for _ in range(4):
        Answer.objects.all().delete()
        Response.objects.all().delete()
        Invitation.objects.update(is_spent=False)
        for number, link in enumerate(links):
            _answer(client, link, number, "words")
        assert ballots.mix(now=clock.now()) == len(links)
        responses, answers = (_everything(table) for table in TABLES)
        assert len({row["xmin"] for row in responses + answers}) == 1
        writers = {row["xmin"] for row in responses}
        assert not writers & {row["xmin"] for row in _everything("questionnaires_invitation")}
        assert not writers & {row["xmin"] for row in _everything("kernel_outboxentry")}
        scores = [row["number"] for row in answers if row["metric"] == "nps"]
        assert sorted(scores) == list(range(8))
        by_id = sorted((row for row in answers if row["metric"] == "nps"), key=lambda row: row["response_id"])
        orders |= {tuple(scores), tuple(row["number"] for row in by_id)}
    # One order in 40,320 is the order of time; four runs that all kept it are no chance.
    assert orders != {tuple(range(8))}
    assert len(orders) > 1


def test_an_answer_and_its_invitation_never_share_a_transaction(links: list[str], client: Client) -> None:
    _begin(client, links[0], 9)
    (ballot,) = _everything("questionnaires_ballot")
    (spent,) = [row for row in _everything("questionnaires_invitation") if row["is_spent"]]
    assert ballot["xmin"] != spent["xmin"]
    assert set(ballot) - {"ctid", "xmin"} == {"id", "version_id", "sealed", "is_done", "touched_on"}


def test_a_ballot_is_sealed_and_lies_under_a_hash(links: list[str], client: Client) -> None:
    address = _begin(client, links[0], 9)
    token = address.split("?")[0].rsplit("/", 1)[1]
    (row,) = Ballot.objects.all()
    assert b"score" not in bytes(row.sealed)
    assert str(row.pk).replace("-", "") not in token
    assert vault.unseal(bytes(row.sealed), context="ballot").count(b'"score"') == 1


def test_the_facts_name_no_answer(links: list[str], client: Client) -> None:
    _answer(client, links[0], 1, "words")
    facts = list(OutboxEntry.objects.values_list("fact_type", "payload"))
    assert {name for name, _ in facts} == {"InvitationSpent"}
    assert all(set(payload) == {"customer_id", "invitation_key", "at"} for _, payload in facts)


def test_a_link_is_good_for_one_answer(links: list[str], client: Client) -> None:
    first = _ballot(client, links[0])
    second = _ballot(client, links[0])
    data = {"q": "score", "a.score": "9"}
    assert client.post(links[0], {**data, "ballot": first}).status_code == 303
    again = client.post(links[0], {**data, "ballot": second})
    assert again.status_code == 410
    assert "used already" in again.content.decode()
    assert client.get(links[0]).status_code == 410
    assert Ballot.objects.count() == 1


def test_pressing_twice_is_one_answer(links: list[str], client: Client) -> None:
    data = {"ballot": _ballot(client, links[0]), "q": "score", "a.score": "9"}
    replies = [client.post(links[0], data) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [303, 303]
    assert replies[0]["Location"] == replies[1]["Location"]
    assert Ballot.objects.count() == 1


def test_a_wrong_answer_does_not_use_up_the_link(links: list[str], client: Client) -> None:
    reply = client.post(links[0], {"ballot": _ballot(client, links[0]), "q": "score", "a.score": "11"})
    assert reply.status_code == 422
    assert not Invitation.objects.filter(is_spent=True).exists()
    assert client.get(links[0]).status_code == 200


def test_a_ballot_that_nobody_drew_or_began_takes_no_answer(links: list[str], client: Client) -> None:
    unbegun = _ballot(client, links[0])
    reply = client.post(f"/s/a/{unbegun}", {"q": "score", "a.score": "9"})
    assert "Thank you." in reply.content.decode()
    assert client.get("/s/a/forged").status_code == 404
    assert client.post(links[0], {"ballot": "forged", "q": "score", "a.score": "9"}).status_code == 404
    assert not Ballot.objects.exists()


def test_a_ballot_of_another_version_is_refused(links: list[str], client: Client) -> None:
    foreign = ballots.draw(version_id=999_999)
    assert client.post(links[0], {"ballot": foreign, "q": "score", "a.score": "9"}).status_code == 404
    assert not Invitation.objects.filter(is_spent=True).exists()


def test_partial_answers_are_kept_from_the_next_day_on(links: list[str], client: Client) -> None:
    for number in range(5):
        _begin(client, links[number], number)
    now = clock.now()
    assert ballots.mix(now=now) == 0
    assert ballots.mix(now=now + timedelta(days=1)) == 5
    assert set(Response.objects.values_list("state", flat=True)) == {"started"}
    assert Response.objects.filter(completed_at=None).count() == 5


def test_a_language_that_few_speak_is_not_told(client: Client) -> None:
    questions = [{**each, "title": {"en": "T", "zh-Hans": "题"}} for each in QUESTIONS[::2]]
    version_id = _version(questions=questions)
    for number in range(6):
        link = _link(version_id, number)
        address = _begin(client, link + ("?l=zh-Hans" if number == 0 else ""), number)
        client.post(address, {"q": "words", "skip": "words"})
    ballots.mix(now=clock.now())
    assert sorted(Response.objects.values_list("language", flat=True)) == ["", "en", "en", "en", "en", "en"]


def test_the_invitation_counts_as_answered_and_asks_no_more(links: list[str], client: Client) -> None:
    _begin(client, links[0], 9)
    customer_id = CustomerId(Customer.objects.get(external_id="customer-0").pk)
    found = Invitation.objects.get(key="enrolment:0")
    again = services.invite(
        customer_id=customer_id,
        version_id=found.version_id,
        key="enrolment:0",
        language="en",
        mode="web",
        now=clock.now(),
        expires_at=clock.now() + timedelta(days=7),
    )
    assert again.is_answered
    assert queries.responses_of(customer_id=customer_id) == []


def test_the_page_says_so_before_the_first_question(links: list[str], client: Client) -> None:
    html = client.get(links[0]).content.decode()
    assert "Anonymous." in html
    assert "Nothing leads from these answers back to you" in html
    assert client.get(links[0]).cookies == {}


@pytest.mark.parametrize("kind", ["contact", "voice", "image"])
def test_what_gives_a_person_away_cannot_be_asked_anonymously(kind: str) -> None:
    with pytest.raises(AnonymousKindError):
        _version(questions=[{"key": "x", "kind": kind, "title": {"en": "T"}}])


def test_hidden_fields_cannot_go_with_anonymous_answers() -> None:
    with pytest.raises(AnonymousKindError):
        _version(hidden=[{"key": "store"}])
