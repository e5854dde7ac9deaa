"""What goes wrong at an address of the API is told as a problem document, whatever went wrong."""

import json

import pytest
from django.http import HttpRequest
from django.test import Client

from huifang.api.frame import JsonWriter
from huifang.api.services import create_key
from huifang.kernel import clock
from huifang.plans import endpoints

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller() -> Client:
    key = create_key(name="faults", role="admin", by="test", now=clock.now())
    return Client(raise_request_exception=False, headers={"authorization": f"Bearer {key}"})


def test_an_address_that_is_not_there(caller: Client) -> None:
    reply = caller.get("/api/v1/nothing/here")
    assert (reply.status_code, reply["Content-Type"]) == (404, "application/problem+json")
    assert reply.json()["code"] == "not_found"


def test_a_mistake_of_ours_says_no_more_than_that(caller: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(endpoints.queries, "plans", fail)
    reply = caller.get("/api/v1/plans")
    assert (reply.status_code, reply["Content-Type"]) == (500, "application/problem+json")
    assert reply.json()["code"] == "internal_error"
    assert "hunter2" not in reply.content.decode()


def test_chinese_is_written_as_chinese(caller: Client) -> None:
    """Whoever reads replies as they come, a person or a language model, reads words and no escapes."""
    headers = {"accept-language": "zh-hans"}
    refused = caller.post("/api/v1/texts", "{", content_type="application/json", headers=headers)
    assert "请求正文" in refused.content.decode()
    assert JsonWriter().render(HttpRequest(), {"a": "提现"}, response_status=200) == '{"a": "提现"}'.encode()
    half = {"a": "\ud800"}
    assert json.loads(JsonWriter().render(HttpRequest(), half, response_status=200)) == half


def test_every_endpoint_describes_its_problems() -> None:
    from huifang.api.frame import api

    paths = api.get_openapi_schema()["paths"]
    for operations in paths.values():
        for operation in operations.values():
            for status in ("4XX", "5XX"):
                content = operation["responses"][status]["content"]
                assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


@pytest.mark.parametrize("at", ["1990-08-04T22:18:59+23:17", "1133-08-04T22:18:59Z", "2026-03-01T08:30:00"])
def test_an_instant_that_no_table_can_hold_is_refused(caller: Client, at: str) -> None:
    texts = [{"key": "a", "text": "Fine", "at": at}]
    reply = caller.post("/api/v1/texts", {"texts": texts}, content_type="application/json")
    is_held = at.startswith("1990")  # a strange zone, but an instant all the same
    assert reply.status_code == (202 if is_held else 422), reply.content


def test_a_correction_of_a_wrong_type_is_refused(caller: Client) -> None:
    body = {"field": "intent", "value": []}
    reply = caller.put("/api/v1/feedback/findings/1/correction", body, content_type="application/json")
    assert reply.status_code == 422
