"""Keeps files that were brought to the console: takes them in, tries them, runs them, deletes them.

A run belongs to whoever holds the job's lock in the database. A worker that is killed lets go of it, and
another begins the file anew: what was taken in already is known, and not added twice.
"""

import csv
import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction

from huifang.customers import settings as room_settings
from huifang.customers.errors import (
    ImportBusyError,
    ImportFileGoneError,
    ImportTooLargeError,
    ImportZoneError,
    UnknownImportError,
)
from huifang.customers.imports import kinds
from huifang.customers.imports.kinds import Work
from huifang.customers.models import ImportJob
from huifang.decisions.zones import find_zone
from huifang.kernel import audit, rows
from huifang.kernel.refusals import Refusal
from huifang.kernel.rows import BrokenRow, RefusedRow, Row

SAMPLE = 5
TRIED = 1000
LEFT_OUT = "-"
_MEGABYTE = 1_000_000
_LOCK = 0x494D_5054  # "IMPT"
_OPEN = ("queued", "running")
_TOLD_EVERY_SECONDS = 0.5
_ENDINGS = (".csv", ".jsonl", ".ndjson", ".parquet", ".pq")
_log = logging.getLogger(__name__)


class Upload(Protocol):
    """A file as Django hands it over."""

    @property
    def name(self) -> str | None:
        """What the person called it."""
        ...

    @property
    def size(self) -> int | None:
        """Bytes."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Its content in pieces."""
        ...


def folder() -> Path:
    """Where files lie; only the owner of the process may look into it."""
    found = Path(settings.DATA_DIR) / "imports"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def path_of(job: ImportJob) -> Path:
    """The file. Raises `ImportFileGoneError`."""
    found = folder() / job.stored_as if job.stored_as else None
    if found is None or not found.is_file():
        raise ImportFileGoneError
    return found


def refused_path(job: ImportJob) -> Path:
    """Where its refused rows stand."""
    return folder() / f"{job.pk}.refused.csv"


def get(job_id: int, *, lock: bool = False) -> ImportJob:
    """The row. Raises `UnknownImportError`."""
    found = ImportJob.objects.select_for_update() if lock else ImportJob.objects.all()
    job = found.filter(pk=job_id).first() if 0 < job_id < 2**63 else None
    if job is None:
        raise UnknownImportError(job=job_id)
    return job


def take(upload: Upload, *, kind: str, by: str, now: datetime, encoding: str = "") -> ImportJob:
    """Keep an uploaded file and guess what its columns are.

    Raises `ImportTooLargeError`, `UnknownImportKindError` and what `kernel.rows.read` raises; then nothing
    is kept.
    """
    wanted = kinds.kind_named(kind)
    size, name = upload.size or 0, Path(upload.name or "").name[:200]
    if size > room_settings.IMPORT_MEGABYTES_MAX * _MEGABYTE:
        limit = room_settings.IMPORT_MEGABYTES_MAX
        raise ImportTooLargeError(size=size // _MEGABYTE + 1, limit=limit)
    stored = folder() / f"{secrets.token_hex(16)}{_ending(name)}"
    try:
        with stored.open("xb") as stream:
            stored.chmod(0o600)
            for chunk in upload.chunks():
                stream.write(chunk)
        with called(name):
            columns, _ = sample(stored, encoding=encoding)
        guessed = rows.fields(columns, mapping={}, known=wanted.known)
        with transaction.atomic():
            job = ImportJob.objects.create(
                kind=kind,
                file_name=name,
                stored_as=stored.name,
                size=size,
                mapping={column: field for field, column in guessed.items()},
                options={"encoding": encoding},
                created_at=now,
                created_by=by,
            )
            _audit(job, "uploaded", by=by, now=now)
    except BaseException:
        stored.unlink(missing_ok=True)
        raise
    return job


def _ending(name: str) -> str:
    """The ending by which the file is read; no other part of its name is ours to use."""
    lower = name.lower()
    packed = ".gz" if lower.endswith(".gz") else ""
    found = next((each for each in _ENDINGS if lower.removesuffix(".gz").endswith(each)), "")
    return f"{found or Path(lower).suffix[:10]}{packed}"


@contextmanager
def called(name: str) -> Iterator[None]:
    """Let what is refused inside name the file as its owner does, not as it is stored."""
    try:
        yield
    except Refusal as refusal:
        if "file" in refusal.facts:
            refusal.facts["file"] = name
        raise


def sample(file: Path, *, encoding: str = "") -> tuple[list[str], list[dict[str, object]]]:
    """The columns and the first rows."""
    found = [
        row for row in islice(rows.read(file, encoding=encoding), SAMPLE) if not isinstance(row, BrokenRow)
    ]
    columns = dict.fromkeys(column for row in found for column in row)
    return list(columns), [dict(row) for row in found]


def set_up(
    job_id: int, *, mapping: Mapping[str, str], options: Mapping[str, str], encoding: str = ""
) -> ImportJob:
    """Say what the columns are. Raises `ImportBusyError`, `ImportZoneError`."""
    zone = options.get("zone", "")
    if zone and not find_zone(zone):
        raise ImportZoneError(zone=zone)
    with transaction.atomic():
        job = get(job_id, lock=True)
        if job.state in _OPEN:
            raise ImportBusyError
        job.mapping, job.options = dict(mapping), {**options, "encoding": encoding}
        job.save(update_fields=["mapping", "options"])
    return job


def try_out(job_id: int, *, now: datetime) -> Mapping[str, int]:
    """What the first thousand rows would come to; nothing is kept. Raises what reading raises."""
    job = get(job_id)
    refusals: Counter[str] = Counter()
    with transaction.atomic(), called(job.file_name):
        found = islice(_rows(job, lambda _: None), TRIED)
        counts = dict(_run(job, found, now=now, on_refused=lambda row: refusals.update([row.code])))
        transaction.set_rollback(True)
    return counts | {f"refused:{code}": count for code, count in refusals.most_common()}


def start(job_id: int, *, by: str, now: datetime) -> None:
    """Hand the file to a worker. Raises `ImportBusyError`, `ImportFileGoneError`."""
    with transaction.atomic():
        job = get(job_id, lock=True)
        if job.state in _OPEN:
            raise ImportBusyError
        path_of(job)
        job.state, job.done_bytes, job.problem, job.finished_at = "queued", 0, "", None
        job.counts, job.refusals = {}, {}
        job.save()
        _audit(job, "started", by=by, now=now)


def run_next(*, now: Callable[[], datetime]) -> int:
    """Run one file that waits, or whose worker was killed; returns how many."""
    for job_id in ImportJob.objects.filter(state__in=_OPEN).order_by("pk").values_list("pk", flat=True):
        if _lock(job_id):
            try:
                job = get(job_id)
                if job.state in _OPEN:
                    _do(job, now=now)
                    return 1
            finally:
                _unlock(job_id)
    return 0


def _do(job: ImportJob, *, now: Callable[[], datetime]) -> None:
    ImportJob.objects.filter(pk=job.pk).update(state="running", runs=job.runs + 1, done_bytes=0)
    refusals: Counter[str] = Counter()
    try:
        with _Refused(refused_path(job), refusals) as refused, called(job.file_name):
            counts = _run(job, _rows(job, _Progress(job.pk)), now=now(), on_refused=refused.write)
        state, problem = "done", ""
    except Refusal as refusal:
        counts, state, problem = {}, "failed", _written(refusal)
    except Exception:
        _log.exception("import %s failed", job.pk)
        counts, state, problem = {}, "failed", "failed"
    ImportJob.objects.filter(pk=job.pk).update(
        state=state,
        problem=problem,
        counts=dict(counts),
        refusals=dict(refusals.most_common(50)),
        done_bytes=job.size if state == "done" else job.done_bytes,
        finished_at=now(),
    )


def _written(refusal: Refusal) -> str:
    """*refusal* as it is kept, to be read in the language of whoever looks."""
    facts = {name: str(value) for name, value in refusal.facts.items()}
    return json.dumps({"text": refusal.text, "facts": facts})


class _Progress:
    """Writes down how far a file is read, twice a second."""

    def __init__(self, job_id: int) -> None:
        self._job_id, self._done, self._told = job_id, 0, 0.0

    def __call__(self, count: int) -> None:
        self._done += count
        if time.monotonic() - self._told > _TOLD_EVERY_SECONDS:
            self._told = time.monotonic()
            ImportJob.objects.filter(pk=self._job_id).update(done_bytes=self._done)


class _Refused:
    """A file of refused rows, written anew by each run; *counts* by reason."""

    def __init__(self, file: Path, counts: Counter[str]) -> None:
        self._file, self._counts = file, counts

    def __enter__(self) -> "_Refused":
        self._stream = self._file.open("w", encoding="utf-8-sig", newline="")
        self._file.chmod(0o600)
        csv.writer(self._stream).writerow(["row", "reason", "content"])
        return self

    def write(self, refused: RefusedRow) -> None:
        """Add one row: its number, the reason, and the row itself as JSON."""
        content = json.dumps(dict(refused.row), ensure_ascii=False, default=str)
        csv.writer(self._stream).writerow([refused.number, refused.code, content])
        self._counts[refused.code] += 1

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _rows(job: ImportJob, on_bytes: Callable[[int], None]) -> Iterator[Row]:
    left_out = {column for column, field in job.mapping.items() if field == LEFT_OUT}
    for row in rows.read(path_of(job), encoding=job.options.get("encoding", ""), on_bytes=on_bytes):
        if isinstance(row, BrokenRow) or not left_out:
            yield row
        else:
            yield {column: value for column, value in row.items() if column not in left_out}


def _run(
    job: ImportJob, found: Iterable[Row], *, now: datetime, on_refused: Callable[[RefusedRow], None]
) -> Mapping[str, int]:
    work = Work(
        file=path_of(job),
        found=found,
        mapping={
            column: field for column, field in job.mapping.items() if field not in ("", LEFT_OUT, column)
        },
        options={"name": Path(job.file_name).stem, **{k: v for k, v in job.options.items() if v}},
        by=job.created_by,
        now=now,
        on_refused=on_refused,
    )
    return kinds.kind_named(job.kind).run(work)


def remove(job_id: int, *, by: str, now: datetime) -> None:
    """Delete the file and its refused rows; what was imported stays. Raises `ImportBusyError`."""
    with transaction.atomic():
        job = get(job_id, lock=True)
        if job.state in _OPEN:
            raise ImportBusyError
        _delete_files(job)
        _audit(job, "removed", by=by, now=now)
        job.delete()


def clear(*, now: datetime) -> int:
    """Delete the files of imports that are long done or were never begun; returns how many."""
    before = now - timedelta(days=room_settings.IMPORT_KEPT_DAYS)
    old = ImportJob.objects.exclude(state__in=_OPEN).filter(created_at__lt=before).exclude(stored_as="")
    for job in old:
        _delete_files(job)
        ImportJob.objects.filter(pk=job.pk).update(stored_as="")
    return len(old)


def _delete_files(job: ImportJob) -> None:
    if job.stored_as:
        (folder() / job.stored_as).unlink(missing_ok=True)
    refused_path(job).unlink(missing_ok=True)


def note_download(job: ImportJob, *, by: str, now: datetime) -> None:
    """Somebody takes the refused rows away: they have what the file had, in clear."""
    _audit(job, "refused_rows_taken", by=by, now=now)


def _audit(job: ImportJob, act: str, *, by: str, now: datetime) -> None:
    audit.record(
        actor=by, action=f"import.{act}", subject=f"import:{job.pk}", facts={"kind": job.kind}, at=now
    )


def _lock(job_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, job_id & 0x7FFF_FFFF])
        return bool(cursor.fetchone()[0])


def _unlock(job_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, job_id & 0x7FFF_FFFF])
