"""What crosses the door of textanalysis: a text goes in, findings come out. Never the text unmasked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from huifang.kernel.ids import CustomerId
from huifang.textanalysis.learnt import EngineFigure as EngineFigure
from huifang.textanalysis.learnt import Figure as Figure
from huifang.textanalysis.learnt import Labelled as Labelled
from huifang.textanalysis.learnt import ModelVersion as ModelVersion
from huifang.textanalysis.learnt import PublicSet as PublicSet
from huifang.textanalysis.learnt import Taxonomy as Taxonomy
from huifang.textanalysis.learnt import Texts as Texts
from huifang.textanalysis.learnt import Topic as Topic
from huifang.textanalysis.learnt import TopicRecord as TopicRecord
from huifang.textanalysis.said import Competitor as Competitor
from huifang.textanalysis.said import Cue as Cue
from huifang.textanalysis.said import Finding as Finding
from huifang.textanalysis.said import Intent as Intent
from huifang.textanalysis.said import Masked as Masked
from huifang.textanalysis.said import Sentiment as Sentiment
from huifang.textanalysis.said import Span as Span
from huifang.textanalysis.said import Stance as Stance
from huifang.textanalysis.said import Text as Text
from huifang.textanalysis.said import TopicFinding as TopicFinding


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """Which findings: from *start* until before *end*, and what must hold of them; "" leaves open."""

    start: datetime | None = None
    end: datetime | None = None
    sentiment: str = ""
    topic: str = ""
    intent: str = ""
    language: str = ""
    channel: str = ""
    version: str = ""
    region: str = ""
    event: str = ""
    source: str = ""
    competitor: str = ""
    urgency_min: int = 0
    plan_id: int | None = None
    has_wish: bool = False
    words: str = ""
    is_unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord:
    """A text with what holds of it now. *corrected* names the fields that a person set."""

    id: int
    source: str
    key: str
    at: datetime
    masked: str
    language: str
    sentiment: str
    sentiment_confidence: float
    topics: tuple[TopicFinding, ...]
    intent: str
    urgency: int
    cues: tuple[Cue, ...]
    competitors: tuple[Competitor, ...]
    wish: str
    evidence: tuple[str, ...]
    engine: str
    engine_version: str
    rating: float | None
    customer_id: CustomerId | None
    plan_id: int | None
    channel: str
    version: str
    region: str
    event: str
    corrected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPage:
    """Findings, newest first; *after* asks for the next page, "" on the last."""

    findings: tuple[FindingRecord, ...]
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """*count* of *total* texts with Wilson's interval; all 0 where there are none."""

    count: int
    total: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLine:
    """A topic in one period. *share*, *low*, *high* are of all texts of the period.

    *before*: the count of the period of the same length before. *change*: percentage points of share, with
    Newcombe's interval; None where one of the periods has no texts. *verbatims*: three that show it best.
    """

    code: str
    name: Texts
    department: str
    count: int
    before: int
    share: float
    low: float
    high: float
    change: float | None
    change_low: float | None
    change_high: float | None
    negative_share: float
    is_rising: bool
    verbatims: tuple[FindingRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint(Share):
    """A topic on one day or in the week that begins with *day*: a share of all texts of it."""

    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTopic:
    """A topic in two selections; *difference* is first less second in points, None where one is empty."""

    code: str
    name: Texts
    first: Share
    second: Share
    difference: float | None
    difference_low: float | None
    difference_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A topic that rises against its past. *by*: ``all``, ``event``, ``version``, ``region``, ``channel``.

    *value* is that event or version. *chance*: how likely so many are where nothing rises.
    """

    id: int
    topic: str
    name: Texts
    since: datetime
    at: datetime
    count: int
    expected: float
    chance: float
    by: str
    value: str
    verbatims: tuple[FindingRecord, ...]
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTopicProposal:
    """Texts that say alike and have no topic. *state*: ``open``, ``taken`` or ``dismissed``."""

    id: int
    words: tuple[str, ...]
    sentiment: str
    intent: str
    size: int
    verbatims: tuple[FindingRecord, ...]
    at: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTask:
    """A text whose label would teach most. *topic*: the one that it would teach, if it has few labels.

    *why*: ``least_sure``, ``disagree``, or for a topic: ``new`` (an engine holds it to be that), ``named``
    (it has words of its name), ``near`` (it is like what was labelled).
    """

    finding: FindingRecord
    field: str
    why: str
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqEntry:
    """One entry: ways to ask and the answer, by language. *state*: ``live`` or ``retired``."""

    id: int
    questions: Mapping[str, Sequence[str]]
    answer: Texts
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqMatch:
    """An entry that may answer, and how alike it and the question are (0 to 1)."""

    entry: FaqEntry
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqCandidate:
    """A question that recurs and that no entry answers."""

    words: tuple[str, ...]
    size: int
    verbatims: tuple[FindingRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetitorLine:
    """A competitor: in how many texts, how it came off, and of how many known customers."""

    name: str
    count: int
    better: int
    worse: int
    mentioned: int
    customers: int
    verbatims: tuple[FindingRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WishLine:
    """Wishes that say alike, the words of one of them first."""

    words: str
    size: int
    customers: int
    verbatims: tuple[FindingRecord, ...]
