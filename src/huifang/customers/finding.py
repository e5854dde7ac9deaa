"""Finds customers: by the wallet's id, by an exact phone number or e-mail, by filters; a page at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from huifang.customers import cleaning, sealing
from huifang.customers.models import ContactPoint, Customer, Suppression
from huifang.customers.records import CustomerFilter

PAGE_SIZE_MAX = 200
_MARK_LENGTH_MAX = 36
_BY_SEEN = "-seen"
_BY_ID = frozenset({"id", "-id"})
_ORDERS = {
    "-seen": ("-last_seen_at", "-pk"),
    "seen": ("last_seen_at", "pk"),
    "id": ("external_id",),
    "-id": ("-external_id",),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def matching(wanted: CustomerFilter, *, country: str) -> QuerySet[Customer]:
    """The customers that *wanted* describes. Plan: a walk along the index of the order, filtered."""
    found = Customer.objects.filter(erased_at=None, kept=None)
    if wanted.text:
        found = found.filter(_by_text(wanted.text, country))
    columns = {"wallet_kind": wanted.wallet_kind, "language": wanted.language, "region": wanted.region}
    found = found.filter(**{name: value for name, value in columns.items() if value})
    if wanted.suppressed is not None:
        refused = Exists(_refusals())
        found = found.filter(refused if wanted.suppressed else ~refused)
    return found


def _by_text(text: str, country: str) -> Q:
    """An id that starts so, or exactly this phone number or e-mail address."""
    if not cleaning.is_usable_id(text):
        return Q(pk__in=())
    hashes = [
        sealing.contact_hash(kind, value)
        for kind in ("phone", "email")
        if (value := cleaning.clean_contact(kind, text, country))
    ]
    holders = ContactPoint.objects.filter(blind_index__in=hashes).values("customer_id")
    by_id = Q(external_id__startswith=text)
    return by_id | Q(pk__in=holders) if hashes else by_id


def _refusals() -> QuerySet[Suppression]:
    return Suppression.objects.filter(
        customer_id=OuterRef("pk"), contact_hash=b"", channel="*", lifted_at=None
    )


def page(found: QuerySet[Customer], *, sort: str, after: str, limit: int) -> tuple[list[Customer], str]:
    """At most *limit* of *found* behind the mark *after*, and the mark of the next page ("" at the end)."""
    limit = max(1, min(limit, PAGE_SIZE_MAX))
    ordered = _behind(found, sort, after).order_by(*_ORDERS.get(sort, _ORDERS[_BY_SEEN]))
    rows = list(ordered[: limit + 1])
    return rows[:limit], _mark(sort, rows[limit - 1]) if len(rows) > limit else ""


def _behind(found: QuerySet[Customer], sort: str, after: str) -> QuerySet[Customer]:
    if not after:
        return found
    if sort in _BY_ID:
        if not cleaning.is_usable_id(after):
            return found
        return found.filter(**{"external_id__gt" if sort == "id" else "external_id__lt": after})
    mark = _read_mark(after)
    if mark is None:
        return found
    seen_at, pk = mark
    turn = "gt" if sort == "seen" else "lt"
    beyond = Q(**{f"last_seen_at__{turn}": seen_at}) | Q(**{f"pk__{turn}": pk}, last_seen_at=seen_at)
    # The condition on the time alone is what the index can start from.
    return found.filter(beyond, **{f"last_seen_at__{turn}e": seen_at})


def _mark(sort: str, customer: Customer) -> str:
    if sort in _BY_ID:
        return customer.external_id
    return f"{(customer.last_seen_at - _EPOCH) // _MICROSECOND}.{customer.pk}"


def _read_mark(text: str) -> tuple[datetime, int] | None:
    at, _, pk = text.partition(".")
    if not (at.removeprefix("-").isdecimal() and pk.isdecimal() and len(text) < _MARK_LENGTH_MAX):
        return None
    try:
        return _EPOCH + int(at) * _MICROSECOND, int(pk)
    except OverflowError:
        return None


def every(wanted: CustomerFilter, *, country: str, limit: int) -> Iterator[Customer]:
    """At most *limit* customers for an export, those seen last first."""
    ordered = matching(wanted, country=country).order_by("-last_seen_at", "-pk")
    return ordered[:limit].iterator(chunk_size=2000)


def regions(*, limit: int) -> list[str]:
    """The regions that there are. Plan: one probe a region along its index, however many customers."""
    found: list[str] = []
    while len(found) < limit:
        above = Customer.objects.filter(region__gt=found[-1] if found else "").order_by("region")
        region = above.values_list("region", flat=True).first()
        if region is None:
            break
        found.append(region)
    return found
