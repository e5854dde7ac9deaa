"""Analyses a Spark data frame by the same function as everything else. Spark is the extra ``spark``."""

from typing import Any

from huifang.textanalysis import bulk
from huifang.textanalysis.engines.tfidf import Models

SCHEMA = (
    "key string, language string, masked string, sentiment string, sentiment_confidence double,"
    " topics array<string>, topic_confidences array<double>, intent string, urgency int, cues array<string>,"
    " competitors array<string>, wish string, evidence array<string>, engine string, engine_version string"
)


def analyse(frame: Any, models: Models, *, own: frozenset[str] = frozenset()) -> Any:
    """A frame of findings for *frame*, a ``pyspark.sql.DataFrame`` with columns ``key`` and ``text``."""
    return frame.mapInArrow(bulk.mapper(models, own=own), SCHEMA)
