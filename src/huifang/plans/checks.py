"""Whether a definition can go live: its own faults and those that only other rooms can see."""

from collections.abc import Iterator

from huifang.delivery.errors import PlaceholderBrokenError, PlaceholderUnknownError
from huifang.delivery.services import check_template
from huifang.plans.records import Fault, PlanDefinition
from huifang.plans.rules import faults_of
from huifang.questionnaires.errors import NotPublishedError
from huifang.questionnaires.queries import published


def faults(definition: PlanDefinition) -> list[Fault]:
    """Every fault, in the order in which the plan is read."""
    return [*faults_of(definition), *_faults_of_questionnaire(definition), *_faults_of_templates(definition)]


def _faults_of_questionnaire(definition: PlanDefinition) -> Iterator[Fault]:
    if definition.questionnaire_id is None:
        return
    try:
        published(questionnaire_id=definition.questionnaire_id)
    except NotPublishedError:
        yield Fault(code="questionnaire_not_published", facts={})


def _faults_of_templates(definition: PlanDefinition) -> Iterator[Fault]:
    for number, step in enumerate(definition.steps, start=1):
        for texts in (step.subject, step.body):
            try:
                check_template(texts=texts)
            except PlaceholderUnknownError as error:
                facts = {"placeholder": str(error.facts["placeholder"])}
                yield Fault(code="placeholder_unknown", step=number, facts=facts)
            except PlaceholderBrokenError as error:
                yield Fault(code="placeholder_broken", step=number, facts={"near": str(error.facts["near"])})
