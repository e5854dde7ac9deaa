"""Each contradiction of a plan has a name, and a sound plan has none."""

import json

import pytest
from tests.unit.plans.examples import BODY, definition, plan_json, step

from huifang.plans.errors import UnreadableDefinitionError
from huifang.plans.rules import faults_of, read_definition, write_definition


def _codes(**changes: object) -> list[str]:
    return [fault.code for fault in faults_of(definition(**changes))]


def test_a_sound_plan_has_no_fault():
    assert _codes() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": {"en": "Only English"}}, "name_missing"),
        ({"name": {"en": "x" * 81, "zh-Hans": "名"}}, "name_too_long"),
        ({"fallback_language": "fr"}, "fallback_language_unknown"),
        ({"trigger": {"event": " "}}, "event_missing"),
        ({"trigger": {"event": "Paid", "amount_at_least": 0}}, "amount_not_positive"),
        ({"questionnaire_id": None}, "questionnaire_missing"),
        ({"purpose": "gossip"}, "purpose_unknown"),
        ({"contact_class": "vip"}, "contact_class_unknown"),
        ({"purpose": "marketing", "contact_class": "security"}, "marketing_not_follow_up"),
        ({"delay": "-PT1S"}, "delay_out_of_range"),
        ({"cooldown": "-P1D"}, "cooldown_out_of_range"),
        ({"valid_for": "PT0S"}, "valid_for_out_of_range"),
        ({"priority": 101}, "priority_out_of_range"),
        ({"sampling_basis_points": 0}, "sampling_out_of_range"),
        ({"holdout_basis_points": 10_000}, "holdout_out_of_range"),
        ({"contact_class": "case", "holdout_basis_points": 1}, "chance_in_exempt_class"),
        ({"steps": []}, "steps_missing"),
        ({"steps": [step(), *[step("sms", "reminder", "PT1H")] * 8]}, "steps_too_many"),
        ({"steps": [step("pigeon")]}, "channel_unknown"),
        ({"steps": [step(kind="reminder", after="PT1H")]}, "kind_out_of_place"),
        ({"steps": [step(), step()]}, "kind_out_of_place"),
        ({"steps": [step(after="-PT1H")]}, "after_out_of_range"),
        ({"steps": [step(), step("sms", "reminder")]}, "reminder_at_once"),
        ({"steps": [step(body={"en": "{link}"})]}, "body_missing"),
        ({"steps": [step("email", subject={"en": "How?"})]}, "subject_missing"),
        ({"steps": [step(body={**BODY, "fr": "{link}"})]}, "language_unknown"),
        ({"steps": [step(body={**BODY, "en": "Tell us."})]}, "link_missing"),
        ({"steps": [step(), step("sms", "reminder", "P7D")]}, "deadline_before_last_step"),
    ],
)
def test_a_contradiction_is_named(changes: dict[str, object], code: str):
    assert code in _codes(**changes)


def test_a_fallback_needs_no_time_before_the_deadline():
    assert _codes(steps=[step(), step("sms", "fallback", "P8D")]) == []


def test_the_last_reminder_may_come_just_before_the_deadline():
    assert _codes(steps=[step(), step("sms", "reminder", "P6DT23H")]) == []


def test_a_definition_reads_back_as_it_was_written():
    plan = definition(
        delay="P2D",
        conditions=[{"field": "event:amount", "op": "at_least", "value": 500}],
        steps=[step(), step("sms", "reminder", "P1D")],
    )
    assert read_definition(json.loads(json.dumps(write_definition(plan)))) == plan


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"delay": "soon"},
        {"steps": "many"},
        {"conditions": [{"field": "x", "op": "resembles"}]},
        {"conditions": [{"field": "x", "op": "at_least", "value": "much"}]},
    ],
)
def test_what_is_not_a_definition_is_refused(changes: dict[str, object]):
    with pytest.raises(UnreadableDefinitionError):
        read_definition({**plan_json(), **changes})
