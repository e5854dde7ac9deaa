"""The stock client libraries work unchanged: each is pointed at a real gateway and nothing else."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rudderstack.analytics as rudder
import segment.analytics as segment
from rudderstack.analytics.client import Client as RudderClient
from tests.integration.events import gateways

from huifang.events import queries, services
from huifang.events.records import StoredEvent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CLIENTS = Path(__file__).resolve().parents[1] / "clients"
NOW = datetime.now(UTC)
TRAITS = {"email": "li.na@example.com", "phone": "+8613800000001", "plan": "gold"}


@pytest.fixture(scope="module")
def gateway(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), gateways.running() as running:
        yield running


@pytest.fixture
def key() -> str:
    return services.create_write_key(name="app", now=NOW)


def events_of(customer: str) -> list[StoredEvent]:
    return list(reversed(queries.events_of(external_id=customer, limit=1000)))


def check_identify(event: StoredEvent) -> None:
    assert event.properties["plan"] == "gold"
    assert not {"email", "phone"} & set(event.properties)
    assert queries.unseal_traits(event).items() >= {("email", TRAITS["email"]), ("phone", TRAITS["phone"])}


@pytest.mark.parametrize("gzip", [False, True])
def test_segment_for_python(gateway, key, gzip):
    failed: list[object] = []
    client = segment.Client(
        write_key=key,
        host=gateway.url,
        gzip=gzip,
        on_error=lambda error, _: failed.append(error),
        upload_size=20,
    )
    client.identify("py-1", TRAITS)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for number in range(50):
        client.track(
            "py-1", "Payment Completed", {"amount": number}, message_id=f"py-{number}", timestamp=yesterday
        )
    client.page("py-1", "Shop", "Home", {"path": "/"})
    client.screen("py-1", name="Welcome")
    client.group("py-1", "family-1", {"plan": "shared"})
    client.alias("anonymous-1", "py-1")
    client.shutdown()
    assert failed == []
    events = events_of("py-1")
    kinds = [event.kind for event in events]
    assert (kinds.count("track"), set(kinds)) == (
        50,
        {"track", "identify", "page", "screen", "group", "alias"},
    )
    check_identify(next(event for event in events if event.kind == "identify"))
    payment = next(event for event in events if event.message_id == "py-7")
    assert (payment.name, payment.properties) == ("Payment Completed", {"amount": 7})
    assert abs(payment.occurred_at - yesterday) < timedelta(milliseconds=2)


def test_segment_for_python_survives_a_gateway_that_is_away_at_first(key):
    port = gateways.free_port()
    client = segment.Client(write_key=key, host=f"http://127.0.0.1:{port}", upload_size=5)
    for number in range(20):
        client.track("py-2", "App Opened", message_id=f"late-{number}")
    with gateways.running(port=port):
        client.shutdown()
    assert {event.message_id for event in events_of("py-2")} == {f"late-{number}" for number in range(20)}


@pytest.mark.parametrize("gzip", [False, True])
def test_rudderstack_for_python(gateway, key, gzip):
    failed: list[object] = []
    client = RudderClient(
        write_key=key, host=gateway.url, gzip=gzip, on_error=lambda error, _: failed.append(error)
    )
    client.identify("rudder-1", dict(TRAITS))
    for number in range(50):
        client.track("rudder-1", "Card Bound", {"issuer": "bank"}, message_id=f"rudder-{number}")
    client.alias("anonymous-1", "rudder-1")
    client.shutdown()
    assert failed == []
    events = events_of("rudder-1")
    assert sorted(event.kind for event in events) == ["alias", "identify"] + ["track"] * 50
    check_identify(next(event for event in events if event.kind == "identify"))
    assert rudder.Client is RudderClient


@pytest.mark.skipif(
    shutil.which("node") is None, reason="NODE IS MISSING: the Segment client for Node is untried"
)
def test_segment_for_node(gateway, key):
    if not (CLIENTS / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=CLIENTS, check=True, timeout=300)
    command = ["node", "segment_node.mjs", gateway.url, key]
    ran = subprocess.run(command, cwd=CLIENTS, capture_output=True, text=True, timeout=60, check=True)
    outcome = json.loads(ran.stdout.splitlines()[-1])
    assert outcome["errors"] == []
    assert set(outcome["delivered"]) == {200}
    events = events_of("node-1")
    assert sorted(event.kind for event in events) == ["alias", "group", "identify", "page"] + ["track"] * 10
    check_identify(next(event for event in events if event.kind == "identify"))
    assert "address" in queries.unseal_traits(next(event for event in events if event.kind == "identify"))
    (welcome,) = queries.events_of(external_id="", anonymous_ids=["node-anonymous"], limit=5)
    assert (welcome.kind, welcome.name) == ("screen", "Welcome")
