"""Ready plans, as data files beside this module. Installing adds what is missing and changes nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from django.db import transaction

from huifang.kernel.ids import PlanId
from huifang.plans import lifecycle
from huifang.plans.errors import UnknownPackError
from huifang.plans.models import Plan
from huifang.plans.records import PlanDefinition, Texts
from huifang.plans.rules import read_definition
from huifang.questionnaires.queries import questionnaire_rows

ACTOR = "system:pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPlan:
    """One ready plan. *about* says in a sentence what it is good for."""

    pack_name: str
    about: Texts
    definition: PlanDefinition


def ready_plans() -> list[ReadyPlan]:
    """Every ready plan, each asking the questionnaire that it was written for where that is there."""
    slugs = {row.slug: row.id for row in questionnaire_rows()}
    return [_read(data, slugs) for data in _files()]


def install(*, now: datetime, activate: bool) -> list[PlanId]:
    """Add the ready plans that are not there yet, put live where *activate*; the plans added.

    Raises `FaultyDefinitionError` where a plan cannot go live, for want of its questionnaire.
    """
    with transaction.atomic():
        present = set(Plan.objects.exclude(pack_name="").values_list("pack_name", flat=True))
        added = []
        for ready in ready_plans():
            if ready.pack_name not in present:
                added.append(_add(ready, by=ACTOR, now=now, pack_name=ready.pack_name))
        if activate:
            for plan_id in added:
                lifecycle.activate(plan_id=plan_id, by=ACTOR, now=now)
    return added


def create_from(*, pack_name: str, by: str, now: datetime) -> PlanId:
    """A new draft from one ready plan. Raises `UnknownPackError`."""
    found = next((ready for ready in ready_plans() if ready.pack_name == pack_name), None)
    if found is None:
        raise UnknownPackError(name=pack_name)
    return _add(found, by=by, now=now, pack_name="")


def _add(ready: ReadyPlan, *, by: str, now: datetime, pack_name: str) -> PlanId:
    return lifecycle.create(definition=ready.definition, by=by, now=now, pack_name=pack_name)


def _files() -> Iterator[dict[str, Any]]:
    folder = resources.files("huifang.plans").joinpath("pack")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".json"):
            yield json.loads(file.read_text(encoding="utf-8"))


def _read(data: dict[str, Any], slugs: dict[str, int]) -> ReadyPlan:
    definition = {**data["definition"], "questionnaire_id": slugs.get(data["questionnaire"])}
    return ReadyPlan(pack_name=data["pack_name"], about=data["about"], definition=read_definition(definition))
