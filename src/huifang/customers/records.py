"""What crosses the door of the customers room."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from pydantic import AfterValidator

from huifang.decisions import policy
from huifang.events.records import StoredEvent
from huifang.kernel.ids import CustomerId

EVERY = "*"
CHANNELS = ("in_app", "sms", "email", "push", "im", "phone", "webhook")
assert frozenset(CHANNELS) == policy.CHANNELS
PURPOSES = ("service_follow_up", "marketing", "call_recording")
KINDS = ("phone", "email", "device", "im")
# Which contact point a channel needs; in_app and webhook need none.
KIND_OF_CHANNEL = {"sms": "phone", "phone": "phone", "email": "email", "push": "device", "im": "im"}
CHANNELS_OF_KIND = {
    kind: frozenset(channel for channel, needs in KIND_OF_CHANNEL.items() if needs == kind) for kind in KINDS
}


SCREENS = frozenset({"segments", "import", "merge"})


class IdInPath:
    """How a wallet's id stands after ``customers/`` in an address: as it is, or as "~" and its base64.

    The second where the first would lead elsewhere: to a screen of that name, or, with "/" or as "..",
    to nowhere. An address with a plain "/" is understood all the same, where no screen has it.
    """

    regex = ".+"

    def to_python(self, text: str) -> str:
        """The id; `ValueError`, which is "not found", for a "~" with what is no base64."""
        if not text.startswith("~"):
            return text
        try:
            raw = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
            return raw.decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ValueError(text) from None

    def to_url(self, external_id: str) -> str:
        """What stands in the address; Django quotes it."""
        is_plain = "/" not in external_id and external_id not in SCREENS | {".", ".."}
        if is_plain and not external_id.startswith("~"):
            return external_id
        return "~" + base64.urlsafe_b64encode(external_id.encode()).decode().rstrip("=")


IdOfPath = Annotated[str, AfterValidator(IdInPath().to_python)]
"""A wallet's id in the address of an endpoint, in either of its forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What answers of a customer are cut by, as it is now."""

    wallet_kind: str = ""
    region: str = ""
    app_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One customer, without anything that must not be read at rest."""

    id: CustomerId
    external_id: str
    wallet_kind: str
    language: str
    time_zone: str
    region: str
    masked_name: str
    registered_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    traits: Mapping[str, object]
    time_zone_source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Something that went to a customer, as they are told of it."""

    at: datetime
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a customer answered. Their words stay out: a link may be passed on."""

    at: datetime
    channel: str
    numbers: tuple[int, ...]
    has_words: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What decides whether a customer may be contacted. *suppressed_channels* may hold "*" for all."""

    customer_id: CustomerId
    external_id: str
    wallet_kind: str
    language: str
    time_zone: str
    region: str
    traits: Mapping[str, object]
    consented_channels: frozenset[str]
    suppressed_channels: frozenset[str]
    reachable_channels: frozenset[str]


class AppliedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event and its customer. *nth*: how often the customer has done it by now; 0 unless it is a track."""

    event: StoredEvent
    customer_id: CustomerId
    nth: int


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """How often and when a customer did one thing, and the sum of its amounts."""

    count: int
    first_at: datetime
    last_at: datetime
    amount_sum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEntry:
    """One line of the consent ledger. *act* is given, withdrawn, refused, lifted or merged."""

    id: int
    customer_id: CustomerId
    purpose: str
    channel: str
    act: str
    wording: str
    source: str
    evidence: str
    at: datetime
    recorded_at: datetime

    @property
    def given(self) -> bool:
        """Whether this entry says yes to a purpose."""
        return self.act == "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStanding:
    """What holds now for one purpose on one channel ("*" for all)."""

    purpose: str
    channel: str
    given: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRecord:
    """A refusal that overrides consent. *by_address*: it came with a contact point, perhaps of another id."""

    channel: str
    reason: str
    note: str
    source: str
    at: datetime
    lifted_at: datetime | None
    by_address: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPointRecord:
    """One contact point, masked."""

    kind: str
    masked: str
    is_active: bool
    reason: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRefused:
    """Fact: a customer said no, on *channel* ("*" for all), for *purpose* ("*" for all)."""

    customer_id: CustomerId
    channel: str
    source: str
    at: datetime
    purpose: str = EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersMerged:
    """Fact: customer *gone_id* turned out to be *kept_id*. Told at least twice; rooms above move along."""

    kept_id: CustomerId
    gone_id: CustomerId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAsked:
    """Fact: an ``alias`` event says that *gone* is *kept*, both ids of the wallet and both customers."""

    kept: str
    gone: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeProposalRecord:
    """Two customers of whom an event says that they are one; nobody has decided yet."""

    id: int
    kept: Profile
    gone: Profile
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """What a merge would do. *lost*: purposes and channels that only one of them consented to, and ends."""

    kept: Profile
    gone: Profile
    contact_points: tuple["ContactPointRecord", ...]
    activity: int
    refused: tuple[str, ...]
    lost: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBreak:
    """Where the ledger was tampered with. *what*: edited, missing, truncated or state."""

    chain: int
    position: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a check of the whole ledger found."""

    entries: int
    breaks: tuple[ChainBreak, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers a list shows. *suppressed* None: either; *sort*: seen or id, - reverses."""

    text: str = ""
    wallet_kind: str = ""
    language: str = ""
    region: str = ""
    suppressed: bool | None = None
    sort: str = "-seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """One line of the list of customers."""

    profile: Profile
    is_suppressed: bool
    has_consent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """Some customers, and where the next page starts ("" at the end)."""

    rows: tuple[CustomerRow, ...]
    next_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. *dropped* counts values that could not be used in rows that were."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentChoice:
    """A segment to choose. *sentence* says its conditions in words, in the reader's language."""

    id: int
    name: str
    sentence: str
    version: int
    edited_at: datetime
    edited_by: str
    is_archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCount:
    """How many customers are in a segment. Not *is_exact*: about so many, by a sample."""

    number: int
    is_exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPreview:
    """What conditions amount to: how many, the first of them masked, which two conditions contradict."""

    count: SegmentCount
    first: tuple[CustomerRow, ...]
    clashes: tuple[tuple[str, str], ...]
