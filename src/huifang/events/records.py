"""What crosses the door of the events room. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zlib import crc32

SHARDS = 16


def shard_of(external_id: str, anonymous_id: str) -> int:
    """The shard (0 to 15) of whoever did it: all events of one person lie in one shard, in order."""
    return crc32((external_id or anonymous_id).encode()) % SHARDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a reader has come in one shard. Grows with every commit; compare with nothing else."""

    txid: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event as it is kept. *kind* is track, identify, page, screen, group or alias.

    *properties* holds an identify's traits, an alias's ``previousId`` and a group's ``groupId`` too;
    what is personal is in *sealed* instead (see `queries.unseal_traits`). *context* is the part of
    Segment's context that is kept: app, device, os, locale, timezone, library.
    """

    seq: int
    message_id: str
    kind: str
    name: str
    external_id: str
    anonymous_id: str
    occurred_at: datetime
    received_at: datetime
    properties: Mapping[str, Any]
    sealed: bytes | None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventName:
    """One line of the catalogue: a name that was seen, and how often."""

    name: str
    count: int
    first_at: datetime
    last_at: datetime
    kind: str = "track"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A write key as it is listed; the key itself is never kept."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    stored_today: int
    rejected_open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One message that was refused, and why. *detail* is for developers, in English."""

    id: int
    code: str
    detail: str
    source_id: int
    source_name: str
    kind: str
    name: str
    external_id: str
    message_id: str
    received_at: datetime
    last_received_at: datetime
    times: int
    is_whole: bool
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedFilter:
    """Which rejected events are meant. Empty means any."""

    code: str = ""
    source_id: int | None = None
    day: date | None = None
    include_replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedPage:
    """One page of the rejected list, newest first; *next_before* is None on the last."""

    rows: list[Rejected]
    next_before: int | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why one message of a batch was not stored."""

    index: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """The outcome of one batch: *accepted* messages are stored, now or before; each other has a fault."""

    accepted: int
    rejected: list[Fault]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The outcome of replaying many: how many were tried, and how many are stored now."""

    tried: int
    stored: int
