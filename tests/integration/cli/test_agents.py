"""An agent reads the API over a real pipe, with the permissions of its key and no others."""

import json
import os
import sys
from typing import Any

import pytest
from tests.coroutines import run
from tests.integration.plans.makers import START, customer, live

from huifang.api.services import create_key
from huifang.kernel import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def ask(url: str, key: str, *calls: tuple[str, dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The tools, and what each call gave."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    program = StdioServerParameters(
        command=sys.executable,
        args=["-m", "huifang.cli.main", "mcp", "--url", url],
        env={**os.environ, "HUIFANG_API_KEY": key},
    )

    async def talk() -> tuple[list[Any], list[Any]]:
        async with stdio_client(program) as (reading, writing), ClientSession(reading, writing) as session:
            await session.initialize()
            tools = (await session.list_tools()).tools
            return list(tools), [await session.call_tool(name, arguments) for name, arguments in calls]

    return run(talk(), seconds=60)


def test_an_agent_sees_what_its_key_may_see(live_server: Any) -> None:
    live(at=START)
    customer("lin")
    key = create_key(name="agent", role="product_owner", by="person:1", now=clock.now())
    tools, (plans, strange, missing, refused) = ask(
        live_server.url,
        key,
        ("list_plans", {}),
        ("list_plans", {"drop": "everything"}),
        ("customers_read_customer", {}),
        ("events_list_rejected", {}),
    )
    assert all(tool.annotations.read_only_hint for tool in tools)
    assert not any(
        word in tool.name for tool in tools for word in ("create", "delete", "activate", "refuse_", "fetch")
    )
    (found,) = json.loads(plans.content[0].text)
    assert found["name"]["en"] == "First payment"
    assert strange.is_error
    assert "drop" in strange.content[0].text
    assert missing.is_error
    assert "missing: external_id" in missing.content[0].text
    assert refused.is_error
    assert "permission" in refused.content[0].text.lower()


def test_an_id_cannot_lead_to_another_endpoint(live_server: Any) -> None:
    key = create_key(name="agent", role="admin", by="person:1", now=clock.now())
    _, answers = ask(
        live_server.url,
        key,
        ("customers_read_customer", {"external_id": "../plans"}),
        ("customers_read_customer", {"external_id": ".."}),
        ("customers_read_customer", {"external_id": "a/../../plans?x=1#y"}),
    )
    assert [answer.is_error for answer in answers] == [True, True, True]
