"""Receipts and replies: stored before the provider is answered, handled once however often told."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
import phonenumbers
from django.db import transaction

from huifang.customers import services as customers
from huifang.customers.errors import UnknownCustomerError
from huifang.customers.queries import ids_of
from huifang.delivery import accounts, ledger, replies, settling
from huifang.delivery.channels.base import Greeting, Incoming, Notice
from huifang.delivery.errors import Effect, NoticeMalformedError, SignatureInvalidError
from huifang.delivery.models import Attempt, ChannelAccount, ProviderNotice
from huifang.delivery.records import AttemptState
from huifang.delivery.rules.replies import is_refusal
from huifang.delivery.sender import index_of
from huifang.kernel import env, vault
from huifang.kernel.ids import CustomerId

_log = logging.getLogger(__name__)
BATCH = 100
TRIES_MAX = 12
_PAUSE_SECONDS_MAX = 3600
_CONTEXT = "delivery/notice"
_KIND_OF_CHANNEL = {"sms": "phone", "email": "email", "im": "im"}
_SOFT, _SOFT_MAX, _SOFT_WITHIN = "soft", 3, timedelta(days=90)
S = AttemptState
DEFAULT_COUNTRY = env.text(
    "HUIFANG_DEFAULT_COUNTRY",
    default="CN",
    help="Country (ISO 3166) of phone numbers that name none and of customers without a country.",
)


def accept(*, account_id: int, incoming: Incoming, now: datetime, token: str = "") -> tuple[str, str]:
    """Check a webhook and store what it tells; returns how it is answered. Idempotent.

    Raises `UnknownAccountError`, `SignatureInvalidError`, `NoticeMalformedError`.
    """
    row = accounts.find(account_id)
    account = accounts.open_account(row)
    if not account.knows_notice_token(token):
        raise SignatureInvalidError
    store(row, account.port.receive(incoming), now=now)
    return account.notice_answer


def greet(*, account_id: int, incoming: Incoming) -> str:
    """What a platform that tries the address is answered. Raises `SignatureInvalidError`."""
    port = accounts.open_account(accounts.find(account_id)).port
    if not isinstance(port, Greeting):
        raise NoticeMalformedError(why="nothing is asked here by GET")
    return port.greet(incoming)


def store(row: ChannelAccount, told: Sequence[Notice], *, now: datetime) -> int:
    """Store what the provider of *row* told, to be handled soon; returns how much of it is new."""
    with transaction.atomic():
        known = set(
            ProviderNotice.objects.filter(
                account=row, event_id__in=[notice.event_id for notice in told]
            ).values_list("event_id", flat=True)
        )
        ProviderNotice.objects.bulk_create(
            [
                ProviderNotice(
                    account=row,
                    event_id=notice.event_id,
                    kind=notice.kind,
                    sealed_body=vault.seal(msgspec.json.encode(notice), context=_CONTEXT),
                    received_at=now,
                    due_at=now,
                )
                for notice in told
            ],
            ignore_conflicts=True,
        )
    return sum(notice.event_id not in known for notice in told)


def handle(*, now: datetime) -> int:
    """Handle what is due, one transaction each; returns how much was looked at."""
    for count in range(BATCH):
        with transaction.atomic():
            due = ProviderNotice.objects.filter(handled_at=None, due_at__lte=now).order_by("due_at", "pk")
            row = due.select_for_update(skip_locked=True, of=("self",)).select_related("account").first()
            if row is None:
                return count
            _try(row, now=now)
    return BATCH


def _try(row: ProviderNotice, *, now: datetime) -> None:
    """Handle one in a savepoint. One that cannot be handled is put off: a refusal waits behind it."""
    try:
        with transaction.atomic():
            _handle(row, now=now)
    except Exception as error:  # whatever a provider sent or this code got wrong, the next one is heard
        # Never given up: it may be a refusal.
        row.tries += 1
        row.due_at = now + timedelta(seconds=min(_PAUSE_SECONDS_MAX, 2 ** min(row.tries, 16)))
        row.outcome = f"failed:{type(error).__name__}"
        row.save(update_fields=["tries", "due_at", "outcome"])
        _log.exception("notice %s of account %s was not handled", row.pk, row.account_id)


def _handle(row: ProviderNotice, *, now: datetime) -> None:
    notice = msgspec.json.decode(vault.unseal(bytes(row.sealed_body), context=_CONTEXT), type=Notice)
    outcome = _reply(row, notice, now=now) if notice.kind == "reply" else _receipt(row, notice, now=now)
    tries = row.tries + 1
    if outcome == "too_early" and tries < TRIES_MAX:
        # The receipt overtook the answer to our own request; that will be stored in a moment.
        row.due_at = now + timedelta(seconds=2**tries)
    else:
        row.handled_at, row.outcome = now, outcome
    row.tries = tries
    row.save(update_fields=["tries", "due_at", "handled_at", "outcome", "customer_id"])


def _receipt(row: ProviderNotice, notice: Notice, *, now: datetime) -> str:
    attempt = _find(row, notice)
    if attempt is None or (attempt.state == S.SENDING):
        return "too_early"
    row.customer_id = attempt.customer_id
    settling.spread(attempt, _effect(row, notice, now=now), notice.code or notice.state, at=now)
    state = AttemptState(notice.state)
    if not _may_become(attempt, state):
        return "no_change"
    attempt.state, attempt.settled_at = state, now
    attempt.reason = "" if state in (S.DELIVERED, S.ACCEPTED) else notice.code or "undelivered"
    attempt.provider_message_id = attempt.provider_message_id or notice.provider_message_id
    if attempt.handed_over_at is None:  # it had gone before its worker died, and now nobody sends it again
        attempt.handed_over_at = attempt.claimed_at or now
        ledger.close({attempt.pk: attempt.handed_over_at})
    attempt.save()
    settling.announce([(attempt, state, attempt.reason, now)])
    return _SOFT if notice.is_soft else str(state)


def _effect(row: ProviderNotice, notice: Notice, *, now: datetime) -> Effect:
    """What a receipt says beyond its message; so many soft failures in three months are a hard one."""
    if notice.is_dead:
        return Effect.DEAD
    if notice.is_refused:
        return Effect.REFUSED
    if not notice.is_soft:
        return Effect.NONE
    before = ProviderNotice.objects.filter(
        customer_id=row.customer_id,
        account__channel=row.account.channel,
        outcome=_SOFT,
        handled_at__gt=now - _SOFT_WITHIN,
    )
    return Effect.DEAD if before.count() + 1 >= _SOFT_MAX else Effect.NONE


def _may_become(attempt: Attempt, state: AttemptState) -> bool:
    """A later receipt never takes back that a message was delivered."""
    if attempt.state == S.QUEUED:
        return attempt.may_have_gone and state is S.DELIVERED
    if attempt.state == S.FAILED:
        return attempt.handed_over_at is not None and state is S.DELIVERED
    return attempt.state in (S.ACCEPTED, S.UNKNOWN)


def _find(row: ProviderNotice, notice: Notice) -> Attempt | None:
    found = Attempt.objects.filter(account_id=row.account_id)
    found = (
        found.filter(key=notice.key)
        if notice.key
        else found.filter(provider_message_id=notice.provider_message_id).exclude(provider_message_id="")
    )
    return found.select_for_update().first()


def _reply(row: ProviderNotice, notice: Notice, *, now: datetime) -> str:
    attempt = _written_to(row, notice)
    row.customer_id = attempt.customer_id if attempt else None
    if notice.is_dead and attempt is not None:
        settling.spread(attempt, Effect.DEAD, notice.code or "unsubscribed", at=now)
    if notice.is_refused or is_refusal(notice.text):
        row.customer_id = _refuse(row, notice, now=now)
        return "refused"
    if row.customer_id is None:
        return "unknown_sender"
    replies.keep(row, attempt, notice.text)
    return "reply"


def _written_to(row: ProviderNotice, notice: Notice) -> Attempt | None:
    """The attempt that is answered: the very one where the notice says so, else the last to its address."""
    if notice.key:
        return Attempt.objects.filter(account_id=row.account_id, key=notice.key).first()
    return _answered(row.account.channel, notice.address)


def _refuse(row: ProviderNotice, notice: Notice, *, now: datetime) -> int | None:
    """Heed a "no": of whoever has the address, and of whom the notice itself names. Returns who it was."""
    channel = row.account.channel
    source, kind = f"{channel}_reply", _KIND_OF_CHANNEL.get(channel)
    holder: int | None
    if kind:
        holder = customers.refuse_by_address(kind=kind, address=notice.address, source=source, at=now)
        named = row.customer_id if notice.key else None
    else:  # a webhook names the customer by the wallet's own id
        holder = ids_of(external_ids=[notice.address]).get(notice.address)
        named = row.customer_id or holder
    if named:
        with suppress(UnknownCustomerError):  # erased meanwhile: nobody is left to be reached
            customers.suppress(customer_id=CustomerId(named), reason="reply", source=source, at=now)
    return row.customer_id or holder


def _answered(channel: str, address: str) -> Attempt | None:
    """The last attempt that went to *address*."""
    known = _canonical(channel, address)
    if not known:
        return None
    found = Attempt.objects.filter(address_index=index_of(known), channel=channel)
    return found.order_by("-handed_over_at").first()


def _canonical(channel: str, address: str) -> str:
    """The address as it is kept with attempts; "" where it is none."""
    if channel != "sms":
        return address.strip()
    try:
        number = phonenumbers.parse(address, DEFAULT_COUNTRY)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
