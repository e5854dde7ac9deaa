"""``huifang import`` of Parquet, of files that were killed halfway, and of real files where there are any.

``HUIFANG_TEST_DATA`` names a folder of public files that are too large, or not free, to be kept here.
"""

import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.cli.test_import import ENVIRONMENT

from huifang.kernel.processes import wait_until

pytestmark = pytest.mark.slow
REAL = Path(os.environ.get("HUIFANG_TEST_DATA") or "/nowhere")
WORDS = {"customers": "2 customers", "events": "2 events", "feedback": "3 answers"}
KINDS = {
    "customers": ["--map", "who=id"],
    "events": ["--map", "who=userId", "--map", "at=timestamp", "--event", "Paid"],
    "feedback": ["--map", "who=customer", "--metric", "nps"],
}


@dataclass(frozen=True, slots=True)
class Place:
    """A database with the product's tables, and the way to run commands on it."""

    url: str
    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "huifang.cli.main", *arguments, "--data-dir", str(self.folder)]

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "DATABASE_URL": self.url}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )


@pytest.fixture(scope="module")
def place(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = Place(database_url, tmp_path_factory.mktemp("data"))
    assert made.run("migrate").returncode == 0
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_parquet_is_imported_once_as_csv_is(place: Place, tmp_path: Path, kind: str) -> None:
    table = pa.table(
        {
            "who": [1.0, 2.0, None],
            "at": pa.array([1_770_000_000, 1_770_000_001, 1_770_000_002], pa.timestamp("s", tz="UTC")),
            "score": pa.array(["9", "7", "8"]).dictionary_encode(),
        }
    )
    file = tmp_path / f"{kind}.parquet"
    pq.write_table(table, file)
    first = place.run("import", kind, str(file), *KINDS[kind])
    assert "3 rows read: " in first.stdout, first.stderr
    assert f" {WORDS[kind]} are new" in first.stdout
    again = place.run("import", kind, str(file), *KINDS[kind])
    assert " 0 " in again.stdout
    assert "are new" in again.stdout


def test_a_column_that_parquet_does_not_have_is_named(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "orders.parquet"
    pq.write_table(pa.table({"userId": ["W-1"], "at": [1_770_000_000]}), file)
    for options, said in (
        (["--map", "none=x", "--event", "Paid"], "There is no column none. Columns are: userId, at."),
        ([], "No column holds event."),
    ):
        refused = place.run("import", "events", str(file), *options)
        assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr
    file.write_bytes(file.read_bytes()[:-20])
    half = place.run("import", "events", str(file), "--event", "Paid")
    assert (half.returncode, "only if it is whole" in half.stderr) == (2, True)


def test_refused_rows_say_why_in_words(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_text("userId,timestamp\nW-1,soon\n", encoding="utf-8")
    place.run("import", "events", str(file), "--event", "Paid")
    with (tmp_path / "sales.refused.csv").open(encoding="utf-8-sig") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["row"], row["reason"]) == ("1", "bad_timestamp")
    assert row["meaning"].startswith("a time that cannot be read")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_import_killed_halfway_goes_on_where_it_was(place: Place, tmp_path: Path, ending: str) -> None:
    """Whole thousands were kept; the rest follows, and nothing is there twice."""
    file, count = tmp_path / f"long.{ending}", 20_000
    columns = {
        "userId": [f"{ending}-{number % 500}" for number in range(count)],
        "timestamp": [f"2026-03-01T00:00:00.{number:06}Z" for number in range(count)],
    }
    if ending == "parquet":
        pq.write_table(pa.table(columns), file)
    else:
        lines = map(",".join, zip(*columns.values(), strict=True))
        file.write_text("userId,timestamp\n" + "\n".join(lines) + "\n", encoding="utf-8")
    options = ["import", "events", str(file), "--event", f"Paid {ending}"]

    def stored() -> int:
        query = "SELECT count(*) FROM events_event WHERE name = %s"
        with psycopg.connect(place.url) as database:
            row = database.execute(query, [f"Paid {ending}"]).fetchone()
        assert row is not None
        return int(row[0])

    process = subprocess.Popen(place.command(*options), env=place.environment, stdout=subprocess.DEVNULL)
    assert wait_until(lambda: stored() >= 2_000, seconds=120)
    process.kill()
    process.wait()
    kept = stored()
    assert (kept % 1_000, kept < count) == (0, True)
    for new, known in ((count - kept, kept), (0, count)):
        assert f"{new} events are new, {known} were there" in place.run(*options).stdout
    assert stored() == count


def real(name: str) -> str:
    if not (REAL / name).is_file():
        pytest.skip(f"THE REAL FILE {name} IS MISSING: its mapping is untried")
    return str(REAL / name)


def test_answers_to_a_survey_go_in_whole(place: Place, tmp_path: Path) -> None:
    file = real("nps_csat/telecom_nps_verbatims.csv")
    mapping = ["CUSTOMER_RESPONSE_DATE=at", "SURVEY_SUB_TYPE=event", "NPS_SCORE=score", "id=responseId"]
    options = [word for pair in mapping for word in ("--map", pair)]
    options += ["--metric", "nps", "--time-format", "%d/%m/%Y %H:%M", "--refused", str(tmp_path / "no.csv")]
    first = place.run("import", "feedback", file, *options)
    assert first.stdout.startswith("1680 rows read: 1680 answers are new, 0 were there, 0 rows refused.")
    assert "0 answers are new, 1680 were there" in place.run("import", "feedback", file, *options).stdout


def test_reviews_of_an_app_go_in_whole(place: Place, tmp_path: Path) -> None:
    file = real("wallet_reviews_en/reviews.csv")
    options = ["--metric", "csat", "--map", "review_id=responseId", "--refused", str(tmp_path / "no.csv")]
    told = place.run("import", "feedback", file, *options).stdout
    assert told.startswith("10930 rows read: 10930 answers are new, 0 were there, 0 rows refused.")


def test_orders_go_in_whole(place: Place, tmp_path: Path) -> None:
    """Those without a customer go in as the anonymous order that they are; returns keep their minus."""
    file = real("retention/online_retail.csv.gz")
    mapping = ["CustomerID=userId", "InvoiceNo=anonymousId", "InvoiceDate=timestamp", "UnitPrice=amount"]
    options = [word for pair in mapping for word in ("--map", pair)]
    options += [
        "--event",
        "Payment Completed",
        "--zone",
        "Europe/London",
        "--refused",
        str(tmp_path / "no.csv"),
    ]
    told = place.run("import", "events", file, *options).stdout
    assert told.startswith("320705 rows read: 320705 events are new, 0 were there, 0 rows refused.")
