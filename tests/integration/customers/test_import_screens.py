"""Imports at the console: guessed, shown, tried, run by a worker, begun anew after a kill, reported."""

import gzip
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation
from tests.integration.customers.makers import NOW
from tests.integration.customers.test_segment_screens import signed_in

from huifang.customers import queries
from huifang.customers import settings as room_settings
from huifang.customers.imports import jobs
from huifang.customers.models import Customer, ImportJob
from huifang.events.models import Event
from huifang.kernel import audit

pytestmark = pytest.mark.django_db
CSV = "编号,手机号,等级\nW-1,13800000421,gold\nW-2,13900000422,silver\n,13700000423,none\n"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings):
    """Files lie in a folder of the test's own."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def operator() -> Client:
    return signed_in("operations")


def bring(
    client: Client, content: str | bytes = CSV, *, name: str = "c.csv", kind: str = "customers"
) -> ImportJob:
    raw = content.encode() if isinstance(content, str) else content
    reply = client.post(reverse("customers:imports"), {"kind": kind, "file": SimpleUploadedFile(name, raw)})
    assert reply.status_code == 302, reply.content.decode()
    return ImportJob.objects.latest("pk")


def act(client: Client, job: ImportJob, word: str, **fields: str):
    return client.post(reverse("customers:import", args=[job.pk]), {"act": word, **fields})


MAPPED = {"column-0": "externalId", "column-1": "phone"}


def work() -> ImportJob:
    assert jobs.run_next(now=lambda: NOW) == 1
    return ImportJob.objects.latest("pk")


def test_columns_are_guessed_and_shown_with_the_first_rows(operator):
    job = bring(operator)
    assert job.mapping == {"编号": "externalId", "手机号": "phone"}
    html = operator.get(reverse("customers:import", args=[job.pk])).content.decode()
    assert "13800000421" in html and '<option value="phone" selected>' in html
    assert Customer.objects.count() == 0


def test_a_try_keeps_nothing(operator):
    job = bring(operator)
    html = act(operator, job, "try", **MAPPED).content.decode()
    assert "nothing was kept" in html and "refused: no id of a customer" in html
    assert Customer.objects.count() == 0


def test_a_file_is_taken_in_and_once_more_adds_nothing(operator):
    job = bring(operator)
    act(operator, job, "start", **MAPPED)
    done = work()
    assert (done.state, done.counts["new"], done.counts["refused"]) == ("done", 2, 1)
    profile = queries.profile(external_id="W-1")
    assert profile.traits == {"等级": "gold"}
    html = operator.get(reverse("customers:import", args=[job.pk])).content.decode()
    assert "no id of a customer" in html and "rows read" in html and "Import again" in html
    act(operator, job, "again")
    again = work()
    assert (again.counts["new"], again.counts["known"]) == (0, 2)
    assert jobs.run_next(now=lambda: NOW) == 0


def test_a_column_that_is_left_out_is_not_kept(operator):
    job = bring(operator)
    act(operator, job, "start", **MAPPED, **{"column-2": "-"})
    work()
    assert queries.profile(external_id="W-1").traits == {}


def test_refused_rows_are_taken_away_with_a_trace(operator):
    job = bring(operator)
    act(operator, job, "start", **MAPPED)
    work()
    reply = operator.post(reverse("customers:import-refused", args=[job.pk]))
    taken = b"".join(reply.streaming_content).decode("utf-8-sig").splitlines()
    assert taken[0] == "row,reason,meaning,content"
    assert taken[1].startswith("3,missing_id,no id of a customer,")
    assert audit.entries(limit=1)[0].action == "import.refused_rows_taken"


def test_why_rows_were_refused_is_said_in_the_language_of_whoever_looks(operator):
    job = bring(operator)
    act(operator, job, "start", **MAPPED)
    work()
    operator.cookies["huifang_language"] = "zh-Hans"
    reply = operator.post(reverse("customers:import-refused", args=[job.pk]))
    with translation.override("en"):  # as a server reads it: after the request, in no language of anybody's
        taken = b"".join(reply.streaming_content).decode("utf-8-sig")
    assert "3,missing_id,没有客户编号," in taken


def test_packed_and_json_lines_files_are_read(operator):
    bring(operator, gzip.compress(CSV.encode()), name="c.csv.gz")
    act(operator, ImportJob.objects.latest("pk"), "start", **MAPPED)
    assert work().counts["new"] == 2
    job = bring(operator, '{"id": "J-1", "level": 3}\n', name="c.jsonl")
    act(operator, job, "start", **{"column-0": "externalId"})
    assert work().counts["new"] == 1
    assert queries.profile(external_id="J-1").traits == {"level": 3}


def test_events_and_answers_of_the_past_come_in_too(operator):
    job = bring(operator, "uid,time,event,price\nW-1,2026-11-01T08:00:00Z,Paid,5\n", kind="events")
    assert job.mapping == {"uid": "userId", "time": "timestamp", "event": "event"}
    act(operator, job, "start", **{"column-0": "userId", "column-1": "timestamp", "column-2": "event"})
    assert work().counts["new"] == 1
    assert Event.objects.count() == 1
    job = bring(operator, "评分,时间,意见\n9,2026-11-01,好\n", kind="feedback", name="nps.csv")
    fields = {"column-0": "score", "column-1": "at", "column-2": "text", "metric": "nps"}
    act(operator, job, "start", **fields)
    assert work().counts["new"] == 1


def test_a_message_of_segment_goes_in_as_it_is(operator):
    line = '{"type": "identify", "userId": "W-9", "timestamp": "2026-11-01T08:00:00Z", "messageId": "m-9"}\n'
    job = bring(operator, line, kind="events", name="dump.jsonl")
    guessed = {
        f"column-{number}": field for number, field in ((1, "userId"), (2, "timestamp"), (3, "messageId"))
    }
    act(operator, job, "start", **guessed)
    assert work().counts["new"] == 1
    assert Event.objects.get().kind == "identify"


def test_a_zone_that_nobody_knows_is_refused_and_not_read_as_another(operator):
    job = bring(operator, "uid,time,event\nW-1,2026-11-01 08:00,Paid\n", kind="events")
    reply = act(operator, job, "start", zone="Beijing")
    assert reply.status_code == 422 and "There is no time zone Beijing" in reply.content.decode()
    assert ImportJob.objects.get().state == "new"


def test_a_file_in_another_encoding_goes_in_once_that_is_named(operator):
    content = {
        "kind": "customers",
        "file": SimpleUploadedFile("umlaut.csv", "id,name\nW-1,M\xfcller\n".encode("latin-1")),
    }
    operator.cookies["huifang_language"] = "zh-Hans"
    refused = operator.post(reverse("customers:imports"), content)
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "umlaut.csv" in html and "is not text in" not in html
    content["file"].seek(0)
    assert operator.post(reverse("customers:imports"), {**content, "encoding": "latin-1"}).status_code == 302
    job = ImportJob.objects.get()
    assert "Müller" in operator.get(reverse("customers:import", args=[job.pk])).content.decode()


def test_why_a_file_was_refused_is_said_in_the_language_of_whoever_looks(operator):
    job = bring(operator, "a,b\n1,2\n", kind="feedback")
    act(operator, job, "start", metric="nps")
    assert work().state == "failed"
    shown = reverse("customers:import", args=[job.pk])
    assert "No column holds score" in operator.get(shown).content.decode()
    operator.cookies["huifang_language"] = "zh-Hans"
    assert "No column holds" not in operator.get(shown).content.decode()


def test_a_file_that_cannot_be_read_is_refused_and_not_kept(operator, tmp_path):
    for name, content in (("c.xlsx", b"PK"), ("c.csv", b""), ("c.parquet", b"nothing"), ("../../x.csv", b"")):
        reply = operator.post(
            reverse("customers:imports"), {"kind": "customers", "file": SimpleUploadedFile(name, content)}
        )
        assert reply.status_code == 422
    assert ImportJob.objects.count() == 0
    assert list((tmp_path / "imports").iterdir()) == []


def test_a_file_over_the_limit_is_refused_with_a_way_out(operator, monkeypatch):
    monkeypatch.setattr(room_settings, "IMPORT_MEGABYTES_MAX", 0)
    reply = operator.post(
        reverse("customers:imports"), {"kind": "customers", "file": SimpleUploadedFile("c.csv", CSV.encode())}
    )
    assert reply.status_code == 422 and "huifang import" in reply.content.decode()


def test_files_are_for_the_process_alone_and_deleted_in_time(operator, tmp_path):
    job = bring(operator)
    file = tmp_path / "imports" / job.stored_as
    assert file.stat().st_mode & 0o077 == 0 and file.parent.stat().st_mode & 0o077 == 0
    assert "c.csv" not in file.name
    ImportJob.objects.update(created_at=NOW.replace(year=2020))
    assert jobs.clear(now=NOW) == 1
    assert not file.exists()
    html = act(operator, job, "start", **MAPPED).content.decode()
    assert "Bring it again" in html


def test_a_finished_import_tells_no_fault_when_its_file_is_gone(operator):
    job = bring(operator)
    act(operator, job, "start", **MAPPED)
    work()
    ImportJob.objects.update(created_at=NOW.replace(year=2020))
    assert jobs.clear(now=NOW) == 1
    html = operator.get(reverse("customers:import", args=[job.pk])).content.decode()
    assert "rows read" in html
    assert "Bring it again" not in html


def test_who_may_not_edit_sees_no_imports():
    assert signed_in("agent").get(reverse("customers:imports")).status_code == 403


_KILLED = """
import os, sys, django
django.setup()
from django.conf import settings
from pathlib import Path
settings.DATA_DIR = Path(sys.argv[1])
from huifang.customers import importing
from huifang.customers.imports import jobs
from huifang.kernel import clock
real, chunks = importing._write, []
def write(candidates, tally, *, now):
    real(candidates, tally, now=now)
    chunks.append(1)
    if len(chunks) == 3:
        print("three", flush=True)
        import time
        time.sleep(60)
importing._write = write
jobs.run_next(now=clock.now)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_leaves_the_file_to_another(tmp_path):
    lines = "".join(f"W-{number},gold\n" for number in range(5000))
    upload = SimpleUploadedFile("c.csv", f"id,level\n{lines}".encode())
    job = jobs.take(upload, kind="customers", by="person:1", now=NOW)
    jobs.set_up(job.pk, mapping={"id": "externalId"}, options={})
    jobs.start(job.pk, by="person:1", now=NOW)
    database = connection.settings_dict
    url = (
        f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}&port={database['PORT']}"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "huifang.config.settings_test"},
    )
    try:
        assert worker.stdout is not None and worker.stdout.readline() == b"three\n"
        assert jobs.run_next(now=lambda: NOW) == 0
        worker.kill()
        worker.wait(10)
        until = time.monotonic() + 20
        while not jobs.run_next(now=lambda: NOW):
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        worker.kill()
        worker.wait(10)
    done = ImportJob.objects.get(pk=job.pk)
    assert (done.state, done.runs, done.counts["read"]) == ("done", 2, 5000)
    assert done.counts["new"] + done.counts["known"] == 5000 and done.counts["known"] >= 2000
    assert Customer.objects.count() == 5000


def test_a_parquet_file_goes_from_the_form_to_the_customers(operator):
    """Columns have types there: numbers, instants and gaps, and the codec is the format's own."""
    table = pa.table(
        {
            "user_id": ["W-1", "W-2", None, "W-4"],
            "mobile": ["13800000421", None, "13900000422", "13900000423"],
            "registered": pa.array([NOW, None, NOW, NOW], pa.timestamp("us", tz="UTC")),
            "level": pa.array([3, 4, 5, None], pa.int32()),
            "vip": [True, False, True, None],
        }
    )
    packed = io.BytesIO()
    pq.write_table(table, packed, compression="zstd", row_group_size=2)
    job = bring(operator, packed.getvalue(), name="customers.parquet")
    page = operator.get(reverse("customers:import", args=[job.pk])).content.decode()
    assert "13800000421" in page and "mobile" in page
    columns = list(table.column_names)
    assert set(job.mapping) <= set(columns)
    wanted = {"user_id": "externalId", "mobile": "phone", "registered": "registeredAt"}
    fields = {f"column-{columns.index(name)}": trait for name, trait in wanted.items()}
    assert "nothing was kept" in act(operator, job, "try", **fields).content.decode()
    assert Customer.objects.count() == 0
    act(operator, job, "start", **fields)
    done = work()
    assert (done.state, done.counts["new"], done.counts["refused"]) == ("done", 3, 1)
    first, last = queries.profile(external_id="W-1"), queries.profile(external_id="W-4")
    assert (dict(first.traits), first.registered_at) == ({"level": 3, "vip": True}, NOW)
    assert (dict(last.traits), last.registered_at) == ({}, NOW)
    assert queries.address(customer_id=first.id, channel="sms") == "+8613800000421"
    act(operator, done, "again")
    assert work().counts["known"] == 3


def test_a_file_that_only_calls_itself_parquet_is_refused(operator):
    reply = operator.post(
        reverse("customers:imports"),
        {"kind": "customers", "file": SimpleUploadedFile("c.parquet", b"PAR1" + b"\0" * 64 + b"PAR1")},
    )
    assert reply.status_code == 422
    assert not ImportJob.objects.exists()
