"""What a step says: words taken from a template, answers as buttons; and segments that cannot be found."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.integration.plans.makers import START, definition, live, step

from huifang.customers import services as customers
from huifang.customers.errors import ScanTooLargeError, SlowSegmentError
from huifang.delivery.records import TemplateDraft
from huifang.delivery.services import save_template
from huifang.kernel import clock
from huifang.plans import campaigns, checks, services
from huifang.questionnaires.records import Definition, Question, QuestionKind

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch):
    """The screens' clock stands at a Monday morning."""
    monkeypatch.setattr(clock, "now", lambda: START)


@pytest.fixture
def operator(client: Client, django_user_model) -> Client:
    """A signed-in operations manager, who reads English."""
    person = django_user_model.objects.create(email="zhou@example.com", role="operations", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _segment() -> int:
    where = {"kind": "trait", "name": "area", "value": "north"}
    return customers.create_segment(
        name="In the north", definition={"where": where}, by="person:1", now=START
    ).id


def test_a_step_takes_its_channel_and_words_from_a_template(operator: Client):
    draft = TemplateDraft(
        id=None,
        channel="sms",
        name="Thanks",
        subject={},
        body={"en": "Well done, {link}", "zh-Hans": "做得好 {link}"},
        fallback_language="en",
    )
    number, _ = save_template(draft=draft, by="person:1", now=START)
    plan_id = live()
    plain = operator.get(f"/plans/{plan_id}/?edit=step-1").content.decode()
    assert "Thanks" in plain
    assert "Well done" not in plain
    taken = operator.get(f"/plans/{plan_id}/?edit=step-1&template={number}").content.decode()
    assert "Well done, {link}" in taken
    assert "做得好 {link}" in taken
    assert '<option value="sms" selected>' in taken
    gone = operator.get(f"/plans/{plan_id}/?edit=step-1&template=999999")
    assert gone.status_code == 200


@pytest.mark.parametrize(("kind", "refused"), [("csat", []), ("text", ["answers_missing"])])
def test_answers_as_buttons_are_refused_where_the_first_question_has_none(monkeypatch, kind, refused):
    first = Question(key="why", kind=QuestionKind(kind), title={"en": "Why?", "zh-Hans": "为什么？"})
    monkeypatch.setattr(checks, "definition_of", lambda version_id: Definition(questions=(first,)))
    body = {"en": "{scale} {link}", "zh-Hans": "{scale} {link}"}
    written = definition(steps=[{**step("email"), "body": body}])
    assert [fault.code for fault in checks.faults(written)] == refused


def _too_slow(segment_id: int) -> None:
    raise SlowSegmentError(seconds=5)


def _too_large(segment_id: int) -> None:
    raise ScanTooLargeError(limit=5, event="App Opened", days=30)


@pytest.mark.parametrize("refuse", [_too_slow, _too_large])
def test_a_plan_over_a_segment_that_cannot_be_found_does_not_go_live(operator: Client, monkeypatch, refuse):
    written = definition(trigger={"kind": "segment", "segment_id": _segment()})
    plan_id = services.create(definition=written, by="person:1", now=START)
    monkeypatch.setattr(checks, "segment_count", refuse)
    reply = operator.post(f"/plans/{plan_id}/act/activate/")
    assert reply.status_code == 422
    assert "In the north" in operator.get(f"/plans/{plan_id}/").content.decode()


def test_a_campaign_whose_segment_became_too_slow_says_that_it_is_stuck(operator: Client, monkeypatch):
    plan_id = live(trigger={"kind": "segment", "segment_id": _segment()}, at=START - timedelta(days=1))
    monkeypatch.setattr(campaigns, "segment_count", _too_slow)
    reply = operator.get(f"/plans/{plan_id}/")
    assert reply.status_code == 200
    assert "Stuck" in reply.content.decode()


def test_a_segment_names_the_plans_over_it(operator: Client):
    segment_id = _segment()
    assert "None yet" in operator.get(f"/plans/using-segment/{segment_id}/", **HTMX).content.decode()
    live(trigger={"kind": "segment", "segment_id": segment_id})
    assert "First payment" in operator.get(f"/plans/using-segment/{segment_id}/", **HTMX).content.decode()
    page = operator.get(f"/customers/segments/{segment_id}/").content.decode()
    assert f"/plans/using-segment/{segment_id}/" in page


def test_what_operators_named_in_both_languages_is_read_in_ones_own(operator: Client):
    prize = {"kind": "coupon", "name": {"en": "Five off", "zh-Hans": "五元券"}, "cost": 500, "pool": "five"}
    incentive = {"kind": "coupon", "prizes": [prize], "budget": 50_000, "currency": "CNY"}
    plan_id = services.create(definition=definition(incentive=incentive), by="person:1", now=START)
    chinese = {"HTTP_ACCEPT_LANGUAGE": "zh-Hans"}
    page = operator.get(f"/plans/{plan_id}/", **chinese).content.decode()
    assert "五元券" in page
    assert "Five off" not in page
    assert "500.00 CNY" in operator.get(f"/plans/{plan_id}/rewards/").content.decode()
    assert "首次支付" in operator.get(f"/plans/{plan_id}/?edit=ask", **chinese).content.decode()


@pytest.mark.parametrize(
    "changes",
    [{"trigger": {"kind": "list"}}, {"incentive": {"kind": "points", "prizes": [], "budget": 100}}],
    ids=["list", "reward"],
)
def test_versions_with_links_in_their_clauses_are_compared(operator: Client, changes):
    plan_id = services.create(definition=definition(**changes), by="person:1", now=START)
    assert operator.get(f"/plans/{plan_id}/versions/?a=1&b=1").status_code == 200
