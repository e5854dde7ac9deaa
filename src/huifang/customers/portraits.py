"""Lays what identifies and import rows state over what is known of customers, and keeps the result."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from huifang.customers import changes, cleaning, contacts, sealing, statements, store
from huifang.customers.models import Customer
from huifang.customers.rules import Portrait, Statement
from huifang.customers.settings import DEFAULT_COUNTRY

_FIELDS = ("wallet_kind", "language", "time_zone", "time_zone_source", "region", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawStatement:
    """Traits as they came. *personal*: names of those that were sealed. *is_first*: take only if unknown.

    *change*: how they change the profile, "" where they set it (see `changes`).
    """

    customer_id: int
    raw: Mapping[str, object]
    at: datetime
    personal: frozenset[str] = frozenset()
    is_first: bool = False
    change: str = ""


@dataclass(slots=True)
class Outcome:
    """Whose portraits differ now, and how many values of each name made no sense."""

    changed: set[int] = field(default_factory=set)
    dropped: Counter[str] = field(default_factory=Counter)


def lay(raws: Sequence[RawStatement]) -> Outcome:
    """Take *raws*, whose customers are locked."""
    outcome = Outcome()
    if not raws:
        return outcome
    portraits = _load({raw.customer_id for raw in raws})
    for raw in raws:
        portrait = portraits[raw.customer_id]
        if raw.is_first and portrait.stamps.keys() >= {statements.meaning_of(key) for key in raw.raw}:
            continue
        country = portrait.fields["country"] or DEFAULT_COUNTRY
        traits = changes.resolve(portrait, raw.raw, change=raw.change)
        at = changes.instant(portrait, raw.raw, change=raw.change, at=raw.at)
        statement = statements.read_statement(traits, at=at, country=country, personal=raw.personal)
        portrait.lay(_hashed(statement))
        outcome.dropped.update(statement.dropped)
    for portrait in portraits.values():
        portrait.derive_zone(cleaning.zone_of_country(portrait.fields["country"]))
    store.save([_row(pk, portrait) for pk, portrait in portraits.items()])
    outcome.changed = {pk for pk, portrait in portraits.items() if portrait.is_different}
    outcome.changed |= contacts.state({pk: p.contacts for pk, p in portraits.items() if p.contacts})
    return outcome


def _hashed(statement: Statement) -> Statement:
    """The statement with the keyed hash of a birthday in its place: the day itself is not kept."""
    day = statement.fields.get("birthday")
    if not day:
        return statement
    fields = {**statement.fields, "birthday": sealing.birthday_hash(day).hex()}
    return replace(statement, fields=fields)


def _load(customer_ids: Iterable[int]) -> dict[int, Portrait]:
    return {
        customer.pk: Portrait(
            fields={name: getattr(customer, name) for name in _FIELDS}
            | {"registered_at": customer.registered_at.isoformat() if customer.registered_at else ""}
            | {"birthday": bytes(customer.birthday_index).hex() if customer.birthday_index else ""},
            traits=customer.traits,
            stamps=customer.stamps,
            name=sealing.open_name(customer.sealed_name),
        )
        for customer in Customer.objects.filter(pk__in=list(customer_ids))
    }


def _row(pk: int, portrait: Portrait) -> dict[str, object]:
    fields = {name: portrait.fields[name] for name in _FIELDS}
    return fields | {
        "id": pk,
        "registered_at": portrait.fields["registered_at"] or None,
        "birthday_index": portrait.fields["birthday"] or None,
        "traits": portrait.traits,
        "stamps": portrait.stamps,
        "sealed_name": sealing.seal_name(portrait.name).hex() if portrait.name else None,
    }
