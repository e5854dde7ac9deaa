"""The audit log: who did what, when. Written in the transaction of the act; never edited."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from huifang.kernel import chain
from huifang.kernel.models import AuditEntry

_LOCK = 0x4855_4155  # advisory lock under which entries are appended one by one
_CONTEXT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One line of the audit log."""

    id: int
    actor: str
    action: str
    subject: str
    facts: Mapping[str, object]
    at: datetime


def _content(entry: AuditEntry) -> dict[str, object]:
    return {
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "facts": entry.facts,
        "at": entry.at.timestamp(),
    }


def record(
    *, actor: str, action: str, subject: str, at: datetime, facts: Mapping[str, object] | None = None
) -> None:
    """Append one entry. *action* reads "plan.activated", *subject* "plan:12"; *facts* are JSON values."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        last = AuditEntry.objects.order_by("-id").only("hash").first()
        entry = AuditEntry(actor=actor, action=action, subject=subject, facts=dict(facts or {}), at=at)
        entry.previous_hash = bytes(last.hash) if last else chain.GENESIS
        entry.hash = chain.link(entry.previous_hash, _content(entry), context=_CONTEXT)
        entry.save(force_insert=True)


def entries(*, subject: str = "", limit: int = 100, before: int | None = None) -> list[AuditRecord]:
    """Newest entries first, of one *subject* or of all, with ids below *before*."""
    found = AuditEntry.objects.order_by("-id")
    if subject:
        found = found.filter(subject=subject)
    if before is not None:
        found = found.filter(id__lt=before)
    return [
        AuditRecord(
            id=row.pk, actor=row.actor, action=row.action, subject=row.subject, facts=row.facts, at=row.at
        )
        for row in found[:limit]
    ]


def breaks() -> Iterator[int]:
    """Ids of entries whose hash does not follow from their content and the entry before."""
    previous = chain.GENESIS
    for entry in AuditEntry.objects.order_by("id").iterator():
        expected = chain.link(previous, _content(entry), context=_CONTEXT)
        if bytes(entry.previous_hash) != previous or bytes(entry.hash) != expected:
            yield entry.pk
        previous = bytes(entry.hash)
