"""What differs between two definitions, as paths and values. Pure."""

from collections.abc import Iterator

from huifang.plans.definition import PlanDefinition
from huifang.plans.records import Change
from huifang.plans.rules import write_definition

_MISSING = object()


def compare(old: PlanDefinition, new: PlanDefinition) -> list[Change]:
    """Every difference, in the order in which a plan is read; what is equal is left out.

    A path reads like "steps.2.body.en"; what stands in a row is counted from 1.
    """
    return list(_differences("", write_definition(old), write_definition(new)))


def _differences(path: str, before: object, after: object) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            yield from _differences(
                _joined(path, name), before.get(name, _MISSING), after.get(name, _MISSING)
            )
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        for place in range(max(len(before), len(after))):
            yield from _differences(
                _joined(path, str(place + 1)),
                before[place] if place < len(before) else _MISSING,
                after[place] if place < len(after) else _MISSING,
            )
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield Change(path=path, before=_shown(before), after=_shown(after))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: object) -> object:
    return None if value is _MISSING else value
