"""A body that drips does not hold the gateway for ever."""

import asyncio
import json
from typing import Any

import pytest
from tests.coroutines import run

from huifang.events import body
from huifang.events.gateway import Gateway


def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_SECONDS_MAX", 0.2)
    said: list[Any] = []

    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/batch", "headers": []}
    run(Gateway()(scope, drip, send), seconds=30)
    assert said[0]["status"] == 408
    assert json.loads(said[1]["body"])["code"] == "body_too_slow"
