"""The audit log reads as sentences: every act that the product writes has words, and details are told."""

import ast
from collections.abc import Iterator
from pathlib import Path

import huifang
from huifang.console import deeds

SOURCE = Path(huifang.__file__).parent


def _written() -> Iterator[str]:
    """Every act that stands in the source as a literal: ``action="…"``, or the first text of a note."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            said = [keyword.value for keyword in node.keywords if keyword.arg == "action"]
            if name in ("_note", "_audit", "_changed", "_noted"):
                said += node.args[:2]
            yield from (
                each.value
                for each in said
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and "." in each.value
            )


def test_every_act_in_the_source_has_words() -> None:
    written = set(_written())
    assert len(written) > 60
    assert {action for action in written if deeds.act(action) == action} == set()


def test_an_act_without_words_is_shown_as_it_is() -> None:
    assert deeds.act("moon.landed") == "moon.landed"


def test_details_are_told_and_what_says_nothing_is_left_out() -> None:
    told = deeds.details({"changed": ["caps", "hours"], "restored_from": None, "active": True, "after": {}})
    assert told == [("changed", "contact budget, hours"), ("in use", "yes")]


def test_a_detail_without_a_name_keeps_its_key() -> None:
    assert deeds.details({"moon": 3, "kind": "sms"}) == [("moon", "3"), ("kind", "sms")]
    assert deeds.details({"channel": "sms", "reason": "smtp_550"}) == [
        ("channel", "SMS"),
        ("reason", "smtp_550"),
    ]
