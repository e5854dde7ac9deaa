"""What delivery can do: take attempts, change the policy, keep accounts, show the inbox, heed a refusal."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from msgspec.structs import replace

from huifang.decisions.calendars import calendar_around
from huifang.decisions.errors import UnknownCalendarError
from huifang.decisions.policy import Policy
from huifang.decisions.reasons import Reason
from huifang.delivery import (
    accounts,
    holds,
    inbox,
    ledger,
    library,
    policies,
    refusals,
    store,
    telling,
    trial,
    webhook_sender,
    webhooks,
)
from huifang.delivery.errors import (
    BudgetSpentError,
    PolicyInvalidError,
    PolicyOutdatedError,
    UnknownPolicyVersionError,
)
from huifang.delivery.merging import customers_merged as customers_merged
from huifang.delivery.records import (
    AccountDraft,
    BudgetSpent,
    InboxMessage,
    NewAttempt,
    TemplateDraft,
    Told,
    WebhookDeliveryRecord,
    WebhookDraft,
)
from huifang.delivery.restoring import note_restored as note_restored
from huifang.delivery.rules import wording
from huifang.delivery.rules.slots import Full, Taken
from huifang.kernel import audit
from huifang.kernel.ids import AttemptId, CustomerId, PlanId

BATCH_MAX = 1000


def enqueue(*, attempt: NewAttempt, now: datetime) -> AttemptId:
    """Take one attempt, in the caller's transaction. Idempotent by its key.

    Raises `BudgetSpentError` where the contact ledger has no room.
    """
    result = enqueue_many(attempts=[attempt], now=now)[0]
    if isinstance(result, BudgetSpent):
        raise BudgetSpentError(scope=result.scope, free_at=result.free_at)
    return result


def enqueue_many(*, attempts: Sequence[NewAttempt], now: datetime) -> list[AttemptId | BudgetSpent]:
    """Take a batch (at most `BATCH_MAX`) in the caller's transaction; the results stand in its order.

    Their customers stay locked until the transaction ends, so that two workers
    never hold one customer: the locks are taken in one order, so call it once a transaction.
    """
    assert transaction.get_connection().in_atomic_block, "attempts are taken inside a transaction"
    assert len(attempts) <= BATCH_MAX, "too many attempts for one batch"
    ledger.lock_customers(attempt.customer_id for attempt in attempts)
    known = store.existing([attempt.key for attempt in attempts])
    new = {attempt.key: attempt for attempt in attempts if attempt.key not in known}
    outcome: dict[str, AttemptId | BudgetSpent] = {**known, **_take(list(new.values()), now=now)}
    return [outcome[attempt.key] for attempt in attempts]


def _take(new: list[NewAttempt], *, now: datetime) -> dict[str, AttemptId | BudgetSpent]:
    """Claim slots and store. Where the database itself says no, each attempt is tried alone."""
    if not new:
        return {}
    policy = policies.current()
    try:
        with transaction.atomic():
            return _claim(new, policy, now=now)
    except IntegrityError:
        if len(new) == 1:
            return {new[0].key: BudgetSpent(key=new[0].key, scope="ledger")}
    outcome: dict[str, AttemptId | BudgetSpent] = {}
    for attempt in new:
        outcome.update(_take([attempt], now=now))
    return outcome


def _claim(new: Sequence[NewAttempt], policy: Policy, *, now: datetime) -> dict[str, AttemptId | BudgetSpent]:
    book = ledger.open_book([attempt.customer_id for attempt in new], policy, now=now)
    outcome: dict[str, AttemptId | BudgetSpent] = {}
    taken: dict[str, tuple[NewAttempt, tuple[Taken, ...]]] = {}
    for attempt in new:
        found = book.take(attempt, policy, now=now)
        if isinstance(found, Full):
            outcome[attempt.key] = BudgetSpent(key=attempt.key, scope=found.scope, free_at=found.free_at)
        else:
            taken[attempt.key] = (attempt, found)
    if taken:
        ids = store.insert([attempt for attempt, _ in taken.values()], now=now)
        ledger.write({ids[key]: each for key, each in taken.items()}, now=now)
        outcome.update(ids)
    return outcome


def check_template(*, texts: Mapping[str, str], known: Collection[str] = ()) -> frozenset[str]:
    """The placeholders that templates (by language) name. *known*: what is filled beside the usual ones.

    Raises `PlaceholderUnknownError`, `PlaceholderBrokenError`.
    """
    return wording.check(texts, {*wording.PLACEHOLDERS, *known})


def change_policy(*, policy: Policy, by: str, now: datetime) -> int:
    """Store *policy* as the next version, and return its number.

    ``policy.version`` is the version that was edited. Raises `PolicyOutdatedError`
    where it is no longer the newest, and `PolicyInvalidError`.
    """
    return _store_policy(policy, by=by, now=now)


def restore_policy(*, version: int, by: str, now: datetime) -> int:
    """Make an older version the newest again. Raises `UnknownPolicyVersionError`."""
    for each in policies.versions():
        if each.policy.version == version:
            policy = replace(each.policy, version=policies.current().version)
            return _store_policy(policy, by=by, now=now, restored_from=version)
    raise UnknownPolicyVersionError(version=version)


def _store_policy(policy: Policy, *, by: str, now: datetime, restored_from: int | None = None) -> int:
    try:
        calendar_around(policy.calendar, now)
    except UnknownCalendarError as error:
        text = gettext("There is no holiday calendar named {name}.")
        raise PolicyInvalidError(why=text.format(name=error.country)) from error
    before = policies.current()
    new = replace(policy, version=before.version + 1)
    if policy.version != before.version:
        raise PolicyOutdatedError(version=before.version)
    changed = sorted(
        name
        for name, value in policies.encode(new).items()
        if name != "version" and value != policies.encode(before)[name]
    )
    facts = {"version": new.version, "changed": changed, "restored_from": restored_from}
    try:
        with transaction.atomic():
            policies.add(new, by=by, now=now, restored_from=restored_from)
            audit.record(actor=by, action="contact_policy.changed", subject="policy", facts=facts, at=now)
    except IntegrityError:
        raise PolicyOutdatedError(version=policies.current().version) from None
    return new.version


def save_account(*, draft: AccountDraft, by: str, now: datetime) -> int:
    """Make or change a channel account; returns its number. An empty secret stays what it was.

    Raises `AccountInvalidError`, `AccountFixedError`, `AccountNameTakenError`,
    `UnknownAccountError`, `UnknownProviderError`.
    """
    with transaction.atomic():
        account_id = accounts.save(draft, now=now)
        facts = {"channel": draft.channel, "provider": draft.provider, "enabled": draft.is_enabled}
        audit.record(
            actor=by,
            action="channel_account.saved",
            subject=f"channel_account:{account_id}",
            facts=facts,
            at=now,
        )
    return account_id


def follow_environment(*, now: datetime) -> None:
    """Bring the accounts that the server's environment sets up to date."""
    accounts.follow_environment(now=now)


def send_trial(*, account_id: int, to: str, language: str, by: str, now: datetime) -> str:
    """Send one trial message to an address that a person typed; returns the provider's number of it.

    Takes nothing from any budget: it goes to no customer. Raises `TrialFailedError`, `UnknownAccountError`.
    """
    audit.record(actor=by, action="channel_account.tried", subject=f"channel_account:{account_id}", at=now)
    return trial.send(account_id, to, language=language, now=now)


def fetch_inbox(*, customer_id: CustomerId, now: datetime) -> list[InboxMessage]:
    """What waits for the customer in the app, newest first; what was not fetched before is now delivered.

    Being fetched is the contact, so the last gate is asked again.
    """
    return inbox.fetch(customer_id, now=now)


def mark_seen(*, customer_id: CustomerId, message_id: int, now: datetime) -> None:
    """The customer has seen a message. Idempotent. Raises `UnknownInboxMessageError`."""
    inbox.mark_seen(customer_id, message_id, now=now)


def note_refusal(*, customer_id: CustomerId, channel: str, purpose: str, now: datetime) -> int:
    """The customer said no: withhold what waits, and note which attempt it followed. Idempotent.

    *channel* and *purpose* may be "*" for all. Returns how many were withheld.
    """
    return refusals.heed(customer_id, channel=channel, purpose=purpose, now=now)


def hold_plan(*, plan_id: PlanId, is_ended: bool, now: datetime) -> None:
    """The plan is paused, or has ended: what is queued of it waits for `release_plan`, or is withheld."""
    holds.hold(plan_id, is_ended=is_ended, now=now)


def release_plan(*, plan_id: PlanId, now: datetime) -> None:
    """The plan is live again: what waited for it is looked at now."""
    holds.let_go(plan_id, now=now)


def note_answer(*, customer_id: CustomerId, round_key: str, now: datetime) -> int:
    """The customer answers: what is still queued of this follow-up is withheld. Returns how many were."""
    return holds.call_off(customer_id, round_key, reason=Reason.ALREADY_ANSWERED, now=now)


def save_webhook(*, draft: WebhookDraft, by: str, now: datetime) -> tuple[int, str]:
    """Make or change a webhook endpoint; returns its number, and a new one's secret, shown this once.

    Raises `UnknownWebhookError`, `WebhookAddressError`, `WebhookForbiddenError`, `WebhookKindError`,
    `WebhookNameTakenError`.
    """
    with transaction.atomic():
        endpoint_id, secret = webhooks.save(draft, now=now)
        facts = {"name": draft.name, "kinds": sorted(draft.kinds), "enabled": draft.is_enabled}
        _audit_webhook("saved", endpoint_id, facts, by=by, now=now)
    return endpoint_id, secret


def rotate_webhook_secret(*, endpoint_id: int, by: str, now: datetime) -> str:
    """A new secret, shown this once; both sign for a day. Raises `UnknownWebhookError`."""
    with transaction.atomic():
        secret = webhooks.rotate(endpoint_id, now=now)
        _audit_webhook("secret_rotated", endpoint_id, {}, by=by, now=now)
    return secret


def delete_webhook(*, endpoint_id: int, by: str, now: datetime) -> None:
    """Delete an endpoint and what waits for it. Raises `UnknownWebhookError`."""
    with transaction.atomic():
        webhooks.remove(endpoint_id)
        _audit_webhook("deleted", endpoint_id, {}, by=by, now=now)


def replay_webhook(*, endpoint_id: int, delivery_id: int | None, by: str, now: datetime) -> int:
    """Tell one delivery again, or with None all that is parked; returns how many. The numbers stay the same.

    Raises `UnknownWebhookError`.
    """
    with transaction.atomic():
        webhooks.find(endpoint_id)
        if delivery_id is None:
            count = webhooks.replay_parked(endpoint_id, now=now)
        else:
            count = webhooks.replay([delivery_id], endpoint_id, now=now)
        _audit_webhook("replayed", endpoint_id, {"count": count}, by=by, now=now)
    return count


def try_webhook(*, endpoint_id: int, by: str, now: datetime) -> WebhookDeliveryRecord:
    """Post a signed message that tells nothing, now; what became of it. Raises `UnknownWebhookError`."""
    done = webhooks.delivery_record(webhook_sender.try_out(endpoint_id))
    _audit_webhook("tried", endpoint_id, {"reason": done.error}, by=by, now=now)
    return done


def _audit_webhook(act: str, endpoint_id: int, facts: dict[str, object], *, by: str, now: datetime) -> None:
    audit.record(actor=by, action=f"webhook.{act}", subject=f"webhook:{endpoint_id}", facts=facts, at=now)


def tell_webhooks(*, told: Told, now: datetime) -> int:
    """Let the endpoints that subscribed hear *told*, once by its key; returns how many will. Idempotent."""
    return telling.tell([told], now=now)


def save_template(*, draft: TemplateDraft, by: str, now: datetime) -> tuple[int, int]:
    """Store a message template; returns its number and its version.

    Raises `UnknownTemplateError`, `UnknownChannelError`, `TemplateEmptyError`, `TemplateNameTakenError`,
    `PlaceholderUnknownError`, `PlaceholderBrokenError`.
    """
    with transaction.atomic():
        template_id, version = library.save(draft, by=by, now=now)
        facts = {"name": draft.name, "version": version, "archived": draft.is_archived}
        subject = f"message_template:{template_id}"
        audit.record(actor=by, action="message_template.saved", subject=subject, facts=facts, at=now)
    return template_id, version
