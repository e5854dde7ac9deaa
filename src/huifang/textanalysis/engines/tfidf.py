"""The engine that learns: sentiment and topics by words, and by meaning where embeddings are there.

Rules read the rest. From the first day it knows the seeds; what operators label is learnt on top.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import cues, model_files, reading, seeds, training
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.engines import rules
from huifang.textanalysis.reading import Reading
from huifang.textanalysis.records import Finding, Labelled, Sentiment, Taxonomy, Text, TopicFinding
from huifang.textanalysis.training import Classifier, Model, Seen

NAME = "tfidf"
_LOGIC = "3"
_TOPICS_MAX = 3
_SURE = 0.55
# A topic of which it is less sure than this needs a word of its own in the text, that speaks so much for it.
_PLAIN, _OWN_WORD = 0.6, 0.8
# A lexicon of moods is right more often than a model that only knows our seeds, and less than labels.
_LEXICON_SHARE, _LABELS_ENOUGH = 0.5, 200
Mood = tuple[Sentiment, float]
Named = list[tuple[str, float]]
Words = tuple[str, ...]


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
    # The versions of what it knows beside rules and models.
    known: tuple[str, ...] = ()

    def __init__(
        self, models: Models, *, embed: Embedder | None = None, own: frozenset[str] = frozenset()
    ) -> None:
        self._sentiment = Classifier(models.sentiment, embed)
        self._topics = Classifier(models.topics, embed)
        self._embed, self._own = embed, own
        self._lexicon = _LEXICON_SHARE if models.labels < _LABELS_ENOUGH else 0.0
        parts = (_LOGIC, rules.VERSION, self.name, *self.known, *sorted(own), str(self._lexicon))
        sums = (model_files.version_of(models.sentiment), model_files.version_of(models.topics))
        self.version = hashlib.sha256("|".join((*parts, *sums)).encode()).hexdigest()[:12]

    def analyse(self, texts: Sequence[Text]) -> list[Finding]:
        """One finding for each of *texts*, in their order."""
        if not texts:
            return []
        plain = reading.read_all(texts, own=self._own)
        masked = [each.masked for each in plain]
        seen = training.look_at(masked, self._embed)
        read = self._heard(plain, seen)
        moods = self._moods(texts, read, self._sentiment.predict_proba(masked, seen=seen))
        topics = self._named(read, self._topics.predict_proba(masked, seen=seen))
        words = seen.words()
        topics = self._borne_out(words, topics)
        shown, evidence = self._shown(words, topics), self._evidence(read, words, moods)
        return [self._finding(*each) for each in zip(texts, read, moods, shown, evidence, strict=True)]

    def _heard(self, read: Sequence[Reading], seen: Seen) -> Sequence[Reading]:
        """What was *read*, and more that calls for attention where an engine hears it."""
        return read

    def _finding(
        self, text: Text, read: Reading, mood: Mood, topics: tuple[TopicFinding, ...], evidence: Words
    ) -> Finding:
        return Finding(
            key=text.key,
            language=read.language,
            masked=read.masked,
            sentiment=mood[0],
            sentiment_confidence=round(mood[1], 4),
            topics=topics,
            intent=read.intent,
            urgency=cues.urgency(read.cues),
            cues=read.cues,
            competitors=read.competitors,
            wish=read.wish,
            evidence=evidence,
            engine=self.name,
            engine_version=self.version,
        )

    def _evidence(
        self, read: Sequence[Reading], words: Sequence[Words], moods: Sequence[Mood]
    ) -> list[Words]:
        """The words that rules saw and, where they saw none, those that speak most for the sentiment."""
        mute = [
            at
            for at, (one, (mood, _)) in enumerate(zip(read, moods, strict=True))
            if not one.evidence and mood is not Sentiment.UNSURE
        ]
        spoken = self._sentiment.words_for([(words[at], moods[at][0].value) for at in mute])
        found = [one.evidence for one in read]
        for at, shown in zip(mute, spoken, strict=True):
            found[at] = shown
        return found

    def _borne_out(self, words: Sequence[Words], named: Sequence[Named]) -> list[Named]:
        """Of the topics *named* those that are plain or have a word of their own; other trades' lack both."""
        doubtful = [
            (own, code)
            for own, many in zip(words, named, strict=True)
            for code, share in many
            if share < _PLAIN
        ]
        spoken = iter(self._topics.borne_out(doubtful))
        return [
            [(code, share) for code, share in many if share >= _PLAIN or next(spoken) >= _OWN_WORD]
            for many in named
        ]

    def _shown(self, words: Sequence[Words], named: Sequence[Named]) -> list[tuple[TopicFinding, ...]]:
        """The topics that were *named*, with the words that show them."""
        asked = [(own, code) for own, many in zip(words, named, strict=True) for code, _ in many]
        shown = iter(self._topics.words_for(asked))
        return [
            tuple(
                TopicFinding(code=code, confidence=round(share, 4), words=next(shown)) for code, share in many
            )
            for many in named
        ]

    def _moods(
        self, texts: Sequence[Text], read: Sequence[Reading], shares: NDArray[np.float64]
    ) -> list[Mood]:
        """The customers' own ratings, else what is guessed."""
        guesses = zip(texts, read, shares.tolist(), strict=True)
        return [
            (rated, 1.0) if (rated := reading.sentiment_of_rating(text.rating)) else self._mood(one, row)
            for text, one, row in guesses
        ]

    def _mood(self, read: Reading, shares: Sequence[float]) -> Mood:
        """The model's guess, and the lexicon's where it has one; ``unsure`` where neither is."""
        if not read.language:
            return Sentiment.UNSURE, 0.0
        classes = self._sentiment.model.classes
        if read.sure and self._lexicon:
            kept, lexicon = 1 - self._lexicon, self._lexicon
            shares = [
                kept * share + lexicon * _by_words(name, read.mood)
                for name, share in zip(classes, shares, strict=True)
            ]
        most = max(shares)
        if most < _SURE and most < self._sentiment.model.threshold:
            return Sentiment.UNSURE, most
        return Sentiment(classes[shares.index(most)]), most

    def _named(self, read: Sequence[Reading], shares: NDArray[np.float64]) -> list[Named]:
        """The topics that are likely enough: the first by the model's threshold, more if they come near."""
        model = self._topics.model
        best = np.argsort(-shares, axis=1, kind="stable")[:, :_TOPICS_MAX]
        likely = np.take_along_axis(shares, best, axis=1)
        found = []
        for one, order, row in zip(read, best.tolist(), likely.tolist(), strict=True):
            named: Named = []
            for at, share in zip(order, row, strict=True) if one.language else ():
                # Two topics in one text share what there is.
                least = model.threshold if not named else max(0.25, model.threshold / 2)
                if share < least:
                    break
                if model.classes[at] != seeds.NO_TOPIC:
                    named.append((model.classes[at], share))
            found.append(named)
        return found


def _by_words(name: str, mood: float) -> float:
    """What words of praise and blame alone say: the probability of the sentiment *name*."""
    neutral = 0.4 * (1 - abs(mood))
    if name == Sentiment.NEUTRAL:
        return neutral
    return (1 - neutral) * (1 + (mood if name == Sentiment.POSITIVE else -mood)) / 2
