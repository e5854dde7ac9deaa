"""Faults of shape in the reader's words, with their place; what nobody foresaw is passed on."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
import pydantic
import pytest

from huifang.decisions.policy import Cap
from huifang.kernel import telling
from huifang.kernel.refusals import Refusal


class Step(msgspec.Struct, forbid_unknown_fields=True):
    channel: Literal["sms", "email"] = "sms"
    after: datetime | None = None
    words: Annotated[str, msgspec.Meta(min_length=2, max_length=4)] = "ab"
    times: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1


class Plan(msgspec.Struct):
    name: str
    steps: list[Step] = []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "The field name is missing."),
        ({"name": 3}, "At name: This should be a text, not a whole number."),
        ({"name": None}, "At name: This should be a text, not null."),
        ([], "This should be an object, not a list."),
        ({"name": "a", "steps": {}}, "At steps: This should be a list, not an object."),
        ({"name": "a", "steps": [{}, {"chanel": "sms"}]}, "At steps[1]: There is no field chanel."),
        (
            {"name": "a", "steps": [{"channel": "fax"}]},
            "At steps[0].channel: 'fax' is none of the values that are known.",
        ),
        (
            {"name": "a", "steps": [{"after": 5}]},
            "At steps[0].after: This should be an instant with its zone or null, not a whole number.",
        ),
        (
            {"name": "a", "steps": [{"after": "soon"}]},
            "At steps[0].after: Write an instant with its zone, such as 2026-03-01T09:00+08:00.",
        ),
        ({"name": "a", "steps": [{"words": "a"}]}, "At steps[0].words: This is too short: 2 at least."),
        ({"name": "a", "steps": [{"words": "abcde"}]}, "At steps[0].words: This is too long: 4 at most."),
        ({"name": "a", "steps": [{"times": 0}]}, "At steps[0].times: This should be 1 at least."),
        ({"name": "a", "steps": [{"times": 6}]}, "At steps[0].times: This should be 5 at most."),
    ],
)
def test_a_fault_of_values_is_said_with_its_place(value: object, said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, Plan)
    assert telling.said(caught.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [(b'{"name":', "The JSON ends too early."), (b'{"name": x}', "This is no JSON from byte 9 on.")],
)
def test_a_fault_of_json_is_said(text: bytes, said: str) -> None:
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(text, type=Plan)
    assert telling.said(caught.value) == said


def test_what_a_record_says_itself_is_passed_on() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"scope": "fax", "limit": 1, "window": "P1D"}, Cap)
    assert telling.said(caught.value) == "A cap counts rounds, contacts or one channel: fax"


def test_a_refusal_says_the_fault_that_it_holds() -> None:
    class Unreadable(Refusal):
        text = "It cannot be read: {why}"

    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({}, Plan)
    assert telling.told(Unreadable(why=caught.value)) == "It cannot be read: The field name is missing."
    assert telling.told(Unreadable(why="{curly}")) == "It cannot be read: {curly}"


class Body(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    name: Annotated[str, pydantic.Field(max_length=3)]
    count: Annotated[int, pydantic.Field(ge=1)] = 1
    channel: Literal["sms", "email"] = "sms"
    at: pydantic.AwareDatetime | None = None
    tags: list[str] = []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "This field is missing."),
        ({"name": "abcd"}, "This is too long: 3 at most."),
        ({"name": 5}, "This should be a text."),
        ({"name": "a", "count": 0}, "This should be 1 at least."),
        ({"name": "a", "count": "x"}, "This should be a whole number."),
        ({"name": "a", "count": 1.5}, "This should be a whole number."),
        ({"name": "a", "channel": "fax"}, "This should be one of 'sms' or 'email'."),
        ({"name": "a", "at": "soon"}, "This should be an instant with its zone."),
        (
            {"name": "a", "at": "2026-03-01T09:00"},
            "Write an instant with its zone, such as 2026-03-01T09:00+08:00.",
        ),
        ({"name": "a", "tags": "x"}, "This should be a list."),
        ({"name": "a", "more": 1}, "There is no such field."),
    ],
)
def test_a_fault_of_a_body_is_said(value: dict[str, object], said: str) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        Body.model_validate(value)
    (fault,) = caught.value.errors()
    assert telling.said_of_field(fault) == said


def test_a_fault_that_nobody_foresaw_is_passed_on() -> None:
    assert telling.said_of_field({"type": "frozen_set_type", "msg": "Odd"}) == "Odd"
    assert telling.said(ValueError("Odd - at `$.a`")) == "At a: Odd"
