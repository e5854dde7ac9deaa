"""Makes the message of one step: the questionnaire's link and the texts that delivery fills and sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

from huifang.delivery.records import NewAttempt
from huifang.kernel.ids import EnrolmentId, PlanId
from huifang.kernel.texts import pick, product_language
from huifang.plans.course import link_expires_at
from huifang.plans.priorities import Due
from huifang.plans.records import PlanDefinition
from huifang.plans.situations import EVENT, EVENT_PLACEHOLDERS, Moment, Move
from huifang.questionnaires.errors import NotPublishedError
from huifang.questionnaires.queries import published
from huifang.questionnaires.records import QuestionnaireChoice
from huifang.questionnaires.services import invite

_MODE = "web"


@dataclass(slots=True, kw_only=True)
class Inviter:
    """Invites within one batch; each questionnaire's published version is looked up once."""

    moment: Moment
    choices: dict[int, QuestionnaireChoice | None] = field(default_factory=dict)

    def attempt(self, due: Due, move: Move, *, message_id: str) -> NewAttempt | None:
        """The attempt of *move*; None where the plan's questionnaire is not published."""
        progress, standing = due.progress, due.subject.standing
        definition = progress.plan.definition
        step = definition.steps[move.step]
        choice = self._choice(definition)
        if choice is None:
            return None
        language = product_language(standing.language) or definition.fallback_language
        invitation = invite(
            customer_id=standing.customer_id,
            version_id=choice.version_id,
            key=progress.round_key,
            language=language,
            mode=_MODE,
            now=self.moment.now,
            expires_at=link_expires_at(progress.deadline),
            plan_id=progress.plan.plan_id,
            channel=step.channel,
        )
        return NewAttempt(
            key=f"{progress.round_key}:step:{move.step + 1}",
            customer_id=standing.customer_id,
            channel=step.channel,
            contact_class=definition.contact_class,
            purpose=definition.purpose,
            round_key=progress.round_key,
            subject=step.subject,
            body=step.body,
            language=language,
            fallback_language=definition.fallback_language,
            variables={
                "link": f"{settings.PUBLIC_URL}{invitation.path}",
                "plan_name": pick(definition.name, language, definition.fallback_language),
                "seconds": str(choice.seconds),
                **_event_variables(due.subject.facts),
            },
            not_after=progress.deadline,
            label=pick(definition.name, definition.fallback_language),
            plan_id=PlanId(progress.plan.plan_id),
            enrolment_id=EnrolmentId(progress.id),
        )

    def _choice(self, definition: PlanDefinition) -> QuestionnaireChoice | None:
        wanted = definition.questionnaire_id
        if wanted is None:
            return None
        if wanted not in self.choices:
            try:
                self.choices[wanted] = published(questionnaire_id=wanted)
            except NotPublishedError:
                self.choices[wanted] = None
        return self.choices[wanted]


def _event_variables(facts: Mapping[str, object]) -> dict[str, str]:
    """What the event gives to messages; an amount with two decimals."""
    given = {name: facts.get(f"{EVENT}{name}") for name in EVENT_PLACEHOLDERS}
    return {
        name: f"{value:,.2f}" if isinstance(value, int | float) else str(value)
        for name, value in given.items()
        if value not in (None, "")
    }
