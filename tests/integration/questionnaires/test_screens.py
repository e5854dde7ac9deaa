"""The staff screens: writing, publishing, previewing, and reading what was said."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.textanalysis.saying import say

from huifang.console.models import Person
from huifang.customers.models import Customer
from huifang.kernel import audit, clock
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import queries, services
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.models import Answer, Response

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    person = Person.objects.create(email=f"{role}@example.com", role=role, date_joined=clock.now())
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def operator() -> Client:
    return signed_in("operations")


def begin(client: Client, name: str = "Pulse") -> int:
    reply = client.post(reverse("questionnaires:create"), {"name.en": name, "name.zh-Hans": ""})
    return int(reply["Location"].rstrip("/").rsplit("/", 1)[-1])


def form(questionnaire_id: int, **more: object) -> dict[str, object]:
    """The editor's form as its page holds it, with *more* written over."""
    found = queries.questionnaire(questionnaire_id=questionnaire_id)
    data: dict[str, object] = {
        "name.en": found.name.get("en", ""),
        "stamp": found.latest.stamp,
        "fallback_language": "en",
        "display": "one",
        "order": [question.key for question in found.definition.questions],
    }
    for question in found.definition.questions:
        data[f"k.{question.key}.kind"] = question.kind.value
        data[f"k.{question.key}.title.en"] = question.title.get("en", "")
        data[f"k.{question.key}.options"] = [option.key for option in question.options]
        for option in question.options:
            data[f"k.{question.key}.option.{option.key}.en"] = option.label.get("en", "")
    return {**data, **more}


def save(client: Client, questionnaire_id: int, **more: object) -> None:
    reply = client.post(
        reverse("questionnaires:save", args=[questionnaire_id]), form(questionnaire_id, **more)
    )
    assert reply.status_code == 302


def keys(questionnaire_id: int) -> list[str]:
    found = queries.questionnaire(questionnaire_id=questionnaire_id)
    return [question.key for question in found.definition.questions]


def test_an_empty_list_offers_the_ready_ones(operator: Client) -> None:
    html = operator.get(reverse("questionnaires:list")).content.decode()
    assert "Nothing to ask yet" in html
    operator.post(reverse("questionnaires:install-pack"))
    html = operator.get(reverse("questionnaires:list")).content.decode()
    assert "After first payment" in html
    assert "Quarterly pulse" in html


def test_a_questionnaire_is_written_without_scripts_and_published(operator: Client) -> None:
    made = begin(operator)
    save(operator, made, do="add:csat")
    save(operator, made, do="add:single", **{"k.csat.title.en": "How was it?"})
    save(
        operator,
        made,
        do="add-option:single",
        **{
            "k.single.title.en": "Why?",
            "k.single.show_if": "csat:at_most:3",
            "k.single.option.option_1.en": "Slow",
            "k.single.option.option_2.en": "Dear",
        },
    )
    save(operator, made, do="remove-option:single:option", **{"k.single.show_if": "csat:at_most:3"})
    operator.post(reverse("questionnaires:publish", args=[made]))

    choice = queries.published(questionnaire_id=made)
    asked = queries.definition(version_id=choice.version_id)
    assert [question.key for question in asked.questions] == ["csat", "single"]
    assert asked.questions[1].show_if[0].number == 3
    assert [option.label["en"] for option in asked.questions[1].options] == ["Slow", "Dear"]
    html = operator.get(reverse("questionnaires:edit", args=[made])).content.decode()
    assert "Published v1" in html
    assert "is-depth-1" in html


def test_questions_move_and_go(operator: Client) -> None:
    made = begin(operator)
    for kind in ("csat", "nps", "text"):
        save(operator, made, do=f"add:{kind}")
    save(operator, made, do="up:text")
    assert keys(made) == ["csat", "text", "nps"]
    save(operator, made, do="down:csat")
    assert keys(made) == ["text", "csat", "nps"]
    save(operator, made, do="remove:csat")
    assert keys(made) == ["text", "nps"]


def test_a_move_that_breaks_a_branch_is_refused_and_loses_nothing(operator: Client) -> None:
    made = begin(operator)
    save(operator, made, do="add:csat")
    save(operator, made, do="add:text")
    reply = operator.post(
        reverse("questionnaires:save", args=[made]),
        form(made, do="up:text", **{"k.text.show_if": "csat:at_most:3", "k.text.title.en": "Kept"}),
    )
    assert reply.status_code in {302, 422}
    found = queries.questionnaire(questionnaire_id=made).definition
    assert [question.key for question in found.questions] == ["csat", "text"]
    assert found.questions[1].title == {"en": "Kept"}


def test_a_fragment_saves_and_shows_the_phone_anew(operator: Client) -> None:
    made = begin(operator)
    save(operator, made, do="add:csat")
    reply = operator.post(
        reverse("questionnaires:save", args=[made]),
        form(made, **{"k.csat.title.en": "How was it?"}),
        headers={"HX-Request": "true"},
    )
    html = reply.content.decode()
    assert "<html" not in html
    assert f'value="{queries.questionnaire(questionnaire_id=made).latest.stamp}"' in html
    assert "<iframe" in html


def test_two_people_do_not_overwrite_each_other(operator: Client) -> None:
    made = begin(operator)
    old = form(made)
    save(operator, made, do="add:csat")
    operator.post(reverse("questionnaires:save", args=[made]), {**old, "do": "add:nps"})
    assert keys(made) == ["csat"]


def test_the_preview_walks_the_branches_and_keeps_nothing(operator: Client) -> None:
    operator.post(reverse("questionnaires:install-pack"))
    [row] = [each for each in queries.questionnaire_rows() if each.slug == "after-first-payment"]
    path = reverse("questionnaires:preview", args=[row.id, 1])
    reply = operator.get(path, {"l": "zh-Hans"})
    assert "第一次用我们付款，您满意吗？" in reply.content.decode()
    assert reply["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in reply["Content-Security-Policy"]

    html = operator.get(path, {"l": "en", "q": "satisfied", "a.satisfied": "1"}).content.decode()
    assert "What was the main difficulty?" in html
    html = operator.get(path, {"l": "en", "q": "satisfied", "a.satisfied": "5"}).content.decode()
    assert "anything else" in html
    html = operator.get(path, {"l": "en", "p": ["satisfied=5", "words="]}).content.decode()
    assert "Thank you." in html
    assert not Response.objects.exists()


def test_no_other_page_may_be_framed(operator: Client) -> None:
    reply = operator.get(reverse("questionnaires:list"))
    assert reply["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in reply["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["publish", "discard", "archive", "save"])
def test_who_may_only_read_changes_nothing(name: str) -> None:
    made = services.create_questionnaire(slug="s", name={"en": "S"}, by="test", now=clock.now())
    client = signed_in("product_owner")
    assert client.get(reverse("questionnaires:edit", args=[made])).status_code == 200
    assert client.post(reverse(f"questionnaires:{name}", args=[made])).status_code == 403


def test_what_was_done_is_in_the_audit_log(operator: Client) -> None:
    made = begin(operator)
    save(operator, made, do="add:csat")
    save(operator, made, **{"k.csat.title.en": "How was it?"})
    operator.post(reverse("questionnaires:publish", args=[made]))
    operator.post(reverse("questionnaires:archive", args=[made]), {"archived": "yes"})
    done = [entry.action for entry in audit.entries(subject=f"questionnaire:{made}")]
    assert done == [
        "questionnaire.archived",
        "questionnaire.published",
        "questionnaire.draft_saved",
        "questionnaire.draft_saved",
        "questionnaire.draft_saved",
        "questionnaire.created",
    ]


@pytest.fixture
def answered() -> None:
    """Three customers who answered the first-payment questionnaire, one of them badly."""
    now = clock.now()
    services.install_pack(now=now)
    [row] = [each for each in queries.questionnaire_rows() if each.slug == "after-first-payment"]
    version_id = queries.published(questionnaire_id=row.id).version_id
    for number, (score, words, channel) in enumerate(
        [("5", "到账很快", "sms"), ("1", '=HYPERLINK("x")', "email"), ("4", "<b>Good</b>", "sms")], start=1
    ):
        customer = Customer.objects.create(
            external_id=f"u-{number}", first_seen_at=now, last_seen_at=now, wallet_kind="hard"
        )
        invitation = services.invite(
            customer_id=CustomerId(customer.pk),
            version_id=version_id,
            key=f"k{number}",
            language="zh-Hans",
            mode="page",
            now=now,
            expires_at=now + timedelta(days=1),
            plan_id=7,
            channel=channel,
        )
        # The reason is asked after a bad score alone; elsewhere it is left out.
        for key, value in (("satisfied", score), ("reason", "slow"), ("words", words)):
            services.answer(
                invitation_id=invitation.id,
                submission=Submission(given={key: Given(values=[value])}),
                now=now + timedelta(seconds=number),
            )


def read(client: Client, **query: str) -> str:
    return client.get(reverse("questionnaires:feedback"), query).content.decode()


@pytest.mark.usefixtures("answered")
def test_feedback_tells_scores_with_base_and_interval_and_words_as_they_were(operator: Client) -> None:
    html = read(operator)
    assert "CSAT <b>67%</b>" in html
    assert "from 3 answers" in html
    assert "到账很快" in html
    assert "&lt;b&gt;Good&lt;/b&gt;" in html
    assert html.index("Good") < html.index("到账很快")


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(
    ("query", "present", "absent"),
    [
        ({"channel": "sms"}, "到账很快", "HYPERLINK"),
        ({"low": "yes"}, "HYPERLINK", "到账很快"),
        ({"q": "到账"}, "到账很快", "HYPERLINK"),
        ({"plan": "7", "wallet": "hard", "metric": "csat", "words": "yes"}, "到账很快", "No answer fits"),
        ({"metric": "nps"}, "", "到账很快"),
        ({"language": "zh-Hans", "channel": "email"}, "HYPERLINK", "到账很快"),
        ({"from": "2001-01-01", "to": "2001-01-02"}, "No answer fits", "到账很快"),
        ({"from": "nonsense", "plan": "x", "channel": "'"}, "到账很快", "No answer fits"),
    ],
)
def test_feedback_is_narrowed_by_its_address(
    operator: Client, query: dict[str, str], present: str, absent: str
) -> None:
    html = read(operator, **query)
    assert present in html
    assert absent not in html


@pytest.mark.usefixtures("answered")
def test_what_was_read_in_words_stands_under_them_and_narrows(operator: Client) -> None:
    answer = Answer.objects.get(text="到账很快")
    row = say("到账很快", topics=["transfer"], sentiment="positive", key=f"{answer.response_id}/words")
    html = read(operator)
    assert f'id="marks-{row.pk}"' in html
    assert "Transfer and refund</a>" in html
    assert reverse("textanalysis:correct", args=[row.pk]) in html
    for query in ({"topic": "transfer"}, {"mood": "positive"}):
        html = read(operator, **query)
        assert "到账很快" in html
        assert "HYPERLINK" not in html
    assert "No answer fits" in read(operator, mood="negative")
    assert "No answer fits" in read(operator, urgency="3")


def test_feedback_without_any_answer_says_what_will_be_here(operator: Client) -> None:
    assert "No answer yet" in read(operator)


@pytest.mark.usefixtures("answered")
def test_the_export_holds_every_answer_and_no_formula(operator: Client) -> None:
    reply = operator.get(reverse("questionnaires:feedback"), {"export": "csv"})
    text = b"".join(reply.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    table = list(csv.DictReader(io.StringIO(text)))
    assert len(table) == 7
    assert {row["text"] for row in table if row["question"] == "words"} == {
        "到账很快",
        '\'=HYPERLINK("x")',
        "<b>Good</b>",
    }
    assert [row["choices"] for row in table if row["question"] == "reason"] == ["It took long"]
    assert [entry.action for entry in audit.entries(subject="feedback")] == ["feedback.exported"]


@pytest.mark.usefixtures("answered")
def test_who_may_not_export_gets_neither_link_nor_file() -> None:
    client = signed_in("case_officer")
    assert "export=csv" not in read(client)
    assert client.get(reverse("questionnaires:feedback"), {"export": "csv"}).status_code == 403
