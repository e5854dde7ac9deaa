"""The life of one event, whole: from the wallet's message to an answer, and to why."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.integration.plans.makers import questionnaire_id, step

from huifang.api import services as api
from huifang.delivery import sender
from huifang.delivery import services as delivery
from huifang.events import services as events
from huifang.kernel import clock, outbox
from huifang.plans import dispatcher, runner, services
from huifang.plans.models import Enrolment
from huifang.plans.rules import read_definition

NOON = datetime(2025, 3, 12, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Wednesday
HOUR = timedelta(hours=1)


def message(kind: str, number: int, *, at: datetime, **more: object) -> bytes:
    """One message as a Segment client sends it."""
    body = {"type": kind, "messageId": f"m-{number}", "userId": "W-1", "timestamp": at.isoformat(), **more}
    return json.dumps(body).encode()


def work(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """What the worker's loops do at *now*, until nothing is left to do."""
    monkeypatch.setattr(clock, "now", lambda: now)
    while (
        runner.run(now=now, clock_trusted=True)
        + dispatcher.dispatch(now=now, clock_trusted=True)
        + sender.send_batch("in_app")
        + outbox.relay(now=now)
    ):
        pass


@pytest.mark.django_db(transaction=True)
def test_an_event_walks_to_an_answer_and_to_why(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    delivery.follow_environment(now=NOON)
    plan = read_definition(
        {
            "name": {"en": "First payment", "zh-Hans": "首次支付"},
            "trigger": {"event": "Payment Completed", "occurrence": "first"},
            "delay": "PT2H",
            "steps": [step()],
            "questionnaire_id": questionnaire_id(),
        }
    )
    plan_id = services.create(definition=plan, by="person:1", now=NOON - HOUR)
    services.activate(plan_id=plan_id, by="person:1", now=NOON - HOUR)
    key = api.create_key(name="all", role="admin", by="test", now=NOON)
    headers = {"authorization": f"Bearer {key}"}
    traits = {
        "timezone": "Asia/Shanghai",
        "language": "zh-CN",
        "phone": "+8613800000421",
        "consents": [{"purpose": "service_follow_up", "given": True, "wording": "可以回访您吗？"}],
    }
    messages = [
        message("identify", 1, at=NOON - HOUR, traits=traits),
        message("track", 2, at=NOON, event="Payment Completed", properties={"amount": 328}),
    ]
    for _ in range(2):  # sent again, nothing happens twice
        events.ingest_batch(messages=messages, source_id=1, now=NOON)

    work(monkeypatch, NOON)
    inbox = client.get("/api/v1/customers/W-1/inbox", headers=headers).json()["messages"]
    assert inbox == []  # the plan waits two hours

    work(monkeypatch, NOON + 2 * HOUR)
    (received,) = client.get("/api/v1/customers/W-1/inbox", headers=headers).json()["messages"]
    link = re.sub(r"^https?://[^/]+", "", received["link"])
    page = client.get(link)
    assert page.status_code == 200
    while form := re.search(r'name="q" value="(\w+)"', page.content.decode()):
        question = form.group(1)
        answer = "没人告诉我到哪一步了" if "<textarea" in page.content.decode() else "2"
        choice = re.search(rf'name="a\.{question}" value="([a-z_]+)"', page.content.decode())
        data = {"q": question, f"a.{question}": choice.group(1) if choice else answer}
        page = client.post(link, data, follow=True)

    work(monkeypatch, NOON + 3 * HOUR)
    timeline = client.get("/api/v1/customers/W-1/timeline", headers=headers).json()
    kinds = [moment["kind"] for moment in timeline["moments"]]
    assert kinds.count("event") == 2
    assert kinds.count("attempt") == 1
    assert kinds.count("answer") == 1
    assert kinds.count("consent") == 1
    assert [moment["at"] for moment in timeline["moments"]] == sorted(
        moment["at"] for moment in timeline["moments"]
    )
    decisions = [moment["what"] for moment in timeline["moments"] if moment["kind"] == "decision"]
    assert [(each["stage"], each["outcome"]) for each in decisions] == [
        ("enrol", "contact"),
        ("dispatch", "contact"),
    ]
    (answer,) = [moment["what"] for moment in timeline["moments"] if moment["kind"] == "answer"]
    assert answer["state"] == "completed"
    assert answer["low_score"] is True
    assert "没人告诉我到哪一步了" in {each["text"] for each in answer["answers"]}
    assert state_of_enrolment(plan_id) == "answered"
    assert "+8613800000421" not in json.dumps(timeline)


def state_of_enrolment(plan_id: int) -> str:
    """Where the one enrolment of the plan stands."""
    return str(Enrolment.objects.get(plan_id=plan_id).state)
