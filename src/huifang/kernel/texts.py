"""Texts that operators write, one per language, with a stated fallback; and where the catalogues lie."""

from collections.abc import Mapping
from pathlib import Path

from huifang.kernel import env

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


def catalogue_folder() -> Path:
    """Where the message catalogues are: named by a setting, else in the package, else beside its source."""
    named = env.text("HUIFANG_LOCALE_DIR", help="Folder of the message catalogues, if not the product's own.")
    if named:
        return Path(named).absolute()
    package = Path(__file__).parents[1]
    packed = package / "locale"
    return packed if packed.is_dir() else package.parents[1] / "locale"
