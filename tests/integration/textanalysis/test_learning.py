"""Labels teach, models are compared on labels they never saw, and a step can be taken back."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from tests.integration.textanalysis.texts import NOW, WordEngine, read_all, stored, take, text

from huifang.api import services as keys
from huifang.textanalysis import (
    chores,
    engine_choice,
    keeping,
    labelling,
    learning,
    proposing,
    queries,
    services,
    tasks,
    working,
)
from huifang.textanalysis.errors import (
    FaqEmptyError,
    FieldValueError,
    SameTopicError,
    TopicCodeError,
    TopicTakenError,
    UnknownFindingError,
    UnknownModelError,
    UnknownProposalError,
    UnknownTopicError,
)
from huifang.textanalysis.models import Finding, Label, LearntModel, Proposal
from huifang.textanalysis.records import FindingFilter

pytestmark = pytest.mark.django_db
_GIFTS = ("生日礼物卡", "礼品卡", "送人的电子贺卡", "卡面皮肤", "新年贺卡")


@pytest.fixture(autouse=True)
def _words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without embeddings, which take long to load."""
    monkeypatch.setattr("huifang.textanalysis.settings.ENGINE", "tfidf")
    engine_choice.forget()


def gifts(count: int, *, first: int = 0) -> list[str]:
    """Texts about a topic that does not ship; their keys."""
    listed = []
    for number in range(first, first + count):
        words = f"{_GIFTS[number % len(_GIFTS)]}第{number}次{'发不出去' if number % 2 else '很难看'}"
        take(text(f"gift:{number}", words))
        listed.append(f"gift:{number}")
    return listed


def test_thirty_labels_of_a_new_topic_make_it_known_and_can_be_taken_back() -> None:
    assert learning.ensure(now=NOW - timedelta(days=1)) is True
    assert learning.ensure(now=NOW) is False
    known, unseen = gifts(30), gifts(10, first=40)
    read_all()
    services.add_topic(code="gift_cards", name={"zh-Hans": "礼品卡"}, by="anna", now=NOW)
    for key in known:
        services.label(finding_id=stored(key).pk, field="topics", value=["gift_cards"], by="anna", now=NOW)
    assert queries.waiting_to_learn() == ["topics"]
    first = {each.kind: each for each in queries.model_versions()}
    assert set(first) == {"topics", "sentiment"}
    tasks.do_chores()
    assert queries.waiting_to_learn() == []
    newest = queries.model_versions()[0]
    assert (newest.kind, newest.labels) == ("topics", 30)
    assert newest.after is not None
    assert newest.before is not None
    assert newest.after.tried == sum(labelling.is_held_out(stored(key).masked) for key in known)
    assert newest.after.learnt == 30 - newest.after.tried
    assert newest.after.value > newest.before.value == 0
    assert newest.is_active
    Finding.objects.filter(key__in=unseen).update(state="queued")
    while working.work(now=NOW):
        pass
    named = [stored(key).topics[:1] == ["gift_cards"] for key in unseen]
    assert sum(named) >= 8
    figures = {(each.engine, each.field): each for each in queries.engine_figures()}
    assert figures["tfidf", "topics"].sample == newest.after.tried
    services.activate_version(version_id=first["topics"].id, by="anna", now=NOW)
    assert [each.id for each in queries.model_versions() if each.is_active and each.kind == "topics"] == [
        first["topics"].id
    ]


def test_a_model_that_does_worse_is_not_used_unless_somebody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    learning.ensure(now=NOW - timedelta(days=1))
    for number in range(60):
        take(text(str(number), f"手续费太高 {number}"))
    read_all()
    for row in Finding.objects.all():
        services.label(finding_id=row.pk, field="topics", value=["fees"], by="anna", now=NOW)
    assert learning.retrain("topics", by="anna", now=NOW).verdict == "no_worse"
    in_use = LearntModel.objects.get(kind="topics", is_active=True)
    # Somebody's labels make no sense: it learns that all of this is about nothing, and is found out.
    Label.objects.filter(is_held_out=False).update(label="-")
    # So is one of a taxonomy that changed.
    services.add_topic(code="cards", name={"en": "Cards"}, by="anna", now=NOW)
    worse = learning.retrain("topics", by="anna", now=NOW)
    assert worse.after is not None
    assert worse.before is not None
    assert worse.after.value < worse.before.value
    assert (worse.verdict, worse.is_active) == ("few_and_worse", False)
    assert LearntModel.objects.get(kind="topics", is_active=True) == in_use
    services.activate_version(version_id=worse.id, by="anna", now=NOW)
    assert LearntModel.objects.get(kind="topics", is_active=True).pk == worse.id
    LearntModel.objects.filter(pk=in_use.pk).update(content=None)
    with pytest.raises(UnknownModelError):
        services.activate_version(version_id=in_use.pk, by="anna", now=NOW)


def test_topics_are_added_merged_and_retired() -> None:
    take(text("1", "手续费太高"), text("2", "一直闪退"))
    read_all()
    for code, error in (("Fees!", TopicCodeError), ("fees", TopicTakenError)):
        with pytest.raises(error):
            services.add_topic(code=code, name={"en": "x"}, by="anna", now=NOW)
    fees = keeping.names()["fees"]
    with pytest.raises(TopicTakenError):
        services.add_topic(code="fees_2", name={"en": fees["en"].upper()}, by="anna", now=NOW)
    with pytest.raises(TopicTakenError):
        services.rename_topic(code="speed", name=fees, by="anna", now=NOW)
    services.rename_topic(code="fees", name=fees, by="anna", now=NOW)
    services.correct(finding_id=stored("2").pk, field="topics", value=["speed", "fees"], by="anna", now=NOW)
    with pytest.raises(SameTopicError):
        services.merge_topics(code="fees", into="fees", by="anna", now=NOW)
    services.merge_topics(code="fees", into="payment", by="anna", now=NOW)
    assert [each.code for each in queries.finding(finding_id=stored("1").pk).topics] == ["payment"]
    assert set(stored("2").topics) == {"speed", "payment"}
    # An engine that still knows the old topic names the new one.
    Finding.objects.update(state="queued")
    read_all()
    assert stored("1").topics == ["payment"]
    services.retire_topic(code="speed", by="anna", now=NOW)
    with pytest.raises(UnknownTopicError):
        services.rename_topic(code="speed", name={"en": "Speed"}, by="anna", now=NOW)
    services.rename_topic(code="payment", name={"en": "Paying"}, by="anna", now=NOW)
    names = {each.code: each for each in queries.taxonomy()}
    assert names["payment"].name == {"en": "Paying"}
    assert names["fees"].merged_into == "payment"
    assert "speed" not in {line.code for line in queries.topics(found=FindingFilter(end=NOW))}
    services.restore_topic(code="speed", by="anna", now=NOW)
    assert not {each.code: each for each in queries.taxonomy()}["speed"].is_retired


def test_only_what_a_field_can_be_is_taken() -> None:
    take(text("1", "手续费太高"))
    read_all()
    pk = stored("1").pk
    wrong = {"sentiment": "glad", "urgency": 9, "masked": "x", "topics": "fees", "intent": True}
    for field, value in wrong.items():
        with pytest.raises(FieldValueError):
            services.correct(finding_id=pk, field=field, value=value, by="anna", now=NOW)
    with pytest.raises(UnknownTopicError):
        services.correct(finding_id=pk, field="topics", value=["nowhere"], by="anna", now=NOW)
    with pytest.raises(UnknownFindingError):
        services.correct(finding_id=pk + 1, field="urgency", value=1, by="anna", now=NOW)
    services.correct(finding_id=pk, field="topics", value=[], by="anna", now=NOW)
    assert Label.objects.get().label == "-"


def test_a_proposal_becomes_a_topic_with_its_texts_as_labels() -> None:
    for number in range(12):
        take(text(f"p:{number}", f"贺卡皮肤第{number}款不好看，想换贺卡皮肤{'啊' * number}"))
        take(text(f"q:{number}", f"很好，很喜欢{'呀' * number}"))
    read_all()
    proposing.discover(now=NOW)
    # Praise of nothing in particular is not proposed.
    [proposal] = queries.proposals()
    assert proposal.size >= 6
    assert proposal.verbatims
    count = services.take_proposal(
        proposal_id=proposal.id, code="cards", name={"zh-Hans": "贺卡"}, by="anna", now=NOW
    )
    assert count == Label.objects.filter(label="cards").count() == proposal.size
    assert queries.proposals() == []
    proposing.discover(now=NOW)
    assert queries.proposals() == []
    with pytest.raises(UnknownProposalError):
        services.dismiss_proposal(proposal_id=proposal.id, by="anna", now=NOW)
    assert Proposal.objects.get().state == "taken"


def test_the_faq_answers_and_says_how_alike() -> None:
    with pytest.raises(FaqEmptyError):
        services.save_faq_entry(questions={"en": [" "]}, answer={"en": "x"}, by="anna", now=NOW)
    refund = services.save_faq_entry(
        questions={"zh-Hans": ["退款多久到账？"]}, answer={"zh-Hans": "三天内。"}, by="anna", now=NOW
    )
    services.save_faq_entry(
        questions={"zh-Hans": ["怎么改登录密码？"]}, answer={"zh-Hans": "在设置里。"}, by="anna", now=NOW
    )
    found = queries.faq_search(question="我的退款什么时候到账", language="zh-Hans")
    assert found[0].entry.id == refund
    assert 0 < found[0].score <= 1
    services.retire_faq_entry(entry_id=refund, by="anna", now=NOW)
    assert refund not in {each.entry.id for each in queries.faq_search(question="退款多久到账")}
    assert queries.faq_search(question="\x00") == []


def test_competitors_and_wishes_are_counted() -> None:
    take(
        text("1", "支付宝比你们好用多了"),
        text("2", "还是支付宝方便"),
        text("3", "希望增加夜间模式"),
        text("4", "希望增加夜间模式！"),
    )
    read_all()
    [line] = [each for each in queries.competitors(found=FindingFilter()) if each.count == 2]
    assert line.better + line.worse + line.mentioned == 2
    wish = queries.wishes(found=FindingFilter(has_wish=True))[0]
    assert (wish.size, "夜间模式" in wish.words) == (2, True)


def test_the_api_takes_texts_and_shows_what_they_mean() -> None:
    key = keys.create_key(name="wallet", role="admin", by="anna", now=NOW)
    client = Client(headers={"authorization": f"Bearer {key}"})
    body = {"texts": [{"key": "a", "text": "手续费太高，电话13800138000", "rating": 0.1}]}
    for queued in (1, 0):
        reply = client.post("/api/v1/texts", json.dumps(body), content_type="application/json")
        assert (reply.status_code, reply.json()) == (202, {"queued": queued})
    read_all()
    [found] = client.get("/api/v1/feedback/findings?topic=fees").json()["findings"]
    assert "13800138000" not in found["text"]
    assert found["sentiment"] == "negative"
    path = f"/api/v1/feedback/findings/{found['id']}/correction"
    change = {"field": "topics", "value": ["transfer"]}
    said = client.put(path, json.dumps(change), content_type="application/json").json()
    assert ([each["code"] for each in said["topics"]], said["corrected"]) == (["transfer"], ["topics"])
    said = client.delete(f"{path}?field=topics").json()
    assert [each["code"] for each in said["topics"]] == ["fees"]
    for path in ("topics", "taxonomy", "trend?topic=fees", "alerts?open_only=false", "faq?question=x"):
        assert client.get(f"/api/v1/feedback/{path}").status_code == 200, path


def test_an_endpoint_is_compared_by_what_it_said_of_the_same_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "_said_by_engines", lambda kind, texts: [("rules", [""] * len(texts), 0)])
    for number in range(24):
        take(text(str(number), f"手续费太高 {number}", rating=0.0 if number % 2 else None))
    read_all(WordEngine(name="llm"))
    held = [row for row in Finding.objects.all() if labelling.is_held_out(row.masked)]
    wrong = held[0]
    for row in held:
        code = "speed" if row == wrong else "fees"
        services.label(finding_id=row.pk, field="topics", value=[code], by="anna", now=NOW)
        services.label(finding_id=row.pk, field="sentiment", value="negative", by="anna", now=NOW)
    learning.measure_engines(now=NOW)
    figures = {(each.engine, each.field): each for each in queries.engine_figures()}
    assert figures["llm", "topics"].sample == len(held)
    assert figures["llm", "topics"].accuracy.value == pytest.approx(1 - 1 / len(held), abs=1e-3)
    assert figures["rules", "topics"].accuracy.value == 0
    assert figures["rules", "topics"].abstained == 1
    unrated = sum(row.rating is None for row in held)
    assert (figures["llm", "sentiment"].sample if unrated else 0) == unrated


def test_a_chore_is_done_by_one_and_again_when_asked_meanwhile() -> None:
    chores.ask("x", now=NOW)
    assert chores.do_alone("x", lambda: chores.ask("x", now=NOW + timedelta(seconds=1)), now=NOW)
    assert chores.is_asked("x")
    assert chores.do_alone("x", lambda: None, now=NOW)
    assert not chores.is_asked("x")
    assert not chores.is_due("x", every=timedelta(hours=1), now=NOW + timedelta(minutes=5))
    assert chores.is_due("x", every=timedelta(hours=1), now=NOW + timedelta(hours=2))
