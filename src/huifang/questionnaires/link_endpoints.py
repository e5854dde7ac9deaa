"""Open links and the library over the HTTP API; `endpoints` hangs them under its own router."""

from datetime import datetime

import msgspec
from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from huifang.api.frame import require
from huifang.api.instants import Instant
from huifang.kernel import clock
from huifang.questionnaires import library, links
from huifang.questionnaires.records import OpenLinkRecord, OpenLinkTerms

router = Router(tags=["questionnaires"])


class OpenLinkTermsIn(Schema):
    """What can be set of an open link; what is left out bounds nothing."""

    place: str = Field(default="", max_length=120)
    opens_at: Instant | None = None
    closes_at: Instant | None = None
    responses_max: int | None = Field(default=None, ge=1, le=10_000_000)
    is_once_a_device: bool = False


class OpenLinkIn(OpenLinkTermsIn):
    """A new open link of a questionnaire that is published."""

    questionnaire_id: int
    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,58}$")


class OpenLinkOut(Schema):
    """An open link. *reason* is why it takes no answer now: closed, early, late, enough, or ""."""

    slug: str
    url: str
    questionnaire_id: int
    place: str
    opens_at: datetime | None
    closes_at: datetime | None
    responses_max: int | None
    response_count: int
    is_once_a_device: bool
    reason: str


class FieldsIn(Schema):
    """Hidden fields to be signed."""

    fields: dict[str, str]


class SignedOut(Schema):
    """The signature to put into the address beside the fields, as *sig*."""

    sig: str


class LibraryOut(Schema):
    """A question of the library."""

    name: str
    is_own: bool
    question: dict[str, object]


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]


def _out(found: OpenLinkRecord) -> OpenLinkOut:
    return OpenLinkOut(
        slug=found.slug,
        url=f"{settings.PUBLIC_URL}{found.path}",
        questionnaire_id=found.questionnaire_id,
        place=found.place,
        opens_at=found.opens_at,
        closes_at=found.closes_at,
        responses_max=found.responses_max,
        response_count=found.response_count,
        is_once_a_device=found.is_once_a_device,
        reason=found.reason,
    )


def _terms(body: OpenLinkTermsIn) -> OpenLinkTerms:
    return OpenLinkTerms(
        place=body.place,
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        responses_max=body.responses_max,
        is_once_a_device=body.is_once_a_device,
    )


@router.get("/open-links", response=list[OpenLinkOut], operation_id="list_open_links")
def list_open_links(request: HttpRequest) -> list[OpenLinkOut]:
    """Every open link, newest first."""
    require("questionnaires.view")(request)
    return [_out(each) for each in links.links(now=clock.now())]


@router.post("/open-links", response={201: OpenLinkOut}, operation_id="create_open_link")
def create_open_link(request: HttpRequest, body: OpenLinkIn) -> Status[OpenLinkOut]:
    """Make an open link."""
    require("questionnaires.edit")(request)
    made = links.create(
        questionnaire_id=body.questionnaire_id,
        slug=body.slug,
        terms=_terms(body),
        by=_actor(request),
        now=clock.now(),
    )
    return Status(201, _out(made))


@router.put("/open-links/{slug}", response=OpenLinkOut, operation_id="change_open_link")
def change_open_link(request: HttpRequest, slug: str, body: OpenLinkTermsIn) -> OpenLinkOut:
    """Set the terms anew."""
    require("questionnaires.edit")(request)
    return _out(links.change(slug=slug, terms=_terms(body), by=_actor(request), now=clock.now()))


@router.post("/open-links/{slug}/close", response=OpenLinkOut, operation_id="close_open_link")
def close_open_link(request: HttpRequest, slug: str) -> OpenLinkOut:
    """Take no more answers."""
    require("questionnaires.edit")(request)
    return _out(links.turn(slug=slug, is_open=False, by=_actor(request), now=clock.now()))


@router.post("/open-links/{slug}/open", response=OpenLinkOut, operation_id="open_open_link")
def open_open_link(request: HttpRequest, slug: str) -> OpenLinkOut:
    """Take answers again."""
    require("questionnaires.edit")(request)
    return _out(links.turn(slug=slug, is_open=True, by=_actor(request), now=clock.now()))


@router.post("/open-links/{slug}/signature", response=SignedOut, operation_id="sign_open_link_fields")
def sign_fields(request: HttpRequest, slug: str, body: FieldsIn) -> SignedOut:
    """Sign hidden fields, so that the address that carries them is believed."""
    require("questionnaires.edit")(request)
    found = links.link(slug=slug, now=clock.now())
    return SignedOut(sig=links.sign(slug=found.slug, fields=body.fields))


@router.get("/question-library", response=list[LibraryOut], operation_id="list_library_questions")
def list_library(request: HttpRequest, search: str = "") -> list[LibraryOut]:
    """Questions of the library, own ones first."""
    require("questionnaires.view")(request)
    return [
        LibraryOut(name=each.name, is_own=each.is_own, question=msgspec.to_builtins(each.question))
        for each in library.search(search.replace("\0", "")[:100])
    ]
