"""Makes the message of one step: the questionnaire's link and the texts that delivery fills and sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import override

from huifang.decisions.zones import find_zone
from huifang.delivery.queries import channel_accounts
from huifang.delivery.records import Choice, NewAttempt
from huifang.kernel.ids import EnrolmentId, PlanId
from huifang.kernel.texts import pick, product_language
from huifang.plans import one_tap
from huifang.plans.course import link_expires_at
from huifang.plans.priorities import Due
from huifang.plans.records import PlanDefinition, Step
from huifang.plans.rewards import path_of
from huifang.plans.situations import EVENT, EVENT_PLACEHOLDERS, Moment, Move
from huifang.questionnaires.errors import NotPublishedError
from huifang.questionnaires.queries import definition as definition_of
from huifang.questionnaires.queries import published
from huifang.questionnaires.records import NewInvitation, QuestionnaireChoice
from huifang.questionnaires.services import invite_many

_MODE = "web"


@dataclass(slots=True, kw_only=True)
class Inviter:
    """Invites within one batch; each questionnaire's published version is looked up once."""

    moment: Moment
    choices: dict[int, QuestionnaireChoice | None] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)
    providers: dict[str, str] | None = None

    def attempts(self, contacts: Sequence[tuple[Due, Move]]) -> list[NewAttempt | None]:
        """The attempt of each contact, in order; None where the plan's questionnaire is not published.

        *answered* has the enrolments whose answer has begun meanwhile, which need none.
        """
        asked = [self._choice(due.progress.plan.definition) for due, _ in contacts]
        invited = invite_many(
            wanted=[
                self._invitation(due, move, choice)
                for (due, move), choice in zip(contacts, asked, strict=True)
                if choice
            ],
            now=self.moment.now,
        )
        self.answered |= {
            due.progress.id
            for due, _ in contacts
            if due.progress.round_key in invited and invited[due.progress.round_key].is_answered
        }
        return [
            _attempt(due, move, choice, invited[due.progress.round_key].path) if choice else None
            for (due, move), choice in zip(contacts, asked, strict=True)
        ]

    def _invitation(self, due: Due, move: Move, choice: QuestionnaireChoice) -> NewInvitation:
        progress = due.progress
        channel = progress.plan.definition.steps[move.step].channel
        return NewInvitation(
            customer_id=due.subject.standing.customer_id,
            version_id=choice.version_id,
            key=progress.round_key,
            language=_language(due),
            mode=_MODE,
            expires_at=link_expires_at(progress.deadline),
            plan_id=progress.plan.plan_id,
            channel=channel,
            context=self._context(due, channel),
            thanks_path=path_of(progress.id) if progress.plan.definition.incentive else "",
        )

    def _context(self, due: Due, channel: str) -> dict[str, str]:
        """What is known as the customer is asked. The provider is named where only one can be meant."""
        if self.providers is None:
            self.providers = _providers()
        standing = due.subject.standing
        known = {
            **due.context,
            "wallet_kind": standing.wallet_kind,
            "region": standing.region,
            "channel_provider": self.providers.get(channel, ""),
        }
        return {name: value for name, value in known.items() if value}

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


def _providers() -> dict[str, str]:
    """The provider of each channel that has just one."""
    found: dict[str, set[str]] = {}
    for account in channel_accounts():
        if account.is_enabled:
            found.setdefault(account.channel, set()).add(account.provider)
    return {channel: min(names) for channel, names in found.items() if len(names) == 1}


def _language(due: Due) -> str:
    definition = due.progress.plan.definition
    return product_language(due.subject.standing.language) or definition.fallback_language


def _attempt(due: Due, move: Move, choice: QuestionnaireChoice, path: str) -> NewAttempt:
    progress, definition = due.progress, due.progress.plan.definition
    step, language = definition.steps[move.step], _language(due)
    return NewAttempt(
        key=f"{progress.round_key}:step:{move.step + 1}",
        customer_id=due.subject.standing.customer_id,
        channel=step.channel,
        contact_class=definition.contact_class,
        purpose=definition.purpose,
        round_key=progress.round_key,
        subject=step.subject,
        body=step.body,
        language=language,
        fallback_language=definition.fallback_language,
        variables={
            "link": f"{settings.PUBLIC_URL}{path}",
            "plan_name": pick(definition.name, language, definition.fallback_language),
            "seconds": str(choice.seconds),
            **_when(due, move, language),
            **_event_variables(due.subject.facts),
        },
        not_after=progress.deadline,
        label=pick(definition.name, definition.fallback_language),
        plan_id=PlanId(progress.plan.plan_id),
        enrolment_id=EnrolmentId(progress.id),
        choices=_choices(step, choice, path, language),
        is_tracked=definition.tracks_links,
    )


def _choices(step: Step, choice: QuestionnaireChoice, path: str, language: str) -> tuple[Choice, ...]:
    """The first question's answers, where the message shows them."""
    if not one_tap.is_wanted(step):
        return ()
    return one_tap.choices_of(definition_of(version_id=choice.version_id), path, language)


def _when(due: Due, move: Move, language: str) -> dict[str, str]:
    """When the contact that a notice announces comes, by the customer's own clock."""
    at = move.verdicts[-1].follows_at
    zone = find_zone(due.subject.standing.time_zone)
    if at is None or zone is None:
        return {}
    with override(language.lower()):
        return {"when": date_format(at.astimezone(zone), "DATETIME_FORMAT", use_l10n=True)}


def _event_variables(facts: Mapping[str, object]) -> dict[str, str]:
    """What the event gives to messages; an amount with two decimals."""
    given = {name: facts.get(f"{EVENT}{name}") for name in EVENT_PLACEHOLDERS}
    return {
        name: f"{value:,.2f}" if isinstance(value, int | float) else str(value)
        for name, value in given.items()
        if value not in (None, "")
    }
