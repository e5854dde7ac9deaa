"""The past of the demo's Feedback: the same each time, before the demo, in both languages, of every mood."""

from datetime import UTC, datetime, timedelta

from huifang.demo.reviews import past

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
