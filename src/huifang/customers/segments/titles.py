"""What a segment is called in the reader's language: one that came with a ready plan is known in each."""

from collections.abc import Callable

from django.utils.translation import get_language

from huifang.kernel.texts import pick, product_language

_Source = Callable[[str], dict[str, str]]
_sources: list[_Source] = []


def provide(source: _Source) -> _Source:
    """Decorate a function of `config.wiring` that gives the texts of a name, none where it knows none."""
    _sources.append(source)
    return source


def title_of(name: str) -> str:
    """The name as the reader knows it; names that people wrote stay as they are."""
    texts = next((found for source in _sources if (found := source(name))), {})
    return pick(texts, product_language(get_language() or "")) or name
