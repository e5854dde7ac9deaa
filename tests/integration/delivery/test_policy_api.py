"""The contact policy and the write keys by API: as the screens do it, and no looser."""

import json
from typing import Any

import pytest
from django.test import Client
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.test_screens import sign_in

from huifang.api import services as api
from huifang.delivery import queries
from huifang.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(now: Clock) -> Any:
    key = api.create_key(name="k", role="admin", by="person:1", now=now.at)
    client = Client(headers={"authorization": f"Bearer {key}"})

    def send(method: str, path: str, body: object = None) -> tuple[int, Any]:
        text = json.dumps(body) if body is not None else ""
        reply = client.generic(method, f"/api/v1{path}", text, content_type="application/json")
        return reply.status_code, json.loads(reply.content or "null")

    return send


def test_a_policy_is_read_changed_and_restored(ask: Any) -> None:
    policy = ask("GET", "/contact-policy")[1][0]["policy"]
    salt = policy["holdout_salt"]
    policy["caps"][0]["limit"] = 2
    assert ask("PUT", "/contact-policy", {"policy": {**policy, "holdout_salt": "x"}}) == (200, {"version": 2})
    held = queries.policy()
    assert (held.caps[0].limit, held.holdout_salt) == (2, salt)
    assert AuditEntry.objects.get(action="contact_policy.changed").actor == "api-key:k"
    status, refusal = ask("PUT", "/contact-policy", {"policy": policy})
    assert (status, refusal["code"]) == (409, "policy_outdated")
    assert ask("POST", "/contact-policy/1/restore") == (200, {"version": 3})
    assert [each["policy"]["version"] for each in ask("GET", "/contact-policy")[1]] == [3, 2, 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"caps": [{"scope": "round", "limit": 10**9, "window": "P1D"}]},
        {"caps": [{"scope": "rounds", "limit": 1, "window": "P1D"}]},
        {"global_holdout_basis_points": 9_999},
        {"minimum_gap": "P900D"},
        {"hours": {"fax": {"weekday": [], "weekend": [], "holiday": []}}},
        {"calendar": "nowhere"},
        {"caps": None},
    ],
)
def test_what_the_screen_would_not_take_is_refused(ask: Any, changes: dict[str, object]) -> None:
    policy = ask("GET", "/contact-policy")[1][0]["policy"]
    status, refusal = ask("PUT", "/contact-policy", {"policy": {**policy, **changes}})
    assert (status, refusal["code"]) == (422, "policy_invalid")


def test_a_write_key_is_made_listed_and_ended(ask: Any) -> None:
    status, made = ask("POST", "/write-keys", {"name": "app"})
    assert status == 201 and len(made["write_key"]) > 20
    (listed,) = ask("GET", "/write-keys")[1]
    assert (listed["name"], listed["revoked_at"]) == ("app", None)
    assert made["write_key"] not in str(listed)
    assert ask("POST", "/write-keys/revoke", {"name": "app"}) == (204, None)
    assert ask("POST", "/write-keys/revoke", {"name": "app"})[0] == 404


@pytest.mark.parametrize(
    ("role", "path"), [("developer", "/settings/contact/"), ("operations", "/settings/sources/")]
)
def test_who_may_only_look_is_refused_a_change(now: Clock, role: str, path: str) -> None:
    looker = sign_in(role, now)
    assert looker.get(path).status_code == 200
    assert looker.post(path, {"name": "x"}).status_code == 403
