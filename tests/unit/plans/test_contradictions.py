"""Each contradiction of trigger, notice, quota, incentive and breaker has a name and a sentence."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.unit.plans.examples import BODY, SUBJECT, definition, step

from huifang.plans import fault_texts, phrases
from huifang.plans.rules import faults_of

NAME = {"en": "A coffee", "zh-Hans": "一杯咖啡"}
COUPON = {"kind": "coupon", "name": NAME, "cost": 500}
SOURCES = [Path("src/huifang/plans") / name for name in ("contradictions.py", "checks.py")]


def _codes(**changes: object) -> list[str]:
    return [fault.code for fault in faults_of(definition(**changes))]


def _incentive(**changes: Any) -> dict[str, Any]:
    return {"kind": "coupon", "prizes": [COUPON], "budget": 10_000, **changes}


def _condition(field: str) -> dict[str, Any]:
    return {"field": field, "op": "is", "value": "x"}


NOTICE = step("sms", "notice")


@pytest.mark.parametrize(
    "changes",
    [
        {"trigger": {"kind": "date", "trait": "birthday", "offset_days": -366}},
        {"trigger": {"kind": "pulse", "period": "days", "every_days": 30}},
        {"trigger": {"kind": "pulse"}, "cooldown": "P90D"},
        {"trigger": {"kind": "segment", "segment_id": 3, "spread_hours": 48, "per_day_max": 100}},
        {"trigger": {"kind": "list"}},
        {"trigger": {"kind": "fact", "fact": "case_closed"}, "conditions": [_condition("event:team")]},
        {"steps": [NOTICE, step("phone", after="PT2H")]},
        {"steps": [step(), NOTICE, step("phone", "reminder", after="PT2H")]},
        {"quotas": [{"limit": 1}, {"limit": 1, "per": "day"}, {"limit": 1, "cell": "region"}]},
        {"incentive": _incentive(prizes=[{**COUPON, "cost": 10_000}])},
        {"incentive": _incentive(kind="random", prizes=[COUPON, {"kind": "nothing", "name": NAME}])},
        {"breaker": {"is_on": False, "base_min": 0}},
    ],
)
def test_what_fits_together_has_no_fault(changes: dict[str, object]):
    assert _codes(**changes) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trigger": {"kind": "date"}}, "trait_missing"),
        ({"trigger": {"kind": "date", "trait": "b", "offset_days": 367}}, "offset_out_of_range"),
        ({"trigger": {"kind": "pulse", "period": "days", "every_days": 0}}, "pulse_out_of_range"),
        ({"trigger": {"kind": "pulse"}, "cooldown": "P91D"}, "cooldown_longer_than_pulse"),
        ({"trigger": {"kind": "segment"}}, "segment_missing"),
        ({"trigger": {"kind": "list", "spread_hours": -1}}, "spread_out_of_range"),
        ({"trigger": {"kind": "list", "per_day_max": -1}}, "per_day_negative"),
        ({"trigger": {"kind": "fact", "fact": " "}}, "fact_missing"),
        ({"trigger": {"kind": "list"}, "conditions": [_condition("event:x")]}, "event_without_event"),
        (
            {"trigger": {"kind": "list"}, "steps": [step(body={**BODY, "en": "{amount} {link}"})]},
            "placeholder_without_event",
        ),
        ({"steps": [step(body={**BODY, "en": "{when} {link}"})]}, "variable_missing"),
        ({"steps": [step(), NOTICE]}, "notice_announces_nothing"),
        ({"steps": [step(), NOTICE, step("phone", "fallback")]}, "notice_announces_nothing"),
        ({"steps": [NOTICE, NOTICE, step("phone")]}, "notice_announces_nothing"),
        ({"steps": [step("phone", "notice"), step("phone")]}, "notice_by_phone"),
        ({"steps": [NOTICE, step("phone", "reminder", "PT1H")]}, "kind_out_of_place"),
        ({"quotas": [{"limit": 0}]}, "quota_not_positive"),
        ({"quotas": [{"limit": 5, "only": "soft"}]}, "quota_only_of_all"),
        ({"quotas": [{"limit": 5}, {"limit": 6}]}, "quota_twice"),
        ({"quotas": [{"limit": 5}], "contact_class": "security"}, "quota_in_exempt_class"),
        ({"incentive": _incentive(prizes=[])}, "prizes_missing"),
        ({"incentive": _incentive(prizes=[COUPON, COUPON])}, "prizes_too_many"),
        ({"incentive": _incentive(kind="points")}, "prize_kind_unfit"),
        ({"incentive": _incentive(prizes=[{**COUPON, "name": {"en": "x"}}])}, "prize_name_missing"),
        ({"incentive": _incentive(kind="random", prizes=[{**COUPON, "weight": 0}])}, "prize_weight"),
        ({"incentive": _incentive(kind="points", prizes=[{"kind": "points", "name": NAME}])}, "prize_points"),
        ({"incentive": _incentive(prizes=[{**COUPON, "cost": -1}])}, "prize_cost"),
        ({"incentive": _incentive(budget=499)}, "budget_below_prize"),
        (
            {
                "incentive": _incentive(
                    kind="random", prizes=[COUPON, {"kind": "nothing", "name": NAME, "cost": 1}]
                )
            },
            "prize_nothing_costs",
        ),
        ({"incentive": _incentive(per_customer=0)}, "per_customer_not_positive"),
        ({"incentive": _incentive(window="PT0S")}, "reward_window_out_of_range"),
        ({"incentive": _incentive(valid_days=0)}, "reward_days_out_of_range"),
        ({"breaker": {"failed_basis_points": 0}}, "breaker_out_of_range"),
        ({"breaker": {"window": "P31D"}}, "breaker_out_of_range"),
    ],
)
def test_a_contradiction_is_named(changes: dict[str, object], code: str):
    assert code in _codes(**changes)


def test_a_notice_needs_no_link_but_its_texts_in_both_languages():
    plain = step("sms", "notice", body={"en": "We call you {when}.", "zh-Hans": "我们将于{when}致电。"})
    assert _codes(steps=[plain, step("phone", after="PT2H")]) == []
    half = {**plain, "body": {"en": "We call you."}, "subject": SUBJECT}
    assert _codes(steps=[half, step("phone", after="PT2H")]) == ["body_missing"]


def test_every_fault_has_a_sentence_and_every_sentence_is_of_a_fault():
    raised = {
        code
        for source in SOURCES
        for code in re.findall(r'(?:_fault\(|code=)\s*"(\w+)"', source.read_text(encoding="utf-8"))
    }
    assert raised <= set(fault_texts.FAULTS) | set(phrases.FAULTS)
    unused = set(fault_texts.FAULTS) - raised
    assert unused <= {"reminder_after_no_contact"}
