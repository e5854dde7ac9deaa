"""Importing customers from files: each once, with a reason for every row that is left out."""

import json

import pytest
from tests.integration.customers.makers import NOW, PHONE, apply, identify, minutes

from huifang.customers import queries, services
from huifang.customers.errors import NoIdColumnError
from huifang.customers.models import ConsentEntry, ContactPoint, Customer
from huifang.kernel.rows import BrokenRow, RefusedRow, read

pytestmark = pytest.mark.django_db
CSV = """userId,Wallet Kind,语言,timezone,mobile,e-mail,name,tier,consent_service_follow_up,consent_at
W-1,软钱包,zh-CN,Asia/Shanghai,138 0000 0421,lin@example.com,林小满,gold,是,2026-01-02T03:04:05Z
W-2,hard,en,Europe/Paris,+33612345678,,Ada Lovelace,base,no,
,soft,en,,,,,,,
W-3,soft,en,Nowhere/Land,12,not-an-address,,,,
"""
MAPPING = {"语言": "language"}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text(CSV, encoding="utf-8-sig")
    return path


def load(file, mapping=MAPPING, **more):
    refused: list[RefusedRow] = []
    rows = read(file)
    report = services.import_customers(rows=rows, mapping=mapping, now=NOW, on_refused=refused.append, **more)
    return report, refused


def test_rows_become_customers_and_each_refused_row_has_a_reason(file):
    report, refused = load(file)
    assert (report.read, report.created, report.refused) == (4, 3, 1)
    assert [(row.number, row.code) for row in refused] == [(3, "missing_id")]
    assert report.dropped == {"time_zone": 1, "phone": 1, "email": 1}
    profile = queries.profile(external_id="W-1")
    assert (profile.wallet_kind, profile.language, profile.masked_name) == ("soft", "zh-Hans", "林**")
    assert profile.traits == {"tier": "gold"}
    assert queries.address(customer_id=profile.id, channel="sms") == PHONE
    entry = queries.consent_entries(customer_id=profile.id)[0]
    assert (entry.act, entry.purpose, entry.at.isoformat()) == (
        "given",
        "service_follow_up",
        "2026-01-02T03:04:05+00:00",
    )
    other = queries.profile(external_id="W-2").id
    assert queries.standings(customer_ids=[other])[other].consented_channels == frozenset()


def test_a_second_run_adds_nothing(file):
    load(file)
    before = [Customer.objects.count(), ContactPoint.objects.count(), ConsentEntry.objects.count()]
    report, _ = load(file)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 3)
    assert before == [Customer.objects.count(), ContactPoint.objects.count(), ConsentEntry.objects.count()]


def test_a_file_does_not_override_what_was_stated_after_it_was_written(file):
    apply(identify(customer="W-1", language="en", tier="platinum", at=minutes(0)))
    load(file, as_of=minutes(-1))
    profile = queries.profile(external_id="W-1")
    assert (profile.language, profile.traits["tier"], profile.wallet_kind) == ("en", "platinum", "soft")


def test_a_row_can_say_when_it_was_true():
    rows = [
        {"id": "W-1", "tier": "new", "updated_at": "2026-11-18T09:30:00Z"},
        {"id": "W-1", "tier": "old", "updated_at": "2025-01-01"},
    ]
    report = services.import_customers(rows=rows, mapping={}, now=NOW)
    assert (report.created, report.updated) == (1, 1)
    assert queries.profile(external_id="W-1").traits == {"tier": "new"}


def test_without_a_column_for_the_id_nothing_is_imported(file):
    with pytest.raises(NoIdColumnError):
        services.import_customers(rows=[{"tier": "gold"}], mapping={}, now=NOW)
    report = services.import_customers(rows=[{"号": "W-7"}], mapping={"号": "external_id"}, now=NOW)
    assert report.created == 1


def test_json_lines_keep_types_and_broken_lines_harm_no_other(tmp_path):
    file = tmp_path / "customers.jsonl"
    good = {
        "userId": "W-1",
        "vip": True,
        "balance": 12.5,
        "consents": [{"purpose": "marketing", "given": True}],
    }
    lines = [
        json.dumps(good),
        "{not json",
        "[1]",
        "",
        json.dumps({"userId": "x" * 5000}),
        '"W-9"',
        "[" * 100_000,
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    report, refused = load(file)
    assert (report.read, report.created) == (6, 1)
    assert [row.code for row in refused] == [
        "not_json",
        "not_an_object",
        "unusable_id",
        "not_an_object",
        "not_json",
    ]
    profile = queries.profile(external_id="W-1")
    assert profile.traits == {"vip": True, "balance": 12.5}
    assert [state.purpose for state in queries.consents(customer_id=profile.id)] == ["marketing"]


def test_a_spreadsheet_from_china_is_read_in_its_own_encoding(tmp_path):
    file = tmp_path / "客户.csv"
    file.write_bytes("编号,姓名\nW-1,林小满\n".encode("gb18030"))
    load(file, {"编号": "id", "姓名": "name"})
    assert queries.profile(external_id="W-1").masked_name == "林**"


def test_a_row_with_too_many_or_too_few_columns_is_refused(tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text('id,tier\nW-1,gold\nW-2\nW-3,a,b\n"W\n4",x\n', encoding="utf-8")
    report, refused = load(file)
    assert (report.created, [row.code for row in refused]) == (
        1,
        ["wrong_column_count", "wrong_column_count", "unusable_id"],
    )


def test_thousands_of_rows_go_in_chunks_and_progress_is_told(tmp_path):
    file = tmp_path / "many.csv"
    file.write_text("id,tier\n" + "".join(f"W-{n},t{n % 3}\n" for n in range(2500)), encoding="utf-8")
    told: list[int] = []
    rows = read(file, on_bytes=told.append)
    report = services.import_customers(rows=rows, mapping={}, now=NOW)
    assert report.created == Customer.objects.count() == 2500
    assert sum(told) == file.stat().st_size


def test_a_broken_row_is_told_with_how_it_begins():
    refused: list[RefusedRow] = []
    services.import_customers(
        rows=[BrokenRow(code="not_json", text="{oops")], mapping={}, now=NOW, on_refused=refused.append
    )
    assert refused == [RefusedRow(number=1, code="not_json", row={"line": "{oops"})]
