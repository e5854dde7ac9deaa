"""A role tries everything: whatever it may not do is refused, on every screen and endpoint."""

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from tests.integration.api.calls import calls
from tests.integration.api.test_every_door import OPEN, views
from tests.integration.plans.makers import START, customer, live

from huifang.api.models import ApiKey
from huifang.api.services import _hash
from huifang.console.models import Person
from huifang.kernel import clock
from huifang.kernel.roles import ROLES

pytestmark = pytest.mark.django_db
TABLE = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text("utf-8"))
ENDPOINTS: dict[str, str] = TABLE["endpoints"]
SCREENS: dict[str, str] = TABLE["screens"]
# What looking writes: a session, views one keeps; the first look brings in the account of the environment.
_OWN = {"django_session", "console_savedview", "questionnaires_feedbackview", "delivery_channelaccount"}
_FORM = """
    name next role a q note payload to off on from version email language message by do order customers ids
    wording reason channel start end amount codes text question answer code key number file field value
    name_en name_zh slug parent action word limit url kinds origins
""".split()  # noqa: SIM905 - a screen of lines otherwise


@pytest.fixture
def world() -> dict[str, str]:
    """A plan that is live, its questionnaire and a customer; what stands for parameters of addresses."""
    plan_id = live(at=START)
    lin = customer("lin")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM questionnaires_questionnaire ORDER BY id LIMIT 1")
        (questionnaire_id,) = cursor.fetchone()
    return {
        "plan_id": str(plan_id),
        "customer_id": str(lin),
        "questionnaire_id": str(questionnaire_id),
        "external_id": "lin",
        "file_id": "1b671a64-40d5-491e-99b0-da01ff1f3341",
    }


def screens() -> list[tuple[str, str]]:
    """Route and permission of every screen that asks who comes."""
    return [
        (f"/{route}", view.permission)
        for route, view in views(get_resolver().url_patterns)
        if not route.startswith(("api/v1/", "accounts/")) and route not in OPEN
    ]


def address_of(route: str, known: dict[str, str]) -> str:
    """A concrete address of *route*."""
    return re.sub(r"<(\w+):(\w+)>", lambda found: quote(known.get(found[2], "1")), route)


def person(role: str) -> Client:
    someone = Person.objects.create(
        email=f"{role}@spruce.test", name=role, role=role, date_joined=clock.now()
    )
    client = Client(raise_request_exception=False)
    client.force_login(someone, backend="django.contrib.auth.backends.ModelBackend")
    return client


def key(role: str) -> Client:
    ApiKey.objects.create(name=role, role=role, key_hash=_hash(role), created_at=clock.now())
    return Client(raise_request_exception=False, headers={"authorization": f"Bearer {role}"})


def test_every_address_asks_for_the_permission_that_was_decided() -> None:
    assert dict(screens()) == SCREENS
    nobody = key("nobody")
    asked = {}
    for method, path, address, body in calls():
        reply = nobody.generic(method, address, body, "application/json")
        asked[f"{method} {path.removeprefix('/api/v1')}"] = reply.json()["detail"].split()[-1].rstrip(".")
    assert asked == ENDPOINTS


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"wallet_app"}))
def test_a_person_gets_nowhere_the_role_does_not_lead(role: str, world: dict[str, str]) -> None:
    client, wrong = person(role), []
    for route, permission in screens():
        may = not permission or permission in ROLES[role]
        address = address_of(route, world)
        for reply in (client.get(address), *(() if may else (client.post(address),))):
            refused = reply.status_code in (403, 405)  # or it only takes POST
            if reply.status_code >= 500 or (reply.status_code == 403 if may else not refused):
                wrong.append(f"{reply.request['REQUEST_METHOD']} {address}: {reply.status_code}")
    assert not wrong


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_key_gets_nowhere_the_role_does_not_lead(role: str, world: dict[str, str]) -> None:
    client, wrong = key(role), []
    for method, path, address, body in calls():
        may = ENDPOINTS[f"{method} {path.removeprefix('/api/v1')}"] in ROLES[role]
        if may and method != "GET":
            continue  # what it may do is tested where it is done
        reply = client.generic(method, address, body, "application/json")
        if reply.status_code >= 500 or (reply.status_code == 403) is may:
            wrong.append(f"{method} {address}: {reply.status_code}")
    assert not wrong


def test_who_may_only_look_changes_nothing(world: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    looks = frozenset(each for role in ROLES.values() for each in role if each.endswith(".view"))
    monkeypatch.setitem(ROLES, "onlooker", looks)
    client = person("onlooker")
    form: dict[str, Any] = dict.fromkeys(_FORM, "1")
    before = _written()
    replies: list[HttpResponse] = []
    for route, permission in screens():
        if permission in looks:
            replies.append(client.post(address_of(route, world), form))
    assert max(reply.status_code for reply in replies) < 500
    assert {reply.status_code for reply in replies} & {403, 405}
    assert _written() == before


def _written() -> dict[str, str]:
    """A digest of every table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        digests = {}
        for name in sorted({name for (name,) in cursor.fetchall()} - _OWN):
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{name}\" t"
            )
            (digests[name],) = cursor.fetchone()
    return digests
