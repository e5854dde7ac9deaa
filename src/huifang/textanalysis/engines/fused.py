"""The default engine: words and meaning together, and by words alone where no embeddings are installed."""

from huifang.textanalysis import embedding, seeds
from huifang.textanalysis.engines import tfidf
from huifang.textanalysis.engines.tfidf import LearntEngine, Models

NAME = "fused"


class FusedEngine(LearntEngine):
    """`LearntEngine` with embeddings."""

    name = NAME


def engine(models: Models, *, own: frozenset[str] = frozenset()) -> LearntEngine:
    """The best engine that this installation can run with *models*."""
    embed = embedding.embedder()
    if embed is None or models.topics.meaning is None:
        return LearntEngine(models, own=own)
    return FusedEngine(models, embed=embed, own=own)


def fresh(*, with_meaning: bool = True, own: frozenset[str] = frozenset()) -> LearntEngine:
    """The engine of the first day: it has learnt the seeds only. Some seconds of work."""
    embed = embedding.embedder() if with_meaning else None
    return engine(tfidf.learn(seeds.taxonomy(), embed=embed), own=own)
