"""Findings as the database holds them, made from what engines say and read as records."""

from collections.abc import Mapping, Sequence
from typing import Any

from huifang.kernel.ids import CustomerId
from huifang.textanalysis.models import Correction, Finding
from huifang.textanalysis.records import (
    Competitor,
    Cue,
    FindingRecord,
    Intent,
    Sentiment,
    Stance,
    TopicFinding,
)
from huifang.textanalysis.records import Finding as Said

TOPICS, SENTIMENT = "topics", "sentiment"
CORRECTABLE = (SENTIMENT, TOPICS, "intent", "urgency")
COLUMNS = (
    "language",
    "sentiment",
    "sentiment_confidence",
    "topics",
    "topic_details",
    "topic_confidence",
    "intent",
    "urgency",
    "cues",
    "competitors",
    "wish",
    "evidence",
    "engine",
    "engine_version",
    "said",
)


def write(row: Finding, said: Said, corrected: Mapping[str, Any]) -> None:
    """Put what an engine *said* on *row*; what people *corrected* holds against it. Does not save."""
    row.masked, row.language = said.masked, said.language
    row.cues = [{"kind": each.kind, "words": each.words, "severity": each.severity} for each in said.cues]
    row.competitors = [
        {"name": each.name, "stance": each.stance.value, "words": each.words} for each in said.competitors
    ]
    row.wish, row.evidence = said.wish, list(said.evidence)
    row.engine, row.engine_version = said.engine, said.engine_version
    row.sentiment_confidence = said.sentiment_confidence
    row.said = {
        SENTIMENT: said.sentiment.value,
        TOPICS: [
            {"code": each.code, "confidence": each.confidence, "words": list(each.words)}
            for each in said.topics
        ],
        "intent": said.intent.value,
        "urgency": said.urgency,
    }
    apply(row, corrected)


def apply(row: Finding, corrected: Mapping[str, Any]) -> None:
    """Make the columns of *row* what holds: what was said, and over it what people *corrected*."""
    said = row.said
    row.sentiment = corrected.get(SENTIMENT, said[SENTIMENT])
    row.intent = corrected.get("intent", said["intent"])
    row.urgency = corrected.get("urgency", said["urgency"])
    details = said[TOPICS]
    if TOPICS in corrected:
        words = {each["code"]: each["words"] for each in details}
        details = [
            {"code": code, "confidence": 1.0, "words": words.get(code, [])} for code in corrected[TOPICS]
        ]
    row.topic_details = details
    row.topics = [each["code"] for each in details]
    row.topic_confidence = details[0]["confidence"] if details else 0.0


def corrections_of(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What people corrected, by finding and field."""
    found: dict[int, dict[str, Any]] = {}
    for row in Correction.objects.filter(finding_id__in=list(ids)):
        found.setdefault(row.finding_id, {})[row.field] = row.value
    return found


def records(rows: Sequence[Finding]) -> list[FindingRecord]:
    """*rows* as records, in their order."""
    corrected = corrections_of([row.pk for row in rows])
    return [record(row, frozenset(corrected.get(row.pk, ()))) for row in rows]


def record(row: Finding, corrected: frozenset[str] = frozenset()) -> FindingRecord:
    """One row as a record."""
    return FindingRecord(
        id=row.pk,
        source=row.source,
        key=row.key,
        at=row.at,
        masked=row.masked,
        language=row.language,
        sentiment=row.sentiment,
        sentiment_confidence=row.sentiment_confidence,
        topics=tuple(
            TopicFinding(code=each["code"], confidence=each["confidence"], words=tuple(each["words"]))
            for each in row.topic_details
        ),
        intent=row.intent,
        urgency=row.urgency,
        cues=tuple(Cue(**each) for each in row.cues),
        competitors=tuple(
            Competitor(name=each["name"], stance=Stance(each["stance"]), words=each["words"])
            for each in row.competitors
        ),
        wish=row.wish,
        evidence=tuple(row.evidence),
        engine=row.engine,
        engine_version=row.engine_version,
        rating=row.rating,
        customer_id=CustomerId(row.customer_id) if row.customer_id is not None else None,
        plan_id=row.plan_id,
        channel=row.channel,
        version=row.version,
        region=row.region,
        event=row.event,
        corrected=corrected,
    )


def by_ids(ids: Sequence[int]) -> dict[int, FindingRecord]:
    """The findings with *ids* that still have words."""
    rows = list(Finding.objects.filter(pk__in=list(ids)).exclude(masked=""))
    return {each.id: each for each in records(rows)}


def said(row: Finding) -> Said:
    """A row as an engine would have said it, with what people corrected."""
    found = record(row)
    return Said(
        key=str(row.pk),
        language=found.language,
        masked=found.masked,
        sentiment=Sentiment(found.sentiment or Sentiment.UNSURE),
        sentiment_confidence=found.sentiment_confidence,
        topics=found.topics,
        intent=Intent(found.intent or Intent.UNSURE),
        urgency=found.urgency,
        cues=found.cues,
        competitors=found.competitors,
        wish=found.wish,
        evidence=found.evidence,
        engine=found.engine,
        engine_version=found.engine_version,
    )
