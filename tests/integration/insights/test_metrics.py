"""Every metric over a small world, with results reckoned by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from tests.integration.insights.makers import answer, happenings, invite, scored, write_all
from tests.integration.plans.makers import START, customer, enrolment, happen, insert_event, live, work

from huifang.insights.facts import duck
from huifang.insights.metrics import activity, answers, invitations, reaching, readings
from huifang.insights.metrics.cuts import Slice
from huifang.insights.metrics.readings import Doubt

pytestmark = pytest.mark.django_db(transaction=True)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = START + 2 * DAY
ZONE = "Asia/Shanghai"


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    """Where the facts of this test lie."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "facts"


def period(**cuts: str) -> Slice:
    """The days around `START`."""
    return Slice(start=START - DAY, end=NOW + DAY, zone=ZONE, **cuts)


def test_nps_with_its_interval_by_wallet(folder: Path):
    """Soft: 10 9 9 8 6: (3 - 1) / 5 = 40. Hard: 0 0 10: (1 - 2) / 3 = -33.3. Together (4 - 3) / 8 = 12.5."""
    for score in (10, 9, 9, 8, 6):
        scored(score, at=START, wallet_kind="soft")
    for score in (0, 0, 10):
        scored(score, at=START, wallet_kind="hard")
    write_all(folder, now=NOW)
    hard, soft = answers.scores("nps", period(), by="wallet")
    (every,) = answers.scores("nps", period())
    assert (soft.group, soft.value.estimate, soft.base) == ("soft", pytest.approx(40.0), 5)
    assert (hard.group, round(hard.value.estimate, 1), hard.base) == ("hard", -33.3, 3)
    assert every.value.estimate == pytest.approx(12.5)
    # Variance of all eight: (0.5 + 0.375 - 0.125²) / 8; 1.96 of its root is 64.25 points.
    assert (round(every.value.low, 1), round(every.value.high, 1)) == (-51.7, 76.7)
    assert every.doubt is Doubt.FEW


def test_filters_are_combined(folder: Path):
    for region in ("SH", "BJ"):
        for wallet in ("soft", "hard"):
            scored(9, at=START, wallet_kind=wallet, region=region, language="en", app_version="7.1")
    scored(1, at=START, wallet_kind="soft", region="SH", language="zh-Hans")
    write_all(folder, now=NOW)
    (one,) = answers.scores("nps", period(wallet="soft", region="SH", language="en", version="7.1"))
    assert (one.base, one.value.estimate) == (1, 100)
    (none,) = answers.scores("nps", period(wallet="soft", region="XJ"))
    assert (none.value, none.doubt) == (None, None)
    assert answers.scores("csat", period(), by="wallet") == []


def test_days_and_weeks_begin_in_the_readers_zone(folder: Path):
    """17:00 UTC on Sunday the 9th is Monday the 10th in Shanghai."""
    scored(10, at=datetime(2025, 3, 9, 15, 0, tzinfo=UTC))
    scored(0, at=datetime(2025, 3, 9, 17, 0, tzinfo=UTC))
    write_all(folder, now=NOW)
    assert [each.group for each in answers.scores("nps", period(), by="day")] == ["2025-03-09", "2025-03-10"]
    assert [each.group for each in answers.scores("nps", period(), by="week")] == ["2025-03-03", "2025-03-10"]
    assert [each.group for each in answers.scores("nps", period(), by="month")] == ["2025-03-01"]


@pytest.mark.parametrize(
    ("metric", "scores", "estimate"),
    [("csat", (5, 4, 4, 1), 0.75), ("csat", (5, 5, 5), 1.0), ("csat", (1, 2), 0.0), ("ces", (7, 6, 2), 5.0)],
)
def test_csat_and_ces(folder: Path, metric: str, scores: tuple[int, ...], estimate: float):
    for score in scores:
        scored(score, at=START, metric=metric)
    write_all(folder, now=NOW)
    (found,) = answers.scores(metric, period())
    assert (found.value.estimate, found.base) == (pytest.approx(estimate), len(scores))
    assert found.value.low < found.value.high


def test_response_rate_words_and_time_to_answer(folder: Path):
    for minutes, words in ((10, "slow"), (30, ""), (90, "")):
        asked = invite(at=START, channel="sms")
        answer(asked, at=START + timedelta(minutes=minutes), score=5, text=words)
    invite(at=START, channel="sms")
    invite(at=START, channel="email")
    write_all(folder, now=NOW)
    email, sms = invitations.response_rate(period(), by="channel")
    assert (sms.part, sms.base, sms.value.estimate) == (3, 4, 0.75)
    assert (email.part, email.base, email.value.estimate) == (0, 1, 0.0)
    (wait,) = invitations.answer_time(period())
    assert (wait.value.estimate, wait.base, wait.is_bounded) == (1800.0, 3, False)
    (worded,) = answers.words(period())
    assert (worded.part, worded.base) == (1, 3)


def deliver(name: str, *, state: str, at: datetime) -> None:
    """A provider has taken the attempt on this customer, or has not."""
    with connection.cursor() as db:
        db.execute(
            "UPDATE delivery_attempt SET state = %s, handed_over_at = %s WHERE enrolment_id = %s",
            [state, at, enrolment(customer(name)).pk],
        )


@pytest.fixture
def followed_up() -> None:
    """Four are due on Monday at ten: two reached, of whom one answers; one failed; one still waits."""
    live()
    for name in ("lin", "wu", "chen", "zhao"):
        customer(name)
        happen(name, at=START)
    work(START)
    deliver("lin", state="delivered", at=START)
    deliver("wu", state="accepted", at=START)
    deliver("chen", state="failed", at=START)
    from huifang.questionnaires.models import Invitation

    asked = Invitation.objects.get(key=f"enrolment:{enrolment(customer('lin')).pk}")
    answer(asked, at=START + HOUR, score=9)


@pytest.mark.usefixtures("followed_up")
def test_the_funnel_from_eligible_to_finished(folder: Path):
    write_all(folder, now=NOW)
    steps = {step.name: step.count for step in reaching.funnel(period())}
    assert steps == {
        "eligible": 4,
        "contacted": 2,
        "reached": 2,
        "followed": 1,
        "started": 1,
        "completed": 1,
    }
    assert reaching.funnel(period(channel="sms"))[1].count == 0
    assert reaching.funnel(period(channel="sms"))[0].count == 4
    (reach,) = reaching.reach(period(), by="channel")
    assert (reach.group, reach.part, reach.base) == ("in_app", 2, 2)


@pytest.mark.usefixtures("followed_up")
def test_contacts_are_answered_by_the_customers_own_hour(folder: Path):
    write_all(folder, now=NOW)
    (cell,) = reaching.hours(period())
    assert (cell.weekday, cell.hour, cell.reading.part, cell.reading.base) == (1, 10, 1, 2)


@pytest.mark.usefixtures("followed_up")
def test_contact_pressure_counts_contacts_of_each_customer(folder: Path):
    write_all(folder, now=NOW)
    found = reaching.pressure(period(), over=0)
    assert [(each.contact_class, each.contacts, each.customers) for each in found.loads] == [
        ("", 1, 2),
        ("follow_up", 1, 2),
    ]
    over = found.share_over("follow_up")
    assert (over.part, over.base) == (2, 2)
    assert reaching.pressure(period(), over=1).share_over().part == 0


def test_feature_usage_is_of_active_customers(folder: Path):
    """Three were active; two paid, one of them twice; one with version 7.1."""
    for name in ("lin", "wu", "chen"):
        insert_event(name, "App Opened", at=START)
    insert_event("lin", at=START, properties={"app_version": "7.1"})
    insert_event("lin", at=START + HOUR)
    insert_event("wu", at=START)
    happenings(at=START)
    write_all(folder, now=NOW)
    opened, paid = activity.features(period())
    assert (opened.name, opened.usage.part, opened.usage.base) == ("App Opened", 3, 3)
    assert (paid.name, paid.usage.part, paid.usage.base, paid.times) == ("Payment Completed", 2, 3, 3)
    newer = activity.usage(period(), by="version", feature="Payment Completed")
    assert [(each.group, each.part, each.base) for each in newer] == [("", 2, 3), ("7.1", 1, 1)]


def test_events_are_counted_once_however_often_the_writer_runs(folder: Path):
    for number in range(3):
        insert_event("lin", at=START + number * HOUR)
        happenings(at=NOW)
        write_all(folder, now=NOW)
        write_all(folder, now=NOW)
    (paid,) = activity.features(period())
    assert paid.times == 3


def test_two_periods_are_told_apart_only_where_the_interval_leaves_out_nothing(folder: Path):
    for score in (10,) * 40 + (0,) * 10:
        scored(score, at=START)
    for score in (10,) * 10 + (0,) * 40:
        scored(score, at=START - 7 * DAY)
    write_all(folder, now=NOW)
    (one,) = answers.scores("nps", period())
    (other,) = answers.scores("nps", Slice(start=START - 8 * DAY, end=START - 6 * DAY))
    found = readings.change(one, other)
    assert (found.difference.estimate, found.direction) == (pytest.approx(120.0), 1)
    assert readings.change(one, one).direction == 0
    (nobody,) = answers.scores("nps", Slice(start=START - 90 * DAY, end=START - 80 * DAY))
    assert (readings.change(one, nobody).difference, readings.change(one, nobody).direction) == (None, 0)


def test_nothing_written_yet_reads_as_nothing(folder: Path):
    assert answers.scores("nps", period())[0].value is None
    assert invitations.response_rate(period())[0].value is None
    assert [step.count for step in reaching.funnel(period())] == [0] * 6
    assert (reaching.hours(period()), activity.features(period())) == ([], [])
    assert reaching.pressure(period()).share_over().value is None
    assert duck.as_of(["answers"]) is None
