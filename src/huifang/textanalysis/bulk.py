"""Analyses archives: Arrow batches in, Arrow batches out, in the same findings as one by one. Pure.

Fits Spark's ``mapInArrow`` as it stands: each worker makes its engine once, from the bytes of the models.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import pyarrow as pa  # type: ignore[import-untyped]

from huifang.textanalysis import model_files
from huifang.textanalysis.engines import fused
from huifang.textanalysis.engines.base import Engine
from huifang.textanalysis.engines.tfidf import Models
from huifang.textanalysis.records import Finding, Text

_BATCH = 512
SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("language", pa.string()),
        ("masked", pa.string()),
        ("sentiment", pa.string()),
        ("sentiment_confidence", pa.float64()),
        ("topics", pa.list_(pa.string())),
        ("topic_confidences", pa.list_(pa.float64())),
        ("intent", pa.string()),
        ("urgency", pa.int32()),
        ("cues", pa.list_(pa.string())),
        ("competitors", pa.list_(pa.string())),
        ("wish", pa.string()),
        ("evidence", pa.list_(pa.string())),
        ("engine", pa.string()),
        ("engine_version", pa.string()),
    ]
)
Row = dict[str, object]


def row(finding: Finding) -> Row:
    """*finding* as a row of `SCHEMA`: for files, Arrow and JSON Lines alike."""
    return {
        "key": finding.key,
        "language": finding.language,
        "masked": finding.masked,
        "sentiment": finding.sentiment.value,
        "sentiment_confidence": finding.sentiment_confidence,
        "topics": [topic.code for topic in finding.topics],
        "topic_confidences": [topic.confidence for topic in finding.topics],
        "intent": finding.intent.value,
        "urgency": finding.urgency,
        "cues": [cue.kind for cue in finding.cues],
        "competitors": [f"{each.name}:{each.stance.value}" for each in finding.competitors],
        "wish": finding.wish,
        "evidence": list(finding.evidence),
        "engine": finding.engine,
        "engine_version": finding.engine_version,
    }


def line(finding: Finding) -> str:
    """*finding* as one line of JSON Lines."""
    return json.dumps(row(finding), ensure_ascii=False)


def analyse(batches: Iterator[pa.RecordBatch], engine: Engine) -> Iterator[pa.RecordBatch]:
    """Findings for the texts of *batches* (columns ``key`` and ``text``, and ``rating`` if there is one)."""
    for batch in batches:
        texts = _texts(batch)
        for start in range(0, len(texts), _BATCH):
            rows = [row(finding) for finding in engine.analyse(texts[start : start + _BATCH])]
            yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def _texts(batch: pa.RecordBatch) -> Sequence[Text]:
    ratings = batch.column("rating").to_pylist() if "rating" in batch.schema.names else [None] * len(batch)
    columns = zip(batch.column("key").to_pylist(), batch.column("text").to_pylist(), ratings, strict=True)
    return [
        Text(key=str(key), text=text or "", rating=None if rating is None else float(rating))
        for key, text, rating in columns
    ]


def mapper(
    models: Models, *, own: frozenset[str] = frozenset()
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A function for ``mapInArrow``: it carries *models* as bytes, so that it can be sent to workers."""
    sentiment, topics = model_files.write(models.sentiment), model_files.write(models.topics)
    labels = models.labels

    def mapped(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return analyse(batches, _engine(sentiment, topics, labels, own))

    return mapped


@cache
def _engine(sentiment: bytes, topics: bytes, labels: int, own: frozenset[str]) -> Engine:
    models = Models(sentiment=model_files.read(sentiment), topics=model_files.read(topics), labels=labels)
    return fused.engine(models, own=own)
