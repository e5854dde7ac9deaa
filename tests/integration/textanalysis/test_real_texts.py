"""Real reviews and answers, as a product owner would bring them in: read once, masked, worth acting upon.

``HUIFANG_TEST_DATA`` names a folder of public files that are too large, or not free, to be kept here.
"""

import csv
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from huifang.kernel.instants import InstantReader
from huifang.kernel.rows import read
from huifang.questionnaires import services as questionnaires
from huifang.questionnaires.records import FeedbackLayout, QuestionKind
from huifang.textanalysis import collecting, learning, phrases, proposing, queries, watching, working
from huifang.textanalysis.models import Finding, TextState
from huifang.textanalysis.records import FindingFilter

NOW = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
DATA = Path(os.environ.get("HUIFANG_TEST_DATA") or "/nowhere")
REVIEWS = DATA / "wallet_reviews_en" / "reviews.csv"
ANSWERS = DATA / "nps_csat" / "telecom_nps_verbatims.csv"
PERSONAL = re.compile(r"(?<!\d)(?:\+?91[ -]?)?[6-9]\d{9}(?!\d)|[\w.]+@[\w-]+\.\w{2,}")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (REVIEWS.exists() and ANSWERS.exists()),
        reason="HUIFANG_TEST_DATA names no folder with wallet_reviews_en and nps_csat: real texts NOT tried",
    ),
]


@pytest.fixture(autouse=True)
def _words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """By words alone: what is asserted holds of both engines, and this one is quick."""
    monkeypatch.setattr("huifang.textanalysis.settings.ENGINE", "tfidf")


def brought_in(file: Path, layout: FeedbackLayout) -> int:
    """Import *file*, collect and read all of it; how many texts there are then."""
    questionnaires.import_feedback(
        rows=read(file, columns=layout.mapping), layout=layout, by="test", now=NOW, on_refused=[].append
    )
    while collecting.collect(now=NOW):
        pass
    learning.ensure(now=NOW)
    while working.work(now=NOW):
        pass
    return Finding.objects.count()


def are_read_once_and_masked() -> None:
    """Each text has one finding, a second look finds nothing to do, and no number or address stayed."""
    assert set(Finding.objects.values_list("state", flat=True)) == {TextState.DONE}
    before = list(Finding.objects.order_by("pk").values_list("pk", "found_at"))
    assert working.work(now=NOW) == 0
    assert collecting.collect(now=NOW) == 0
    assert list(Finding.objects.order_by("pk").values_list("pk", "found_at")) == before
    assert [row for row in Finding.objects.values_list("masked", flat=True) if PERSONAL.search(row)] == []


def proposed() -> Iterator[str]:
    """What is proposed, the first word of each; every name can be read, every verbatim is another one."""
    proposing.discover(now=NOW)
    nameless = frozenset(phrases.data("nameless_words"))
    for each in queries.proposals():
        assert not set(each.words) & nameless
        assert len({said.masked for said in each.verbatims}) == len(each.verbatims) == 3
        yield each.words[0]


def test_reviews_of_one_app_name_what_no_topic_covers(tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    with REVIEWS.open(encoding="utf-8", newline="") as stream, file.open("w", encoding="utf-8") as target:
        rows = csv.DictReader(stream)
        writer = csv.DictWriter(target, fieldnames=rows.fieldnames or [])
        writer.writeheader()
        own = [row for row in rows if row["app"] == "BharatPe"]
        writer.writerows(own)
    layout = FeedbackLayout(
        name="reviews",
        metric=QuestionKind.CSAT,
        mapping={"review_id": "responseId"},
        instants=InstantReader(zone=ZoneInfo("UTC")),
    )
    assert brought_in(file, layout) == sum(bool(row["content"].strip()) for row in own) > 3_000
    are_read_once_and_masked()
    # Nobody thought of these when the topics were made; together they are most of what goes wrong.
    assert {"loan", "machine", "speaker"} <= set(proposed())
    watching.check(now=NOW)
    alerts = queries.alerts(open_only=False)
    # Four quiet months: one false alarm in them would already be one too many for most.
    assert len(alerts) <= 1
    assert all(len(each.verbatims) == 3 and each.count > 2 * each.expected for each in alerts)


def test_answers_to_a_survey_show_where_it_hurts(tmp_path: Path) -> None:
    mapping = {
        "CUSTOMER_RESPONSE_DATE": "at",
        "SURVEY_SUB_TYPE": "event",
        "NPS_SCORE": "score",
        "id": "responseId",
    }
    instants = InstantReader(zone=ZoneInfo("Europe/London"), pattern="%d/%m/%Y %H:%M")
    layout = FeedbackLayout(name="telecom", metric=QuestionKind.NPS, mapping=mapping, instants=instants)
    with ANSWERS.open(encoding="utf-8", newline="") as stream:
        told = sum(bool(row["text"].strip()) for row in csv.DictReader(stream))
    assert brought_in(ANSWERS, layout) == told > 1_600
    are_read_once_and_masked()
    found = FindingFilter(start=datetime(2017, 1, 1, tzinfo=UTC), end=datetime(2019, 1, 1, tzinfo=UTC))
    lines = [line for line in queries.topics(found=found) if line.count]
    assert lines[0].code == "service_quality"
    assert lines[0].negative_share > 0.5
    assert all(len(line.verbatims) == 3 for line in lines if line.count > 30)
    assert {"broadband", "engineer"} <= set(proposed())
