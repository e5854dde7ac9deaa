"""Message templates: kept per channel and language, each change a version, and who used which lately."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count

from huifang.delivery import accounts, store
from huifang.delivery.channels import registry
from huifang.delivery.channels.base import price
from huifang.delivery.errors import (
    TemplateEmptyError,
    TemplateNameTakenError,
    UnknownChannelError,
    UnknownTemplateError,
)
from huifang.delivery.models import Attempt, ChannelAccount, MessageTemplate, MessageTemplateVersion
from huifang.delivery.records import TemplateDraft, TemplateRecord, TemplateUse, TemplateVersionRecord
from huifang.delivery.rules import wording

LOOKED_BACK = timedelta(days=30)


def save(draft: TemplateDraft, *, by: str, now: datetime) -> tuple[int, int]:
    """Store *draft* as the next version; returns the template's number and the version.

    What changes nothing makes no version. Raises `UnknownTemplateError`, `UnknownChannelError`,
    `TemplateEmptyError`, `TemplateNameTakenError`, `PlaceholderUnknownError`, `PlaceholderBrokenError`.
    """
    subject, body = _texts(draft.subject), _texts(draft.body)
    _check(draft, subject, body)
    digest = store.digest_of(subject, body)
    try:
        with transaction.atomic():
            row = _row(draft, now=now)
            last = MessageTemplateVersion.objects.filter(template_id=row.pk, number=row.version).first()
            same = last and (bytes(last.digest), last.fallback_language) == (digest, draft.fallback_language)
            if not same:
                row.version += 1
                row.changed_at = now
            row.name, row.is_archived = draft.name.strip(), draft.is_archived
            row.save()
            if not same:
                MessageTemplateVersion.objects.create(
                    template=row,
                    number=row.version,
                    subject=subject,
                    body=body,
                    fallback_language=draft.fallback_language,
                    digest=digest,
                    changed_by=by,
                    changed_at=now,
                )
    except IntegrityError:
        raise TemplateNameTakenError(name=draft.name) from None
    return int(row.pk), int(row.version)


def _row(draft: TemplateDraft, *, now: datetime) -> MessageTemplate:
    if draft.id is None:
        row = MessageTemplate(channel=draft.channel, version=0, created_at=now, changed_at=now)
        row.name = draft.name.strip()
        return row
    found = MessageTemplate.objects.select_for_update().filter(pk=draft.id).first()
    if found is None:
        raise UnknownTemplateError(template_id=draft.id)
    return found


def _texts(texts: object) -> dict[str, str]:
    assert hasattr(texts, "items")
    return {language: text.strip() for language, text in texts.items() if text.strip()}


def _check(draft: TemplateDraft, subject: dict[str, str], body: dict[str, str]) -> None:
    if draft.channel not in registry.channels():
        raise UnknownChannelError(channel=draft.channel)
    if not body.get(draft.fallback_language):
        raise TemplateEmptyError(language=draft.fallback_language)
    wording.check(
        {
            f"{language}:{part}": text
            for part, texts in (("s", subject), ("b", body))
            for language, text in texts.items()
        },
        wording.PLACEHOLDERS,
    )


def records(*, channel: str = "", include_archived: bool = False) -> list[TemplateRecord]:
    """Every template in its newest version, by channel and name."""
    found = MessageTemplate.objects.order_by("channel", "name")
    if channel:
        found = found.filter(channel=channel)
    if not include_archived:
        found = found.filter(is_archived=False)
    rows = list(found)
    newest = {
        each.template_id: each
        for each in MessageTemplateVersion.objects.filter(template__in=rows).order_by("number")
    }
    return [_record(row, newest[row.pk]) for row in rows]


def record(template_id: int) -> TemplateRecord:
    """One template in its newest version. Raises `UnknownTemplateError`."""
    row = MessageTemplate.objects.filter(pk=template_id).first()
    if row is None:
        raise UnknownTemplateError(template_id=template_id)
    return _record(row, MessageTemplateVersion.objects.get(template=row, number=row.version))


def _record(row: MessageTemplate, version: MessageTemplateVersion) -> TemplateRecord:
    return TemplateRecord(
        id=row.pk,
        channel=row.channel,
        name=row.name,
        version=row.version,
        subject=version.subject,
        body=version.body,
        fallback_language=version.fallback_language,
        is_archived=row.is_archived,
        changed_by=version.changed_by,
        changed_at=version.changed_at,
    )


def versions(template_id: int) -> list[TemplateVersionRecord]:
    """Every version, newest first."""
    found = MessageTemplateVersion.objects.filter(template_id=template_id).order_by("-number")
    return [
        TemplateVersionRecord(
            number=each.number,
            subject=each.subject,
            body=each.body,
            fallback_language=each.fallback_language,
            changed_by=each.changed_by,
            changed_at=each.changed_at,
        )
        for each in found
    ]


def uses(template_id: int, *, now: datetime) -> list[TemplateUse]:
    """The plans that sent its words, of any version, in the last thirty days; the most first."""
    digests = MessageTemplateVersion.objects.filter(template_id=template_id).values_list("digest", flat=True)
    found = Attempt.objects.filter(
        queued_at__gt=now - LOOKED_BACK, wording_id__in=[bytes(each) for each in digests]
    )
    counted = found.values_list("plan_id", "label").annotate(number=Count("pk")).order_by("-number")
    return [TemplateUse(plan_id=plan_id, label=label, count=count) for plan_id, label, count in counted[:50]]


def prices(channel: str, parts: int) -> list[tuple[str, Decimal]]:
    """What *parts* cost at each account in use that states a price, by its name."""
    found = []
    for row in ChannelAccount.objects.filter(channel=channel, is_enabled=True).order_by("priority", "pk"):
        cost = price(accounts.unseal(bytes(row.sealed_settings)), parts)
        if cost is not None:
            found.append((row.name, cost))
    return found
