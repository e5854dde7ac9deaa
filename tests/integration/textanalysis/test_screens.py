"""The screens of topics: sizes with their intervals, verbatims, one-click corrections, comparison, export."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.integration.textanalysis.saying import say, signed_in

from huifang.console.models import SavedView
from huifang.kernel import clock
from huifang.kernel.models import AuditEntry
from huifang.textanalysis.models import Correction, Finding

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script> fees <img src=x onerror=alert(2)>"


@pytest.fixture
def owner() -> Client:
    return signed_in("product_owner")


@pytest.fixture
def reader() -> Client:
    return signed_in("case_officer")


def html_of(client: Client, name: str, *args: object, **query: str) -> str:
    reply = client.get(reverse(name, args=args), query)
    assert reply.status_code == 200, reply.content[-2000:]
    return reply.content.decode()


def rows_of(reply: object) -> list[dict[str, str]]:
    content = b"".join(reply.streaming_content)  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_without_texts_it_says_what_will_be_here(owner: Client) -> None:
    assert "No texts in these days" in html_of(owner, "textanalysis:topics")
    assert "Nothing rises" in html_of(owner, "textanalysis:alerts")
    assert "No wishes in these days" in html_of(owner, "textanalysis:wishes")
    assert "Nobody named another wallet" in html_of(owner, "textanalysis:competitors")
    assert "No entry yet" in html_of(owner, "textanalysis:faq")
    assert "Nothing to label" in html_of(owner, "textanalysis:labels")
    assert "Not measured yet" in html_of(owner, "textanalysis:accuracy")


def test_where_all_texts_are_older_it_leads_to_the_newest(owner: Client) -> None:
    now = clock.now()
    say("fees are too high", topics=["fees"], at=now - timedelta(days=400))
    html = html_of(owner, "textanalysis:topics")
    assert "No texts in these days" in html
    last = (now - timedelta(days=400)).astimezone(ZoneInfo(settings.STAFF_TIME_ZONE)).date()
    link = f"?from={last - timedelta(days=27)}&amp;to={last}"
    assert link in html
    assert "1 text" in html_of(owner, "textanalysis:topics", **{"from": str(last), "to": str(last)})
    assert link not in html_of(owner, "textanalysis:topics", sentiment="negative")


def test_topics_stand_with_size_interval_and_base(owner: Client) -> None:
    now = clock.now()
    for each in range(6):
        say(f"fees are too high {each}", topics=["fees"], sentiment="negative", at=now - timedelta(days=1))
    for each in range(4):
        say(f"login does not work {each}", topics=["account"], at=now - timedelta(days=2))
    say("hello", at=now - timedelta(days=2))
    html = html_of(owner, "textanalysis:topics", order="size")
    assert html.index(">Fees<") < html.index(">Account and login<")
    assert "54.5%" in html  # 6 of 11
    assert "small base" in html
    assert "11 texts, of which 1 have no topic" in html
    assert "Nobody spoke of:" in html
    assert "<mark>fees</mark>" in html


def test_filters_narrow_and_say_when_nothing_is_left(owner: Client) -> None:
    say("fees are too high", topics=["fees"], channel="sms")
    say("login fails", topics=["account"], channel="email")
    html = html_of(owner, "textanalysis:topics", channel="sms")
    assert "1 text, of which" in html
    assert "login fails" not in html
    assert "Nobody said that" in html_of(owner, "textanalysis:topics", q="nothing like it")
    assert "1 text, of which" in html_of(owner, "textanalysis:topics", q="TOO high")
    # Words that are no choice and days that are none are ignored.
    odd = {"channel": "pigeon", "days": "x", "from": "2026-99-01"}
    assert "2 texts" in html_of(owner, "textanalysis:topics", **odd)


def test_what_customers_wrote_is_inert_wherever_it_stands(owner: Client) -> None:
    row = say(SCRIPT, topics=["fees"], evidence=["<script>", "fees"], wish="<b>bold</b>")
    row.competitors = [{"name": "<i>Pay</i>", "stance": "better", "words": "x"}]
    row.save()
    pages = [
        html_of(owner, "textanalysis:topics"),
        html_of(owner, "textanalysis:topic", "fees"),
        html_of(owner, "textanalysis:wishes"),
        html_of(owner, "textanalysis:competitors"),
        html_of(owner, "textanalysis:labels"),
    ]
    for html in pages:
        assert "alert(1)" in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<i>Pay</i>" not in html
        assert "<b>bold</b>" not in html


def test_each_kind_of_cue_is_named_once(owner: Client) -> None:
    row = say("they pretended to be support and tricked me into paying fees", topics=["fees"])
    words = ("pretended to be support", "tricked me", "tricked me into paying")
    row.cues = [{"kind": "fraud", "words": each, "severity": 3} for each in words]
    row.save()
    assert html_of(owner, "textanalysis:topic", "fees").count(">fraud<") == 1


def test_a_finding_is_corrected_by_one_post_and_taken_back(owner: Client) -> None:
    row = say("fees are fine", topics=["fees"], sentiment="negative")
    here = reverse("textanalysis:topic", args=["fees"])
    correct = reverse("textanalysis:correct", args=[row.pk])
    reply = owner.post(correct, {"set": "sentiment:positive", "next": here})
    assert reply.status_code == 302
    assert reply["Location"] == f"{here}#marks-{row.pk}"
    assert Finding.objects.get().sentiment == "positive"
    html = html_of(owner, "textanalysis:topic", "fees")
    assert "Mood set by Zhou Min" in html
    owner.post(correct, {"undo": "sentiment", "next": here})
    assert Finding.objects.get().sentiment == "negative"
    assert not Correction.objects.exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"finding.corrected", "finding.correction_undone"} <= actions


def test_a_fragment_is_answered_with_the_marks_alone(owner: Client) -> None:
    row = say("fees are fine", topics=["fees", "account"])
    reply = owner.post(
        reverse("textanalysis:correct", args=[row.pk]),
        {"set": "topics:-fees", "about": "fees"},
        headers={"hx-request": "true"},
    )
    html = reply.content.decode()
    assert reply.status_code == 200
    assert f'id="marks-{row.pk}"' in html
    assert "<html" not in html
    assert "Topic set by Zhou Min" in html
    assert Finding.objects.get().topics == ["account"]
    owner.post(reverse("textanalysis:correct", args=[row.pk]), {"set": "topics:+promotion"})
    assert Finding.objects.get().topics == ["promotion", "account"]


@pytest.mark.parametrize("word", ["sentiment:glad", "topics:+nothing_like_it", "colour:red", "intent:", ""])
def test_what_is_no_value_is_refused(owner: Client, word: str) -> None:
    row = say("fees are fine", topics=["fees"])
    reply = owner.post(reverse("textanalysis:correct", args=[row.pk]), {"set": word})
    assert reply.status_code in {404, 422}
    assert not Correction.objects.exists()


def test_who_may_only_read_sees_no_corrections_and_is_refused(reader: Client) -> None:
    row = say("fees are fine", topics=["fees"])
    html = html_of(reader, "textanalysis:topics")
    assert "hf-fix" not in html
    assert "CSV" not in html
    correct = reverse("textanalysis:correct", args=[row.pk])
    assert reader.post(correct, {"set": "intent:wish"}).status_code == 403
    assert reader.get(reverse("textanalysis:topics"), {"export": "csv"}).status_code == 403
    assert reader.get(reverse("textanalysis:labels")).status_code == 403


def test_a_topic_shows_its_trend_with_a_table_and_pages_of_verbatims(owner: Client) -> None:
    now = clock.now()
    for each in range(25):
        say(f"fees number {each}", topics=["fees"], at=now - timedelta(hours=each))
    html = html_of(owner, "textanalysis:topic", "fees")
    assert 'data-chart="band"' in html
    assert "<th>Base</th>" in html
    assert html.count('class="hf-voice"') == 20
    after = html.split("after=")[1].split("#")[0]
    older = html_of(owner, "textanalysis:topic", "fees", after=after)
    assert older.count('class="hf-voice"') == 5
    assert owner.get(reverse("textanalysis:topic", args=["nothing_like_it"])).status_code == 404


def test_two_periods_and_two_segments_are_compared(owner: Client) -> None:
    now = clock.now()
    for each in range(20):
        say(f"fees {each}", topics=["fees"], version="8.3.0", at=now - timedelta(days=1))
        say(f"login {each}", topics=["account"], version="8.2.0", at=now - timedelta(days=40))
    html = html_of(owner, "textanalysis:compare")
    assert "+100.0" in html
    assert "Is there a difference?" in html
    cut = html_of(owner, "textanalysis:compare", cut="version", one="8.3.0", other="8.2.0", days="84")
    assert "8.3.0 beside 8.2.0" in cut
    assert "−100.0" in cut


def test_tables_are_exported_with_their_filters_and_audited(owner: Client) -> None:
    say("=cmd|' /C calc'!A0 fees", topics=["fees"], channel="sms")
    table = rows_of(owner.get(reverse("textanalysis:topics"), {"export": "csv", "channel": "sms"}))
    assert {row["topic"] for row in table} >= {"fees", "account"}
    fees = next(row for row in table if row["topic"] == "fees")
    assert (fees["texts"], fees["channel"]) == ("1", "sms")
    texts = rows_of(owner.get(reverse("textanalysis:topic", args=["fees"]), {"export": "csv"}))
    assert texts[0]["text"].startswith("'=cmd")
    book = owner.get(reverse("textanalysis:topics"), {"export": "xlsx"})
    assert book.status_code == 200
    assert book["Content-Disposition"].endswith('.xlsx"')


def test_a_view_is_saved_with_its_query(owner: Client) -> None:
    say("fees", topics=["fees"])
    here = reverse("textanalysis:topics") + "?days=7&order=size"
    owner.post(reverse("console:save-view"), {"next": here, "name": "Weekly"})
    assert SavedView.objects.get().query == "days=7&order=size"
    assert "Weekly" in html_of(owner, "textanalysis:topics")


def test_in_chinese_too() -> None:
    say("手续费太高", topics=["fees"], language="zh")
    client = signed_in("operations", "zh")
    assert ">费用<" in html_of(client, "textanalysis:topics")
