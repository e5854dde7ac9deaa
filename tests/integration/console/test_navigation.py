"""A person sees the rooms of their role only, with what waits there; and a page asks the database little."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from huifang.console import navigation
from huifang.console.models import Person
from huifang.kernel import audit, clock


def labels(client: Client) -> list[str]:
    shown = client.get("/settings/you/").context["navigation"]
    return [item.label for item in [*shown["loop"], *shown["rest"]]]


def test_an_agent_sees_less_than_operations(client_of: Callable[[str], Client]) -> None:
    agent, operations = labels(client_of("agent")), labels(client_of("operations"))
    assert "Plans" not in agent
    assert "Settings" in agent
    assert set(agent) < set(operations)


def test_nobody_sees_a_room_that_is_not_installed(client_of: Callable[[str], Client]) -> None:
    assert "Community" not in labels(client_of("admin"))


def test_what_waits_stands_beside_its_room(
    client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "_counters", {})
    navigation.counts("console:settings")(lambda request: navigation.Count(number=1203, is_urgent=True))
    assert '<span class="hf-now">1,203</span>' in client_of("admin").get("/settings/you/").content.decode()


def test_every_room_has_its_own_letter() -> None:
    letters = [row[3] for row in (*navigation._LOOP, *navigation._REST)]
    assert len(letters) == len(set(letters))


def test_the_audit_log_asks_no_more_for_more_lines(
    client_of: Callable[[str], Client], person_of: Callable[..., Person], django_assert_max_num_queries: Any
) -> None:
    client = client_of("admin")
    for number in range(8):
        person = person_of("agent", f"agent{number}@spruce.test")
        audit.record(actor=person.actor, action="test.noted", subject="test", at=clock.now())
    with django_assert_max_num_queries(12):
        client.get("/settings/audit/")
