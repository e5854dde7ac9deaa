"""What an SMS says about how to answer by one."""

import pytest

from huifang.delivery.rules.scales import reply_hint

FIVE = [("1", "very bad"), ("2", "bad"), ("3", "so-so"), ("4", "good"), ("5", "very good")]


@pytest.mark.parametrize(
    ("choices", "hint"),
    [
        (FIVE, "Reply with a number from 1 (very bad) to 5 (very good)"),
        (
            [("0", "0 never"), ("1", "1"), ("2", "2 surely")],
            "Reply with a number from 0 (never) to 2 (surely)",
        ),
        ([(str(n), str(n)) for n in range(11)], "Reply with a number from 0 to 10"),
        ([("yes", "Yes"), ("no", "No")], "Reply with one of: yes = Yes; no = No"),
        ([("1", "1"), ("3", "3")], "Reply with one of: 1; 3"),
        ([("1", "Only this")], "Reply with one of: 1 = Only this"),
    ],
)
def test_the_hint_names_what_can_be_replied(choices: list[tuple[str, str]], hint: str) -> None:
    assert reply_hint(choices, lambda text: text) == hint
