"""What can be done with events: write keys, taking messages in, replaying rejected ones, upkeep."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django import app as jobs

from huifang.events import (
    declarations,
    importing,
    ingest,
    kafka,
    learning,
    partitions,
    personal,
    queries,
    sensors,
    settings,
    store,
    storing,
    stream,
)
from huifang.events.errors import (
    AlreadyReplayedError,
    NotReplayableError,
    SourceNameTakenError,
    StreamEndedError,
    UnknownDriftError,
    UnknownRejectedEventError,
    UnknownSourceError,
    UnreadablePayloadError,
)
from huifang.events.keys import hash_key, new_key
from huifang.events.message import KINDS, Arrival
from huifang.events.models import Drift, RejectedEvent, Source
from huifang.events.records import Declaration, EventLayout, ImportReport, Ingested, RejectedFilter, Replayed
from huifang.kernel import audit, online, vault
from huifang.kernel.rows import RefusedRow, Row

QUEUE = "upkeep"
REPLAY_JOB = "huifang.events.tasks.replay_matching"
REPLAY_MAX = 1_000_000
_FOLD_ROWS = 10_000
_REPLAY_CHUNK = 200
_PATIENCE_SECONDS = 60.0
_Done = TypeVar("_Done")


def create_write_key(*, name: str, now: datetime, by: str = "command-line") -> str:
    """Make a write key; it is shown this once. Raises `SourceNameTakenError`."""
    key = new_key()
    try:
        with transaction.atomic():
            Source.objects.create(name=name, key_hash=hash_key(key), created_at=now)
            audit.record(actor=by, action="write_key.created", subject=f"write_key:{name}", at=now)
    except IntegrityError:
        raise SourceNameTakenError(name=name) from None
    return key


def revoke_write_key(*, name: str, now: datetime, by: str = "command-line") -> None:
    """End a write key; gateways notice within seconds. Raises `UnknownSourceError`."""
    with transaction.atomic():
        if not Source.objects.filter(name=name, revoked_at=None).update(revoked_at=now):
            raise UnknownSourceError(name=name)
        audit.record(actor=by, action="write_key.revoked", subject=f"write_key:{name}", at=now)


def stream_source(*, now: datetime) -> int:
    """The source of what Kafka brings, made when it is first needed. Raises `StreamEndedError`."""
    row, _ = Source.objects.get_or_create(
        name=f"Kafka: {settings.KAFKA_GROUP}", defaults={"key_hash": hash_key(new_key()), "created_at": now}
    )
    if row.revoked_at is not None:
        raise StreamEndedError(name=settings.KAFKA_GROUP)
    return int(row.pk)


def read_stream(*, stopping: threading.Event, now: Callable[[], datetime]) -> None:
    """Store what Kafka holds until told to stop.

    Raises `KafkaUnsetError`, `KafkaMissingError` and `StreamEndedError`.
    """
    with kafka.KafkaStream() as opened:
        source_id = stream_source(now=now())
        stream.Reader(stream=opened, source_id=source_id, stopping=stopping, now=now).run()


def ingest_batch(
    *, messages: Sequence[Mapping[str, Any] | bytes], now: datetime, source_id: int = 0
) -> Ingested:
    """Store Segment messages as the gateway does: each once, the bad ones kept apart with their reason.

    Source 0 is "no write key".
    """
    raws = [message if isinstance(message, bytes) else msgspec.json.encode(message) for message in messages]
    arrival = Arrival(
        source_id=source_id,
        received_at=now,
        now=now,
        age_days_max=settings.AGE_DAYS_MAX,
        strict=declarations.strict(),
    )
    parsed = ingest.parse_all(raws, arrival=arrival)
    with transaction.atomic():
        storing.store_events(parsed)
        storing.keep_rejected(parsed)
    return Ingested(accepted=len(raws) - len(parsed.faults), rejected=parsed.faults)


def import_events(
    *,
    rows: Iterable[Row],
    layout: EventLayout,
    now: datetime,
    on_refused: Callable[[RefusedRow], None] = lambda _: None,
) -> ImportReport:
    """Store events of the past, a thousand a transaction; those that are there are not added again.

    They may be of any age, and start no live plan. Rows that cannot be used go to *on_refused* and not to
    the rejected list. Raises `MissingColumnError`.
    """
    return importing.take(rows, layout=layout, now=now, on_refused=on_refused)


def replay(*, rejected_id: int, by: str, now: datetime, payload: str | None = None) -> Ingested:
    """Take one rejected event in again, as it was or with *payload* in its place; at most once with success.

    Where *payload* has a mask left in it, what was there before is put back.
    Raises `UnknownRejectedEventError`, `AlreadyReplayedError`, `NotReplayableError` and
    `UnreadablePayloadError`.
    """
    with transaction.atomic():
        row = RejectedEvent.objects.select_for_update().filter(pk=rejected_id).first()
        if row is None:
            raise UnknownRejectedEventError(number=rejected_id)
        if row.replayed_at is not None:
            raise AlreadyReplayedError(number=rejected_id)
        if not row.is_whole:
            raise NotReplayableError(number=rejected_id)
        outcome = _replay_row(row, raw=_edited(row, payload), now=now)
        audit.record(
            actor=by,
            action="rejected_event.replayed",
            subject=f"rejected_event:{rejected_id}",
            facts={"stored": not outcome.rejected, "edited": payload is not None},
            at=now,
        )
        return outcome


def _edited(row: RejectedEvent, payload: str | None) -> bytes:
    original = vault.unseal(bytes(row.payload), context=ingest.REJECTED_CONTEXT)
    if payload is None:
        return original
    try:
        edited = msgspec.json.decode(payload.encode(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UnreadablePayloadError(fault=str(error)) from None
    try:
        before = msgspec.json.decode(original)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        if personal.MASK in payload:
            fault = "a mask is left in it, and the message could not be read, so what it hides is not known"
            raise UnreadablePayloadError(fault=fault) from None
        before = None
    return msgspec.json.encode(personal.unmask(edited, before))


def _replay_row(row: RejectedEvent, *, raw: bytes, now: datetime) -> Ingested:
    """Store what *raw* holds, as of the time when it first came; the row says what became of it."""
    messages, kind = _messages_in(raw, row.kind)
    arrival = Arrival(
        source_id=row.source_id,
        received_at=row.received_at,
        now=now,
        age_days_max=settings.AGE_DAYS_MAX,
        kind=kind,
        sent_at=row.sent_at.isoformat() if row.sent_at else None,
        strict=declarations.strict(),
    )
    parse = sensors.parse_all if messages and sensors.is_one(messages[0]) else ingest.parse_all
    parsed = parse(messages, arrival=arrival)
    if not parsed.faults:
        storing.store_events(parsed)
    if parsed.faults:
        row.code, row.detail = parsed.faults[0].code, parsed.faults[0].message
    else:
        row.replayed_at = now
    row.save(update_fields=["code", "detail", "replayed_at"])
    return Ingested(accepted=0 if parsed.faults else len(messages), rejected=parsed.faults)


def _messages_in(raw: bytes, kind: str) -> tuple[list[bytes | msgspec.Raw], str]:
    """The messages of a payload (a whole batch, where its body was unreadable), and the kind of its path."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return [raw], ""
    if isinstance(found, list):
        found = {"batch": found}
    if isinstance(found, dict) and isinstance(found.get("batch"), list):
        return [msgspec.Raw(msgspec.json.encode(message)) for message in found["batch"]], ""
    has_type = isinstance(found, dict) and found.get("type") is not None
    return [raw], kind if kind in KINDS and not has_type else ""


def replay_matching(*, wanted: RejectedFilter, by: str, now: datetime, limit: int) -> Replayed:
    """Replay the oldest rejected events that match and were not replayed yet, *limit* at most."""
    stored = tried = after = 0
    while tried < limit:
        with transaction.atomic():
            rows = queries.rejected_rows(wanted).filter(replayed_at=None, is_whole=True, pk__gt=after)
            chunk = list(
                rows.order_by("pk").select_for_update(skip_locked=True)[: min(_REPLAY_CHUNK, limit - tried)]
            )
            for row in chunk:
                raw = vault.unseal(bytes(row.payload), context=ingest.REJECTED_CONTEXT)
                stored += not _replay_row(row, raw=raw, now=now).rejected
        if not chunk:
            break
        tried, after = tried + len(chunk), chunk[-1].pk
    audit.record(
        actor=by,
        action="rejected_events.replayed",
        subject="rejected_events",
        facts={"tried": tried, "stored": stored, "code": wanted.code},
        at=now,
    )
    return Replayed(tried=tried, stored=stored)


def queue_replay(*, wanted: RejectedFilter, by: str) -> None:
    """Have a worker replay everything that matches."""
    jobs.configure_task(REPLAY_JOB, queue=QUEUE).defer(
        code=wanted.code, source_id=wanted.source_id, day=str(wanted.day or ""), by=by
    )


def declare_event(*, declaration: Declaration, by: str, now: datetime) -> None:
    """Say what an event is. Raises `BadDeclarationError`."""
    declarations.declare(declaration=declaration, by=by, now=now)


def withdraw_declaration(*, name: str, by: str, now: datetime) -> None:
    """Take it back. Raises `UnknownDeclarationError`."""
    declarations.withdraw(name=name, by=by, now=now)


def settle_drift(*, drift_id: int, by: str, now: datetime) -> None:
    """Note that a drift was seen to; should it go on, a new one opens. Raises `UnknownDriftError`."""
    with transaction.atomic():
        open_now = Drift.objects.filter(pk=drift_id, settled_at=None)
        if not open_now.update(settled_at=now, settled_by=by):
            raise UnknownDriftError(number=drift_id)
        audit.record(actor=by, action="event_drift.settled", subject=f"event_drift:{drift_id}", at=now)


def learn_schemas(*, now: datetime) -> int:
    """Look at some of what was stored since the last time; returns how many events."""
    return learning.learn(now=now)


def watch_silence(*, now: datetime) -> int:
    """Note events that no longer come; returns how many."""
    return learning.watch_silence(now=now)


def fold_tallies() -> int:
    """Move what commits have added into the catalogue; returns how many rows were folded."""
    with connection.cursor() as db:
        db.execute(store.FOLD, [_FOLD_ROWS])
        row = db.fetchone()
    return int(row[0])


def _change_partitions(change: Callable[[partitions.Cursor], _Done]) -> _Done:
    """Do *change*; where somebody reads the events for long, step back, let writers pass and try again."""

    def once() -> _Done:
        with transaction.atomic(), connection.cursor() as db:
            return change(db)

    return online.patiently(once, until=time.monotonic() + _PATIENCE_SECONDS)


def prepare_partitions(*, now: datetime) -> None:
    """Make the months that are missing; after a restore, keep cursors right."""
    with transaction.atomic(), connection.cursor() as db:
        partitions.raise_txid_base(db)
    _change_partitions(partial(partitions.prepare, now=now, age_days_max=settings.AGE_DAYS_MAX))


def drop_past_storage(*, now: datetime) -> list[str]:
    """Drop events and rejected events past their storage periods; returns the tables dropped."""
    before = (now - timedelta(days=settings.KEPT_DAYS)).date()
    dropped = _change_partitions(partial(partitions.drop_old, before=before))
    RejectedEvent.objects.filter(
        last_received_at__lt=now - timedelta(days=settings.REJECTED_KEPT_DAYS)
    ).delete()
    return dropped
