"""The page of reasons says what the code does: codes, screen names, what time cures, the order of rules."""

import re
from pathlib import Path

from huifang.console.names import REASONS
from huifang.decisions.reasons import Reason, is_curable
from huifang.plans.situations import CHAIN

PAGE = Path("docs/reference/reasons.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| (yes|no) \|$", PAGE, flags=re.MULTILINE)


def test_every_reason_is_on_its_page_in_order():
    assert [row[0] for row in ROWS] == [reason.value for reason in Reason]


def test_the_page_uses_the_words_of_the_screens():
    assert {row[0]: row[1].strip() for row in ROWS} == REASONS


def test_the_page_says_rightly_what_time_cures():
    assert {row[0]: row[3] == "yes" for row in ROWS} == {
        reason.value: is_curable(reason) for reason in Reason
    }


def test_the_page_lists_the_rules_in_their_order():
    order = PAGE.split("ends the chain:")[1].split(". Case")[0]
    assert order.replace("\n", " ").strip().split(", ") == [str(rule) for rule in CHAIN]
