"""The customers of the HTTP API: find, read, record consent, refuse and lift. Personal values stay masked."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from huifang.api.frame import require
from huifang.api.instants import Instant
from huifang.customers import queries, services
from huifang.customers.records import EVERY, CustomerFilter, IdOfPath, Profile
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId

router = Router(tags=["customers"])
proposals = Router(tags=["customers"])
_LIMIT_MAX = 200
_TEXT_LENGTH_MAX = 2000


class Wanted(Schema):
    """Which customers to list. *q* is the beginning of an id, or a whole phone number or e-mail address."""

    q: str = ""
    wallet_kind: str = ""
    language: str = ""
    region: str = ""
    refused: bool | None = None
    after: str = ""
    limit: int = Field(50, ge=1, le=_LIMIT_MAX)


class CustomerOut(Schema):
    """One customer; the name is masked."""

    external_id: str
    name: str
    wallet_kind: str
    language: str
    time_zone: str
    time_zone_source: str
    region: str
    traits: dict[str, object]
    registered_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime


class ListedOut(CustomerOut):
    """A customer in a list. *refused*: asked to be left alone. *consented*: to follow-up, on some channel."""

    refused: bool
    consented: bool


class PageOut(Schema):
    """Some customers; hand *next_after* back as *after* for more, "" at the end."""

    customers: list[ListedOut]
    next_after: str


class ContactPointOut(Schema):
    """A contact point, masked."""

    kind: str
    masked: str
    is_active: bool
    reason: str


class ConsentOut(Schema):
    """What stands for one purpose on one channel ("*" for all)."""

    purpose: str
    channel: str
    given: bool
    at: datetime


class SuppressionOut(Schema):
    """A refusal that holds. *by_address*: it came with an address, from another customer or nobody known."""

    channel: str
    reason: str
    source: str
    at: datetime
    by_address: bool


class WholeCustomerOut(CustomerOut):
    """A customer with everything that decides about contact."""

    contact_points: list[ContactPointOut]
    consents: list[ConsentOut]
    suppressions: list[SuppressionOut]
    consented_channels: list[str]
    suppressed_channels: list[str]
    reachable_channels: list[str]


class MergePreviewOut(Schema):
    """What a merge would do. *consent_lost*: purposes and channels to which only one of them consents."""

    kept: str
    gone: str
    contact_points: list[ContactPointOut]
    events: int
    newly_refused: list[str]
    consent_lost: list[tuple[str, str]]


class MergeProposalOut(Schema):
    """An event says that *gone* is *kept*; a person decides."""

    id: int
    kept: str
    gone: str
    asked_at: datetime


class ConsentIn(Schema):
    """One yes or no of a customer. *at*: when it was said; now where it is left out."""

    purpose: str
    channel: str = EVERY
    given: bool
    wording: str = Field("", max_length=_TEXT_LENGTH_MAX)
    evidence: str = Field("", max_length=200)
    at: Instant | None = None


class SuppressionIn(Schema):
    """A refusal of *channel* ("*" for all)."""

    channel: str = EVERY
    reason: str = Field("asked", min_length=1, max_length=200)


@router.get("", response=PageOut, url_name="customers")
def list_customers(request: HttpRequest, wanted: Query[Wanted]) -> PageOut:
    """Customers, those seen last first."""
    require("customers.view")(request)
    page = queries.search(
        wanted=CustomerFilter(
            text=wanted.q.strip(),
            wallet_kind=wanted.wallet_kind,
            language=wanted.language,
            region=wanted.region,
            suppressed=wanted.refused,
        ),
        after=wanted.after,
        limit=wanted.limit,
    )
    rows = [
        ListedOut(**_shape(row.profile), refused=row.is_suppressed, consented=row.has_consent)
        for row in page.rows
    ]
    return PageOut(customers=rows, next_after=page.next_after)


@router.get("/{external_id}", response=WholeCustomerOut, url_name="customer")
def read_customer(request: HttpRequest, external_id: IdOfPath) -> WholeCustomerOut:
    """One customer, with consents and refusals."""
    require("customers.view")(request)
    return _whole(queries.profile(external_id=external_id))


@router.post("/{external_id}/consents", response={201: WholeCustomerOut}, url_name="customer-consents")
def record_consent(
    request: HttpRequest, external_id: IdOfPath, consent: ConsentIn
) -> tuple[int, WholeCustomerOut]:
    """Write a yes or no to the ledger; the same once more changes nothing."""
    require("customers.refuse")(request)
    profile, now = queries.profile(external_id=external_id), clock.now()
    services.record_consent(
        customer_id=profile.id,
        purpose=consent.purpose,
        channel=consent.channel,
        given=consent.given,
        wording=consent.wording,
        source=_source(request),
        at=_said_at(consent.at, now),
        evidence=consent.evidence,
    )
    return 201, _whole(profile)


@router.post(
    "/{external_id}/suppressions", response={201: WholeCustomerOut}, url_name="customer-suppressions"
)
def suppress(
    request: HttpRequest, external_id: IdOfPath, refusal: SuppressionIn
) -> tuple[int, WholeCustomerOut]:
    """Stop contact, whatever was consented to."""
    require("customers.refuse")(request)
    profile = queries.profile(external_id=external_id)
    services.suppress(
        customer_id=profile.id,
        channel=refusal.channel,
        reason=refusal.reason,
        source=_source(request),
        at=clock.now(),
    )
    return 201, _whole(profile)


@router.delete(
    "/{external_id}/suppressions/{channel}", response=WholeCustomerOut, url_name="customer-suppression"
)
def lift_suppression(request: HttpRequest, external_id: IdOfPath, channel: str) -> WholeCustomerOut:
    """End the customer's own refusal of a channel, or with "*" that of all; others' refusals stay."""
    require("customers.refuse")(request)
    profile = queries.profile(external_id=external_id)
    services.lift_for_customer(customer_id=profile.id, channel=channel, by=_source(request), now=clock.now())
    return _whole(profile)


@router.get("/{external_id}/merges/{gone_id}", response=MergePreviewOut, url_name="customer-merge-preview")
def preview_merge(request: HttpRequest, external_id: IdOfPath, gone_id: IdOfPath) -> MergePreviewOut:
    """What merging *gone_id* into the customer would do; nothing is changed."""
    require("customers.view")(request)
    found = queries.merge_preview(kept=external_id, gone=gone_id)
    return MergePreviewOut(
        kept=found.kept.external_id,
        gone=found.gone.external_id,
        contact_points=[ContactPointOut.from_orm(row) for row in found.contact_points],
        events=found.activity,
        newly_refused=list(found.refused),
        consent_lost=list(found.lost),
    )


@proposals.get("", response=list[MergeProposalOut], url_name="merge-proposals")
def list_merge_proposals(request: HttpRequest) -> list[MergeProposalOut]:
    """Merges that events asked for and nobody has decided, the oldest first, 200 at most."""
    require("customers.view")(request)
    return [
        MergeProposalOut(
            id=each.id, kept=each.kept.external_id, gone=each.gone.external_id, asked_at=each.asked_at
        )
        for each in queries.merge_proposals(limit=200)
    ]


@proposals.delete("/{proposal_id}", response={204: None}, url_name="merge-proposal-dismiss")
def dismiss_merge_proposal(request: HttpRequest, proposal_id: int) -> tuple[int, None]:
    """The two are not one; it is not asked again. To make them one, merge the customers."""
    require("customers.edit")(request)
    services.dismiss_merge(proposal_id=proposal_id, by=_source(request), now=clock.now())
    return 204, None


@router.post("/{external_id}/merges/{gone_id}", response={201: WholeCustomerOut}, url_name="customer-merge")
def merge_customers(
    request: HttpRequest, external_id: IdOfPath, gone_id: IdOfPath
) -> tuple[int, WholeCustomerOut]:
    """Make one customer of the two; *external_id* stays, *gone_id* leads to it. Cannot be undone."""
    require("customers.edit")(request)
    key = services.merge_customers(kept=external_id, gone=gone_id, by=_source(request), now=clock.now())
    return 201, _whole(queries.profile_of(customer_id=key))


def _said_at(at: datetime | None, now: datetime) -> datetime:
    """When it was said: never later than now."""
    return min(at or now, now)


def _source(request: HttpRequest) -> str:
    """The name of the key, as the audit log has it."""
    return str(getattr(request, "auth", "api"))


def _shape(profile: Profile) -> dict[str, Any]:
    return {
        "external_id": profile.external_id,
        "name": profile.masked_name,
        "wallet_kind": profile.wallet_kind,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "time_zone_source": profile.time_zone_source,
        "region": profile.region,
        "traits": dict(profile.traits),
        "registered_at": profile.registered_at,
        "first_seen_at": profile.first_seen_at,
        "last_seen_at": profile.last_seen_at,
    }


def _whole(profile: Profile) -> WholeCustomerOut:
    key = CustomerId(profile.id)
    standing = queries.standings(customer_ids=[key])[key]
    refused = queries.suppressions(customer_id=key, include_lifted=False)
    return WholeCustomerOut(
        **_shape(profile),
        contact_points=[ContactPointOut.from_orm(row) for row in queries.contact_points(customer_id=key)],
        consents=[ConsentOut.from_orm(row) for row in queries.consents(customer_id=key)],
        suppressions=[SuppressionOut.from_orm(row) for row in refused],
        consented_channels=sorted(standing.consented_channels),
        suppressed_channels=sorted(standing.suppressed_channels),
        reachable_channels=sorted(standing.reachable_channels),
    )
