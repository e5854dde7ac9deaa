"""How Feedback learns the names of plans: the plans room lies above this one, so the wiring hands them in."""

from collections.abc import Callable

from huifang.questionnaires.records import Texts

_Source = Callable[[], dict[int, Texts]]
_sources: list[_Source] = []


def provide(source: _Source) -> _Source:
    """Decorate a function of `config.wiring` that gives the names of all plans by id."""
    _sources.append(source)
    return source


def names() -> dict[int, Texts]:
    """The names by id; empty where nobody provides them."""
    return {plan_id: name for source in _sources for plan_id, name in source().items()}
