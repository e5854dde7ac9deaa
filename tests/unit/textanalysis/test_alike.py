"""Wishes that say alike are one line; nothing heavy is loaded for it."""

import time

from huifang.textanalysis import alike

DARK = ["希望增加夜间模式", "建议加个夜间模式", "希望有夜间模式，晚上太亮"]
EXPORT = [
    "Please add an option to export statements",
    "I wish I could export my statements",
    "export of statements would be great",
]
PAY = ["Please add an option to pay by watch", "pay with my watch please"]
ALONE = ["希望亲情卡能按店设限额"]


def test_wishes_for_the_same_thing_are_grouped_whatever_the_words() -> None:
    said = [*DARK, *EXPORT, *PAY, *ALONE]
    assert sorted(sorted(group) for group in alike.grouped(said)) == [[0, 1, 2], [3, 4, 5], [6, 7], [8]]


def test_the_largest_comes_first_and_every_wish_is_there_once() -> None:
    said = [*ALONE, *DARK, "", "🙂", "please", *[EXPORT[0]] * 9]
    found = alike.grouped(said)
    assert len(found[0]) == 9
    assert sorted(at for group in found for at in group) == list(range(len(said)))
    assert alike.grouped([]) == []


def test_as_many_as_a_page_takes_are_grouped_in_a_moment() -> None:
    said = [f"please add colour{at % 97} to picture{at % 89} of page{at}" for at in range(600)]
    begun = time.process_time()
    assert sum(map(len, alike.grouped(said))) == 600
    assert time.process_time() - begun < 2.0
