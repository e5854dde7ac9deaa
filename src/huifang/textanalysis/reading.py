"""What is read from a text by rules alone, the same under every engine. Pure; no text makes it raise."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from huifang.textanalysis import competitors, cues, languages, masking, phrases, scripts, wishing
from huifang.textanalysis.phrases import Phrases
from huifang.textanalysis.records import Competitor, Cue, Intent, Sentiment, Text

# A hundred pages say nothing that the first four do not, and cost as much as a hundred texts.
_LENGTH_MAX, _TAIL_MAX = 8_000, 64
_EVIDENCE_MAX = 3
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LONE = re.compile(r"[\ud800-\udfff]")
_REDACTION = re.compile(r"\b[Xx*]{2,}(?:[/\- ]?[Xx*]{2,})*\b")
# What may be the first half of a number, an address or a name where a long text is cut.
_CUT_THROUGH = re.compile(r"[0-9０-９零〇一幺二三四五六七八九A-Za-z@.+*/()_·\-\s]+\Z")
_HIGH, _LOW = 0.75, 0.45
_LETTER = re.compile(r"[^\W_]")
_BEFORE = 14
_ASKING = ("?", "？", "吗", "嗎")
# One of these is in each denial.
_DENYING = ("不", "没", "别", "非", "no", "nt", "'t", "’t", "never", "hardly")
_NEGATORS = re.compile(
    r"(?:不(?:是很|太|够|怎么|算)?|没(?:有|那么)?|别|非|\b(?:not|no|never|hardly|isn['’]?t|wasn['’]?t|don['’]?t|didn['’]?t"
    r"|aren['’]?t|nothing)(?: (?:very|so|that|at all|a|an|any|really|even))?)\s*$",
    re.IGNORECASE,
)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What rules say of one text. *mood* is from -1 to 1, by words alone; *sure* how many words spoke."""

    masked: str
    language: str
    cues: tuple[Cue, ...]
    competitors: tuple[Competitor, ...]
    intent: Intent
    wish: str
    mood: float
    sure: int
    evidence: tuple[str, ...]


def clean(text: str) -> str:
    """*text* in composed form, without characters that steer a terminal or a page, and not endless."""
    if len(text) > _LENGTH_MAX:
        text = text[: _LENGTH_MAX - _TAIL_MAX] + _CUT_THROUGH.sub(
            "", text[_LENGTH_MAX - _TAIL_MAX : _LENGTH_MAX]
        )
    text = _CONTROL.sub("", _LONE.sub("", text))
    return unicodedata.normalize("NFC", text).strip()


def read(text: Text, *, own: frozenset[str] = frozenset()) -> Reading:
    """Read one text; *own* are our wallet's names in lower case."""
    return read_all([text], own=own)[0]


def read_all(texts: Sequence[Text], *, own: frozenset[str] = frozenset()) -> list[Reading]:
    """Read *texts*, in their order; *own* are our wallet's names in lower case."""
    return [
        one
        for start in range(0, len(texts), phrases.REMEMBERED)
        for one in _together(texts[start : start + phrases.REMEMBERED], own)
    ]


def _together(texts: Sequence[Text], own: frozenset[str]) -> list[Reading]:
    """Read a few texts, one step after the other: so the processor keeps at hand what a step needs."""
    cleaned = [clean(text.text) for text in texts]
    # The language of the words, not of what hides in them.
    spoken = [languages.detect(each) for each in cleaned]
    masked = [
        masking.mask(each, text.language or language).text
        for text, each, language in zip(texts, cleaned, spoken, strict=True)
    ]
    words = [_REDACTION.sub(" ", each) for each in masked]
    found = [cues.find(each) for each in words]
    moods = [_mood(each) for each in words]
    intents = [
        _intent(each, mood[0], own_cues, language)
        for each, mood, own_cues, language in zip(words, moods, found, spoken, strict=True)
    ]
    rivals = [competitors.find(each, own=own) for each in words]
    return [
        Reading(
            masked=masked[at],
            language=spoken[at],
            cues=found[at],
            competitors=rivals[at],
            intent=intents[at][0],
            wish=intents[at][1],
            mood=moods[at][0],
            sure=moods[at][1],
            evidence=moods[at][2],
        )
        for at in range(len(texts))
    ]


def sentiment_of_rating(rating: float | None) -> Sentiment | None:
    """What the customer's own rating says, which outranks any guess; None where they gave none."""
    if rating is None:
        return None
    if rating >= _HIGH:
        return Sentiment.POSITIVE
    return Sentiment.NEGATIVE if rating <= _LOW else Sentiment.NEUTRAL


@cache
def _moods() -> tuple[Phrases, Phrases]:
    entries = phrases.data("sentiment")
    good, bad = (_listed(entries[name]) for name in ("positive", "negative"))
    return good, bad


def _listed(entry: Mapping[str, Sequence[str]]) -> Phrases:
    return Phrases(scripts.both(phrases.by_language(entry)))


@cache
def _turns() -> Phrases:
    return Phrases(["但", "不过", "可是", "就是", "however", "but"])


def _mood(text: str) -> tuple[float, int, tuple[str, ...]]:
    """Words of praise less words of blame. What follows a "but" counts twice; a denial turns a word round."""
    (good, bad), turns = _moods(), _turns()
    found = phrases.look(text)
    if good.number not in found and bad.number not in found:
        return 0.0, 0, ()
    turn = max((place.end for place in found.get(turns.number, ())), default=len(text) + 1)
    score, weight, spoken, lowered = 0.0, 0.0, [], phrases.lower(text)
    for sign, listed in ((1, good), (-1, bad)):
        for place in found.get(listed.number, ()):
            counts = 2.0 if place.start >= turn else 1.0
            before = lowered[max(0, place.start - _BEFORE) : place.start]
            denied = any(map(before.__contains__, _DENYING)) and _NEGATORS.search(before) is not None
            score += counts * (-sign if denied else sign)
            weight += counts
            spoken.append(place.words)
    evidence = tuple(dict.fromkeys(spoken))[:_EVIDENCE_MAX]
    return (score / weight if weight else 0.0), len(spoken), evidence


@cache
def _intents() -> dict[Intent, Phrases]:
    entries = phrases.data("intents")
    return {Intent(name): _listed(entry) for name, entry in entries.items()}


def _intent(text: str, mood: float, found: tuple[Cue, ...], language: str) -> tuple[Intent, str]:
    """What is wanted, by the strongest sign, and the words of a wish."""
    if not _LETTER.search(text):
        return (Intent.QUESTION if "?" in text or "？" in text else Intent.UNSURE), ""
    signs, wish = _intents(), wishing.find(text)
    said = phrases.look(text)
    if signs[Intent.CANCEL].number in said:
        return Intent.CANCEL, wish
    if signs[Intent.COMPLAINT].number in said or any(cue.severity > 1 for cue in found):
        return Intent.COMPLAINT, wish
    if wish:
        return Intent.WISH, wish
    if signs[Intent.QUESTION].number in said:
        return Intent.QUESTION, ""
    if mood < 0:
        return Intent.COMPLAINT, ""
    # Who is angry asks what needs no answer.
    if any(map(text.__contains__, _ASKING)):
        return Intent.QUESTION, ""
    if mood > 0 or signs[Intent.PRAISE].number in said:
        return Intent.PRAISE, ""
    return (Intent.OTHER if language else Intent.UNSURE), ""
