"""Importing feedback of the past: each answer once, with what it is about, and outside the response rate."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from tests.integration.questionnaires.conftest import NOW, invite
from tests.integration.questionnaires.test_screens import signed_in

from huifang.customers import queries as customers
from huifang.customers import services as people
from huifang.insights import measures
from huifang.kernel.instants import InstantReader
from huifang.kernel.models import OutboxEntry
from huifang.kernel.rows import MissingColumnError, read
from huifang.questionnaires import personal_data, queries, services
from huifang.questionnaires.models import Answer, Invitation, Response
from huifang.questionnaires.records import Cut, FeedbackLayout, QuestionKind, ResponseFilter

pytestmark = pytest.mark.django_db
TELECOM = Path(__file__).parents[4] / "shared" / "data" / "nps_csat" / "telecom_nps_verbatims.csv"
EVER = Cut(start=datetime(2000, 1, 1, tzinfo=UTC), end=datetime(2100, 1, 1, tzinfo=UTC))
CSV = """打分,原话,时间,客户,event,语言
10.0,很好用,2026-03-01 09:30,W-1,First Payment,zh-CN
10.0,很好用,2026-03-01 09:30,W-1,First Payment,zh-CN
2,,2026-03-02 10:00,W-9,Top Up,
,"慢,
等了很久",2026/3/3,,Top Up,
,,2026-03-04,W-1,,
11,x,2026-03-04,W-1,,
7.5,x,2026-03-04,W-1,,
好,x,2026-03-04,W-1,,
5,x,,W-1,,
5,x,03/04/2026,W-1,,
5,x,2031-01-01,W-1,,
"""
LAYOUT = FeedbackLayout(
    name="春季调查",
    metric=QuestionKind.NPS,
    mapping={"打分": "score", "原话": "text", "时间": "at", "客户": "customer", "语言": "language"},
    instants=InstantReader(zone=ZoneInfo("Asia/Shanghai")),
)


@pytest.fixture
def file(tmp_path):
    people.import_customers(rows=[{"id": "W-1", "walletKind": "hard", "region": "华东"}], mapping={}, now=NOW)
    path = tmp_path / "feedback.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def load(rows, layout=LAYOUT):
    refused = []
    report = services.import_feedback(rows=rows, layout=layout, by="test", now=NOW, on_refused=refused.append)
    return report, [(row.number, row.code) for row in refused]


def test_rows_become_answers_and_each_refused_row_has_a_reason(file):
    report, refused = load(read(file))
    assert (report.read, report.added, report.known, report.refused, report.nameless) == (11, 4, 0, 7, 2)
    assert refused == [
        (5, "nothing_said"),
        (6, "score_off_scale"),
        (7, "bad_score"),
        (8, "bad_score"),
        (9, "missing_time"),
        (10, "bad_time"),
        (11, "in_the_future"),
    ]
    words, low, *twins = queries.responses(only=ResponseFilter(channel="import")).responses
    assert (words.customer_id, words.event, words.low_score) == (None, "Top Up", False)
    assert [(each.kind, each.text) for each in words.answers] == [("text", "慢,\n等了很久")]
    assert (low.low_score, [each.number for each in low.answers]) == (True, [2])
    assert low.questionnaire_name == {"zh-Hans": "导入：春季调查", "en": "Imported: 春季调查"}
    known = customers.profile(external_id="W-1").id
    for twin in twins:
        assert (twin.customer_id, twin.wallet_kind, twin.region, twin.language, twin.state) == (
            *(known, "hard", "华东", "zh-Hans", "completed"),
        )
        assert twin.last_answered_at == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
        assert [(each.metric, each.number, each.text) for each in twin.answers] == [
            ("nps", 10, ""),
            ("", None, "很好用"),
        ]
    assert len(queries.responses_of(customer_id=known)) == 2


def test_a_second_run_adds_nothing_but_another_name_or_score_is_another_questionnaire(file):
    first, _ = load(read(file))
    again, _ = load(read(file))
    assert (again.added, again.known, again.questionnaire_id) == (0, 4, first.questionnaire_id)
    other, _ = load(read(file), FeedbackLayout(name="x", metric=LAYOUT.metric, mapping=LAYOUT.mapping))
    assert other.questionnaire_id != first.questionnaire_id
    assert Response.objects.count() == Invitation.objects.count() == 8


def test_an_interrupted_import_run_again_loses_nothing_and_doubles_nothing():
    rows = [{"score": str(n % 11), "at": "2026-01-05"} for n in range(1500)]

    def broken_off():
        yield from islice(rows, 1200)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(broken_off())
    assert Response.objects.count() == 1000
    report, _ = load(rows)
    assert (report.added, report.known) == (500, 1000)
    counted = Answer.objects.filter(metric="nps").values_list("number", flat=True)
    assert Counter(counted) == Counter(n % 11 for n in range(1500))


def test_an_id_of_its_own_tells_an_answer_from_any_other(tmp_path):
    file = tmp_path / "reviews.jsonl"
    lines = [
        {"review_id": "a", "score": 5, "content": "好", "at": "2025-05-08T18:04:16Z", "version": "10.57"},
        {"review_id": "b", "score": 5, "content": "好", "at": "2025-05-08T18:04:16Z", "version": "10.57"},
        {"review_id": "a", "score": 4, "content": "改了", "at": "2025-05-09T18:04:16Z"},
        {"content": ["x"], "at": "2025-05-09"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)) + '\n{"sco', encoding="utf-8")
    layout = FeedbackLayout(
        name="r", metric=QuestionKind.CSAT, mapping={"review_id": "responseId"}, is_typed=True
    )
    report, refused = load(read(file), layout)
    assert (report.added, report.known) == (2, 1)
    assert refused == [(4, "bad_text"), (5, "not_json")]
    assert {each.app_version for each in queries.responses(only=ResponseFilter()).responses} == {"10.57"}


def test_a_file_without_what_is_needed_is_refused_and_leaves_no_questionnaire(file):
    for mapping, field in (({}, "score"), ({"打分": "score"}, "at")):
        with pytest.raises(MissingColumnError, match=f"holds {field}. Columns are: 打分, 原话, 时间, 客户"):
            load(read(file), FeedbackLayout(name="x", metric=QuestionKind.NPS, mapping=mapping))
    load([{"score": "99", "at": "2026-01-01"}])
    assert queries.questionnaire_rows() == []


def test_imported_answers_count_in_scores_but_not_in_the_response_rate(file, version_id):
    invite(version_id)
    load(read(file))
    nps = next(each for each in measures.scores(EVER) if each.metric == "nps")
    assert (nps.value.base, nps.is_low_base) == (3, True)
    (tally,) = queries.invitation_tallies(cut=EVER)
    assert (tally.invited, tally.answered, tally.completed, tally.low) == (1, 0, 0, 0)


def test_no_fact_is_announced_and_no_plan_can_ask_it(file):
    load(read(file))
    assert OutboxEntry.objects.count() == 0
    assert queries.questionnaire_choices() == []
    (row,) = queries.questionnaire_rows()
    assert (row.is_archived, row.has_draft, row.completed) == (True, False, 4)


def test_feedback_shows_what_was_imported(file):
    load(read(file))
    page = signed_in("operations").get(reverse("questionnaires:feedback"), {"channel": "import"})
    for text in ("很好用", "First Payment", "Imported: 春季调查", "no customer that is known"):
        assert text in page.content.decode()


def test_an_erased_customer_does_not_come_back_with_the_same_file(file):
    load(read(file))
    known = customers.profile(external_id="W-1").id
    assert personal_data.export(customer_id=known)["responses"][0]["about_event"] == "First Payment"
    personal_data.erase(customer_id=known, now=NOW)
    report, _ = load(read(file))
    assert report.added == 0
    assert not Answer.objects.filter(text="很好用").exists()
    assert queries.responses_of(customer_id=known) == []


@pytest.mark.skipif(not TELECOM.exists(), reason="the telecom answers are not on this machine")
def test_the_nps_of_each_event_is_that_computed_by_hand():
    mapping = {
        "CUSTOMER_RESPONSE_DATE": "at",
        "SURVEY_SUB_TYPE": "event",
        "NPS_SCORE": "score",
        "id": "responseId",
    }
    instants = InstantReader(zone=ZoneInfo("Europe/London"), pattern="%d/%m/%Y %H:%M")
    layout = FeedbackLayout(name="telecom", metric=QuestionKind.NPS, mapping=mapping, instants=instants)
    with TELECOM.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    report, refused = load(read(TELECOM, columns=mapping), layout)
    assert (report.added, refused) == (len(lines), [])
    by_hand = {}
    for event in {line["SURVEY_SUB_TYPE"] for line in lines}:
        of_event = [line for line in lines if line["SURVEY_SUB_TYPE"] == event]
        given = [float(line["NPS_SCORE"]) for line in of_event if line["NPS_SCORE"]]
        promoters, detractors = sum(score >= 9 for score in given), sum(score <= 6 for score in given)
        by_hand[event] = (len(given), 100 * (promoters - detractors) / len(given))
    tallies = queries.score_tallies(cut=EVER, by=("event",))
    found = {tally.group[0]: measures.measure("nps", [tally]) for tally in tallies}
    assert found.keys() == by_hand.keys()
    for event, (base, nps) in by_hand.items():
        assert found[event].base == base
        assert found[event].estimate == pytest.approx(nps, abs=1e-9)
    few = sorted(each.base for each in found.values())
    assert few[0] < measures.LOW_BASE <= few[1]
    assert load(read(TELECOM, columns=mapping), layout)[0].known == len(lines)
