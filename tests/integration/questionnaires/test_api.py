"""Questionnaires and responses over the HTTP API."""

import json

import msgspec
import pytest
from django.test import Client
from tests.integration.questionnaires.conftest import NOW, definition, invite

from huifang.api import services as api_services
from huifang.kernel import clock
from huifang.questionnaires import services
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.kinds.base import Given

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


def holder(role: str) -> Client:
    key = api_services.create_key(name=role, role=role, by="test", now=clock.now())
    return Client(headers={"authorization": f"Bearer {key}"})


@pytest.fixture
def api() -> Client:
    return holder("operations")


def post(client: Client, path: str, body: object) -> tuple[int, dict[str, object]]:
    reply = client.post(f"{ROOT}{path}", json.dumps(body), content_type="application/json")
    return reply.status_code, reply.json()


def body(**more: object) -> dict[str, object]:
    return {
        "slug": "payment",
        "name": {"en": "Payment"},
        "definition": msgspec.to_builtins(definition()),
        **more,
    }


def test_a_questionnaire_is_made_published_and_changed_in_a_new_version(api: Client) -> None:
    status, made = post(api, "/questionnaires", body())
    assert (status, made["state"], made["version"]) == (201, "draft", 1)

    _, published = post(api, f"/questionnaires/{made['id']}/publish", {})
    assert published["published_version"] == 1

    changed = {**msgspec.to_builtins(definition()), "display": "all"}
    status, draft = post(api, f"/questionnaires/{made['id']}/versions", {"definition": changed})
    assert (status, draft["version"], draft["published_version"]) == (201, 2, 1)
    assert api.get(f"{ROOT}/questionnaires/{made['id']}").json() == draft
    assert api.get(f"{ROOT}/questionnaires").json() == [draft]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"slug": "Not A Slug"}, 422, "invalid"),
        ({"name": {}}, 422, "name_missing"),
        ({"definition": {"questions": [{"kind": "stars"}]}}, 422, "definition_unreadable"),
        (
            {
                "definition": {
                    "questions": [
                        {
                            "key": "a",
                            "kind": "csat",
                            "title": {"en": "A"},
                            "show_if": [{"question": "b", "test": "answered"}],
                        },
                        {"key": "b", "kind": "csat", "title": {"en": "B"}},
                    ]
                }
            },
            422,
            "branch_forward",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_code(
    api: Client, change: dict[str, object], status: int, code: str
) -> None:
    found, problem = post(api, "/questionnaires", body(**change))
    assert (found, problem["code"]) == (status, code)


def test_an_unknown_questionnaire_and_a_second_publish_are_told_apart(api: Client) -> None:
    assert api.get(f"{ROOT}/questionnaires/999").json()["code"] == "unknown_questionnaire"
    _, made = post(api, "/questionnaires", body())
    post(api, f"/questionnaires/{made['id']}/publish", {})
    status, problem = post(api, f"/questionnaires/{made['id']}/publish", {})
    assert (status, problem["code"]) == (409, "draft_missing")


def test_responses_come_page_by_page_each_once(api: Client, version_id: int) -> None:
    for number in range(1, 6):
        invitation = invite(version_id, key=f"k{number}", customer_id=number)
        given = {"satisfied": Given(values=[str(number)])}
        services.answer(invitation_id=invitation.id, submission=Submission(given=given), now=NOW)
    seen: list[int] = []
    after = ""
    for _ in range(3):
        page = api.get(f"{ROOT}/responses", {"limit": 2, "after": after}).json()
        seen += [each["answers"][0]["number"] for each in page["responses"]]
        after = page["after"]
    assert seen == [5, 4, 3, 2, 1]
    assert after == ""
    low = api.get(f"{ROOT}/responses", {"low": True}).json()["responses"]
    assert [each["answers"][0]["number"] for each in low] == [2, 1]


def test_a_key_without_the_right_neither_reads_nor_writes() -> None:
    client = holder("developer")
    assert client.get(f"{ROOT}/responses").status_code == 403
    assert post(client, "/questionnaires", body())[0] == 403
    assert Client().get(f"{ROOT}/questionnaires").status_code == 401
