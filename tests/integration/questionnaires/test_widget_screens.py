"""The screens of widget sites: a secret is shown once, and each act does what it says."""

import html

import pytest
from django.test import Client
from tests.integration.questionnaires.conftest import NOW

from huifang.console.models import Person
from huifang.questionnaires.models import WidgetSite
from huifang.questionnaires.widget import sites

pytestmark = pytest.mark.django_db
ORIGIN = "https://app.example"


@pytest.fixture
def developer(client: Client) -> Client:
    person = Person.objects.create(email="d@spruce.test", name="D", role="developer", date_joined=NOW)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_site_is_made_and_its_secret_shown_this_once(developer: Client) -> None:
    assert "<pre" not in developer.get("/settings/widget/").content.decode()
    made = developer.post("/settings/widget/", {"name": "Web", "origins": f"{ORIGIN}:443\n"})
    shown = html.unescape(made.content.decode())
    row = WidgetSite.objects.get()
    secret = sites.good_secrets(row, now=NOW)[0][1]
    assert secret in shown
    assert f'data-wallet="{row.key}"' in shown
    assert row.origins == [ORIGIN]
    assert secret not in developer.get(f"/settings/widget/{row.pk}/").content.decode()
    assert row.key in developer.get("/settings/widget/").content.decode()


@pytest.mark.parametrize("origins", ["app.example", "https://a.example/b", "https://", "javascript:1", "*"])
def test_what_is_no_origin_is_said_beside_the_form(developer: Client, origins: str) -> None:
    reply = developer.post("/settings/widget/", {"name": "Web", "origins": origins})
    assert origins in html.unescape(reply.content.decode())
    assert not WidgetSite.objects.exists()


def test_secrets_rotate_and_a_site_ends(developer: Client) -> None:
    site_id, first = sites.create(name="Web", origins=[ORIGIN], by="test", now=NOW)
    shown = developer.post(f"/settings/widget/{site_id}/secret/").content.decode()
    secrets = [text for _, text in sites.good_secrets(WidgetSite.objects.get(), now=NOW)]
    assert secrets[1:] == [first]
    assert secrets[0] in shown
    assert developer.post(f"/settings/widget/{site_id}/former/").status_code == 302
    assert len(sites.good_secrets(WidgetSite.objects.get(), now=NOW)) == 1
    assert developer.post(f"/settings/widget/{site_id}/revoke/").status_code == 302
    assert WidgetSite.objects.get().revoked_at is not None
    assert developer.get(f"/settings/widget/{site_id}/").status_code == 200
