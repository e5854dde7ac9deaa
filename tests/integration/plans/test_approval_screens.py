"""A second person, a plan that paused itself, and the ledger of rewards, on screen."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.integration.plans.makers import START, definition, live

from huifang.kernel import audit, clock
from huifang.plans import lifecycle, queries, services
from huifang.plans.queries import last_decline

pytestmark = pytest.mark.django_db
PRIZE = {"kind": "coupon", "name": {"zh-Hans": "五元券", "en": "Five off"}, "cost": 500, "pool": "five"}


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch):
    """The screens' clock."""
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=3))
    return START + timedelta(days=3)


@pytest.fixture
def people(django_user_model) -> list[Client]:
    """Two operations managers, each in a browser of their own."""
    clients = []
    for name in ("zhou", "chen"):
        person = django_user_model.objects.create(
            email=f"{name}@example.com", role="operations", date_joined=START
        )
        clients.append(Client())
        clients[-1].force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return clients


def text_of(client: Client, plan_id: int) -> str:
    return client.get(f"/plans/{plan_id}/").content.decode()


def test_one_asks_another_approves_and_the_draft_goes_live(people: list[Client], now):
    zhou, chen = people
    plan_id = services.create(definition=definition(needs_approval=True), by="person:1", now=START)
    assert "/act/activate/" not in text_of(zhou, plan_id)
    zhou.post(f"/plans/{plan_id}/act/ask/")
    assert "/act/approve/" not in text_of(zhou, plan_id)
    assert "/act/approve/" in text_of(chen, plan_id)
    zhou.post(f"/plans/{plan_id}/act/approve/")
    assert "/act/activate/" not in text_of(zhou, plan_id)
    chen.post(f"/plans/{plan_id}/act/approve/")
    assert "has agreed that v1 go live" in text_of(zhou, plan_id)
    zhou.post(f"/plans/{plan_id}/act/activate/")
    assert queries.plan(plan_id=plan_id).state == "active"


def test_a_no_is_told_with_its_note_until_the_draft_moves_on(people: list[Client], now):
    zhou, chen = people
    plan_id = services.create(definition=definition(needs_approval=True), by="person:1", now=START)
    zhou.post(f"/plans/{plan_id}/act/ask/")
    chen.post(f"/plans/{plan_id}/decline/", {"note": "Too many <people>"})
    assert "“Too many &lt;people&gt;”" in text_of(zhou, plan_id)
    zhou.post(f"/plans/{plan_id}/act/activate/")
    assert queries.plan(plan_id=plan_id).state == "draft"
    zhou.post(f"/plans/{plan_id}/edit/wait/", {"delay": "2 days"})
    assert "Too many" not in text_of(zhou, plan_id)
    assert last_decline(plan_id=plan_id, version=1) is None
    assert "plan.approval_declined" in {each.action for each in audit.entries(subject=f"plan:{plan_id}")}


def test_a_plan_that_paused_itself_says_why_and_goes_on(people: list[Client], now):
    plan_id = live()
    lifecycle.pause(plan_id=plan_id, by="breaker", now=now, why="refused")
    text = text_of(people[0], plan_id)
    assert "The plan paused itself" in text
    people[0].post(f"/plans/{plan_id}/act/resume/")
    assert "The plan paused itself" not in text_of(people[0], plan_id)


def test_codes_go_into_a_pool_and_are_not_shown_again(people: list[Client], now):
    incentive = {"kind": "coupon", "prizes": [PRIZE], "budget": 100_000}
    plan_id = services.create(definition=definition(incentive=incentive), by="person:1", now=START)
    path = f"/plans/{plan_id}/rewards/"
    reply = people[0].post(path, {"pool": "five", "text": "SECRET-1\nSECRET-2\nSECRET-1"}, follow=True)
    text = reply.content.decode()
    assert "2 codes were added" in text
    assert "2 of 2 codes left" in text
    assert "SECRET" not in text
    assert people[0].post(path, {"pool": "five", "text": ""}).status_code == 422
    assert people[0].post(path, {"pool": "other", "text": "X"}).status_code == 422
    assert "No rewards yet" in people[0].get(path).content.decode()


def test_who_only_looks_changes_no_reward(client: Client, django_user_model, now):
    incentive = {"kind": "coupon", "prizes": [PRIZE], "budget": 100_000}
    plan_id = services.create(definition=definition(incentive=incentive), by="person:1", now=START)
    person = django_user_model.objects.create(email="li@example.com", role="supervisor", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/plans/{plan_id}/rewards/").status_code == 200
    assert client.post(f"/plans/{plan_id}/rewards/", {"act": "void", "reward": "1"}).status_code == 403
