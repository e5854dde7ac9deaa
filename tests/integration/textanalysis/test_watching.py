"""A planted rise raises one alert with its evidence; flat days raise none."""

import random
from datetime import timedelta

import pytest
from tests.integration.textanalysis.texts import NOW, read_all, take, text

from huifang.kernel import outbox
from huifang.textanalysis import queries, services, watching
from huifang.textanalysis.errors import UnknownAlertError
from huifang.textanalysis.models import Finding
from huifang.textanalysis.records import FindingFilter, NewText, TopicRising

pytestmark = pytest.mark.django_db
_VERSIONS = ("8.3.0", "8.4.0")


def days(*, planted: int = 0, version: str = "8.4.0", seed: int = 1) -> list[NewText]:
    """Thirty ordinary days of two versions; *planted* crashes of *version* in the last 24 hours."""
    chance = random.Random(seed)
    made = []
    for day in range(30):
        for number in range(chance.randint(8, 12)):
            words = chance.choices(["一直闪退", "手续费太高", "很好用", "提现不到账"], [1, 2, 6, 1])[0]
            at = NOW - timedelta(days=day, minutes=chance.randint(1, 1_400))
            frame = {"version": chance.choice(_VERSIONS), "region": chance.choice(["华东", "华南"])}
            made.append(text(f"{seed}:{day}:{number}", f"{words} {number}", at=at, **frame))
    for number in range(planted):
        at = NOW - timedelta(minutes=10 + number)
        region = chance.choice(["华东", "华南"])
        made.append(text(f"planted:{number}", f"新版闪退 {number}", at=at, version=version, region=region))
    return made


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every fact that is recorded."""
    heard: list[object] = []
    monkeypatch.setattr(outbox, "record", lambda *facts: heard.extend(facts))
    return heard


def test_a_planted_rise_is_seen_with_its_evidence(facts: list[object]) -> None:
    take(*days(planted=30))
    read_all()
    assert watching.check(now=NOW) >= 1
    [alert] = queries.alerts(open_only=True)
    assert (alert.topic, alert.by, alert.value) == ("speed", "version", "8.4.0")
    assert alert.count >= 30
    assert alert.expected < 10
    assert alert.chance < 1e-4
    assert alert.verbatims
    assert all("闪退" in each.masked for each in alert.verbatims)
    lines = {line.code: line for line in queries.topics(found=FindingFilter(end=NOW))}
    assert lines["speed"].is_rising
    assert not lines["fees"].is_rising
    assert [each.topic for each in facts if isinstance(each, TopicRising)] == ["speed"]
    # Seen again an hour later: the same alert.
    watching.check(now=NOW + timedelta(hours=1))
    assert [each.id for each in queries.alerts(open_only=True)] == [alert.id]


def test_flat_days_raise_no_alert() -> None:
    raised = 0
    for seed in range(2):
        Finding.objects.all().delete()
        take(*days(seed=seed))
        read_all()
        watching.check(now=NOW)
        raised += len(queries.alerts(open_only=True))
    assert raised == 0


def test_an_alert_closes_after_a_quiet_day() -> None:
    take(*days(planted=30))
    read_all()
    watching.check(now=NOW)
    watching.check(now=NOW + timedelta(hours=20))
    assert queries.alerts(open_only=True)
    watching.check(now=NOW + timedelta(hours=50))
    assert not queries.alerts(open_only=True)
    assert queries.alerts(open_only=False)[0].closed_at is not None


def test_a_dismissed_alert_stays_silent_until_it_is_taken_back() -> None:
    take(*days(planted=30))
    read_all()
    watching.check(now=NOW)
    [alert] = queries.alerts(open_only=True)
    services.dismiss_alert(alert_id=alert.id, by="anna", now=NOW)
    watching.check(now=NOW + timedelta(hours=1))
    assert not queries.alerts(open_only=True)
    with pytest.raises(UnknownAlertError):
        services.dismiss_alert(alert_id=alert.id, by="anna", now=NOW)
    services.reopen_alert(alert_id=alert.id, by="anna", now=NOW)
    assert len(queries.alerts(open_only=True)) == 1


def test_a_rise_of_the_past_is_found_when_its_texts_are_imported() -> None:
    shifted = [
        text(each.key, each.text, at=each.at - timedelta(days=700), version=each.version, region=each.region)
        for each in days(planted=30)
    ]
    take(*shifted)
    read_all()
    watching.check(now=NOW)
    assert not queries.alerts(open_only=True)
    [alert] = queries.alerts(open_only=False)
    assert alert.topic == "speed"
    assert abs(alert.at - (NOW - timedelta(days=700))) < timedelta(days=2)
    watching.check(now=NOW + timedelta(hours=1))
    assert len(queries.alerts(open_only=False)) == 1


def test_a_rise_that_goes_on_stays_open_and_is_not_its_own_measure() -> None:
    take(*days(planted=30))
    read_all()
    watching.check(now=NOW)
    [alert] = queries.alerts(open_only=True)
    for day in range(1, 5):
        moment = NOW + timedelta(days=day)
        more = [
            text(f"later:{day}:{number}", f"新版闪退 {number}", at=moment - timedelta(minutes=9 + 7 * number))
            for number in range(25)
        ]
        usual = [
            text(f"usual:{day}:{number}", f"很好用 {number}", at=moment - timedelta(minutes=11 + 7 * number))
            for number in range(10)
        ]
        take(*more, *usual)
        read_all()
        watching.check(now=moment)
        [still] = queries.alerts(open_only=True)
        assert still.id == alert.id
        assert still.expected < 10
