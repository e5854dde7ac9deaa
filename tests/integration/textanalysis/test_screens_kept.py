"""The screens on which people decide: alerts, proposals, the taxonomy, labels, versions, the FAQ."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.textanalysis.saying import say, signed_in

from huifang.kernel import clock
from huifang.textanalysis import phrasing, queries
from huifang.textanalysis.models import (
    Chore,
    EngineMeasure,
    FaqAnswer,
    Finding,
    Label,
    LearntModel,
    Proposal,
    TopicAlert,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Client:
    return signed_in("product_owner")


def html_of(client: Client, name: str, *args: object, **query: str) -> str:
    reply = client.get(reverse(name, args=args), query)
    assert reply.status_code == 200, reply.content[-2000:]
    return reply.content.decode()


def post(client: Client, name: str, *args: object, **data: str) -> int:
    """Post a form to a screen of this room; the status of the reply."""
    return client.post(reverse(f"textanalysis:{name}", args=args), data).status_code


def risen(**more: object) -> TopicAlert:
    now = clock.now()
    row = say("since the update the login fails", topics=["account"])
    kept = {"topic": "account", "by": "version", "value": "8.3.0", "since": now, "at": now, "count": 12}
    return TopicAlert.objects.create(
        **{**kept, "expected": 1.4, "chance": 1e-5, "evidence": [row.pk], **more}
    )


def test_an_alert_shows_its_evidence_and_is_dismissed_and_taken_back(owner: Client) -> None:
    alert = risen()
    html = html_of(owner, "textanalysis:alerts")
    assert "1 topic rises" in html
    assert "12 texts in the 24 hours" in html
    assert "where 1.4 are usual" in html
    assert "in version 8.3.0" in html
    assert "one in 100,000" in html
    assert "one day in twenty" in html
    assert "login fails" in html
    assert "rising" in html_of(owner, "textanalysis:topics")
    post(owner, "dismiss-alert", alert.pk)
    html = html_of(owner, "textanalysis:alerts")
    assert "Nothing rises" in html
    assert "Rose before" in html
    post(owner, "dismiss-alert", alert.pk, undo="yes")
    assert TopicAlert.objects.get().closed_at is None
    assert post(owner, "dismiss-alert", 9, undo="yes") == 404


def test_who_closed_by_itself_cannot_be_opened(owner: Client) -> None:
    alert = risen(closed_at=clock.now())
    assert post(owner, "dismiss-alert", alert.pk, undo="yes") == 404


def proposed() -> Proposal:
    rows = [say(f"the widget shows a wrong balance {each}") for each in range(6)]
    ids = [row.pk for row in rows]
    return Proposal.objects.create(
        kind="topic",
        words=["widget", "balance"],
        size=6,
        members=ids,
        verbatims=ids[:3],
        at=clock.now(),
        sentiment="negative",
        intent="complaint",
    )


def test_a_proposal_becomes_a_topic_and_its_texts_labels(owner: Client) -> None:
    proposal = proposed()
    here = reverse("textanalysis:take-proposal", args=[proposal.pk])
    assert "widget · balance" in html_of(owner, "textanalysis:alerts")
    refused = owner.post(here, {"name_zh": "", "name_en": " "})
    assert refused.status_code == 422
    assert "Give it a name in at least one language." in refused.content.decode()
    assert (
        owner.post(here, {"name_zh": "小组件", "name_en": "Widget", "department": "Design"}).status_code
        == 302
    )
    topic = next(each for each in queries.taxonomy() if each.code == "widget")
    assert (topic.name["zh-Hans"], topic.department, topic.labels) == ("小组件", "design", 6)
    assert set(Finding.objects.values_list("topics__0", flat=True)) == {"widget"}
    assert owner.post(here, {"name_en": "Widget"}).status_code == 404


def test_a_proposal_is_dismissed_and_taken_back(owner: Client) -> None:
    proposal = proposed()
    here = reverse("textanalysis:dismiss-proposal", args=[proposal.pk])
    owner.post(here)
    assert "Propose again" in html_of(owner, "textanalysis:alerts")
    owner.post(here, {"undo": "yes"})
    assert Proposal.objects.get().state == "open"


def test_topics_are_added_renamed_merged_retired_and_taken_back(owner: Client) -> None:
    form = {
        "name_zh": "数字人民币",
        "name_en": "e-CNY",
        "department": "Payments",
        "phrases_en": "digital yuan\n\ne-CNY",
    }
    assert post(owner, "taxonomy", **form) == 302
    assert "your own" in html_of(owner, "textanalysis:taxonomy")
    again = owner.post(reverse("textanalysis:taxonomy"), form)
    assert (again.status_code, form["name_en"] in again.content.decode()) == (422, True)
    assert "There is a topic" in again.content.decode()
    assert phrasing.counts()["e_cny"] == 2
    edit = reverse("textanalysis:edit-topic", args=["e_cny"])
    assert "digital yuan" in owner.get(edit).content.decode()
    assert (
        owner.post(edit, {**form, "name_en": "Digital yuan", "phrases_zh": "数字人民币硬钱包"}).status_code
        == 302
    )
    assert phrasing.counts()["e_cny"] == 3
    topic = next(each for each in queries.taxonomy() if each.code == "e_cny")
    assert topic.name["en"] == "Digital yuan"
    post(owner, "retire-topic", "e_cny")
    assert owner.get(edit).status_code == 404
    assert "Take it back" in html_of(owner, "textanalysis:taxonomy")
    post(owner, "retire-topic", "e_cny", undo="yes")
    post(owner, "merge-topic", "e_cny", into="payment")
    assert "merged into" in html_of(owner, "textanalysis:taxonomy")
    assert post(owner, "merge-topic", "fees", into="fees") == 422
    assert post(owner, "merge-topic", "e_cny", undo="yes") == 302
    assert owner.get(edit).status_code == 200
    assert post(owner, "merge-topic", "e_cny", undo="yes") == 404


def test_phrases_of_a_shipped_topic_can_be_changed(owner: Client) -> None:
    before = phrasing.counts()["fees"]
    edit = reverse("textanalysis:edit-topic", args=["fees"])
    form = {"name_zh": "费用", "name_en": "Fees", "department": "Pricing"}
    phrases = phrasing.phrases(code="fees")
    owner.post(
        edit,
        {
            **form,
            "phrases_zh": "\n".join(phrases["zh"]),
            "phrases_en": "\n".join([*phrases["en"], "too dear"]),
        },
    )
    assert phrasing.counts()["fees"] == before + 1
    assert "topics" in queries.waiting_to_learn()


def test_texts_are_labelled_by_digits_and_the_last_one_is_taken_back(owner: Client) -> None:
    first = say("nobody knows what this is about", at=clock.now() - timedelta(hours=1))
    say("another one of that kind, but different")
    html = html_of(owner, "textanalysis:labels", field="sentiment")
    assert 'data-digit="1"' in html
    assert "not content" in html
    reply = owner.post(
        reverse("textanalysis:label", args=[first.pk]), {"field": "topics", "value": "fees"}, follow=True
    )
    assert "Undo the last one" in reply.content.decode()
    assert Label.objects.get().label == "fees"
    post(owner, "label", first.pk, field="topics", undo="yes")
    assert not Label.objects.exists()
    post(owner, "label", first.pk, field="topics", value="")
    assert Label.objects.get().label != ""
    assert post(owner, "label", first.pk, field="sentiment") == 422


def test_a_text_can_be_skipped(owner: Client) -> None:
    row = say("the only text that there is here")
    assert "the only text" in html_of(owner, "textanalysis:labels")
    assert "Nothing to label" in html_of(owner, "textanalysis:labels", skipped=str(row.pk))
    assert "the only text" in html_of(owner, "textanalysis:labels", skipped="x,,-1,99999999999999999999")


def test_versions_stand_with_before_and_after_and_an_older_one_is_used_again(owner: Client) -> None:
    figure = {"name": "accuracy", "value": 0.7, "low": 0.6, "high": 0.8, "learnt": 40, "tried": 20}
    made = [
        LearntModel.objects.create(
            kind="topics",
            at=clock.now(),
            by="system:first-day",
            labels=each,
            classes=["fees"],
            version=str(each),
            before=figure if each else {},
            after={**figure, "value": 0.8} if each else {},
            is_active=bool(each),
            content=b"x",
        )
        for each in (0, 40)
    ]
    LearntModel.objects.filter(labels=40).update(verdict="few_and_worse", is_active=False)
    for page in ("textanalysis:labels", "textanalysis:accuracy"):
        told = html_of(owner, page)
        assert "too few labels kept aside" in told
        assert "by hand" in told
    LearntModel.objects.filter(labels=40).update(verdict="no_worse", is_active=True)
    html = html_of(owner, "textanalysis:labels")
    assert "Not put in use" not in html
    assert "70.0% → " in html
    assert "80.0%" in html
    owner.post(reverse("textanalysis:activate-version", args=[made[0].pk]), {"field": "topics"})
    assert LearntModel.objects.get(is_active=True).pk == made[0].pk
    post(owner, "learn", field="topics")
    assert "is about to learn" in html_of(owner, "textanalysis:labels")
    # It asks by itself until the worker has learnt, and then no more.
    asking = {"HX-Request": "true", "HX-Target": "learnt"}
    here = reverse("textanalysis:labels")
    polled = owner.get(here, headers=asking).content.decode()
    assert polled.strip().startswith('<div id="learnt" hx-get')
    Chore.objects.update(asked_at=None)
    assert "hx-get" not in owner.get(here, headers=asking).content.decode()


def test_accuracy_stands_with_sample_and_interval(owner: Client) -> None:
    figure = {"name": "accuracy", "value": 0.82, "low": 0.7, "high": 0.9, "learnt": 90, "tried": 22}
    EngineMeasure.objects.create(
        engine="fused",
        kind="topics",
        at=clock.now(),
        accuracy=figure,
        macro_f1={**figure, "value": 0.77},
        abstained=0.125,
        sample=22,
    )
    html = html_of(owner, "textanalysis:accuracy")
    for told in ("82.0%", "70.0–90.0", "0.77", "12.5%", "n=22", "small base", "Words and meaning"):
        assert told in html


def test_the_faq_is_written_searched_retired_and_taken_back(owner: Client) -> None:
    form = {
        "questions_zh": "提现多久到账\n提现要等多久",
        "answer_zh": "两小时内",
        "questions_en": "How long does a withdrawal take?",
        "answer_en": "Two hours.",
    }
    assert post(owner, "new-faq", questions_en="Why?") == 422
    post(owner, "new-faq", **form)
    assert FaqAnswer.objects.get().questions["zh-Hans"] == ["提现多久到账", "提现要等多久"]
    html = html_of(owner, "textanalysis:faq", q="how long until my withdrawal arrives")
    assert "Two hours." in html.split("hf-matches")[1]
    entry = FaqAnswer.objects.get().pk
    assert "提现要等多久" in html_of(owner, "textanalysis:faq-entry", entry)
    post(owner, "retire-faq", entry)
    assert "No entry yet" in html_of(owner, "textanalysis:faq")
    post(owner, "retire-faq", entry, undo="yes")
    assert queries.faq_entries()
    assert (
        "value" not in html_of(owner, "textanalysis:new-faq", question="为什么").split("questions_zh")[0][-1:]
    )
    assert "为什么</textarea>" in html_of(owner, "textanalysis:new-faq", question="为什么")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("dismiss-alert", [1]), ("take-proposal", [1]), ("dismiss-proposal", [1]),
        ("merge-topic", ["fees"]), ("retire-topic", ["fees"]), ("edit-topic", ["fees"]),
        ("label", [1]), ("learn", []), ("read-again", []), ("activate-version", [1]),
        ("new-faq", []), ("retire-faq", [1]), ("taxonomy", []),
    ],
)  # fmt: skip
def test_who_may_only_read_decides_nothing(name: str, args: list[object]) -> None:
    reader = signed_in("case_officer")
    assert reader.post(reverse(f"textanalysis:{name}", args=args), {"name_en": "x"}).status_code == 403


def test_today_leads_to_what_rises(owner: Client) -> None:
    risen()
    html = html_of(owner, "insights:today")
    assert "More and more speak of: Account and login" in html
    assert "8.3.0" in html
    assert reverse("textanalysis:alerts") in html
