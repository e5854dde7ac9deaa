"""Measures over ten million answers in Parquet, against the bar and against plain DuckDB; ratios last.

The facts are made up in a temporary folder, one file a day over eight weeks, in the product's own shape.
What is timed is what the Insights screen asks of the answers: scores by week, and scores by channel. The peer
asks the same of the same files with its own query in plain DuckDB, with as many threads and as much memory.
Best of several warm runs: neighbours on the machine do not count.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifang.config.settings_test")
import django

django.setup()

from huifang.insights import settings as insights_settings  # noqa: E402
from huifang.insights.facts import duck  # noqa: E402
from huifang.insights.facts.shapes import SHAPES  # noqa: E402
from huifang.insights.metrics import answers, readings  # noqa: E402
from huifang.insights.metrics.cuts import Slice  # noqa: E402

BAR_SECONDS, BAR_OF_PLAIN = 0.3, 1.2
DAYS, RUNS = 56, 5
START = datetime(2025, 1, 6, tzinfo=UTC)
CHANNELS = ["sms", "email", "in_app", "push"]
WORDS = {
    "channel": CHANNELS,
    "wallet_kind": ["soft", "hard"],
    "language": ["zh-Hans", "en"],
    "region": [f"R{number}" for number in range(31)],
    "app_version": [f"7.{number}" for number in range(9)],
    "event": ["Payment Completed", "Registered", "Transfer Completed"],
    "mode": ["web"],
    "question": ["score"],
    "kind": ["nps"],
}


def make_day(chance: np.random.Generator, day: int, count: int) -> pa.Table:
    """*count* answers of one day, half NPS and half CSAT."""
    at, seconds = START + timedelta(days=day), np.sort(chance.integers(0, 86_400_000_000, count))
    is_nps = chance.random(count) < 0.5
    numbers = np.where(is_nps, chance.integers(0, 11, count), chance.integers(1, 6, count))
    columns: dict[str, Any] = {
        "id": np.arange(day * count, (day + 1) * count),
        "happened_at": pa.array(seconds + int(at.timestamp()) * 1_000_000, pa.timestamp("us", tz="UTC")),
        "quarter": (((START + timedelta(days=day)).timestamp() + seconds // 1_000_000) // 900).astype(
            np.int32
        ),
        "customer": chance.integers(0, 2**62, count),
        "plan_id": chance.integers(1, 12, count),
        "questionnaire_id": chance.integers(1, 9, count),
        "version": np.ones(count, np.int32),
        "metric": np.where(is_nps, "nps", "csat"),
        "number": numbers.astype(np.int16),
        "has_text": chance.random(count) < 0.2,
        "is_completed": np.ones(count, bool),
    }
    for name, words in WORDS.items():
        codes = pa.array(chance.integers(0, len(words), count).astype(np.int32))
        columns[name] = pa.DictionaryArray.from_arrays(codes, pa.array(words)).cast(pa.string())
    return pa.table({name: columns[name] for name in SHAPES["answers"].names}, schema=SHAPES["answers"])


def make_facts(folder: Path, total: int) -> list[Path]:
    chance = np.random.default_rng(1)
    paths = []
    for day in range(DAYS):
        at = START + timedelta(days=day)
        path = folder / "answers" / f"month={at:%Y-%m}" / f"{at:%Y-%m-%d}-made.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(make_day(chance, day, total // DAYS), path, compression="zstd", row_group_size=131_072)
        paths.append(path)
    return paths


def best(run: Callable[[], object]) -> float:
    """Seconds of the best of several runs after a first one."""
    run()
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def ours(only: Slice) -> dict[str, list[readings.Reading]]:
    """Scores by week and by channel, with their intervals, as the screen reckons them."""
    found = {}
    for by in ("week", "channel"):
        for metric, groups in answers.score_counts(only, by=by).items():
            found[f"{metric}/{by}"] = [
                readings.score(metric, name, counts) for name, counts in sorted(groups.items())
            ]
    return found


def plain(database: duckdb.DuckDBPyConnection, paths: list[Path]) -> list[tuple[object, ...]]:
    """The same shares and counts, asked as one would ask them at a prompt."""
    files = ", ".join(f"'{path}'" for path in paths)
    rows: list[tuple[object, ...]] = []
    for group in ("date_trunc('week', happened_at AT TIME ZONE 'Asia/Shanghai')::date::varchar", "channel"):
        rows += database.execute(
            f"SELECT {group} AS g, metric, number, count(*) FROM read_parquet([{files}])"
            " WHERE metric IN ('nps', 'csat', 'ces') AND number IS NOT NULL"
            f" AND happened_at >= '{START.isoformat()}' AND happened_at < '2025-03-31T00:00:00+00:00'"
            " GROUP BY ALL"
        ).fetchall()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10_000_000)
    total = parser.parse_args().answers
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        began = time.perf_counter()
        paths = make_facts(folder, total)
        size = sum(path.stat().st_size for path in paths) / 1e6
        print(f"made {total:,} answers, {size:.0f} MB, in {time.perf_counter() - began:.1f} s", flush=True)
        # The manifest's database is not what is measured: the files are named directly. Nor is memory.
        named = [str(path.relative_to(folder)) for path in paths]
        duck._files = lambda topics, days: {topic: named if topic == "answers" else [] for topic in topics}
        duck._answered = duck._Answered(0)
        insights_settings.facts_folder = lambda: folder  # type: ignore[assignment]
        duck.settings = SimpleNamespace(  # type: ignore[assignment]
            facts_folder=lambda: folder,
            MEMORY_MB_MAX=insights_settings.MEMORY_MB_MAX,
            THREADS_MAX=insights_settings.THREADS_MAX,
        )
        only = Slice(start=START, end=datetime(2025, 3, 31, tzinfo=UTC), zone="Asia/Shanghai")
        counted = sum(each.base for each in ours(only)["nps/week"] + ours(only)["csat/week"])
        assert counted == total // DAYS * DAYS, counted
        database = duckdb.connect(
            ":memory:",
            config={
                "threads": insights_settings.THREADS_MAX,
                "memory_limit": f"{insights_settings.MEMORY_MB_MAX}MB",
            },
        )
        mine, theirs = best(lambda: ours(only)), best(lambda: plain(database, paths))
    print(f"dashboard: {mine:.3f} s, plain DuckDB: {theirs:.3f} s")
    print(f"of {BAR_SECONDS} s: {mine / BAR_SECONDS:.2f} (limit 1.00)")
    print(f"of plain DuckDB: {mine / theirs:.2f} (limit {BAR_OF_PLAIN:.2f})")
    return 0 if mine <= BAR_SECONDS and mine / theirs <= BAR_OF_PLAIN else 1


if __name__ == "__main__":
    sys.exit(main())
