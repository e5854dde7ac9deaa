"""Stored words of findings in the reader's language. What is not known is shown as it is."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from huifang.textanalysis import phrases

_Names = Mapping[str, str | Promise]

SENTIMENTS: _Names = {
    "negative": pgettext_lazy("sentiment", "not content"),
    "neutral": pgettext_lazy("sentiment", "neutral"),
    "positive": pgettext_lazy("sentiment", "content"),
    "unsure": pgettext_lazy("sentiment", "unsure"),
}
INTENTS: _Names = {
    "complaint": pgettext_lazy("intent", "complaint"),
    "question": pgettext_lazy("intent", "question"),
    "wish": pgettext_lazy("intent", "wish"),
    "praise": pgettext_lazy("intent", "praise"),
    "cancel": pgettext_lazy("intent", "wants to leave"),
    "other": pgettext_lazy("intent", "something else"),
    "unsure": pgettext_lazy("intent", "unsure"),
}
URGENCIES: _Names = {
    "0": pgettext_lazy("urgency", "none"),
    "1": pgettext_lazy("urgency", "heed it"),
    "2": pgettext_lazy("urgency", "today"),
    "3": pgettext_lazy("urgency", "now"),
}
CUES: _Names = {
    "urgent": pgettext_lazy("cue", "urgent"),
    "repeated": pgettext_lazy("cue", "said before"),
    "leaving": pgettext_lazy("cue", "may leave"),
    "fraud": pgettext_lazy("cue", "fraud"),
    "legal_threat": pgettext_lazy("cue", "legal threat"),
    "self_harm": pgettext_lazy("cue", "self-harm"),
    "regulator": pgettext_lazy("cue", "regulator"),
    "media": pgettext_lazy("cue", "media"),
}
LANGUAGES: _Names = {
    "zh": "中文",
    "en": "English",
    "mixed": pgettext_lazy("language", "mixed"),
    "other": pgettext_lazy("language", "another language"),
}
SOURCES: _Names = {
    "answer": pgettext_lazy("source of texts", "answers"),
    "import": pgettext_lazy("source of texts", "imported"),
    "api": pgettext_lazy("source of texts", "API"),
}
STANCES: _Names = {
    "better": pgettext_lazy("stance", "better than we"),
    "worse": pgettext_lazy("stance", "worse than we"),
    "mentioned": pgettext_lazy("stance", "named only"),
}
CUTS: _Names = {
    "all": pgettext_lazy("cut of texts", "everywhere"),
    "event": pgettext_lazy("cut of texts", "after the event"),
    "version": pgettext_lazy("cut of texts", "in version"),
    "region": pgettext_lazy("cut of texts", "in region"),
    "channel": pgettext_lazy("cut of texts", "by channel"),
}
WHYS: _Names = {
    "least_sure": pgettext_lazy("why labelled", "The engine is least sure of it."),
    "disagree": pgettext_lazy("why labelled", "More than one topic fits it."),
    "new": pgettext_lazy("why labelled", "The engine holds it to be about a topic with few labels:"),
    "named": pgettext_lazy("why labelled", "It has words of a topic with few labels:"),
    "near": pgettext_lazy("why labelled", "It is like what was labelled of a topic with few labels:"),
}
VERDICTS: _Names = {
    "within_chance": pgettext_lazy(
        "why a version is used", "It got fewer right than the one before, by no more than chance explains."
    ),
    "worse": pgettext_lazy(
        "why a version is used",
        "Not put in use by itself: it got fewer right than the one in use, by more than chance explains.",
    ),
    "few_and_worse": pgettext_lazy(
        "why a version is used",
        "Not put in use by itself: it got fewer right than the one in use, of too few labels kept aside to "
        "tell that from chance. From 30 on it can be told.",
    ),
}
DEPARTMENTS: _Names = {
    "risk": pgettext_lazy("department", "Risk"),
    "service": pgettext_lazy("department", "Customer service"),
    "product": pgettext_lazy("department", "Product"),
    "design": pgettext_lazy("department", "Design"),
    "engineering": pgettext_lazy("department", "Engineering"),
    "pricing": pgettext_lazy("department", "Pricing"),
    "identity": pgettext_lazy("department", "Accounts"),
    "payments": pgettext_lazy("department", "Payments"),
    "marketing": pgettext_lazy("department", "Marketing"),
}
ENGINES: _Names = {
    "rules": pgettext_lazy("engine", "Rules"),
    "tfidf": pgettext_lazy("engine", "Words"),
    "fused": pgettext_lazy("engine", "Words and meaning"),
    "llm": pgettext_lazy("engine", "Language model"),
}
FIELDS: _Names = {
    "sentiment": pgettext_lazy("field of a finding", "Mood"),
    "topics": pgettext_lazy("field of a finding", "Topic"),
    "topic": pgettext_lazy("field of a finding", "Topic"),
    "intent": pgettext_lazy("field of a finding", "Intent"),
}
TABLES: Mapping[str, _Names] = {
    "sentiment": SENTIMENTS,
    "intent": INTENTS,
    "urgency": URGENCIES,
    "cue": CUES,
    "text_language": LANGUAGES,
    "source": SOURCES,
    "stance": STANCES,
    "cut": CUTS,
    "why": WHYS,
    "verdict": VERDICTS,
    "department": DEPARTMENTS,
    "engine": ENGINES,
    "field": FIELDS,
}


def named(table: str, code: object) -> str:
    """The name of *code* in *table*; the code itself where it has none."""
    return str(TABLES[table].get(str(code), code))


def rival(name: str, language: str) -> str:
    """What another wallet is called in *language*: in Chinese by its Chinese name, if it goes by that."""
    aliases = phrases.data("competitors").get(name, ()) if language == "zh-Hans" else ()
    # The first one is how Chinese writers call it.
    return next((each for each in aliases[:1] if not each.isascii()), name)


def choices(table: str, *codes: str) -> list[tuple[str, str]]:
    """*codes* of *table*, all where none are given, with their names, for a filter."""
    return [(code, named(table, code)) for code in codes or TABLES[table]]
