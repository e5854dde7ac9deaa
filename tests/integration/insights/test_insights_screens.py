"""The Insights screens and their API over written facts: numbers, filters, files, people, and nothing."""

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.integration.insights.makers import invite, scored, write_all
from tests.integration.plans.makers import START, customer

from huifang.api import services as api
from huifang.insights.facts import store
from huifang.insights.models import Segment
from huifang.kernel import clock

pytestmark = pytest.mark.django_db(transaction=True)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = START + DAY
PAGES = ["/insights/", "/insights/compare/", "/insights/features/", "/insights/people/?metric=nps"]


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    """Where the facts of this test lie."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "facts"


@pytest.fixture
def reader(client: Client, django_user_model, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Client:
    """A signed-in administrator, the day after the answers."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    person = django_user_model.objects.create(email="shen@example.com", role="admin", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(reader: Client, path: str) -> str:
    reply = reader.get(path)
    assert reply.status_code == 200
    return reply.content.decode()


@pytest.fixture
def answered(folder: Path) -> None:
    """Forty soft wallets content with words, five hard ones not, five silent."""
    for number in range(40):
        scored(10 if number < 30 else 3, at=START, wallet_kind="soft", channel="sms")
    lin = customer("lin")
    for _ in range(5):
        scored(0, at=START, wallet_kind="hard", channel="email", text="too slow", customer_id=lin)
    for _ in range(5):
        invite(at=START, channel="sms")
    write_all(folder, now=NOW)


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_installation_says_what_will_be_here(reader: Client, path: str):
    text = page(reader, path)
    assert "The facts have not been written yet" in text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("answered")
def test_every_page_opens_with_any_filter(reader: Client, path: str):
    joint = "&" if "?" in path else "?"
    assert page(reader, path)
    assert page(reader, f"{path}{joint}wallet=soft&channel=sms&days=7&unit=day&by=wallet")
    assert page(reader, f"{path}{joint}plan=x'&questionnaire=1e9&from=2025-99-01&to=x&by=;&cut=plan&one=x")
    assert page(reader, f"{path}{joint}from=2025-03-01&to=2025-03-20&region=nowhere&over=9")


@pytest.mark.usefixtures("answered")
def test_a_number_stands_with_interval_base_and_caution(reader: Client):
    """30 of 45 are promoters, 15 detractors: NPS 33. Of five hard wallets all are detractors."""
    text = page(reader, "/insights/?by=wallet")
    assert ">33<" in text.replace("<b>", "").replace("</b>", "")
    assert "small base: only 5" in text
    assert "90.0%" in text
    hard = page(reader, "/insights/?wallet=hard")
    assert "−100" in hard


@pytest.mark.usefixtures("answered")
def test_a_number_leads_to_the_people_and_the_words(reader: Client):
    text = page(reader, "/insights/people/?metric=nps&wallet=hard")
    assert text.count("too slow") == 5
    assert "/customers/lin/" in text
    assert "too slow" not in page(reader, "/insights/people/?metric=nps&least=9&most=10")
    assert page(reader, "/insights/people/?metric=response_rate&who=silent").count("nobody known") == 5


@pytest.mark.usefixtures("answered")
def test_words_and_names_are_hidden_from_those_who_may_not_read_them(
    reader: Client, django_user_model, monkeypatch: pytest.MonkeyPatch
):
    from huifang.kernel import roles

    monkeypatch.setitem(roles.ROLES, "product_owner", frozenset({"insights.view"}))
    person = django_user_model.objects.create(email="gu@example.com", role="product_owner", date_joined=START)
    reader.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    text = page(reader, "/insights/people/?metric=nps&wallet=hard")
    assert "too slow" not in text
    assert "lin" not in text.split("<tbody>")[1]


@pytest.mark.usefixtures("answered")
def test_two_groups_are_compared_with_a_verdict(reader: Client):
    text = page(reader, "/insights/compare/?cut=wallet&one=soft&other=hard")
    assert "clearly more" in text
    alike = page(reader, "/insights/compare/?cut=wallet&one=soft&other=soft")
    assert "no clear difference" in alike
    assert "clearly" not in alike.replace("no clear difference", "")


@pytest.mark.usefixtures("answered")
def test_a_table_is_a_file_with_bases_and_filters(reader: Client):
    reply = reader.get("/insights/?by=channel&export=groups&wallet=soft")
    text = b"".join(reply.streaming_content).decode("utf-8-sig")
    (row,) = [each for each in csv.DictReader(io.StringIO(text)) if each["nps_base"] != "0"]
    assert (row["channel"], row["nps_base"], row["filter_wallet"]) == ("sms", "40", "soft")
    assert float(row["nps_estimate"]) == pytest.approx(50.0)
    assert row["from"].startswith("2025-02-1")
    for table in ("measures", "groups", "funnel", "hours", "pressure"):
        assert reader.get(f"/insights/?export={table}").status_code == 200
        book = reader.get(f"/insights/?export={table}&format=xlsx")
        assert "xl/worksheets/sheet2.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()
    assert reader.get("/insights/compare/?export=compare&format=xlsx").status_code == 200
    assert reader.get("/insights/features/?export=features").status_code == 200


@pytest.mark.usefixtures("answered")
def test_facts_that_lag_behind_say_so(reader: Client, monkeypatch: pytest.MonkeyPatch):
    assert "behind in writing" not in page(reader, "/insights/")
    monkeypatch.setattr(clock, "now", lambda: NOW + 2 * HOUR)
    assert "behind in writing" in page(reader, "/insights/")


@pytest.mark.usefixtures("answered")
def test_missing_files_are_a_refusal_that_says_what_to_do(reader: Client, folder: Path):
    for segment in Segment.objects.all():
        (folder / segment.file).unlink()
    reply = reader.get("/insights/?days=7")
    assert reply.status_code == 503
    assert "cannot be read" in reply.content.decode()
    for source in store.SOURCES:
        store.rebuild(source.topic, now=NOW)
    write_all(folder, now=NOW)
    assert page(reader, "/insights/?days=7")


@pytest.fixture
def caller(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A caller with a key that may read Insights."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    key = api.create_key(name="reports", role="product_owner", by="person:1", now=NOW)
    return Client(headers={"authorization": f"Bearer {key}"})


@pytest.mark.usefixtures("answered")
def test_the_api_gives_every_measure_with_the_same_filters(caller: Client):
    found = caller.get("/api/v1/insights/nps?by=wallet").json()
    hard, soft = found["readings"]
    assert (hard["group"], hard["base"], hard["caution"]) == ("hard", 5, "few")
    assert (soft["value"]["estimate"], soft["base"], soft["caution"]) == (50.0, 40, "wide")
    assert found["as_of"] is not None
    for name in ("response-rate", "reach", "csat", "ces", "suggestions", "answer-time", "usage"):
        assert caller.get(f"/api/v1/insights/{name}?wallet=soft&zone=Asia/Shanghai").status_code == 200
    assert caller.get("/api/v1/insights/funnel").json()[0]["step"] == "eligible"
    assert caller.get("/api/v1/insights/pressure?over=3").json()["over"] == 3
    assert caller.get("/api/v1/insights/hours").json() == []
    compared = caller.get("/api/v1/insights/compare?metric=nps&cut=wallet&one=soft&other=hard").json()
    assert (compared["direction"], compared["difference"]["estimate"]) == (1, 150.0)


@pytest.mark.parametrize(
    "query",
    [
        "nps?plan=x",
        "nps?zone=Mars/One",
        "nps?by=shoe",
        "compare?metric=joy",
        "nps?start=yesterday",
        "usage?by=plan&feature=x",
    ],
)
def test_the_api_refuses_what_it_cannot_read(caller: Client, query: str):
    assert caller.get(f"/api/v1/insights/{query}").status_code == 422
