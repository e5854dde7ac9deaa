"""The default engine: words and meaning together, and by words alone where no embeddings are installed."""

import hashlib
from collections.abc import Sequence

from msgspec import structs

from huifang.textanalysis import cues, distress, embedding, phrases, seeds
from huifang.textanalysis.engines import tfidf
from huifang.textanalysis.engines.tfidf import LearntEngine, Models
from huifang.textanalysis.reading import Reading
from huifang.textanalysis.training import Seen

NAME = "fused"


class FusedEngine(LearntEngine):
    """`LearntEngine` with embeddings, which also hear self-harm that rules have no words for."""

    name = NAME
    known = (hashlib.sha256(phrases.content(distress.MODEL)).hexdigest(),)

    def _heard(self, read: Sequence[Reading], seen: Seen) -> Sequence[Reading]:
        if seen.embedded is None:
            return read
        heard = distress.heard([one.masked for one in read], seen.embedded, embedding.embed)
        return [
            structs.replace(one, cues=cues.ordered([*one.cues, cue]))
            if cue and all(each.kind != cue.kind for each in one.cues)
            else one
            for one, cue in zip(read, heard, strict=True)
        ]


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
