"""What crosses the door of textanalysis: a text goes in, findings come out. Never the text unmasked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from huifang.kernel.ids import CustomerId

Texts = Mapping[str, str]


class Sentiment(StrEnum):
    """How somebody feels about it. Stored: never rename a value. ``unsure`` is an answer, not a failure."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    UNSURE = "unsure"


class Intent(StrEnum):
    """What somebody wants by what they say. Stored: never rename a value."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    WISH = "wish"
    PRAISE = "praise"
    CANCEL = "cancel"
    OTHER = "other"
    UNSURE = "unsure"


class Stance(StrEnum):
    """How a competitor comes off beside us. Stored: never rename a value."""

    BETTER = "better"
    WORSE = "worse"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Personal data in a text: characters *start* to *end*, as Python counts them. *kind* names it."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A text with its personal data replaced, and where it stood in the original."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that call for attention whatever the topic. *severity* 1 to 3; 3 is for a person, now."""

    kind: str
    words: str
    severity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFinding:
    """A topic of the operators' taxonomy and how sure the engine is (0 to 1), with the words that show it."""

    code: str
    confidence: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Competitor:
    """Another wallet that is named, and how it comes off."""

    name: str
    stance: Stance
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text for an engine, masked. *rating* is the customer's own, as a share of its scale (0 to 1)."""

    key: str
    text: str
    rating: float | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one engine found in one text. *language*: ``zh``, ``en``, ``mixed``, ``other`` or "".

    *urgency* is 0 to 3; *wish*: the words of what is wanted, or ""; *evidence*: words that show sentiment.
    """

    key: str
    language: str
    masked: str
    sentiment: Sentiment
    sentiment_confidence: float
    topics: tuple[TopicFinding, ...]
    intent: Intent
    urgency: int
    cues: tuple[Cue, ...]
    competitors: tuple[Competitor, ...]
    wish: str
    evidence: tuple[str, ...]
    engine: str
    engine_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One entry of the taxonomy. *seeds*: phrases by language that mean it. *parent*: "" at the top."""

    code: str
    name: Texts
    parent: str
    department: str
    seeds: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """The topics that a text can have."""

    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text and what a person says it is."""

    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A text that came in. *key* is unique within *source*; analysed once per engine version."""

    source: str
    key: str
    text: str
    at: datetime
    rating: float | None = None
    language: str = ""
    customer_id: CustomerId | None = None
    plan_id: int | None = None
    channel: str = ""
    version: str = ""
    region: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingMade:
    """Fact: a text has its finding. Codes only, never words."""

    source: str
    key: str
    customer_id: CustomerId | None
    sentiment: str
    topics: tuple[str, ...]
    urgency: int
    cues: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRising:
    """Fact: a topic rises against its own baseline."""

    topic: str
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure with its 95 % interval, on so many texts after learning from so many."""

    name: str
    value: float
    low: float
    high: float
    learnt: int
    tried: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSet:
    """A public set of labelled texts: its files below a folder, and what others published for it."""

    name: str
    files: tuple[str, ...]
    published: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which columns hold ``text``, ``key`` and ``rating``, and the worst and best rating there is."""

    mapping: Mapping[str, str]
    worst: float = 1.0
    best: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOrder:
    """The file *source* is to be analysed into *target*.

    *form*: ``jsonl`` or ``csv``; *engine*: ``fused``, ``tfidf`` or ``rules``.
    """

    source: Path
    target: Path
    form: str
    engine: str
    layout: Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReport:
    """What came of an archive: rows read, findings in the file, rows refused, rows that were done before."""

    read: int
    found: int
    refused: int
    resumed: int
