"""The facts on disk: each row once, whatever dies when; changes come through; nobody can be found in them."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from tests.integration.insights.makers import answer, happenings, invite, scored, write_all
from tests.integration.plans.makers import START, customer, happen, insert_event, live, work

from huifang.insights import personal_data
from huifang.insights.facts import duck, files, shapes, store
from huifang.insights.models import Segment, TopicState
from huifang.questionnaires.models import Invitation, Response

pytestmark = pytest.mark.django_db(transaction=True)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = START + DAY


def facts(folder: Path, topic: str) -> list[dict[str, object]]:
    """Every fact of *topic* that the manifest shows."""
    tables = [pq.ParquetFile(folder / each.file).read() for each in store.live(topic)]
    return pa.concat_tables(tables).to_pylist() if tables else []


def source(topic: str) -> store.Source:
    return next(each for each in store.SOURCES if each.topic == topic)


def test_each_answer_is_written_once(tmp_path: Path):
    for number in range(5):
        scored(number, at=START + number * HOUR)
    write_all(tmp_path, now=NOW)
    write_all(tmp_path, now=NOW + HOUR)
    scored(9, at=NOW, region="SH")
    write_all(tmp_path, now=NOW + 2 * HOUR)
    assert sorted(row["number"] for row in facts(tmp_path, "answers")) == [0, 1, 2, 3, 4, 9]
    assert [row["region"] for row in facts(tmp_path, "answers") if row["number"] == 9] == ["SH"]
    assert len(facts(tmp_path, "invitations")) == 6


def test_a_writer_that_dies_before_its_commit_shows_nothing_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    scored(10, at=START)
    store.append(source("answers"), folder=tmp_path, now=NOW)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TopicState, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            store.append(source("answers"), folder=tmp_path, now=NOW)
    assert len(list(tmp_path.glob("answers/*/*.parquet"))) == 1
    assert facts(tmp_path, "answers") == []
    write_all(tmp_path, now=NOW)
    assert [row["number"] for row in facts(tmp_path, "answers")] == [10]


def test_a_file_half_written_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scored(10, at=START)
    store.append(source("answers"), folder=tmp_path, now=NOW)

    def dies(table: pa.Table, path: Path, **_: object) -> None:
        path.write_bytes(b"PAR1 half of it")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files.pq, "write_table", dies)
        with pytest.raises(KeyboardInterrupt):
            store.append(source("answers"), folder=tmp_path, now=NOW)
    assert list(tmp_path.rglob("*.parquet")) == []
    assert Segment.objects.count() == 0
    write_all(tmp_path, now=NOW)
    assert [row["number"] for row in facts(tmp_path, "answers")] == [10]


def test_what_a_dead_writer_left_is_swept_after_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scored(10, at=START)
    write_all(tmp_path, now=NOW)
    stray = tmp_path / "answers" / "month=2025-03" / "2025-03-10-dead.parquet"
    stray.write_bytes(b"half")
    store.sweep(folder=tmp_path, now=NOW)
    assert stray.exists()
    later = files.time.time() + 3700
    monkeypatch.setattr(files.time, "time", lambda: later)
    store.sweep(folder=tmp_path, now=NOW)
    assert not stray.exists()
    assert len(facts(tmp_path, "answers")) == 1


def test_a_transaction_that_commits_late_is_not_skipped(tmp_path: Path, late: psycopg.Connection):
    """Its row has the lower id, and comes to light after a higher one was there."""
    asked = invite(at=START)
    late.execute(
        "INSERT INTO questionnaires_invitation SELECT (jsonb_populate_record(known, jsonb_build_object("
        "'key', 'late', 'id', nextval(pg_get_serial_sequence('questionnaires_invitation', 'id'))))).*"
        " FROM questionnaires_invitation AS known WHERE id = %s",
        [asked.pk],
    )
    invite(at=START)
    for _ in range(3):
        store.append(source("invitations"), folder=tmp_path, now=NOW)
    assert facts(tmp_path, "invitations") == []
    late.commit()
    write_all(tmp_path, now=NOW)
    assert len(facts(tmp_path, "invitations")) == 3


@pytest.fixture
def late() -> Iterator[psycopg.Connection]:
    """A second connection, in a transaction of its own."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    parameters.pop("prepare_threshold", None)
    with psycopg.connect(**parameters) as other:
        yield other


def test_an_invitation_answered_days_later_is_written_anew(tmp_path: Path):
    invitation = invite(at=START)
    invite(at=START)
    write_all(tmp_path, now=NOW)
    assert [row["started_at"] for row in facts(tmp_path, "invitations")] == [None, None]
    answer(invitation, at=NOW + 2 * DAY, score=3)
    write_all(tmp_path, now=NOW + 2 * DAY)
    found = {row["id"]: row["started_at"] for row in facts(tmp_path, "invitations")}
    assert found[invitation.pk] == NOW + 2 * DAY
    assert len(found) == 2


def test_an_attempt_that_settles_later_is_seen_again(tmp_path: Path):
    live()
    customer("lin")
    happen("lin", at=START)
    work(START)
    write_all(tmp_path, now=START)
    assert [row["state"] for row in facts(tmp_path, "attempts")] == ["queued"]
    with connection.cursor() as db:
        db.execute("UPDATE delivery_attempt SET state = 'delivered', handed_over_at = %s", [START])
    write_all(tmp_path, now=START + HOUR)
    (row,) = facts(tmp_path, "attempts")
    assert (row["state"], row["local_weekday"], row["local_hour"]) == ("delivered", 1, 10)


def test_many_small_files_of_one_day_become_one(tmp_path: Path):
    for number in range(12):
        scored(number % 11, at=START)
        write_all(tmp_path, now=NOW)
    assert store.live("answers").count() <= 9
    assert len(facts(tmp_path, "answers")) == 12


def test_months_long_past_are_one_file_and_new_ones_a_file_a_day():
    today = date(2026, 11, 22)
    assert store.span_of(date(2026, 11, 3), today=today) == (date(2026, 11, 3), date(2026, 11, 3))
    assert store.span_of(date(2026, 10, 3), today=today) == (date(2026, 10, 3), date(2026, 10, 3))
    assert store.span_of(date(2026, 9, 3), today=today) == (date(2026, 9, 1), date(2026, 9, 30))
    assert store.span_of(date(2024, 2, 29), today=today) == (date(2024, 2, 1), date(2024, 2, 29))


def test_two_writers_at_once_write_nothing_twice(tmp_path: Path, late: psycopg.Connection):
    """While another holds the topic, this one goes on to the next."""
    scored(10, at=START)
    store.append(source("answers"), folder=tmp_path, now=NOW)
    late.execute("SELECT pg_advisory_xact_lock(%s, %s)", store.lock_of("answers"))
    assert store.append(source("answers"), folder=tmp_path, now=NOW) == 0
    late.rollback()
    assert store.append(source("answers"), folder=tmp_path, now=NOW) == 1


def test_an_erased_customer_leaves_the_counts_but_no_pseudonym(tmp_path: Path, settings):
    settings.DATA_DIR = tmp_path
    folder = tmp_path / "facts"
    lin, wu = customer("lin"), customer("wu")
    scored(9, at=START, customer_id=lin)
    scored(2, at=START, customer_id=wu)
    write_all(folder, now=NOW)
    assert shapes.pseudonym(lin) in {row["customer"] for row in facts(folder, "answers")}
    personal_data.erase(customer_id=lin, now=NOW)
    assert {row["customer"] for row in facts(folder, "answers")} == {None, shapes.pseudonym(wu)}
    assert sorted(row["number"] for row in facts(folder, "answers")) == [2, 9]
    store.sweep(folder=folder, now=NOW + HOUR)
    held = [pq.ParquetFile(path).read()["customer"].to_pylist() for path in folder.rglob("*.parquet")]
    assert shapes.pseudonym(lin) not in {each for column in held for each in column}


MARKS = ("Marker-Wang", "13900007777", "marker@example.com", "marker-words", "marker-external", "Marker Road")


def test_no_personal_value_reaches_any_file(tmp_path: Path):
    live()
    lin = customer("marker-external")
    traits = {
        "name": "Marker-Wang",
        "phone": "+8613900007777",
        "email": "marker@example.com",
        "address": "Marker Road 7",
    }
    happen("marker-external", kind="identify", at=START, properties=traits)
    insert_event("marker-external", at=START, properties={"note": "marker-words", **traits})
    happenings(at=START)
    happen("marker-external", at=START, properties={"amount": 5, "note": "marker-words"})
    work(START)
    invitation = Invitation.objects.get()
    answer(invitation, at=START + HOUR, score=2, text="marker-words call 13900007777")
    write_all(tmp_path, now=NOW)
    assert Response.objects.get().customer_id == lin
    written = [pq.ParquetFile(path).read() for path in tmp_path.rglob("*.parquet")]
    assert {table.num_rows for table in written} != {0}
    everything = "\n".join(str(table.to_pydict()) for table in written)
    assert [mark for mark in MARKS if mark in everything] == []
    assert str(lin) not in {str(value) for table in written for value in table["customer"].to_pylist()}


def test_a_topic_can_be_begun_anew(tmp_path: Path):
    scored(10, at=START)
    write_all(tmp_path, now=NOW)
    store.rebuild("answers", now=NOW)
    assert facts(tmp_path, "answers") == []
    write_all(tmp_path, now=NOW)
    assert len(facts(tmp_path, "answers")) == 1


def test_new_rows_gather_into_one_file(tmp_path: Path):
    write_all(tmp_path, now=NOW)
    for number in range(3):
        scored(number, at=START)
        store.append(source("answers"), folder=tmp_path, now=NOW, pace=3600)
    assert facts(tmp_path, "answers") == []
    for _ in range(2):
        store.append(source("answers"), folder=tmp_path, now=NOW)
    assert store.live("answers").count() == 1
    assert len(facts(tmp_path, "answers")) == 3


def test_the_day_that_waits_longest_is_written_anew_first_and_until_then_the_facts_say_so(tmp_path: Path):
    """Else the newest days, which change at any time, would leave no turn to the older ones."""
    old, new = invite(at=START), invite(at=START + 2 * DAY)
    write_all(tmp_path, now=NOW + 2 * DAY)
    answer(old, at=NOW + 3 * DAY, score=3)
    store.mark_changed(source("invitations"), now=NOW + 3 * DAY)
    store.live("invitations").filter(first_day=(START + 2 * DAY).date()).update(written_at=NOW + 3 * DAY)
    answer(new, at=NOW + 4 * DAY, score=3)
    store.mark_changed(source("invitations"), now=NOW + 4 * DAY)
    assert duck.as_of(("invitations",)) == NOW + 2 * DAY
    store.refresh(source("invitations"), folder=tmp_path, now=NOW + 4 * DAY, at_once=True)
    found = {row["id"]: row["started_at"] is not None for row in facts(tmp_path, "invitations")}
    assert found == {old.pk: True, new.pk: False}
