"""Ready plans, as data files in `pack`. Installing adds what is missing and changes nothing."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from django.db import transaction

from huifang.customers.queries import segments
from huifang.customers.services import create_segment
from huifang.kernel.ids import PlanId
from huifang.plans import lifecycle
from huifang.plans.errors import NotFromPackError, UnknownPackError
from huifang.plans.models import Plan
from huifang.plans.records import PlanDefinition, Texts, TriggerKind
from huifang.plans.rules import read_definition
from huifang.questionnaires.queries import questionnaire_rows
from huifang.questionnaires.services import install_pack as install_questionnaires

ACTOR = "system:pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyMessage:
    """What a step on one channel says."""

    subject: Texts
    body: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPlan:
    """One ready plan.

    *about* says in a sentence what it is good for; *messages* are by channel, also for channels that
    its steps do not use; *script* is what an agent says; *needs* is the room that must be built before
    its trigger can come ("" where none is missing); *sms_parts* by language is how long its SMS may be;
    *segment* is made with it where its trigger is one; *plan_id* is the plan that was installed from it.
    """

    pack_name: str
    questionnaire: str
    about: Texts
    definition: PlanDefinition
    messages: Mapping[str, ReadyMessage]
    script: Texts
    needs: str
    sms_parts: Mapping[str, int]
    segment: Mapping[str, Any] | None = None
    plan_id: PlanId | None = None

    @property
    def starts_by_itself(self) -> bool:
        """Whether it may be put live with the rest: no campaign, which a person starts."""
        return not self.needs and self.definition.trigger.kind in (TriggerKind.EVENT, TriggerKind.PULSE)


def ready_plans() -> list[ReadyPlan]:
    """Every ready plan in the order of the pack, each with the questionnaire that it was written for."""
    slugs = {row.slug: row.id for row in questionnaire_rows()}
    installed = dict(Plan.objects.exclude(pack_name="").values_list("pack_name", "pk"))
    return [_read(data, slugs, installed) for data in sorted(files(), key=lambda data: data["order"])]


def ready_plan(*, pack_name: str) -> ReadyPlan:
    """One ready plan. Raises `UnknownPackError`."""
    found = next((ready for ready in ready_plans() if ready.pack_name == pack_name), None)
    if found is None:
        raise UnknownPackError(name=pack_name)
    return found


def origin_of(*, plan_id: PlanId) -> ReadyPlan | None:
    """The ready plan that a plan was installed from; None where there is none."""
    name = Plan.objects.filter(pk=plan_id).values_list("pack_name", flat=True).first()
    return next((ready for ready in ready_plans() if ready.pack_name == name), None) if name else None


def install(*, now: datetime, activate: bool, by: str = ACTOR) -> list[PlanId]:
    """Add the ready plans that are not there yet; the plans added.

    Where *activate*, those are put live that start by themselves: no campaign, which a person starts.
    Raises `FaultyDefinitionError` where one of these cannot go live.
    """
    with transaction.atomic():
        install_questionnaires(now=now)
        missing = [ready for ready in ready_plans() if ready.plan_id is None]
        added = [_add(ready, by=by, now=now, pack_name=ready.pack_name) for ready in missing]
        for plan_id, ready in zip(added, missing, strict=True):
            if activate and ready.starts_by_itself:
                lifecycle.activate(plan_id=plan_id, by=by, now=now)
    return added


def install_one(*, pack_name: str, by: str, now: datetime) -> PlanId:
    """The plan of one ready plan, made as a draft where it is not there yet. Raises `UnknownPackError`."""
    with transaction.atomic():
        install_questionnaires(now=now)
        ready = ready_plan(pack_name=pack_name)
        return ready.plan_id or _add(ready, by=by, now=now, pack_name=pack_name)


def create_from(*, pack_name: str, by: str, now: datetime) -> PlanId:
    """Another plan that starts as a ready one, installed or not. Raises `UnknownPackError`."""
    with transaction.atomic():
        install_questionnaires(now=now)
        return _add(ready_plan(pack_name=pack_name), by=by, now=now, pack_name="")


def restore(*, plan_id: PlanId, by: str, now: datetime) -> None:
    """Write the ready plan anew into the draft; what is live stays. Raises `NotFromPackError`."""
    ready = origin_of(plan_id=plan_id)
    if ready is None:
        raise NotFromPackError
    with transaction.atomic():
        definition = with_segment(ready, by=by, now=now)
        lifecycle.write_draft(plan_id=plan_id, definition=definition, by=by, now=now)


def _add(ready: ReadyPlan, *, by: str, now: datetime, pack_name: str) -> PlanId:
    definition = with_segment(ready, by=by, now=now)
    return lifecycle.create(definition=definition, by=by, now=now, pack_name=pack_name)


def with_segment(ready: ReadyPlan, *, by: str, now: datetime) -> PlanDefinition:
    """The definition over its segment, which is made where none has its name."""
    if ready.segment is None:
        return ready.definition
    name = ready.segment["name"][ready.definition.fallback_language]
    there = next((each.id for each in segments() if each.name == name), None)
    segment_id = there or create_segment(name=name, definition=ready.segment["definition"], by=by, now=now).id
    trigger = msgspec.structs.replace(ready.definition.trigger, segment_id=segment_id)
    return msgspec.structs.replace(ready.definition, trigger=trigger)


def segment_texts(name: str) -> Texts:
    """What a segment that came with a ready plan is called in each language; none for any other."""
    return next((texts for texts in _segment_names() if name in texts.values()), {})


@cache
def _segment_names() -> list[Texts]:
    return [data["segment"]["name"] for data in files() if data.get("segment")]


def files() -> Iterator[dict[str, Any]]:
    """What stands in the files of the pack."""
    for file in resources.files("huifang.plans").joinpath("pack").iterdir():
        if file.name.endswith(".json"):
            yield json.loads(file.read_text(encoding="utf-8"))


def _read(data: dict[str, Any], slugs: Mapping[str, int], installed: Mapping[str, int]) -> ReadyPlan:
    plan_id = installed.get(data["pack_name"])
    return ReadyPlan(
        pack_name=data["pack_name"],
        questionnaire=data["questionnaire"],
        about=data["about"],
        definition=read_definition(definition_in(data, slugs.get(data["questionnaire"]))),
        messages={
            channel: ReadyMessage(subject=message.get("subject", {}), body=message["body"])
            for channel, message in data["messages"].items()
        },
        script=data["script"],
        needs=data.get("needs", ""),
        sms_parts=data["sms_parts"],
        segment=data.get("segment"),
        plan_id=PlanId(plan_id) if plan_id else None,
    )


def definition_in(data: dict[str, Any], questionnaire_id: int | None) -> dict[str, Any]:
    """The definition of one file, each step with the message of its channel."""
    steps = [data["messages"][step["channel"]] | step for step in data["definition"]["steps"]]
    return {**data["definition"], "steps": steps, "questionnaire_id": questionnaire_id}
