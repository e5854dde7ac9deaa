"""What can be asked of the customers room. Returns records; personal values stay sealed or masked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from huifang.customers import dates, finding, masks, sealing, store
from huifang.customers import extracts as extracts
from huifang.customers.choices import consent_entries as consent_entries
from huifang.customers.choices import consents as consents
from huifang.customers.choices import preference_path as preference_path
from huifang.customers.choices import read_preference_token as read_preference_token
from huifang.customers.choices import suppressions as suppressions
from huifang.customers.errors import SameCustomerError
from huifang.customers.identities import all_keys as all_keys
from huifang.customers.identities import anonymous_ids as anonymous_ids
from huifang.customers.identities import former_ids as former_ids
from huifang.customers.identities import ids_of as ids_of
from huifang.customers.identities import names_of_merged as names_of_merged
from huifang.customers.identities import now_called as now_called
from huifang.customers.identities import profile as profile
from huifang.customers.identities import profile_of as profile_of
from huifang.customers.identities import profiles as profiles
from huifang.customers.identities import to_profile
from huifang.customers.models import Activity, ContactPoint, Customer, MergeProposal
from huifang.customers.records import (
    EVERY,
    KIND_OF_CHANNEL,
    ContactPointRecord,
    CustomerFilter,
    CustomerPage,
    CustomerRow,
    MergePreview,
    MergeProposalRecord,
    SegmentPreview,
    Snapshot,
)
from huifang.customers.records import Activity as ActivityRecord
from huifang.customers.segment_queries import members_among as members_among
from huifang.customers.segment_queries import segment as segment
from huifang.customers.segment_queries import segment_count as segment_count
from huifang.customers.segment_queries import segment_definition as segment_definition
from huifang.customers.segment_queries import segment_members as segment_members
from huifang.customers.segment_queries import segment_sentence as segment_sentence
from huifang.customers.segment_queries import segments as segments
from huifang.customers.segment_queries import to_choice as to_choice
from huifang.customers.segments import clashes, members
from huifang.customers.segments.definition import read
from huifang.customers.settings import DEFAULT_COUNTRY
from huifang.customers.standings import standings as standings
from huifang.customers.standings import standings_of as standings_of
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId

_EXPORT_CHUNK = 1000
_FIRST = 20


def snapshot(*, customer_id: CustomerId) -> Snapshot:
    """What answers are cut by; of a merged customer, that of who was kept; empty of nobody."""
    return store.snapshot(customer_id) or Snapshot()


def search(*, wanted: CustomerFilter, after: str = "", limit: int = 50) -> CustomerPage:
    """One page of the customers that *wanted* describes; *after* is the ``next_after`` of the page before."""
    found = finding.matching(wanted, country=DEFAULT_COUNTRY)
    customers, next_after = finding.page(found, sort=wanted.sort, after=after, limit=limit)
    return CustomerPage(rows=tuple(_rows(customers)), next_after=next_after)


def export(*, wanted: CustomerFilter, limit: int) -> Iterator[CustomerRow]:
    """The customers that *wanted* describes, those seen last first, at most *limit*."""
    found = finding.every(wanted, country=DEFAULT_COUNTRY, limit=limit)
    while chunk := list(islice(found, _EXPORT_CHUNK)):
        yield from _rows(chunk)


def _rows(customers: Sequence[Customer]) -> Iterator[CustomerRow]:
    standing = standings(customer_ids=[CustomerId(customer.pk) for customer in customers])
    for customer in customers:
        now = standing[CustomerId(customer.pk)]
        yield CustomerRow(
            profile=to_profile(customer),
            is_suppressed=EVERY in now.suppressed_channels,
            has_consent=bool(now.consented_channels),
        )


def regions(*, limit: int = 100) -> list[str]:
    """The regions of customers, for a filter."""
    return finding.regions(limit=limit)


def has_customers() -> bool:
    """Whether there is any customer at all."""
    return Customer.objects.exists()


def address(*, customer_id: CustomerId, channel: str) -> str | None:
    """The decrypted address for *channel*; for delivery only. None where there is none."""
    return addresses(customer_ids=[customer_id], channel=channel).get(customer_id)


def addresses(*, customer_ids: Iterable[CustomerId], channel: str) -> dict[CustomerId, str]:
    """The decrypted addresses for *channel*, in two statements; for delivery only. Others are left out."""
    kind = KIND_OF_CHANNEL.get(channel)
    if kind is None:
        return {}
    asked = list(customer_ids)
    now_called = store.kept(asked)
    sealed = dict(store.addresses([now_called.get(pk, pk) for pk in asked], kind))
    held = {pk: sealed.get(now_called.get(pk, pk)) for pk in asked}
    return {pk: sealing.open_contact(value) for pk, value in held.items() if value is not None}


def contact_points(*, customer_id: CustomerId) -> list[ContactPointRecord]:
    """Every contact point, masked; active ones first, then the latest."""
    found = ContactPoint.objects.filter(customer_id=now_called(customer_id)).order_by("state", "-seen_at")
    return [
        ContactPointRecord(
            kind=point.kind,
            masked=masks.mask_contact(point.kind, sealing.open_contact(point.sealed)),
            is_active=point.state == "active",
            reason=point.reason,
            seen_at=point.seen_at,
        )
        for point in found
    ]


def activity(
    *, customer_ids: Iterable[CustomerId], names: Iterable[str]
) -> dict[tuple[CustomerId, str], ActivityRecord]:
    """How often each customer did each of *names*; what was never done is left out."""
    asked, wanted = list(customer_ids), list(names)
    now_called = store.kept(asked)
    done = {
        (customer_id, name): ActivityRecord(
            count=count, first_at=first_at, last_at=last_at, amount_sum=amount_sum
        )
        for customer_id, name, count, first_at, last_at, amount_sum in store.activity(
            [now_called.get(pk, pk) for pk in asked], wanted
        )
    }
    keys = ((pk, name, (now_called.get(pk, pk), name)) for pk in asked for name in wanted)
    return {(pk, name): done[key] for pk, name, key in keys if key in done}


def activity_of(*, customer_id: CustomerId) -> dict[str, ActivityRecord]:
    """Everything that one customer did, by name, the latest first."""
    found = Activity.objects.filter(customer_id=now_called(customer_id)).order_by("-last_at")
    return {
        row.name: ActivityRecord(
            count=row.count, first_at=row.first_at, last_at=row.last_at, amount_sum=row.amount_sum
        )
        for row in found
    }


def merge_preview(*, kept: str, gone: str) -> MergePreview:
    """What making one customer of two would do. Raises `UnknownCustomerError`, `SameCustomerError`."""
    one, two = profile(external_id=kept), profile(external_id=gone)
    if one.id == two.id:
        raise SameCustomerError(one=kept, two=gone)
    refused = [row.channel for row in suppressions(customer_id=two.id, include_lifted=False)]
    ours = {row.channel for row in suppressions(customer_id=one.id, include_lifted=False)}
    return MergePreview(
        kept=one,
        gone=two,
        contact_points=tuple(contact_points(customer_id=two.id)),
        activity=sum(seen.count for seen in activity_of(customer_id=two.id).values()),
        refused=tuple(sorted(set(refused) - ours)),
        lost=_lost(one.id, two.id),
    )


def merge_proposals(*, limit: int = 50) -> list[MergeProposalRecord]:
    """Merges that events asked for and nobody has decided, the oldest first."""
    rows = list(MergeProposal.objects.filter(outcome="").order_by("asked_at", "pk")[:limit])
    named = profiles(customer_ids={CustomerId(pk) for row in rows for pk in (row.kept_id, row.gone_id)})
    return [
        MergeProposalRecord(id=row.pk, kept=named[kept], gone=named[gone], asked_at=row.asked_at)
        for row in rows
        if named[kept := CustomerId(row.kept_id)].id != named[gone := CustomerId(row.gone_id)].id
    ]


def merge_proposal_count() -> int:
    """How many merges wait for a decision."""
    return MergeProposal.objects.filter(outcome="").count()


def _lost(one: CustomerId, two: CustomerId) -> tuple[tuple[str, str], ...]:
    """Purposes and channels to which one of the two has consented, and the other has said no."""
    said = [
        {(each.purpose, each.channel): each.given for each in consents(customer_id=pk)} for pk in (one, two)
    ]
    return tuple(sorted(key for key in said[0].keys() & said[1].keys() if said[0][key] is not said[1][key]))


def segment_preview(*, definition: Mapping[str, object]) -> SegmentPreview:
    """What conditions amount to now: how many, the first of them, which two cannot both hold.

    Raises `FaultySegmentError`, `SlowSegmentError`, `ScanTooLargeError`.
    """
    condition, now = read(definition).where, clock.now()
    count = members.count(condition, now=now)
    first = members.ids(condition, after=0, limit=_FIRST, now=now)
    return SegmentPreview(
        count=count, first=tuple(_rows_of(first)), clashes=tuple(clashes.clashes_of(condition))
    )


def segment_rows(*, segment_id: int, limit: int) -> Iterator[CustomerRow]:
    """The customers of a segment for an export, masked, at most *limit*."""
    after: CustomerId | None = None
    while limit > 0:
        page = segment_members(segment_id=segment_id, after=after, limit=min(limit, _EXPORT_CHUNK))
        yield from _rows_of(page)
        if len(page) < _EXPORT_CHUNK:
            return
        after, limit = page[-1], limit - len(page)


def _rows_of(customer_ids: Sequence[int]) -> Iterator[CustomerRow]:
    return _rows(list(Customer.objects.filter(pk__in=customer_ids).order_by("pk")))


def dated(
    *, trait: str, day: date, yearly: bool = False, after: CustomerId | None = None, limit: int = 1000
) -> list[CustomerId]:
    """At most *limit* customers above *after*, ascending, whose date called *trait* falls on *day*.

    *trait* is ``registered_at`` (its day by the customer's own zone, UTC where that is unknown), ``birthday``
    (sealed; always yearly), or a trait whose value begins with a date as 2026-11-22, 2026/11/22 or 20261122.
    *yearly*: the same month and day of any year before; 29 February falls on the 28th in other years.
    For "N days after", ask for the day N days ago. Days begin at other instants in other zones: ask for each
    day that it is anywhere, and keep those for whom it is that day now. Fewer than *limit*: that was all.
    """
    found = dates.falling_on(trait, day, yearly=yearly, after=after or 0, limit=limit)
    return [CustomerId(pk) for pk in found]


def everybody_after(*, after: CustomerId | None = None, limit: int) -> list[tuple[CustomerId, str]]:
    """At most *limit* customers above *after* with the wallet's id for each, ascending."""
    found = Customer.objects.filter(pk__gt=after or 0, erased_at=None).order_by("pk")
    return [(CustomerId(pk), name) for pk, name in found.values_list("pk", "external_id")[:limit]]
