"""The past of the demo's Feedback: the same each time, before the demo, in both languages, of every mood."""

from datetime import UTC, datetime, timedelta

from huifang.demo.behaviour import RELEASE
from huifang.demo.parameters import Parameters, released
from huifang.demo.reviews import past, written
from huifang.textanalysis.records import NewText

START = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_past_is_the_same_each_time_and_lies_before_the_demo():
    found = past(START)
    assert found == past(START)
    assert len({each.key for each in found}) == len(found) > 300
    assert all(START - timedelta(days=42) <= each.at < START for each in found)
    assert len({each.at.date() for each in found}) >= 42


def test_it_has_every_mood_and_both_languages():
    ratings = [each.rating for each in past(START)]
    assert min(ratings) == 0.0
    assert max(ratings) == 1.0
    assert any(each.text.isascii() for each in past(START))
    assert any(not each.text.isascii() for each in past(START))


def between(first: float, last: float) -> list[NewText]:
    known = released(Parameters(), start=START)
    return list(written(START + timedelta(days=first), START + timedelta(days=last), parameters=known))


def test_reviews_go_on_in_the_demo_and_are_the_same_for_the_same_hours():
    assert between(0, 3) == [*between(0, 1), *between(1, 3)]
    assert len({each.key for each in between(0, 30)}) == len(between(0, 30))
    assert all(START <= each.at < START + timedelta(days=3) for each in between(0, 3))


def test_the_release_is_what_locks_people_out_and_most_say_so_at_first():
    days = Parameters().release_days
    before, first, later = between(days - 2, days), between(days, days + 2), between(days + 20, days + 22)
    assert RELEASE not in {each.version for each in before}
    cross = [each for each in first if each.rating is not None and each.rating < 0.3]
    told = {each.version for each in cross if "8.3" in each.text}
    assert told == {RELEASE}
    assert len(first) > 2 * len(later)
    assert sum(each.version == RELEASE for each in first) > len(first) / 2
