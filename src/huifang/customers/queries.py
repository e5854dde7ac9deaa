"""What can be asked of the customers room. Returns records; personal values stay sealed or masked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice

from django.db.models import Q

from huifang.customers import cleaning, dates, finding, masks, sealing, store
from huifang.customers import extracts as extracts
from huifang.customers.errors import SameCustomerError, UnknownCustomerError
from huifang.customers.models import (
    Activity,
    Alias,
    ConsentEntry,
    ConsentState,
    ContactPoint,
    Customer,
    MergeProposal,
    Suppression,
)
from huifang.customers.records import (
    CHANNELS_OF_KIND,
    EVERY,
    KIND_OF_CHANNEL,
    ConsentStanding,
    ContactPointRecord,
    CustomerFilter,
    CustomerPage,
    CustomerRow,
    MergePreview,
    MergeProposalRecord,
    Profile,
    SegmentPreview,
    Snapshot,
    Standing,
    SuppressionRecord,
)
from huifang.customers.records import Activity as ActivityRecord
from huifang.customers.records import ConsentEntry as ConsentEntryRecord
from huifang.customers.rules import consented_channels
from huifang.customers.segment_queries import (
    members_among as members_among,
)
from huifang.customers.segment_queries import (
    segment as segment,
)
from huifang.customers.segment_queries import (
    segment_count as segment_count,
)
from huifang.customers.segment_queries import (
    segment_definition as segment_definition,
)
from huifang.customers.segment_queries import (
    segment_members as segment_members,
)
from huifang.customers.segment_queries import (
    segment_sentence as segment_sentence,
)
from huifang.customers.segment_queries import (
    segments as segments,
)
from huifang.customers.segment_queries import (
    to_choice as to_choice,
)
from huifang.customers.segments import clashes, members
from huifang.customers.segments.definition import read
from huifang.customers.settings import DEFAULT_COUNTRY
from huifang.kernel import clock, vault
from huifang.kernel.ids import CustomerId

PREFERENCE = "preference"
_EXPORT_CHUNK = 1000
_FIRST = 20
# Neither needs an address: the app is the customer's own, and the webhook reaches the wallet itself.
_ALWAYS_REACHABLE = frozenset({"in_app", "webhook"})


def to_profile(customer: Customer) -> Profile:
    """The record of one row."""
    return Profile(
        id=CustomerId(customer.pk),
        external_id=customer.external_id,
        wallet_kind=customer.wallet_kind,
        language=customer.language,
        time_zone=customer.time_zone,
        time_zone_source=customer.time_zone_source,
        region=customer.region,
        masked_name=masks.mask_name(sealing.open_name(customer.sealed_name)),
        registered_at=customer.registered_at,
        first_seen_at=customer.first_seen_at,
        last_seen_at=customer.last_seen_at,
        traits=customer.traits,
    )


def now_called(customer_id: CustomerId) -> CustomerId:
    """The customer's key; of one who was merged into another, the other's."""
    return CustomerId(store.kept([customer_id]).get(customer_id, customer_id))


def profile(*, external_id: str) -> Profile:
    """The customer whom the wallet calls *external_id*, or called so once. Raises `UnknownCustomerError`."""
    is_usable = cleaning.is_usable_id(external_id)
    found = Customer.objects.select_related("kept").filter(external_id=external_id) if is_usable else None
    customer = found.first() if found is not None else None
    customer = customer.kept or customer if customer else None
    if customer is None:
        raise UnknownCustomerError(customer=external_id)
    return to_profile(customer)


def ids_of(*, external_ids: Iterable[str]) -> dict[str, CustomerId]:
    """The customers whom the wallet calls by *external_ids*; unknown ones are left out. One query."""
    return {external_id: CustomerId(pk) for external_id, pk in store.known(external_ids).items()}


def profiles(*, customer_ids: Iterable[CustomerId]) -> dict[CustomerId, Profile]:
    """The profiles of those of *customer_ids* that exist; of a merged one, that of who was kept."""
    found = Customer.objects.select_related("kept").filter(pk__in=list(customer_ids))
    return {CustomerId(customer.pk): to_profile(customer.kept or customer) for customer in found}


def snapshot(*, customer_id: CustomerId) -> Snapshot:
    """What answers are cut by; of a merged customer, that of who was kept; empty of nobody."""
    return store.snapshot(customer_id) or Snapshot()


def profile_of(*, customer_id: CustomerId) -> Profile:
    """The customer with this key. Raises `UnknownCustomerError`."""
    found = profiles(customer_ids=[customer_id])
    if customer_id not in found:
        raise UnknownCustomerError(customer=customer_id)
    return found[customer_id]


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


def standings(
    *, customer_ids: Iterable[CustomerId], purpose: str = "service_follow_up"
) -> dict[CustomerId, Standing]:
    """What decides about contact for each of *customer_ids* that exists, in five statements.

    One who was merged into another stands as that other does, under the key that was asked for.
    """
    asked = list(customer_ids)
    now_called = store.kept(asked)
    ids = sorted({now_called.get(pk, pk) for pk in asked})
    consented = _consented(ids, purpose)
    suppressed, reachable = _suppressed_and_reachable(ids)
    nobody: frozenset[str] = frozenset()
    found = {
        pk: Standing(
            customer_id=CustomerId(pk),
            external_id=external_id,
            wallet_kind=wallet_kind,
            language=language,
            time_zone=time_zone,
            region=region,
            traits=traits,
            consented_channels=consented.get(pk, nobody),
            suppressed_channels=frozenset(suppressed.get(pk, nobody)),
            reachable_channels=_ALWAYS_REACHABLE | reachable.get(pk, nobody),
        )
        for pk, external_id, wallet_kind, language, time_zone, region, traits in store.standing(ids)
    }
    named = {CustomerId(pk): found.get(now_called.get(pk, pk)) for pk in asked}
    return {pk: standing for pk, standing in named.items() if standing}


def _consented(ids: Sequence[int], purpose: str) -> dict[int, frozenset[str]]:
    states: dict[int, dict[str, tuple[bool, datetime]]] = {}
    for customer_id, channel, given, at in store.consented(ids, purpose):
        states.setdefault(customer_id, {})[channel] = (given, at)
    return {customer_id: consented_channels(by_channel) for customer_id, by_channel in states.items()}


def _suppressed_and_reachable(ids: Sequence[int]) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Channels refused, by the customers or with an address of theirs; channels that have an address."""
    suppressed: dict[int, set[str]] = {}
    reachable: dict[int, set[str]] = {}
    for customer_id, channel in store.refused(ids):
        suppressed.setdefault(customer_id, set()).add(channel)
    for customer_id, kind, refused in store.reached(ids):
        reachable.setdefault(customer_id, set()).update(CHANNELS_OF_KIND[kind])
        if refused is not None:
            hit = CHANNELS_OF_KIND[kind] if refused == EVERY else {refused}
            suppressed.setdefault(customer_id, set()).update(hit)
    return suppressed, reachable


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


def anonymous_ids(*, customer_id: CustomerId) -> list[str]:
    """The anonymous ids that turned out to be this customer."""
    found = Alias.objects.filter(customer_id=now_called(customer_id)).order_by("linked_at")
    return list(found.values_list("anonymous_id", flat=True))


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


def all_keys(customer_id: CustomerId) -> list[CustomerId]:
    """The customer's key, first, and those of everybody who was merged into them."""
    kept = now_called(customer_id)
    gone = Customer.objects.filter(kept_id=kept).order_by("pk").values_list("pk", flat=True)
    return [kept, *(CustomerId(pk) for pk in gone)]


def former_ids(*, customer_id: CustomerId) -> list[str]:
    """What else the wallet has called the customer, where ids were merged."""
    found = Customer.objects.filter(kept_id=now_called(customer_id)).order_by("pk")
    return list(found.values_list("external_id", flat=True))


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


def consents(*, customer_id: CustomerId) -> list[ConsentStanding]:
    """What holds now, by purpose and channel."""
    found = ConsentState.objects.filter(customer_id=now_called(customer_id)).order_by("purpose", "channel")
    return [
        ConsentStanding(purpose=state.purpose, channel=state.channel, given=state.given, at=state.at)
        for state in found
    ]


def consent_entries(*, customer_id: CustomerId) -> list[ConsentEntryRecord]:
    """The customer's lines of the ledger, newest first; those of whoever was merged into them too."""
    found = ConsentEntry.objects.filter(customer_id__in=all_keys(customer_id)).order_by(
        "-recorded_at", "-position"
    )
    return [
        ConsentEntryRecord(
            id=entry.pk,
            customer_id=CustomerId(entry.customer_id),
            purpose=entry.purpose,
            channel=entry.channel,
            act=entry.act,
            wording=entry.wording,
            source=entry.source,
            evidence=entry.evidence,
            at=entry.at,
            recorded_at=entry.recorded_at,
        )
        for entry in found
    ]


def suppressions(*, customer_id: CustomerId, include_lifted: bool = True) -> list[SuppressionRecord]:
    """Every refusal that holds or held, also those that came with an address of theirs, newest first."""
    customer_id = now_called(customer_id)
    points = ContactPoint.objects.filter(customer_id=customer_id, state="active")
    hashes = list(points.values_list("blind_index", flat=True))
    by_address = Q(contact_hash__in=hashes) & ~Q(customer_id=customer_id)
    found = Suppression.objects.filter(Q(customer_id=customer_id, contact_hash=b"") | by_address)
    if not include_lifted:
        found = found.filter(lifted_at=None)
    return [
        SuppressionRecord(
            channel=row.channel,
            reason=row.reason,
            note=row.note,
            source=row.source,
            at=row.at,
            lifted_at=row.lifted_at,
            by_address=row.customer_id != customer_id,
        )
        for row in found.order_by("-at", "-pk")
    ]


def preference_path(*, customer_id: CustomerId) -> str:
    """The address of the customer's own preference page."""
    return f"/p/{vault.token(PREFERENCE, customer_id)}"


def read_preference_token(*, token: str) -> Profile | None:
    """Whose preference page *token* opens; None where it is not ours."""
    number = vault.read_token(PREFERENCE, token)
    if number is None:
        return None
    customer = Customer.objects.select_related("kept").filter(pk=number).first()
    customer = customer.kept or customer if customer else None
    return to_profile(customer) if customer and customer.erased_at is None else None


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
