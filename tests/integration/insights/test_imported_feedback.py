"""Answers of the past out of a file: the NPS of each event is what one reckons by hand from that file."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from tests.integration.insights.makers import write_all

from huifang.insights.metrics import answers, invitations
from huifang.insights.metrics.cuts import Slice
from huifang.insights.metrics.readings import LOW_BASE, Doubt
from huifang.kernel import clock
from huifang.kernel.instants import InstantReader
from huifang.kernel.rows import read
from huifang.questionnaires import services
from huifang.questionnaires.records import FeedbackLayout, QuestionKind

pytestmark = pytest.mark.django_db(transaction=True)
TELECOM = Path(__file__).parents[4] / "shared" / "data" / "nps_csat" / "telecom_nps_verbatims.csv"
NOW = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
EVER = Slice(start=datetime(2000, 1, 1, tzinfo=UTC), end=datetime(2100, 1, 1, tzinfo=UTC))
MAPPING = {
    "CUSTOMER_RESPONSE_DATE": "at",
    "SURVEY_SUB_TYPE": "event",
    "NPS_SCORE": "score",
    "id": "responseId",
}


@pytest.mark.skipif(not TELECOM.exists(), reason="the telecom answers are not on this machine")
def test_the_nps_of_each_event_is_that_reckoned_by_hand(
    tmp_path: Path, settings, client: Client, django_user_model, monkeypatch: pytest.MonkeyPatch
):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(clock, "now", lambda: NOW)
    instants = InstantReader(zone=ZoneInfo("Europe/London"), pattern="%d/%m/%Y %H:%M")
    layout = FeedbackLayout(name="telecom", metric=QuestionKind.NPS, mapping=MAPPING, instants=instants)
    services.import_feedback(
        rows=read(TELECOM, columns=MAPPING), layout=layout, by="test", now=NOW, on_refused=[].append
    )
    write_all(tmp_path / "facts", now=NOW)
    with TELECOM.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    by_hand = {}
    for event in {line["SURVEY_SUB_TYPE"] for line in lines}:
        given = [
            float(line["NPS_SCORE"])
            for line in lines
            if line["SURVEY_SUB_TYPE"] == event and line["NPS_SCORE"]
        ]
        promoters, detractors = sum(score >= 9 for score in given), sum(score <= 6 for score in given)
        nps = (promoters - detractors) / len(given)
        half = 1.959964 * (((promoters + detractors) / len(given) - nps * nps) / len(given)) ** 0.5
        by_hand[event] = (len(given), 100 * nps, 100 * (nps - half), 100 * (nps + half))
    found = {each.group: each for each in answers.scores("nps", EVER, by="event")}
    assert found.keys() == by_hand.keys()
    for event, (base, nps, low, high) in by_hand.items():
        reading = found[event]
        assert (reading.base, reading.value.estimate) == (base, pytest.approx(nps, abs=1e-9))
        if base >= LOW_BASE:
            assert reading.value.low == pytest.approx(max(low, -100), abs=1e-4)
            assert reading.value.high == pytest.approx(min(high, 100), abs=1e-4)
        assert (reading.doubt is Doubt.FEW) == (base < LOW_BASE)
    assert any(each.doubt is Doubt.FEW for each in found.values())
    # A file says nothing of those who were asked and kept silent.
    assert invitations.response_rate(EVER)[0].value is None
    person = django_user_model.objects.create(email="shen@example.com", role="admin", date_joined=NOW)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/insights/?from=2017-01-01&to=2019-12-31&by=event").content.decode()
    assert "small base: only" in page
    assert all(event in page for event in by_hand)
