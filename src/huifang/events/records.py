"""What crosses the door of the events room. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zlib import crc32

import msgspec

from huifang.kernel.instants import InstantReader

SHARDS = 16
IMPORTED = -1  # stands where events from a write key have the number of their source


def shard_of(external_id: str, anonymous_id: str) -> int:
    """The shard (0 to 15) of whoever did it: all events of one person lie in one shard, in order."""
    return crc32((external_id or anonymous_id).encode()) % SHARDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a reader has come in one shard. Grows with every commit; compare with nothing else."""

    txid: int = 0
    seq: int = 0


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it is kept. *kind* is track, identify, page, screen, group or alias.

    *properties* holds an identify's traits, an alias's ``previousId`` and a group's ``groupId`` too;
    what is personal is in *sealed* instead (see `queries.unseal_traits`). *context* is the part of
    Segment's context that is kept: app, device, os, locale, timezone, library. *is_imported*: it came
    with a file of the past, so that nobody should act on it as if it had just happened.
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
    context: Mapping[str, Any] = msgspec.field(default_factory=dict)
    is_imported: bool = False


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
class EventLayout:
    """How rows of a file become events.

    *mapping* renames columns: to userId, anonymousId, event, timestamp, messageId, or else to a property.
    *event* names events of rows that do not. *instants* reads their times. *is_typed*: values have types
    (JSON, Parquet) and, where nothing else is said, a row with a ``type`` is a Segment message as it is;
    without it, plain numbers are numbers. *has_columns*: all rows have the same (CSV, Parquet).
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    event: str = ""
    instants: InstantReader = field(default_factory=InstantReader)
    is_typed: bool = False
    has_columns: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. *known* events were there before, *outdated* ones go with the next upkeep."""

    read: int = 0
    stored: int = 0
    known: int = 0
    refused: int = 0
    outdated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The outcome of replaying many: how many were tried, and how many are stored now."""

    tried: int
    stored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredProperty:
    """One property of a declared event. *type* "" and no *allowed* mean any; an *allowed* value is a text."""

    key: str
    type: str = ""
    is_required: bool = False
    allowed: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What an event is said to be. *is_strict*: one that differs is rejected instead of flagged.

    *is_built_in*: it is Huifang's own, which leaves everything optional and other properties welcome.
    """

    name: str
    about: str = ""
    owner: str = ""
    is_strict: bool = False
    is_built_in: bool = False
    properties: tuple[DeclaredProperty, ...] = ()


def declaration_of(name: str, properties: Any) -> Declaration:
    """A strict declaration from what is stored of it."""
    found = msgspec.convert(properties, type=tuple[DeclaredProperty, ...])
    return Declaration(name=name, is_strict=True, properties=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyShape:
    """What was seen of one property. *share* of the events had it; *types* are shares of its values.

    *values* are examples that at least three people sent; *low* and *high* are rounded outwards.
    """

    key: str
    share: float
    types: Mapping[str, float]
    values: tuple[str, ...]
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventShape:
    """What events of one name look like, from *count* of them."""

    name: str
    count: int
    properties: tuple[PropertyShape, ...]
    is_cut_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSeen:
    """One way in which events differ from what is declared or was learned."""

    id: int
    name: str
    code: str
    key: str
    detail: str
    times: int
    first_at: datetime
    last_at: datetime
    settled_at: datetime | None
    settled_by: str
