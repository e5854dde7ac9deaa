"""What can be done with questionnaires: write, publish, invite, answer. One transaction each."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from importlib import resources

import msgspec
from django.db import IntegrityError, transaction

from huifang.kernel import audit, outbox
from huifang.kernel.ids import CustomerId, InvitationId
from huifang.kernel.rows import RefusedRow, Row
from huifang.questionnaires import answering, checks, importing, queries, records, replies
from huifang.questionnaires.answer_errors import ResponseCompleteError
from huifang.questionnaires.errors import (
    ArchivedError,
    DraftChangedError,
    DraftMissingError,
    InvitationSpentError,
    NameMissingError,
    NothingToUndoError,
    SlugTakenError,
    UnknownQuestionnaireError,
)
from huifang.questionnaires.inviting import close_invitation as close_invitation
from huifang.questionnaires.inviting import invite as invite
from huifang.questionnaires.inviting import invite_many as invite_many
from huifang.questionnaires.merging import customers_merged as customers_merged
from huifang.questionnaires.models import (
    DraftStep,
    Questionnaire,
    ResponseState,
    Version,
    VersionState,
)
from huifang.questionnaires.records import Definition, FeedbackLayout, ImportReport, Texts

PACK_ACTOR = "system:pack"


def _subject(questionnaire_id: int) -> str:
    return f"questionnaire:{questionnaire_id}"


def _stored(definition: Definition) -> object:
    return msgspec.to_builtins(definition)


def create_questionnaire(
    *, slug: str, name: Texts, by: str, now: datetime, definition: Definition | None = None
) -> int:
    """Make a questionnaire with a first draft; its number. Raises `SlugTakenError`, `NameMissingError`."""
    name = _named(name)
    asked = definition or Definition()
    checks.check_draft(asked)
    try:
        with transaction.atomic():
            made = Questionnaire.objects.create(slug=slug, name=name, created_at=now)
            Version.objects.create(questionnaire=made, number=1, definition=_stored(asked))
            audit.record(
                actor=by,
                action="questionnaire.created",
                subject=_subject(made.pk),
                facts={"slug": slug},
                at=now,
            )
    except IntegrityError:
        raise SlugTakenError(slug=slug) from None
    return int(made.pk)


def _named(name: Texts) -> Texts:
    kept = {language: text.strip() for language, text in name.items() if text.strip()}
    if not kept:
        raise NameMissingError
    return kept


def _locked(questionnaire_id: int) -> Questionnaire:
    found = Questionnaire.objects.select_for_update().filter(pk=questionnaire_id).first()
    if found is None:
        raise UnknownQuestionnaireError(questionnaire_id=questionnaire_id)
    if found.is_archived:
        raise ArchivedError
    return found


def rename(*, questionnaire_id: int, name: Texts, by: str, now: datetime) -> None:
    """Give a questionnaire another name. Raises `NameMissingError`."""
    name = _named(name)
    with transaction.atomic():
        found = _locked(questionnaire_id)
        if found.name == name:
            return
        found.name = name
        found.save(update_fields=["name"])
        audit.record(
            actor=by, action="questionnaire.renamed", subject=_subject(found.pk), facts={"name": name}, at=now
        )


def save_draft(
    *, questionnaire_id: int, definition: Definition, by: str, now: datetime, stamp: str = ""
) -> int:
    """Keep *definition* as the draft, a new version where the newest is published; the version's number.

    *stamp* ("number.revision" of the version that was edited) guards against overwriting another
    person's change. Raises `DraftChangedError` and what `checks.check_draft` raises.
    """
    checks.check_draft(definition)
    with transaction.atomic():
        found = _locked(questionnaire_id)
        latest = found.versions.order_by("-number")[0]
        # First: pressing Save right after typing sends the same form twice, both with the older stamp.
        if checks.convert(latest.definition) == definition:
            return latest.number
        if stamp and stamp != f"{latest.number}.{latest.revision}":
            raise DraftChangedError
        _remember(latest, by=by, now=now)
        draft = _draft_after(latest, definition)
        audit.record(
            actor=by,
            action="questionnaire.draft_saved",
            subject=_subject(found.pk),
            facts={"version": draft.number, "revision": draft.revision},
            at=now,
        )
    return draft.number


def _draft_after(latest: Version, definition: Definition) -> Version:
    """The draft that holds *definition*: *latest* itself, or the next version."""
    if latest.state == VersionState.PUBLISHED:
        return Version.objects.create(
            questionnaire_id=latest.questionnaire_id, number=latest.number + 1, definition=_stored(definition)
        )
    latest.definition = _stored(definition)
    latest.revision += 1
    latest.save(update_fields=["definition", "revision"])
    return latest


STEPS_MAX = 50


def _remember(latest: Version, *, by: str, now: datetime) -> None:
    """Keep what the draft was, so that the change can be undone; the last `STEPS_MAX` are kept."""
    steps = DraftStep.objects.filter(questionnaire_id=latest.questionnaire_id)
    DraftStep.objects.create(
        questionnaire_id=latest.questionnaire_id, definition=latest.definition, made_at=now, made_by=by
    )
    old = steps.order_by("-pk").values_list("pk", flat=True)[STEPS_MAX : STEPS_MAX + 50]
    if stale := list(old):
        steps.filter(pk__in=stale).delete()


def undo(*, questionnaire_id: int, by: str, now: datetime) -> None:
    """Make the draft what it was before the last change. Raises `NothingToUndoError`."""
    with transaction.atomic():
        found = _locked(questionnaire_id)
        latest = found.versions.order_by("-number")[0]
        step = DraftStep.objects.filter(questionnaire=found).order_by("-pk").first()
        if step is None or latest.state != VersionState.DRAFT:
            raise NothingToUndoError
        latest.definition = step.definition
        latest.revision += 1
        latest.save(update_fields=["definition", "revision"])
        step.delete()
        audit.record(
            actor=by,
            action="questionnaire.undone",
            subject=_subject(found.pk),
            facts={"version": latest.number, "revision": latest.revision},
            at=now,
        )


def discard_draft(*, questionnaire_id: int, by: str, now: datetime) -> None:
    """Drop the draft and go back to the published version. Raises `DraftMissingError`."""
    with transaction.atomic():
        found = _locked(questionnaire_id)
        latest = found.versions.order_by("-number")[0]
        if latest.state != VersionState.DRAFT or latest.number == 1:
            raise DraftMissingError
        latest.delete()
        DraftStep.objects.filter(questionnaire=found).delete()
        audit.record(
            actor=by,
            action="questionnaire.draft_discarded",
            subject=_subject(found.pk),
            facts={"version": latest.number},
            at=now,
        )


def publish(*, questionnaire_id: int, by: str, now: datetime) -> int:
    """Fix the draft for ever and offer it to plans; the id of the version.

    Raises `DraftMissingError` and what `checks.check` raises.
    """
    with transaction.atomic():
        found = _locked(questionnaire_id)
        draft = found.versions.order_by("-number")[0]
        if draft.state != VersionState.DRAFT:
            raise DraftMissingError
        checks.check(checks.convert(draft.definition))
        draft.state = VersionState.PUBLISHED
        draft.published_at = now
        draft.published_by = by
        draft.save(update_fields=["state", "published_at", "published_by"])
        DraftStep.objects.filter(questionnaire=found).delete()
        audit.record(
            actor=by,
            action="questionnaire.published",
            subject=_subject(found.pk),
            facts={"version": draft.number},
            at=now,
        )
    return int(draft.pk)


def archive(*, questionnaire_id: int, by: str, now: datetime, is_archived: bool = True) -> None:
    """Take a questionnaire out of what plans can choose, or bring it back. Invitations go on."""
    with transaction.atomic():
        changed = Questionnaire.objects.filter(pk=questionnaire_id).update(is_archived=is_archived)
        if not changed:
            raise UnknownQuestionnaireError(questionnaire_id=questionnaire_id)
        action = "questionnaire.archived" if is_archived else "questionnaire.restored"
        audit.record(actor=by, action=action, subject=_subject(questionnaire_id), at=now)


def install_pack(*, now: datetime) -> list[str]:
    """Publish the ready questionnaires that are not there yet; their short names."""
    files = resources.files("huifang.questionnaires").joinpath("pack")
    present = set(Questionnaire.objects.values_list("slug", flat=True))
    added = []
    for file in sorted(files.iterdir(), key=lambda each: each.name):
        ready = json.loads(file.read_text(encoding="utf-8"))
        if ready["slug"] not in present:
            _install(ready["slug"], ready["name"], checks.convert(ready["definition"]), now=now)
            added.append(ready["slug"])
    return added


def _install(slug: str, name: Texts, definition: Definition, *, now: datetime) -> None:
    with transaction.atomic():
        made = create_questionnaire(slug=slug, name=name, by=PACK_ACTOR, now=now, definition=definition)
        publish(questionnaire_id=made, by=PACK_ACTOR, now=now)


def answer(*, invitation_id: InvitationId, submission: answering.Submission, now: datetime) -> bool:
    """Keep the answers; whether the response is complete with them. Answering anew rewrites.

    Raises `InvitationClosedError`, `ResponseCompleteError`, `AnswerInvalidError`, `AnswerMissingError`.
    """
    with transaction.atomic():
        invitation = answering.locked_invitation(invitation_id, now=now)
        response = answering.response_of(
            invitation, language=submission.language, mode=submission.mode, now=now
        )
        if response.state != ResponseState.STARTED:
            raise ResponseCompleteError
        definition = queries.definition(version_id=invitation.version_id)
        return answering.store(response, definition, submission, now=now)


def spend(*, invitation_id: InvitationId, now: datetime) -> None:
    """Use up an invitation for an anonymous answer, which is written elsewhere, under no name.

    A transaction of its own: one that also wrote the answer would mark both rows as of one hand.
    Raises `InvitationClosedError`, `InvitationSpentError`.
    """
    with transaction.atomic():
        invitation = answering.locked_invitation(invitation_id, now=now)
        if invitation.is_spent:
            raise InvitationSpentError
        invitation.is_spent = True
        invitation.save(update_fields=["is_spent"])
        assert invitation.customer_id is not None, "an open invitation belongs to a customer"
        outbox.record(
            records.InvitationSpent(
                customer_id=CustomerId(invitation.customer_id), invitation_key=invitation.key, at=now
            )
        )


def take_reply(*, heard: replies.Heard) -> str:
    """Take a reply to a message as an answer or a comment, once; what became of it. Idempotent by reply."""
    return replies.take(heard)


def complete(*, invitation_id: InvitationId, now: datetime) -> bool:
    """Close the response where nothing is left to ask; whether it is complete. May be called again."""
    with transaction.atomic():
        invitation = answering.locked_invitation(invitation_id, now=now)
        response = answering.response_so_far(invitation)
        if response is None:
            return False
        definition = queries.definition(version_id=invitation.version_id)
        return answering.complete_if_done(response, definition, now=now)


def import_feedback(
    *,
    rows: Iterable[Row],
    layout: FeedbackLayout,
    by: str,
    now: datetime,
    on_refused: Callable[[RefusedRow], None] = lambda _: None,
) -> ImportReport:
    """Keep answers of the past, a thousand a transaction; those that are there are not added again.

    They make no case, end no follow-up, and count as answered by nobody who was invited. Rows that cannot
    be used go to *on_refused*. Raises `MissingColumnError`.
    """
    job = importing.Import(
        layout=layout,
        version_of=partial(_version_for_import, layout, by=by, now=now),
        now=now,
        on_refused=on_refused,
    )
    return job.take(rows)


def _version_for_import(layout: FeedbackLayout, *, by: str, now: datetime) -> Version:
    """The published version that holds such answers; archived, so that no plan can ask it."""
    slug = importing.slug_of(layout)
    first = Version.objects.filter(questionnaire__slug=slug, number=1)
    found = first.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            definition = importing.definition_of(layout.metric)
            made = create_questionnaire(
                slug=slug, name=importing.name_of(layout), by=by, now=now, definition=definition
            )
            publish(questionnaire_id=made, by=by, now=now)
            archive(questionnaire_id=made, by=by, now=now)
    except SlugTakenError:
        pass  # another import of the same name has just made it
    return first.get()
