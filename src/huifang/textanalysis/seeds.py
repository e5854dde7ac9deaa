"""What a new installation learns from before anybody has labelled anything: phrases of our own.

In both languages; never anybody else's texts.
"""

from collections.abc import Mapping
from functools import cache

from huifang.textanalysis import phrases
from huifang.textanalysis.records import Labelled, Taxonomy, Topic

NO_TOPIC = "-"
_ZH, _EN = "zh", "en"
_FEW = 10


@cache
def taxonomy() -> Taxonomy:
    """The topics that ship with the product."""
    return Taxonomy(topics=tuple(_topic(entry) for entry in phrases.data("taxonomy")))


def _topic(entry: Mapping[str, object]) -> Topic:
    names, seeds = entry["name"], entry["seeds"]
    assert isinstance(names, dict)
    assert isinstance(seeds, dict)
    return Topic(
        code=str(entry["code"]),
        name=names,
        parent=str(entry["parent"]),
        department=str(entry["department"]),
        seeds={language: tuple(many) for language, many in seeds.items()},
    )


def moods() -> list[Labelled]:
    """Phrases and how whoever says them feels."""
    return [
        Labelled(text=phrase, label=mood)
        for mood, entry in phrases.data("moods").items()
        for phrase in phrases.by_language(entry)
    ]


def topics(known: Taxonomy) -> list[Labelled]:
    """The seed phrases of *known*, and phrases that are about nothing in particular.

    A topic of few phrases goes by its names too.
    """
    about = [Labelled(text=phrase, label=topic.code) for topic in known.topics for phrase in _phrases(topic)]
    nothing = phrases.data("nothing")
    return about + [Labelled(text=phrase, label=NO_TOPIC) for phrase in phrases.by_language(nothing)]


def _phrases(topic: Topic) -> tuple[str, ...]:
    own = [phrase for language in (_ZH, _EN) for phrase in topic.seeds.get(language, ())]
    names = [each for each in topic.name.values() if each] if len(own) < _FEW else []
    return (*names, *own)
