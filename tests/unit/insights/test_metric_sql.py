"""Each metric's SQL is one text: DuckDB runs it, and Spark can be given the same through sqlglot."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import sqlglot

from huifang.insights.facts import duck
from huifang.insights.facts.shapes import SHAPES
from huifang.insights.metrics import activity, answers, invitations, reaching
from huifang.insights.metrics.cuts import (
    CUTS,
    TIMES,
    Slice,
    can_be,
    group,
    group_of_part,
    parameters,
    part,
    where,
)

EVERY = dict.fromkeys(CUTS, "7")
ONLY = Slice(start=datetime(2025, 3, 1, tzinfo=UTC), end=datetime(2025, 4, 1, tzinfo=UTC), **EVERY)
USES = {"customers": activity.CUTS, "attempts": ("plan", "channel", "wallet", "region", "language")}
STATEMENTS = {
    "scores": (answers.SCORES, CUTS, "answers"),
    "words": (answers.WORDS, CUTS, "answers"),
    "responses": (invitations.RESPONSES, CUTS, "invitations"),
    "waits": (invitations.WAITS, CUTS, "invitations"),
    "active": (activity.ACTIVE, activity.CUTS, "activity"),
    "features": (activity.FEATURES, activity.CUTS, "activity"),
    "of feature": (activity.OF_FEATURE, activity.CUTS, "activity"),
    "funnel": (reaching.FUNNEL, ("plan", "wallet", "region", "language", "event", "version"), "e"),
    "pressure": (reaching.PRESSURE, USES["attempts"], ""),
    "hours": (reaching.HOURS, USES["attempts"], ""),
}


def to_spark(sql: str) -> str:
    """The same for Spark; anything that Spark cannot do is an error."""
    (translated,) = sqlglot.transpile(
        sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    return translated


def filled(name: str, by: str = "week", *, only: Slice = ONLY) -> str:
    """The SQL of one metric as it runs, but for its tables."""
    template, cuts, table = STATEMENTS[name]
    prefix = "e" if table == "e" else ""
    if name == "pressure":
        by = ""
    return template.format(
        group=group_of_part(by) if "{part}" in template else group(by, table=prefix),
        part=part(by),
        where=where(only, cuts=cuts, table=prefix),
        channel="channel = $channel",
        asked="TRUE",
    )


def statement(name: str) -> str:
    """The same over tables without rows."""
    tables = ", ".join(f"{topic} AS ({duck.empty_table(shape)})" for topic, shape in SHAPES.items())
    return f"WITH {tables} {filled(name)}"


@pytest.mark.parametrize("name", STATEMENTS)
def test_duckdb_runs_it(name: str):
    sql = statement(name)
    values = parameters(ONLY, sql) | ({"feature": "Paid"} if "$feature" in sql else {})
    assert duckdb.connect(":memory:").execute(sql, values).fetchall() == []


@pytest.mark.parametrize("name", STATEMENTS)
def test_spark_can_read_it(name: str):
    (translated,) = sqlglot.transpile(
        statement(name), read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    parsed = sqlglot.parse_one(translated, read="spark")
    assert parsed.find(sqlglot.exp.Select) is not None
    assert "$" not in translated
    assert "FILTER" not in translated


@pytest.mark.parametrize("by", [*CUTS, *TIMES, ""])
def test_every_group_is_an_expression_of_both(by: str):
    sqlglot.transpile(
        f"SELECT {group(by)} FROM answers",
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    )


def test_a_value_never_becomes_sql():
    hostile = "x' OR '1'='1"
    only = Slice(start=ONLY.start, end=ONLY.end, region=hostile)
    assert hostile not in where(only)
    assert parameters(only, where(only))["region"] == hostile
    assert not can_be("plan", hostile)
    assert can_be("plan", "12")


def test_the_database_reads_its_folder_and_nothing_else(tmp_path: Path):
    inside, outside = tmp_path / "facts", tmp_path / "secret.csv"
    inside.mkdir()
    outside.write_text("word\nsecret\n")
    (inside / "known.csv").write_text("word\nknown\n")
    database = duck.connect(inside)
    assert database.execute(f"SELECT word FROM read_csv('{inside}/known.csv')").fetchall() == [("known",)]
    for forbidden in (
        f"SELECT * FROM read_csv('{outside}')",
        f"SELECT * FROM read_csv('{inside}/../secret.csv')",
        f"COPY (SELECT 1) TO '{outside}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        f"ATTACH '{tmp_path}/other.db'",
        "SET enable_external_access = true",
        "SET memory_limit = '64GB'",
    ):
        with pytest.raises(duckdb.Error):
            database.execute(forbidden)
    assert outside.read_text() == "word\nsecret\n"
