"""The write keys of the HTTP API: list, make, end."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from huifang.api.frame import require
from huifang.events import queries, services
from huifang.kernel import clock

router = Router(tags=["events"])


class SourceOut(Schema):
    """A write key, without the key itself, which is never kept."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    stored_today: int
    rejected_open: int


class SourceIn(Schema):
    """A new write key."""

    name: str = Field(min_length=1, max_length=100)


class SecretOut(Schema):
    """The key, shown this once."""

    write_key: str


@router.get("/write-keys", response=list[SourceOut], operation_id="list_write_keys")
def list_keys(request: HttpRequest) -> list[SourceOut]:
    """Every write key, those in use first."""
    require("events.view")(request)
    return [SourceOut.from_orm(each) for each in queries.sources(now=clock.now())]


@router.post("/write-keys", response={201: SecretOut}, operation_id="create_write_key")
def create_key(request: HttpRequest, body: SourceIn) -> tuple[int, SecretOut]:
    """Make a write key."""
    require("keys.edit")(request)
    made = services.create_write_key(name=body.name.strip(), by=_actor(request), now=clock.now())
    return 201, SecretOut(write_key=made)


@router.post("/write-keys/revoke", response={204: None}, operation_id="revoke_write_key")
def revoke_key(request: HttpRequest, body: SourceIn) -> tuple[int, None]:
    """End a write key by its name; gateways notice within seconds."""
    require("keys.edit")(request)
    services.revoke_write_key(name=body.name.strip(), by=_actor(request), now=clock.now())
    return 204, None


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]
