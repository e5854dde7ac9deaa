"""Texts as the tests send them, and an engine that knows topics by a single word."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import structs

from huifang.textanalysis import services, working
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.models import Finding
from huifang.textanalysis.records import Finding as Said
from huifang.textanalysis.records import NewText, Text, TopicFinding

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
_WORDS = {"手续费": "fees", "fee": "fees", "闪退": "speed", "crash": "speed", "不到账": "transfer"}


class WordEngine:
    """Rules for everything, and a topic for each word of `_WORDS`; it breaks on ``POISON``."""

    def __init__(self, version: str = "1", name: str = "words") -> None:
        self.name, self.version, self.read = name, version, list[str]()

    def analyse(self, texts: Sequence[Text]) -> list[Said]:
        """One finding for each text."""
        if any("POISON" in each.text for each in texts):
            raise ValueError("poison")
        self.read += [each.key for each in texts]
        return [self._named(each) for each in RuleEngine().analyse(texts)]

    def _named(self, said: Said) -> Said:
        codes = dict.fromkeys(code for word, code in _WORDS.items() if word in said.masked)
        topics = tuple(TopicFinding(code=code, confidence=0.9) for code in codes)
        return structs.replace(said, topics=topics, engine=self.name, engine_version=self.version)


def text(key: str, words: str, **more: object) -> NewText:
    """A text of the source ``api``, an hour ago."""
    given: dict[str, object] = {"source": "api", "at": NOW - timedelta(hours=1)} | more
    return NewText(key=key, text=words, **given)  # type: ignore[arg-type]


def take(*texts: NewText) -> int:
    """Take them in now."""
    return services.take_texts(texts=texts, now=NOW)


def read_all(engine: WordEngine | None = None) -> int:
    """Let a worker read whatever waits."""
    done, engine = 0, engine or WordEngine()
    while count := working.work(now=NOW, engine=engine):
        done += count
    return done


def stored(key: str) -> Finding:
    """The row of a text."""
    return Finding.objects.get(key=key)
