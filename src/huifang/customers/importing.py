"""Takes rows of customers in, a thousand a transaction, the same way as identifies are taken."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction

from huifang.customers import cleaning, intake, ledger, portraits, statements, store
from huifang.customers.errors import NoIdColumnError
from huifang.customers.portraits import RawStatement
from huifang.customers.records import PURPOSES, ImportReport
from huifang.customers.rules import ConsentAct
from huifang.customers.store import Span
from huifang.kernel.rows import BrokenRow, RefusedRow, Row, identifier

CHUNK = 1000
_ID_COLUMNS = ("externalid", "userid", "customerid", "id")
_CONSENT_COLUMNS = {"consent" + statements.plain(purpose): purpose for purpose in PURPOSES}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A row that names a customer, read but not yet written."""

    external_id: str
    traits: Mapping[str, object]
    consents: Sequence[Mapping[str, object]]
    at: datetime


@dataclass(slots=True)
class _Count:
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


def take(
    rows: Iterable[Row],
    *,
    mapping: Mapping[str, str],
    now: datetime,
    as_of: datetime | None,
    on_refused: Callable[[RefusedRow], None],
) -> ImportReport:
    """Import *rows*. Raises `NoIdColumnError` where the first has no column for the customer's id."""
    tally = _Count()
    at = min(as_of or now, now)
    for chunk in _chunks(iter(rows)):
        candidates: list[_Candidate] = []
        for row in chunk:
            tally.read += 1
            read = _read(row, mapping, at=at, number=tally.read)
            if isinstance(read, RefusedRow):
                tally.refused += 1
                on_refused(read)
            else:
                candidates.append(read)
        with transaction.atomic():
            _write(candidates, tally, now=now)
    return ImportReport(
        read=tally.read,
        created=tally.created,
        updated=tally.updated,
        unchanged=tally.unchanged,
        refused=tally.refused,
        dropped=dict(tally.dropped),
    )


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _read(row: Row, mapping: Mapping[str, str], *, at: datetime, number: int) -> _Candidate | RefusedRow:
    if isinstance(row, BrokenRow):
        return RefusedRow(number=number, code=row.code, row={"line": row.text})
    named = {mapping.get(column, column): value for column, value in row.items()}
    plain = {statements.plain(name): name for name in named}
    columns = [plain[name] for name in _ID_COLUMNS if name in plain]
    if not columns and number == 1:
        raise NoIdColumnError(columns=", ".join(map(str, row)))
    external_id = str(identifier(named[columns[0]]) or "").strip() if columns else ""
    if not cleaning.is_usable_id(external_id):
        code = "unusable_id" if external_id else "missing_id"
        return RefusedRow(number=number, code=code, row=row)
    updated_at = cleaning.clean_instant(named.get(plain.get("updatedat", "")))
    special = {*columns[:1], plain.get("updatedat")}
    traits = {
        name: value
        for name, value in named.items()
        if name not in special
        and value not in ("", None)
        and not statements.plain(name).startswith("consent")
    }
    return _Candidate(
        external_id=external_id,
        traits=traits,
        consents=_consents(named, plain),
        at=min(updated_at or at, at),
    )


def _consents(named: Mapping[str, object], plain: Mapping[str, str]) -> list[Mapping[str, object]]:
    """Consents from the columns ``consent_marketing`` and so on, or from a list ``consents``."""
    listed = named.get(plain.get("consents", ""))
    found: list[Mapping[str, object]] = list(listed) if isinstance(listed, list) else []
    shared = {
        "at": named.get(plain.get("consentat", "")) or None,
        "wording": named.get(plain.get("consentwording", "")),
    }
    for column, purpose in _CONSENT_COLUMNS.items():
        value = named.get(plain.get(column, ""))
        if value not in ("", None):
            found.append({"purpose": purpose, "given": value, **shared})
    return found


def _write(candidates: Sequence[_Candidate], tally: _Count, *, now: datetime) -> None:
    spans = {row.external_id: Span(row.at, row.at) for row in candidates}
    keys, created = store.claim(spans)
    raws = [RawStatement(customer_id=keys[row.external_id], raw=row.traits, at=row.at) for row in candidates]
    outcome = portraits.lay(raws)
    tally.dropped.update(outcome.dropped)
    effective = ledger.record(_acts(candidates, keys, now=now), now=now)
    intake.refuse(effective)
    changed = outcome.changed | {act.customer_id for act in effective}
    for row in candidates:
        if row.external_id in created:
            created.discard(row.external_id)
            tally.created += 1
        elif keys[row.external_id] in changed:
            tally.updated += 1
        else:
            tally.unchanged += 1


def _acts(candidates: Sequence[_Candidate], keys: Mapping[str, int], *, now: datetime) -> list[ConsentAct]:
    return [
        act
        for row in candidates
        for act in statements.read_consents(
            row.consents, customer_id=keys[row.external_id], source="import", at=row.at, now=now
        )
    ]
