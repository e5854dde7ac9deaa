"""What the stock clients put on the wire, recorded, with customers made up; each is read to the letter.

The clients themselves run against a real gateway in tests/integration/events/test_clients.py.
"""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from huifang.events import ingest, timestamps
from huifang.events.message import Arrival
from huifang.kernel import vault

HERE = Path(__file__).parent
RECORDINGS = sorted(HERE.glob("*.json"))


def parsed(recording: Path) -> ingest.Parsed:
    envelope = ingest.open_batch(recording.read_bytes())
    received_at = timestamps.read(envelope.sent_at) + timedelta(seconds=1)
    arrival = Arrival(
        source_id=1,
        received_at=received_at,
        now=received_at,
        age_days_max=400,
        sent_at=envelope.sent_at,
        context=bytes(envelope.context),
    )
    return ingest.parse_all(envelope.batch, arrival=arrival)


def test_there_is_a_recording_of_each_client():
    assert [each.stem for each in RECORDINGS] == ["rudderstack_python", "segment_node", "segment_python"]


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda each: each.stem)
def test_every_recorded_message_is_an_event(recording):
    result = parsed(recording)
    assert result.faults == []
    sent = msgspec.json.decode(recording.read_bytes())["batch"]
    assert [event.message_id for event in result.events] == [each["messageId"] for each in sent]
    assert [event.kind for event in result.events] == [each["type"] for each in sent]
    for event, each in zip(result.events, sent, strict=True):
        assert event.external_id == (each.get("userId") or "")
        assert event.occurred_at == timestamps.read(each["timestamp"])
        assert msgspec.json.decode(event.context)["library"]["version"] != ""


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda each: each.stem)
def test_the_recorded_traits_are_parted(recording):
    identify = next(event for event in parsed(recording).events if event.kind == "identify")
    assert identify.properties == {"plan": "gold"}
    assert identify.sealed is not None
    opened = vault.unseal(bytes.fromhex(identify.sealed[2:]), context="event-traits")
    personal = msgspec.json.decode(opened)
    assert personal.items() >= {"email": "li.na@example.com", "phone": "+8613800000001"}.items()


def test_a_write_key_in_the_recorded_body_is_seen():
    envelope = ingest.open_batch((HERE / "segment_node.json").read_bytes())
    assert envelope.write_key == "hf_write_example"
