"""What SDKs of Sensors Analytics put on the wire, with customers made up; each is read to the letter.

The SDK for Python itself runs against a real gateway in tests/integration/events/test_sensors.py.
"""

import json
from pathlib import Path

import pytest

from huifang.events import sensors, sensorsform

RECORDINGS = sorted(Path(__file__).parent.glob("*.json"))


def test_there_is_a_recording_of_each_kind_of_request():
    assert [each.stem for each in RECORDINGS] == ["android_post", "javascript_get", "python_batch"]


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda each: each.stem)
def test_every_recorded_message_is_read(recording):
    recorded = json.loads(recording.read_text(encoding="utf-8"))
    form = sensorsform.read(query=recorded["query"].encode(), content=recorded["body"].encode())
    opened = sensorsform.open_form(form)
    found = [json.loads(sensors.translate(each).raw) for each in opened.batch]
    assert all(len(each["messageId"]) == 32 for each in found)
    assert opened.write_key == recorded["token"]
    assert [{**each, "messageId": None} for each in found] == recorded["messages"]
