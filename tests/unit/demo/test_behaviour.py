"""The simulated customers: the same from the same seed, active when people are, none before joining."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from huifang.demo import environment
from huifang.demo.behaviour import hours_between, messages_of
from huifang.demo.parameters import HOUR_PARTS, Parameters, adjusted, released
from huifang.demo.people import make_person

START = datetime(2026, 3, 1, tzinfo=UTC)
PARAMETERS = Parameters(people=60, joining_days=3.0, acts_per_day=6.0)
PEOPLE = [make_person(number, parameters=PARAMETERS, start=START) for number in range(60)]


def life(person, days):
    return [
        message
        for hour in hours_between(START, START + timedelta(days=days))
        for message in messages_of(person, hour, parameters=PARAMETERS)
    ]


def test_a_demo_started_again_sends_the_same_messages_with_the_same_ids():
    assert life(PEOPLE[3], 6) == life(make_person(3, parameters=PARAMETERS, start=START), 6)


def test_message_ids_are_unique_over_a_whole_life():
    ids = [message["messageId"] for person in PEOPLE for message in life(person, 8)]
    assert len(ids) > 1000
    assert len(ids) == len(set(ids))


def test_a_person_is_identified_once_and_does_nothing_before_joining():
    for person in PEOPLE:
        messages = life(person, 5)
        assert [message["type"] for message in messages].count("identify") == 1
        assert messages[0]["type"] == "identify"
        assert all(message["timestamp"] >= person.joined_at.isoformat() for message in messages)


def test_most_activity_falls_in_the_evening_of_the_persons_own_zone():
    hours = Counter()
    for person in PEOPLE:
        for message in life(person, 20):
            if message["type"] == "track" and "join" not in message["messageId"]:
                at = datetime.fromisoformat(message["timestamp"])
                hours[at.astimezone(ZoneInfo(person.home.time_zone)).hour] += 1
    assert sum(hours.values()) > 3000
    assert max(hours, key=hours.get) in {18, 19, 20, 21}
    assert sum(hours[hour] for hour in (3, 4, 5)) < 0.01 * sum(hours.values())


def test_the_parts_of_a_day_are_those_documented():
    assert len(HOUR_PARTS) == 24
    assert sum(HOUR_PARTS) == 240


def test_one_who_did_not_agree_sends_no_consent():
    without = next(person for person in PEOPLE if not person.has_consented)
    assert "consents" not in life(without, 5)[0]["traits"]


def test_one_whose_zone_is_unknown_sends_neither_zone_nor_region():
    many = Parameters(people=400)
    unknown = next(
        person
        for person in (make_person(number, parameters=many, start=START) for number in range(400))
        if not person.knows_zone
    )
    traits = messages_of(
        unknown, unknown.joined_at.replace(minute=0, second=0, microsecond=0), parameters=many
    )
    assert "timezone" not in traits[0]["traits"]
    assert "region" not in traits[0]["traits"]


def test_hours_between_counts_full_hours_only():
    start = START + timedelta(minutes=10)
    assert list(hours_between(start, START + timedelta(hours=2))) == [START + timedelta(hours=1)]


def test_only_the_first_days_are_rushed(monkeypatch):
    monkeypatch.setenv(environment.START_NAME, START.isoformat())
    assert environment.is_rushed(START + environment.RUSH - timedelta(seconds=1))
    assert not environment.is_rushed(START + environment.RUSH)
    monkeypatch.delenv(environment.START_NAME)
    assert not environment.is_rushed(START)


def test_parameters_are_adjusted_only_where_asked():
    assert adjusted(Parameters(), people=None, acts_per_day=None) == Parameters()
    assert adjusted(Parameters(), people=7, acts_per_day=40.0) == Parameters(people=7, acts_per_day=40.0)


def test_the_release_is_used_by_most_once_it_is_out_and_by_nobody_before():
    known = released(PARAMETERS, start=START)
    at = known.released_at
    assert at == START + timedelta(days=PARAMETERS.release_days)
    before, after = Counter(), Counter()
    for person in PEOPLE[:20]:
        for hour in hours_between(START, at + timedelta(days=4)):
            for message in messages_of(person, hour, parameters=known):
                version = (message.get("properties") or {}) if message["type"] == "track" else {}
                if isinstance(version, dict) and "app_version" in version:
                    told = before if message["timestamp"] < at.isoformat() else after
                    told[version["app_version"]] += 1
    assert "8.3.0" not in before
    assert after["8.3.0"] > 0.6 * after.total()
