"""Spark, given each measure's SQL through sqlglot, finds in the same files what DuckDB finds."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.integration.insights.makers import answer, happenings, invite, scored, write_all
from tests.integration.plans.makers import START, customer, enrolment, happen, insert_event, live, work
from tests.unit.insights.test_metric_sql import STATEMENTS, filled, to_spark

from huifang.delivery.models import Attempt
from huifang.insights.facts import duck
from huifang.insights.facts.shapes import SHAPES
from huifang.insights.metrics.cuts import TIMES, Slice, parameters
from huifang.insights.models import Segment
from huifang.questionnaires.models import Invitation

pyspark_sql = pytest.importorskip("pyspark.sql", reason="SKIPPED ALOUD: pyspark is not installed ([spark])")
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="SKIPPED ALOUD: Spark needs Java"),
    pytest.mark.django_db(transaction=True),
]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ONLY = Slice(start=START - DAY, end=START + 3 * DAY, zone="Asia/Shanghai")
# What a statement is grouped by here, where it is not by week.
GROUPS = {"active": "region", "of feature": "region", "pressure": ""}


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """One process on the loopback interface."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    building = (
        pyspark_sql.SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
    )
    session = building.getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Facts of three follow-ups, one of them delivered, and of nine answers."""
    settings.DATA_DIR = tmp_path
    for region, scores in (("SH", (10, 9, 9, 8, 6)), ("BJ", (0, 0, 10))):
        for at, score in enumerate(scores):
            scored(score, at=START + at * HOUR, region=region, wallet_kind="soft", channel="sms")
    asked = invite(at=START, channel="sms")
    answer(asked, at=START + HOUR, score=5, metric="csat", text="slow")
    live()
    for name in ("lin", "wu", "chen"):
        customer(name)
        happen(name, at=START)
        insert_event(name, "App Opened", at=START)
    work(START)
    happenings(at=START)
    told = Invitation.objects.get(key=f"enrolment:{enrolment(customer('lin')).pk}")
    answer(told, at=START + HOUR, score=9)
    for name, state in (("lin", "delivered"), ("wu", "unknown"), ("chen", "failed")):
        found = Attempt.objects.filter(enrolment_id=enrolment(customer(name)).pk)
        assert found.update(state=state, handed_over_at=START) == 1
    write_all(tmp_path / "facts", now=START + 2 * DAY)
    return tmp_path / "facts"


def tables(folder: Path) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {topic: [] for topic in SHAPES}
    for topic, name in Segment.objects.filter(retired_at=None).values_list("topic", "file"):
        files[topic].append(str(folder / name))
    return files


def by_duck(sql: str, values: dict[str, Any], files: dict[str, list[str]]) -> list[tuple[Any, ...]]:
    heads = ", ".join(f"{topic} AS ({duck.table_of(Path('/'), topic, files[topic])})" for topic in SHAPES)
    return duckdb.connect(":memory:").execute(f"WITH {heads} {sql}", values).fetchall()


def by_spark(
    session: Any, sql: str, values: dict[str, Any], files: dict[str, list[str]]
) -> list[tuple[Any, ...]]:
    for topic, paths in files.items():
        session.read.parquet(*paths).createOrReplaceTempView(f"{topic}_facts")
    heads = ", ".join(f"{topic} AS (SELECT * FROM {topic}_facts)" for topic in files)
    return [tuple(row) for row in session.sql(to_spark(f"WITH {heads} {sql}"), args=values).collect()]


def alike(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Numbers as numbers, whatever the type that an engine gives them; in one order."""
    plain = [tuple(each if isinstance(each, str | None) else float(each) for each in row) for row in rows]
    return sorted(plain, key=str)


def test_spark_finds_what_duckdb_finds(session: Any, folder: Path) -> None:
    files = tables(folder)
    assert all(files.values()), "every topic has facts here"
    empty = []
    for name in STATEMENTS:
        for by in dict.fromkeys((GROUPS.get(name, "week"), *(TIMES if name in {"scores", "funnel"} else ()))):
            sql = filled(name, by, only=ONLY)
            values = parameters(ONLY, sql)
            values |= {"feature": "App Opened"} if "$feature" in sql else {}
            values |= {"channel": "sms"} if "$channel" in sql else {}
            found = by_duck(sql, values, files)
            assert alike(by_spark(session, sql, values, files)) == alike(found), name
            empty += [] if found else [name]
    assert empty == []
