"""The screens of plans: what each role sees, edits kept as a draft, acts, rehearsals."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.integration.plans.makers import START, live, step

from huifang.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch):
    """The screens' clock stands at a Monday morning."""
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=3))
    return START + timedelta(days=3)


@pytest.fixture
def operator(client: Client, django_user_model) -> Client:
    """A signed-in operations manager."""
    person = django_user_model.objects.create(email="zhou@example.com", role="operations", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_list_offers_a_first_step(operator: Client, now):
    page = operator.get("/plans/")
    assert page.status_code == 200
    assert "No plans yet" in page.content.decode()


def test_a_plan_reads_as_a_sentence(operator: Client, now):
    plan_id = live(steps=[step(), step("sms", "reminder", "P1D")])
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "first pays" in text
    assert "in the app" in text
    assert "Live, v1" in text
