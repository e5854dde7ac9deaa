"""The table of promises names nothing that is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "promises.md").read_text(encoding="utf-8")
LINES = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
LETTERS = {"A": 6, "B": 10, "C": 4, "D": 5, "F": 4, "I": 1}
GIVEN = [f"{letter}{number}" for letter, most in LETTERS.items() for number in range(1, most + 1)]
GIVEN += ["M1", "M3", "M4"]


def test_every_promise_has_a_line() -> None:
    assert [name for name in GIVEN if f"| **{name}** " not in PAGE] == []


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[2:30])
def test_a_line_names_where_to_see_it_and_tests_that_exist(line: str) -> None:
    _, seen, tests, _ = (cell.strip() for cell in line.strip("|").split("|"))
    named = re.findall(r"`(tests/[^`]+)`", tests)
    assert seen
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_page_it_links_to_exists() -> None:
    linked = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert [page for page in linked if not (ROOT / "docs" / "reference" / page).resolve().is_file()] == []


def test_every_command_it_names_exists() -> None:
    commands = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    named = {name.strip() for name in re.findall(r"`(huifang [a-z ]+)`", PAGE)}
    assert [name for name in sorted(named) if f"## {name}" not in commands] == []
