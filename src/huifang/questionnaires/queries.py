"""What can be asked about questionnaires, invitations, responses and answers. Returns records only."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Prefetch, Q, QuerySet

from huifang.kernel import vault
from huifang.kernel.ids import CustomerId, InvitationId
from huifang.questionnaires import checks, ordering, rules, stored, tallies
from huifang.questionnaires import extracts as extracts
from huifang.questionnaires.answered import ResponseList as ResponseList
from huifang.questionnaires.answered import answers as answers
from huifang.questionnaires.answered import filter_values as filter_values
from huifang.questionnaires.answered import response_count as response_count
from huifang.questionnaires.answered import responses as responses
from huifang.questionnaires.answered import responses_of as responses_of
from huifang.questionnaires.answered import scores as scores
from huifang.questionnaires.errors import (
    NotPublishedError,
    UnknownInvitationError,
    UnknownQuestionnaireError,
    UnknownVersionError,
)
from huifang.questionnaires.models import (
    DraftStep,
    Invitation,
    Questionnaire,
    Response,
    ResponseState,
    Version,
    VersionState,
)
from huifang.questionnaires.records import (
    Cut,
    Definition,
    InvitationTally,
    QuestionnaireChoice,
    QuestionnaireRecord,
    QuestionnaireRow,
    ScoreTally,
    Sitting,
    VersionRecord,
)

TOKEN_PURPOSE = "survey"  # noqa: S105 - the name of a purpose, not a secret


@lru_cache(maxsize=256)
def _published_definition(version_id: int) -> Definition:
    """A published definition never changes, so it is parsed once a process."""
    version = Version.objects.filter(pk=version_id, state=VersionState.PUBLISHED).first()
    if version is None:
        raise UnknownVersionError(version_id=version_id)
    return checks.convert(version.definition)


def definition(*, version_id: int) -> Definition:
    """What a published version asks. Raises `UnknownVersionError`."""
    return _published_definition(version_id)


def _choice(version: Version) -> QuestionnaireChoice:
    asked = _published_definition(version.pk)
    return QuestionnaireChoice(
        id=version.questionnaire_id,
        name=version.questionnaire.name,
        version_id=version.pk,
        version_number=version.number,
        seconds=rules.seconds(asked),
        question_count=len(asked.questions),
        languages=rules.languages(asked),
    )


def _latest_published() -> QuerySet[Version]:
    return (
        Version.objects.filter(state=VersionState.PUBLISHED)
        .select_related("questionnaire")
        .order_by("questionnaire_id", "-number")
        .distinct("questionnaire_id")
    )


def questionnaire_choices() -> list[QuestionnaireChoice]:
    """What a plan can ask: the newest published version of each questionnaire that is not archived."""
    return [_choice(version) for version in _latest_published().filter(questionnaire__is_archived=False)]


def published(*, questionnaire_id: int) -> QuestionnaireChoice:
    """The newest published version. Raises `NotPublishedError`."""
    version = _latest_published().filter(questionnaire_id=questionnaire_id).first()
    if version is None:
        raise NotPublishedError(questionnaire_id=questionnaire_id)
    return _choice(version)


def _version_record(version: Version) -> VersionRecord:
    return VersionRecord(
        id=version.pk,
        number=version.number,
        state=version.state,
        published_at=version.published_at,
        published_by=version.published_by,
        revision=version.revision,
    )


def versions(*, questionnaire_id: int) -> list[VersionRecord]:
    """Every version, newest first."""
    found = Version.objects.filter(questionnaire_id=questionnaire_id).order_by("-number")
    return [_version_record(version) for version in found]


def questionnaire(*, questionnaire_id: int) -> QuestionnaireRecord:
    """One questionnaire with the definition of its newest version. Raises `UnknownQuestionnaireError`."""
    found = _with_versions().filter(pk=questionnaire_id).first()
    if found is None:
        raise UnknownQuestionnaireError(questionnaire_id=questionnaire_id)
    return _questionnaire_record(found)


def questionnaires() -> list[QuestionnaireRecord]:
    """Every questionnaire, archived ones last, in two queries."""
    return [_questionnaire_record(found) for found in _with_versions().order_by("is_archived", "pk")]


def _with_versions() -> QuerySet[Questionnaire]:
    return Questionnaire.objects.prefetch_related(Prefetch("versions", Version.objects.order_by("-number")))


def _questionnaire_record(found: Questionnaire) -> QuestionnaireRecord:
    every = list(found.versions.all())
    live = next((version for version in every if version.state == VersionState.PUBLISHED), None)
    return QuestionnaireRecord(
        id=found.pk,
        slug=found.slug,
        name=found.name,
        is_archived=found.is_archived,
        created_at=found.created_at,
        latest=_version_record(every[0]),
        published=_version_record(live) if live else None,
        definition=checks.convert(every[0].definition),
    )


def last_step(*, questionnaire_id: int) -> tuple[str, datetime] | None:
    """Who made the last change to the draft that can be undone, and when."""
    steps = DraftStep.objects.filter(questionnaire=questionnaire_id).order_by("-pk")
    return steps.values_list("made_by", "made_at").first()


def version_definition(*, questionnaire_id: int, number: int) -> Definition:
    """What version *number* asks, draft or not. Raises `UnknownVersionError`."""
    found = Version.objects.filter(questionnaire_id=questionnaire_id, number=number).first()
    if found is None:
        raise UnknownVersionError(version_id=number)
    return checks.convert(found.definition)


def version_number(*, version_id: int) -> int:
    """The number that a version has in its questionnaire."""
    return int(Version.objects.values_list("number", flat=True).get(pk=version_id))


def version_of(*, version_id: int) -> tuple[int, int]:
    """The questionnaire that a version is of, and its number there."""
    found = Version.objects.values_list("questionnaire_id", "number").get(pk=version_id)
    return int(found[0]), int(found[1])


def questionnaire_rows() -> list[QuestionnaireRow]:
    """Every questionnaire with its use, archived ones last."""
    counted = Response.objects.values("questionnaire_id").annotate(
        started=Count("pk"), completed=Count("pk", filter=Q(state=ResponseState.COMPLETED))
    )
    use = {row["questionnaire_id"]: (row["started"], row["completed"]) for row in counted}
    newest_first = Prefetch("versions", Version.objects.order_by("-number"))
    found = Questionnaire.objects.prefetch_related(newest_first).order_by("is_archived", "pk")
    return [_row(each, *use.get(each.pk, (0, 0))) for each in found]


def _row(found: Questionnaire, started: int, completed: int) -> QuestionnaireRow:
    every = list(found.versions.all())
    live = next((version for version in every if version.state == VersionState.PUBLISHED), None)
    shown = live or every[0]
    asked = checks.convert(shown.definition)
    return QuestionnaireRow(
        id=found.pk,
        slug=found.slug,
        name=found.name,
        is_archived=found.is_archived,
        has_draft=every[0].state == VersionState.DRAFT,
        version_number=shown.number,
        published_at=live.published_at if live else None,
        question_count=len(asked.questions),
        seconds=rules.seconds(asked),
        languages=rules.languages(asked) if asked.questions else [],
        started=started,
        completed=completed,
    )


def invitation_path(*, invitation_id: InvitationId) -> str:
    """Where the invited customer answers."""
    return f"/s/{vault.token(TOKEN_PURPOSE, invitation_id)}"


def invitation_id_of(*, token: str) -> InvitationId:
    """The invitation that *token* stands for. Raises `UnknownInvitationError`."""
    number = vault.read_token(TOKEN_PURPOSE, token)
    if number is None:
        raise UnknownInvitationError
    return InvitationId(number)


def seed_of(invitation_id: InvitationId) -> str:
    """What the order of questions is drawn from: the same each time the link is opened."""
    return vault.signature(str(invitation_id).encode(), context="question-order")[:8].hex()


def sitting(*, invitation_id: InvitationId, now: datetime) -> Sitting:
    """What is asked of one invited customer, and answered so far. Raises `UnknownInvitationError`."""
    found = stored.invited(invitation_id)
    if found is None:
        raise UnknownInvitationError
    asked = _published_definition(found.version_id)
    seed = seed_of(invitation_id) if ordering.is_shuffled(asked) else ""
    return Sitting(
        invitation_id=invitation_id,
        customer_id=CustomerId(found.customer_id) if found.customer_id is not None else None,
        definition=ordering.arrange(asked, seed),
        language=found.spoken or found.language,
        state=found.state or "",
        answers=found.answers,
        skipped=frozenset(found.skipped or ()),
        is_open=is_open(found, now=now),
        context=found.context if found.kept is None else found.kept,
        thanks_path=found.thanks_path,
        seed=seed,
        version_id=found.version_id,
        is_spent=found.is_spent,
    )


def is_open(invitation: Invitation | stored.Invited, *, now: datetime) -> bool:
    """Whether an answer is still taken."""
    return invitation.closed_at is None and invitation.expires_at > now and invitation.customer_id is not None


def score_tallies(*, cut: Cut, by: Sequence[str] = ()) -> list[ScoreTally]:
    """How often each score was given, in groups *by* day, plan, channel, wallet_kind, language, event."""
    return tallies.scores(cut=cut, by=by)


def invitation_tallies(*, cut: Cut, by: Sequence[str] = ()) -> list[InvitationTally]:
    """Invitations made in the period and what became of them, in groups as for `score_tallies`."""
    return tallies.invitations(cut=cut, by=by)
