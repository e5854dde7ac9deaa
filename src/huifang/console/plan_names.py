"""How screens below the plans room learn the names of plans: the wiring hands them in."""

from collections.abc import Callable, Mapping

_Source = Callable[[], dict[int, dict[str, str]]]
_sources: list[_Source] = []


def provide(source: _Source) -> _Source:
    """Decorate a function of `config.wiring` that gives the names of all plans by id."""
    _sources.append(source)
    return source


def names() -> Mapping[int, dict[str, str]]:
    """The names by id, each by language; empty where nobody provides them."""
    return {plan_id: name for source in _sources for plan_id, name in source().items()}
