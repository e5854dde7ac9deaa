"""Texts that operators write, one per language, with a stated fallback."""

from collections.abc import Mapping

LANGUAGES = ("zh-Hans", "en")


def pick(texts: Mapping[str, str], language: str, fallback: str = "") -> str:
    """The text in *language*, else in *fallback*, else any that is not empty, else ""."""
    for wanted in (language, fallback):
        if texts.get(wanted):
            return texts[wanted]
    return next((text for text in texts.values() if text), "")


def product_language(tag: str) -> str:
    """The product language that serves the BCP 47 *tag*, or "" where none does."""
    primary = tag.replace("_", "-").split("-")[0].lower()
    return {"zh": "zh-Hans", "en": "en"}.get(primary, "")
