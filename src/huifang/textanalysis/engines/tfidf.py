"""The engine that learns: sentiment and topics by words, and by meaning where embeddings are there.

Rules read the rest. From the first day it knows the seeds; what operators label is learnt on top.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import model_files, reading, seeds, training
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.engines import rules
from huifang.textanalysis.reading import Reading
from huifang.textanalysis.records import Finding, Labelled, Sentiment, Taxonomy, Text, TopicFinding
from huifang.textanalysis.training import Classifier, Model

NAME = "tfidf"
_LOGIC = "1"
_TOPICS_MAX = 3
_SURE = 0.55
# A lexicon of moods is right more often than a model that only knows our seeds, and less than labels.
_LEXICON_SHARE, _LABELS_ENOUGH = 0.5, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What an engine knows. *labels*: how many of the examples are operators' own."""

    sentiment: Model
    topics: Model
    labels: int = 0


def learn(
    taxonomy: Taxonomy,
    *,
    sentiments: Sequence[Labelled] = (),
    topics: Sequence[Labelled] = (),
    embed: Embedder | None = None,
) -> Models:
    """Learn from the seeds of *taxonomy* and from operators' labels, which count as often as they come."""
    return Models(
        sentiment=training.fit([*seeds.moods(), *sentiments], embed=embed),
        topics=training.fit([*seeds.topics(taxonomy), *topics], embed=embed),
        labels=len(sentiments),
    )


class LearntEngine:
    """Findings by learnt models. Without *embed* by words alone."""

    name = NAME

    def __init__(
        self, models: Models, *, embed: Embedder | None = None, own: frozenset[str] = frozenset()
    ) -> None:
        self._sentiment = Classifier(models.sentiment, embed)
        self._topics = Classifier(models.topics, embed)
        self._embed, self._own = embed, own
        self._lexicon = _LEXICON_SHARE if models.labels < _LABELS_ENOUGH else 0.0
        parts = (_LOGIC, rules.VERSION, self.name, *sorted(own), str(self._lexicon))
        sums = (model_files.version_of(models.sentiment), model_files.version_of(models.topics))
        self.version = hashlib.sha256("|".join((*parts, *sums)).encode()).hexdigest()[:12]

    def analyse(self, texts: Sequence[Text]) -> list[Finding]:
        """One finding for each of *texts*, in their order."""
        if not texts:
            return []
        read = [reading.read(text, own=self._own) for text in texts]
        masked = [each.masked for each in read]
        seen = training.look_at(masked, self._embed)
        moods = self._sentiment.predict_proba(masked, seen=seen)
        topics = self._topics.predict_proba(masked, seen=seen)
        drafts = [
            self._draft(text, one, mood, topic)
            for text, one, mood, topic in zip(texts, read, moods, topics, strict=True)
        ]
        return self._with_words(drafts)

    def _draft(
        self, text: Text, read: Reading, moods: NDArray[np.float64], topics: NDArray[np.float64]
    ) -> Finding:
        found = rules.finding(text, read)
        sentiment, confidence = found.sentiment, found.sentiment_confidence
        if text.rating is None:
            sentiment, confidence = self._mood(read, moods)
        return replace(
            found,
            sentiment=sentiment,
            sentiment_confidence=round(confidence, 4),
            topics=self._named(read, topics),
            engine=self.name,
            engine_version=self.version,
        )

    def _with_words(self, drafts: list[Finding]) -> list[Finding]:
        """*drafts* with the words that show their topics, and their sentiment where rules saw none."""
        mute = [each for each in drafts if not each.evidence and each.sentiment is not Sentiment.UNSURE]
        moods = iter(self._sentiment.words_for([(each.masked, each.sentiment.value) for each in mute]))
        topics = iter(
            self._topics.words_for([(each.masked, topic.code) for each in drafts for topic in each.topics])
        )
        silent = {id(each) for each in mute}
        return [
            replace(
                each,
                topics=tuple(replace(topic, words=next(topics)) for topic in each.topics),
                evidence=next(moods) if id(each) in silent else each.evidence,
            )
            for each in drafts
        ]

    def _mood(self, read: Reading, shares: NDArray[np.float64]) -> tuple[Sentiment, float]:
        """The model's guess, and the lexicon's where it has one; ``unsure`` where neither is."""
        if not read.language:
            return Sentiment.UNSURE, 0.0
        classes = self._sentiment.model.classes
        if read.sure and self._lexicon:
            lexicon = np.array([_by_words(name, read.mood) for name in classes])
            shares = (1 - self._lexicon) * shares + self._lexicon * lexicon
        at = int(shares.argmax())
        if shares[at] < _SURE and shares[at] < self._sentiment.model.threshold:
            return Sentiment.UNSURE, float(shares[at])
        return Sentiment(classes[at]), float(shares[at])

    def _named(self, read: Reading, shares: NDArray[np.float64]) -> tuple[TopicFinding, ...]:
        """The topics that are likely enough: the first by the model's threshold, more if they come near."""
        if not read.language:
            return ()
        model, named = self._topics.model, list[TopicFinding]()
        for at in np.argsort(-shares, kind="stable")[:_TOPICS_MAX]:
            # Two topics in one text share what there is.
            least = model.threshold if not named else max(0.25, model.threshold / 2)
            code = model.classes[at]
            if shares[at] < least:
                break
            if code == seeds.NO_TOPIC:
                continue
            named.append(TopicFinding(code=code, confidence=round(float(shares[at]), 4)))
        return tuple(named)


def _by_words(name: str, mood: float) -> float:
    """What words of praise and blame alone say: the probability of the sentiment *name*."""
    neutral = 0.4 * (1 - abs(mood))
    if name == Sentiment.NEUTRAL:
        return neutral
    return (1 - neutral) * (1 + (mood if name == Sentiment.POSITIVE else -mood)) / 2
