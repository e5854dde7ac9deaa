"""A plan may do without counting who opens its links; who may only look changes no list."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from tests.integration.plans.makers import START, customer, happen, live, work

from huifang.delivery import links
from huifang.delivery.models import Attempt
from huifang.plans import queries
from huifang.plans.models import ListEntry

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def signed_in(django_user_model, role: str) -> Client:
    person = django_user_model.objects.create(email=f"{role}@example.com", role=role, date_joined=START)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(name: str) -> Attempt:
    customer_id = customer(name)
    happen(name, at=START + HOUR)
    work(START + HOUR)
    return Attempt.objects.get(customer_id=customer_id)


def test_links_are_counted_unless_the_plan_does_without():
    live()
    assert asked("here").is_tracked


def test_a_plan_without_counting_sends_the_questionnaires_own_address():
    live(tracks_links=False)
    attempt = asked("here")
    assert not attempt.is_tracked
    attempt.channel = "sms"  # in the app no link is ever counted
    own = f"{settings.PUBLIC_URL}/s/abc"
    assert links.tracked(attempt, own) == own


def test_the_clause_switches_it_off_says_so_and_the_versions_show_it(django_user_model):
    plan_id = live()
    operator = signed_in(django_user_model, "operations")
    line = queries.plan(plan_id=plan_id)
    html = operator.get(f"/plans/{plan_id}/?edit=ask").content.decode()
    assert re.search(r'<input[^>]*name="tracks_links"[^>]*checked', html)
    operator.post(f"/plans/{plan_id}/edit/ask/", {"questionnaire": line.definition.questionnaire_id})
    assert queries.plan(plan_id=plan_id).definition.tracks_links is False
    assert "count nobody</a>" in operator.get(f"/plans/{plan_id}/").content.decode()
    (change,) = queries.changes(plan_id=plan_id, before=1, after=2)
    assert (change.path, change.before, change.after) == ("tracks_links", True, False)
    assert "count nobody" in operator.get(f"/plans/{plan_id}/versions/?before=1&after=2").content.decode()


def test_who_may_only_look_is_refused_a_change_of_the_list(django_user_model):
    plan_id = live()
    customer("lin")
    looker = signed_in(django_user_model, "product_owner")
    assert looker.get(f"/plans/{plan_id}/customers/").status_code == 200
    for data in ({"text": "lin"}, {"act": "clear"}):
        assert looker.post(f"/plans/{plan_id}/customers/", data).status_code == 403
    assert not ListEntry.objects.exists()
