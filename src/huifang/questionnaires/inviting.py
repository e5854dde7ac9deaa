"""Asking customers: an invitation each, one by its key however often it is asked for."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from huifang.kernel.ids import CustomerId, InvitationId
from huifang.questionnaires import queries, records, rules
from huifang.questionnaires.models import Invitation


def invite(  # noqa: PLR0913 - the inviting room knows all of it, and each by name
    *,
    customer_id: CustomerId,
    version_id: int,
    key: str,
    language: str,
    mode: str,
    now: datetime,
    expires_at: datetime,
    plan_id: int | None = None,
    channel: str = "",
    context: Mapping[str, str] | None = None,
    thanks_path: str = "",
) -> records.Invitation:
    """Ask one customer; inviting again by the same *key* gives the same invitation.

    Raises `UnknownVersionError` where the version is not published, `ThanksPathError`.
    """
    wanted = records.NewInvitation(
        customer_id=customer_id,
        version_id=version_id,
        key=key,
        language=language,
        mode=mode,
        expires_at=expires_at,
        plan_id=plan_id,
        channel=channel,
        context=context or {},
        thanks_path=thanks_path,
    )
    return invite_many(wanted=[wanted], now=now)[key]


def invite_many(*, wanted: Sequence[records.NewInvitation], now: datetime) -> dict[str, records.Invitation]:
    """The same for many customers at once, in two queries; invitations by key.

    Asked again by a reminder, an invitation takes on its channel: an answer counts for what reached last.
    Raises `UnknownVersionError` where a version is not published, `ThanksPathError`.
    """
    for each in wanted:
        rules.check_thanks_path(each.thanks_path)
    for version_id in {each.version_id for each in wanted}:
        queries.definition(version_id=version_id)
    # Insert first and look after: two dispatchers with one key must both get the one invitation.
    Invitation.objects.bulk_create(
        [
            Invitation(
                key=each.key,
                customer_id=each.customer_id,
                version_id=each.version_id,
                plan_id=each.plan_id,
                channel=each.channel,
                mode=each.mode,
                language=each.language,
                context=rules.kept_context(each.context),
                thanks_path=each.thanks_path,
                created_at=now,
                expires_at=each.expires_at,
            )
            for each in wanted
        ],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["channel"],
    )
    found = Invitation.objects.filter(key__in=[each.key for each in wanted])
    return {
        key: records.Invitation(
            id=InvitationId(pk),
            path=queries.invitation_path(invitation_id=InvitationId(pk)),
            key=key,
            is_answered=is_spent or response is not None,
        )
        for pk, key, response, is_spent in found.values_list("pk", "key", "response__pk", "is_spent")
    }


def close_invitation(*, key: str, now: datetime) -> None:
    """Take no further answers; those given stay. Closing twice, or an unknown key, changes nothing."""
    Invitation.objects.filter(key=key, closed_at=None).update(closed_at=now)
