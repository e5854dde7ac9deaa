"""The sites on which the widget stands: their public keys, their secrets, the origins they are allowed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction

from huifang.kernel import audit, vault
from huifang.questionnaires.models import WidgetSite
from huifang.questionnaires.widget.errors import (
    UnknownWidgetSiteError,
    WidgetSiteEmptyError,
    WidgetSiteNameTakenError,
)
from huifang.questionnaires.widget.identity import read_origin

_CONTEXT = "questionnaires/widget"
FORMER_DAYS = 7
ORIGINS_MAX = 50
NAME_CHARACTERS_MAX = 60


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """One secret of a site; *ends_at* is when it vouches no more, None for the one in use."""

    number: int
    text: str
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRecord:
    """A widget site without its secrets. *former_until*: until when the secret before this one is good."""

    id: int
    key: str
    name: str
    origins: tuple[str, ...]
    secret_number: int
    former_until: datetime | None
    created_at: datetime
    revoked_at: datetime | None


def _opened(row: WidgetSite) -> list[Secret]:
    return msgspec.json.decode(vault.unseal(bytes(row.sealed_secrets), context=_CONTEXT), type=list[Secret])


def _sealed(found: Sequence[Secret]) -> bytes:
    return vault.seal(msgspec.json.encode(list(found)), context=_CONTEXT)


def _fresh(number: int) -> Secret:
    return Secret(number=number, text=f"hf_widget_{secrets.token_urlsafe(32)}")


def good_secrets(row: WidgetSite, *, now: datetime) -> list[tuple[int, str]]:
    """The secrets that vouch now, by number."""
    return [(each.number, each.text) for each in _opened(row) if each.ends_at is None or each.ends_at > now]


def record_of(row: WidgetSite, *, now: datetime) -> SiteRecord:
    """The record of a stored site."""
    kept = _opened(row)
    ends = [each.ends_at for each in kept if each.ends_at is not None and each.ends_at > now]
    return SiteRecord(
        id=row.pk,
        key=row.key,
        name=row.name,
        origins=tuple(row.origins),
        secret_number=kept[0].number,
        former_until=max(ends, default=None),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def sites(*, now: datetime) -> list[SiteRecord]:
    """Every site, revoked ones last, by name."""
    rows = WidgetSite.objects.order_by("name")
    return sorted((record_of(row, now=now) for row in rows), key=lambda each: each.revoked_at is not None)


def site(*, site_id: int, now: datetime) -> SiteRecord:
    """One site. Raises `UnknownWidgetSiteError`."""
    row = WidgetSite.objects.filter(pk=site_id).first()
    if row is None:
        raise UnknownWidgetSiteError(site_id=site_id)
    return record_of(row, now=now)


def create(*, name: str, origins: Sequence[str], by: str, now: datetime) -> tuple[int, str]:
    """Make a site; its number, and its secret, shown this once.

    Raises `WidgetSiteEmptyError`, `WidgetSiteNameTakenError`, `WidgetOriginError`.
    """
    name, allowed = _checked(name, origins)
    first = _fresh(1)
    try:
        with transaction.atomic():
            row = WidgetSite.objects.create(
                key=secrets.token_hex(10),
                name=name,
                origins=allowed,
                sealed_secrets=_sealed([first]),
                created_at=now,
            )
            _note("created", row, by=by, now=now)
    except IntegrityError:
        raise WidgetSiteNameTakenError(name=name) from None
    return row.pk, first.text


def change(*, site_id: int, name: str, origins: Sequence[str], by: str, now: datetime) -> None:
    """Name it anew, or allow other origins, at once.

    Raises `UnknownWidgetSiteError`, `WidgetSiteEmptyError`, `WidgetSiteNameTakenError`, `WidgetOriginError`.
    """
    name, allowed = _checked(name, origins)
    try:
        with transaction.atomic():
            row = _locked(site_id)
            row.name, row.origins = name, allowed
            row.save(update_fields=["name", "origins"])
            _note("changed", row, by=by, now=now)
    except IntegrityError:
        raise WidgetSiteNameTakenError(name=name) from None


def rotate(*, site_id: int, by: str, now: datetime) -> str:
    """A new secret, shown this once; the one before it is good for `FORMER_DAYS` more, any older one ends.

    Raises `UnknownWidgetSiteError`.
    """
    with transaction.atomic():
        row = _locked(site_id)
        before = _opened(row)[0]
        fresh = _fresh(before.number + 1)
        former = msgspec.structs.replace(before, ends_at=now + timedelta(days=FORMER_DAYS))
        row.sealed_secrets = _sealed([fresh, former])
        row.save(update_fields=["sealed_secrets"])
        _note("secret_rotated", row, by=by, now=now)
    return fresh.text


def end_former_secret(*, site_id: int, by: str, now: datetime) -> None:
    """Only the newest secret vouches from now on. Raises `UnknownWidgetSiteError`."""
    with transaction.atomic():
        row = _locked(site_id)
        row.sealed_secrets = _sealed(_opened(row)[:1])
        row.save(update_fields=["sealed_secrets"])
        _note("former_secret_ended", row, by=by, now=now)


def revoke(*, site_id: int, by: str, now: datetime) -> None:
    """End a site for good: its hashes and passes are worth nothing at once. Twice changes nothing.

    Raises `UnknownWidgetSiteError`.
    """
    with transaction.atomic():
        row = WidgetSite.objects.select_for_update().filter(pk=site_id).first()
        if row is None:
            raise UnknownWidgetSiteError(site_id=site_id)
        if row.revoked_at is None:
            row.revoked_at = now
            row.save(update_fields=["revoked_at"])
            _note("revoked", row, by=by, now=now)


def _locked(site_id: int) -> WidgetSite:
    row = WidgetSite.objects.select_for_update().filter(pk=site_id, revoked_at=None).first()
    if row is None:
        raise UnknownWidgetSiteError(site_id=site_id)
    return row


def _checked(name: str, origins: Sequence[str]) -> tuple[str, list[str]]:
    name = name.strip()[:NAME_CHARACTERS_MAX]
    allowed = list(dict.fromkeys(read_origin(each) for each in origins if each.strip()))[:ORIGINS_MAX]
    if not name or not allowed:
        raise WidgetSiteEmptyError
    return name, allowed


def _note(act: str, row: WidgetSite, *, by: str, now: datetime) -> None:
    audit.record(
        actor=by,
        action=f"widget_site.{act}",
        subject=f"widget_site:{row.pk}",
        facts={"name": row.name, "origins": row.origins},
        at=now,
    )
