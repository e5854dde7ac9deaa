"""The table of guards names code and tests that are there; that each is watched, tools/guards.py shows."""

import re
from pathlib import Path

import pytest
from tools import guards

ROOT = Path(__file__).resolve().parents[2]
TABLE = guards.read()


@pytest.mark.parametrize("guard", TABLE, ids=lambda guard: guard.name)
def test_a_guard_stands_where_the_table_says_and_has_a_test(guard: guards.Guard) -> None:
    for change in guard.changes:
        text = (ROOT / change.file).read_text("utf-8")
        assert text.count(change.takes_out) == 1, f"{change.file} does not hold it once: {change.takes_out!r}"
        assert change.takes_out != change.puts_in
    path, _, name = guard.test.partition("::")
    text = (ROOT / path).read_text("utf-8")
    assert not name or re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE), guard.test


def test_no_guard_is_named_twice() -> None:
    names = [guard.name for guard in TABLE]
    assert len(names) == len(set(names))
