"""Channel accounts: sealed settings, the account to use now, pacing, and resting after failures.

Paces and rests in real seconds: providers do not live in the demo's compressed time.
"""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction

from huifang.delivery import environment
from huifang.delivery.channels import registry
from huifang.delivery.channels.base import Answering, Channel, Choosy, Unsigned
from huifang.delivery.errors import (
    AccountAddressForbiddenError,
    AccountFixedError,
    AccountInvalidError,
    AccountNameTakenError,
    UnknownAccountError,
    UnknownProviderError,
)
from huifang.delivery.models import ChannelAccount
from huifang.delivery.records import AccountDraft, ChannelAccountRecord
from huifang.kernel import audit, outward, vault

ENVIRONMENT = "environment"
CONSOLE = "console"
ENVIRONMENT_NAME = "server"
BATCH = 500
_CONTEXT = "delivery/channel-account"
_BURST_SECONDS = 1.0
_NOTICE_PATH = "channel-notice"
_PLAIN_ANSWER = ("application/json", '{"success": true}')
_LOOPBACK = ("http://127.", "http://localhost", "http://[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account that is ready to send."""

    id: int
    provider: str
    port: Channel

    @property
    def notice_url(self) -> str:
        """Where the provider tells receipts and replies; "" where it could not reach this machine."""
        url: str = settings.PUBLIC_URL
        return "" if url.startswith(_LOOPBACK) else f"{url}{notice_path(self.provider, self.id, self.port)}"

    @property
    def notice_answer(self) -> tuple[str, str]:
        """How the provider's webhook is answered: content type and body."""
        return self.port.notice_answer if isinstance(self.port, Answering) else _PLAIN_ANSWER

    def knows_notice_token(self, token: str) -> bool:
        """Whether a webhook that came with *token* in its path may be heard."""
        return not _is_unsigned(self.port) or vault.read_token(_NOTICE_PATH, token) == self.id


def notice_path(provider: str, account_id: int, port: Channel) -> str:
    """The path of an account's webhook; unguessable where the provider signs nothing."""
    path = f"/hooks/{'sms' if provider == 'http' else provider}/{account_id}"
    return f"{path}/{vault.token(_NOTICE_PATH, account_id)}" if _is_unsigned(port) else path


def notice_url_of(record: ChannelAccountRecord) -> str:
    """Where the provider of *record* tells receipts and replies; "" where it tells none by webhook."""
    if (record.channel, record.provider) not in registry.telling():
        return ""
    try:
        port = open_account(find(record.id)).port
    except (AccountInvalidError, UnknownProviderError):
        return ""
    return f"{settings.PUBLIC_URL}{notice_path(record.provider, record.id, port)}"


def _is_unsigned(port: Channel) -> bool:
    return isinstance(port, Unsigned) and port.has_secret_notice_path


def seal(plain: dict[str, str]) -> bytes:
    """Settings as they are stored."""
    return vault.seal(msgspec.json.encode(plain), context=_CONTEXT)


def unseal(sealed: bytes) -> dict[str, str]:
    """The settings that `seal` stored."""
    return msgspec.json.decode(vault.unseal(bytes(sealed), context=_CONTEXT), type=dict[str, str])


@lru_cache(maxsize=64)
def _port(channel: str, provider: str, sealed: bytes) -> Channel:
    return registry.make(channel, provider, unseal(sealed))


def open_account(row: ChannelAccount) -> Account:
    """*row* ready to send. Raises `AccountInvalidError`, `UnknownProviderError`."""
    port = _port(row.channel, row.provider, bytes(row.sealed_settings))
    return Account(id=row.pk, provider=row.provider, port=port)


def find(account_id: int) -> ChannelAccount:
    """The row of an account. Raises `UnknownAccountError`."""
    row = ChannelAccount.objects.filter(pk=account_id).first()
    if row is None:
        raise UnknownAccountError(account_id=account_id)
    return row


def order(channel: str) -> list[tuple[int, bool]]:
    """The accounts that can be used now, in the order to try them, and whether each takes all that is due.

    The head is the lowest priority: its accounts take turns by weight. Behind it stand those that are
    asked only for what they may have sent already.
    """
    usable = ChannelAccount.objects.filter(
        channel=channel, is_enabled=True, resting_until__lte=time.time()
    ).order_by("priority", "pk")
    rows = list(usable.values_list("pk", "priority", "weight"))
    head = [(pk, weight) for pk, priority, weight in rows if priority == rows[0][1]]
    behind = [(pk, False) for pk, priority, _ in rows if priority != rows[0][1]]
    return [(pk, True) for pk in _drawn(head)] + behind


def _drawn(weighted: list[tuple[int, int]]) -> list[int]:
    """The accounts in an order drawn by weight."""
    left, drawn = list(weighted), []
    while len(left) > 1:
        point = secrets.randbelow(sum(max(weight, 1) for _, weight in left))
        for each in left:
            point -= max(each[1], 1)
            if point < 0:
                break
        drawn.append(each[0])
        left.remove(each)
    return drawn + [pk for pk, _ in left]


def serving(channel: str, to: str) -> int | None:
    """The first account in use whose provider can reach *to*; None where there is none."""
    for row in ChannelAccount.objects.filter(channel=channel, is_enabled=True).order_by("priority", "pk"):
        try:
            port = open_account(row).port
        except (AccountInvalidError, UnknownProviderError):
            continue
        if not isinstance(port, Choosy) or port.serves(to):
            return int(row.pk)
    return None


def lock(account_id: int) -> ChannelAccount | None:
    """The account, where it can still be used, locked: two workers share one pace. Inside a transaction."""
    usable = ChannelAccount.objects.filter(pk=account_id, is_enabled=True, resting_until__lte=time.time())
    return usable.select_for_update().first()


def pace(row: ChannelAccount) -> int:
    """How many messages the locked *row* may hand over now, at most a batch; 0: wait."""
    if row.per_second <= 0:
        return BATCH
    now = time.time()
    burst = max(_BURST_SECONDS, 1 / row.per_second)
    # The bucket leaks: `paced_until` is when what was handed over so far is used up.
    return min(BATCH, int((now + burst - max(row.paced_until, now)) * row.per_second + 1e-6))


def spend(row: ChannelAccount, count: int) -> None:
    """Note that *count* messages are about to be handed over with the locked *row*."""
    if row.per_second > 0 and count:
        row.paced_until = max(row.paced_until, time.time()) + count / row.per_second
        row.save(update_fields=["paced_until"])


def rest(account_id: int, seconds: float) -> None:
    """Let an account that fails alone for a while; another one of its channel takes over meanwhile."""
    ChannelAccount.objects.filter(pk=account_id).update(resting_until=time.time() + seconds)


def rested_enough(account_id: int) -> None:
    """The account sends again: it is no longer shown as failing."""
    ChannelAccount.objects.filter(pk=account_id, resting_until__gt=0).update(resting_until=0)


def switch_off(account_id: int, *, reason: str, now: datetime) -> None:
    """The provider wants no more of this account: a person has to look at it."""
    with transaction.atomic():
        if ChannelAccount.objects.filter(pk=account_id, is_enabled=True).update(is_enabled=False):
            audit.record(
                actor="system",
                action="channel_account.switched_off",
                subject=f"channel_account:{account_id}",
                facts={"reason": reason},
                at=now,
            )


def follow_environment(*, now: datetime) -> None:
    """Bring the accounts of the environment up to date; those it no longer names are switched off."""
    wanted = {each.channel: each for each in environment.given()}
    with transaction.atomic():
        rows = ChannelAccount.objects.select_for_update().filter(origin=ENVIRONMENT)
        known = {row.channel: row for row in rows.order_by("pk")}
        for channel, row in known.items():
            if channel not in wanted and row.is_enabled:
                row.is_enabled = False
                row.save(update_fields=["is_enabled"])
        for channel, each in wanted.items():
            _follow(known.get(channel), each, now=now)


def _follow(row: ChannelAccount | None, each: environment.Given, *, now: datetime) -> None:
    if row is None:
        ChannelAccount.objects.get_or_create(
            channel=each.channel,
            name=ENVIRONMENT_NAME,
            defaults={
                "provider": each.provider,
                "sealed_settings": seal(each.settings),
                "per_second": each.per_second,
                "origin": ENVIRONMENT,
                "created_at": now,
            },
        )
        return
    stands = (row.provider, unseal(bytes(row.sealed_settings)), row.per_second, row.is_enabled)
    if stands != (each.provider, each.settings, each.per_second, True):
        row.provider, row.per_second, row.is_enabled = each.provider, each.per_second, True
        row.sealed_settings = seal(each.settings)
        row.save(update_fields=["provider", "per_second", "is_enabled", "sealed_settings"])


def save(draft: AccountDraft, *, now: datetime) -> int:
    """Store *draft*, after its adapter has accepted the settings."""
    row = ChannelAccount(created_at=now, origin=CONSOLE) if draft.id is None else find(draft.id)
    if row.origin == ENVIRONMENT:
        raise AccountFixedError(name=row.name)
    if draft.per_second < 0:
        raise AccountInvalidError(field="per_second")
    before = unseal(bytes(row.sealed_settings)) if row.pk and row.provider == draft.provider else {}
    plain = {
        field.name: draft.settings.get(field.name, "").strip()
        or (before.get(field.name, "") if field.is_secret else field.default)
        for field in registry.fields(draft.channel, draft.provider)
    }
    registry.make(draft.channel, draft.provider, plain)
    _check_addresses(draft, plain)
    row.channel, row.provider, row.name = draft.channel, draft.provider, draft.name.strip() or draft.provider
    row.per_second, row.priority, row.is_enabled = draft.per_second, draft.priority, draft.is_enabled
    row.weight = draft.weight
    row.sealed_settings, row.resting_until = seal(plain), 0
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise AccountNameTakenError(name=row.name) from None
    return int(row.pk)


def _check_addresses(draft: AccountDraft, plain: dict[str, str]) -> None:
    """Raises `AccountAddressForbiddenError` where a setting points into a private network."""
    for field in registry.fields(draft.channel, draft.provider):
        if not field.is_address or not plain.get(field.name):
            continue
        try:
            outward.check(plain[field.name])
        except outward.AddressForbiddenError as error:
            raise AccountAddressForbiddenError(
                field=field.name, setting="HUIFANG_PRIVATE_PROVIDERS"
            ) from error


def record_of(row: ChannelAccount) -> ChannelAccountRecord:
    """What may be shown of *row*: no secret, but whether one is there ("…")."""
    plain = unseal(bytes(row.sealed_settings))
    shown = {
        field.name: ("…" if plain.get(field.name) else "") if field.is_secret else plain.get(field.name, "")
        for field in registry.fields(row.channel, row.provider)
    }
    return ChannelAccountRecord(
        id=row.pk,
        channel=row.channel,
        provider=row.provider,
        name=row.name,
        is_enabled=row.is_enabled,
        per_second=row.per_second,
        priority=row.priority,
        origin=row.origin,
        is_resting=row.resting_until > time.time(),
        is_failing=row.resting_until > 0,
        settings=shown,
        weight=row.weight,
    )
