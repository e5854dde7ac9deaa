"""The engine of rules alone: no model, no training. What remains when there is nothing else."""

import hashlib
from collections.abc import Callable, Sequence

from huifang.textanalysis import cues, phrases, reading
from huifang.textanalysis.reading import Reading
from huifang.textanalysis.records import Finding, Sentiment, Text

# Changes with what rules do; what they know changes the version by itself.
_LOGIC = "5"
_KNOWN = (
    "common_words",
    "competitors",
    "cues",
    "intents",
    "names",
    "scripts",
    "sentiment",
    "stances",
    "wishes",
)
_CLEAR = 0.34


def version_of(content: Callable[[str], bytes]) -> str:
    """Twelve letters that change with the *content* of anything that rules know."""
    sums = (hashlib.sha256(content(name)).hexdigest() for name in _KNOWN)
    return hashlib.sha256("|".join((_LOGIC, *sums)).encode()).hexdigest()[:12]


NAME, VERSION = "rules", version_of(phrases.content)


class RuleEngine:
    """Sentiment by words of praise and blame; it names no topics. *own*: our wallet's names, lower case."""

    name, version = NAME, VERSION

    def __init__(self, *, own: frozenset[str] = frozenset()) -> None:
        self._own = own

    def analyse(self, texts: Sequence[Text]) -> list[Finding]:
        """One finding for each text, in their order."""
        read = reading.read_all(texts, own=self._own)
        return [finding(*each) for each in zip(texts, read, strict=True)]


def finding(text: Text, read: Reading) -> Finding:
    """What rules say, in the shape of every engine."""
    said = reading.sentiment_of_rating(text.rating)
    sentiment, confidence = (said, 1.0) if said else guess(read)
    return Finding(
        key=text.key,
        language=read.language,
        masked=read.masked,
        sentiment=sentiment,
        sentiment_confidence=confidence,
        topics=(),
        intent=read.intent,
        urgency=cues.urgency(read.cues),
        cues=read.cues,
        competitors=read.competitors,
        wish=read.wish,
        evidence=read.evidence,
        engine=NAME,
        engine_version=VERSION,
    )


def guess(read: Reading) -> tuple[Sentiment, float]:
    """Sentiment by words alone, and how sure; ``unsure`` where they say nothing or contradict each other."""
    if not read.sure:
        return Sentiment.UNSURE, 0.0
    if abs(read.mood) < _CLEAR:
        return Sentiment.NEUTRAL if read.sure > 1 else Sentiment.UNSURE, 0.4
    confidence = min(0.9, 0.5 + 0.1 * read.sure) * abs(read.mood)
    return (Sentiment.POSITIVE if read.mood > 0 else Sentiment.NEGATIVE), confidence
