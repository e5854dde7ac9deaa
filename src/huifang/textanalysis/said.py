"""What an engine is given and what it says of it: part of `records`."""

from enum import StrEnum

import msgspec


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


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Personal data in a text: characters *start* to *end*, as Python counts them. *kind* names it."""

    kind: str
    start: int
    end: int


class Masked(msgspec.Struct, frozen=True, kw_only=True):
    """A text with its personal data replaced, and where it stood in the original."""

    text: str
    spans: tuple[Span, ...]


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """Words that call for attention whatever the topic. *severity* 1 to 3; 3 is for a person, now."""

    kind: str
    words: str
    severity: int


class TopicFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A topic of the operators' taxonomy and how sure the engine is (0 to 1), with the words that show it."""

    code: str
    confidence: float
    words: tuple[str, ...] = ()


class Competitor(msgspec.Struct, frozen=True, kw_only=True):
    """Another wallet that is named, and how it comes off."""

    name: str
    stance: Stance
    words: str


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One text for an engine, masked. *rating* is the customer's own, as a share of its scale (0 to 1)."""

    key: str
    text: str
    rating: float | None = None
    language: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
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
