"""Hands attempts to providers: claim, commit, last gate, hand over, settle. Each step survives a kill -9.

An attempt is ``sending`` in the database before anything leaves this process. Its worker keeps a lease
alive; the sweeper finds what was left behind by one whose lease has run out.
"""

import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from huifang.customers import queries as customers
from huifang.decisions.eligibility import Outcome as Said
from huifang.decisions.reasons import Reason
from huifang.delivery import accounts, gate, leases, settling, store
from huifang.delivery.accounts import Account
from huifang.delivery.channels.base import Choosy, Message, Receipt
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    OutcomeUnknownError,
    UnknownProviderError,
    VariableMissingError,
)
from huifang.delivery.gate import Checked
from huifang.delivery.leases import Lease
from huifang.delivery.models import Attempt
from huifang.delivery.records import AttemptState
from huifang.delivery.rendering import message_of
from huifang.delivery.rules.backoff import TRIES_MAX, pause
from huifang.delivery.settling import Outcome
from huifang.kernel import clock, vault
from huifang.kernel.ids import CustomerId
from huifang.kernel.refusals import Refusal
from huifang.kernel.vault import VaultError

_log = logging.getLogger(__name__)
THREADS = 8
_IN_HAND_MAX = 2 * THREADS  # so many may be in doubt where a worker dies
# A refusal holds within five seconds: what the gate read is good for less than that, and whatever
# has not left by then goes back into the queue.
GATE_SECONDS = 3.0
_REST_SECONDS = 30.0
_BATCH_MIN = 8
_REMOTE_BATCH_MAX = 200
_FAILURES_TO_REST = 3
# A provider that tells repeats apart by key does so for a day at most; what waits longer is not asked again.
KEY_LASTS = timedelta(hours=12)
ADDRESS_CONTEXT = "delivery/address"
_NO_ADDRESS = frozenset({"in_app", "webhook"})
_TICK_SECONDS = 1.0
S = AttemptState


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A message that passed the gate, and where it goes."""

    attempt: Attempt
    message: Message
    to: str


@dataclass(slots=True)
class _Size:
    """How many attempts of an account leave before what the gate read is too old; learnt as it goes.

    A slow provider or a busy machine gets small batches, so that some always leave.
    """

    learnt: dict[int, int]

    def of(self, account: Account) -> int:
        most = accounts.BATCH if account.port.is_local else _REMOTE_BATCH_MAX
        return min(most, self.learnt.get(account.id, most))

    def learn(self, account: Account, *, gone: int, put_back: int) -> None:
        """Shrink to what left in time, or grow again."""
        size = gone if put_back else self.of(account) * 2
        self.learnt[account.id] = max(_BATCH_MIN, min(accounts.BATCH, size))


_size = _Size({})


@dataclass(slots=True)
class _Run:
    """How often each account failed since it last succeeded, over batches of one message as over big ones.

    It stays as it is while the account rests: who rested is tried with one batch, and rests again at once.
    """

    failed: dict[int, int]

    def rests(self, account_id: int, *, failures: int, successes: int) -> bool:
        """Count one batch; whether the account rests after it."""
        self.failed[account_id] = 0 if successes else self.failed.get(account_id, 0) + failures
        return bool(failures) and self.failed[account_id] >= _FAILURES_TO_REST


_run = _Run({})


def send_batch(channel: str) -> int:
    """Send what is due on *channel*; returns how many attempts moved on. A clock in doubt: nothing."""
    now = clock.now()
    if not clock.is_trusted() or not store.is_due(channel, now=now):
        return 0
    with leases.held() as lease:
        claimed = claim(channel, lease.number, now=now)
        if claimed is None:
            return 0
        account, attempts = claimed
        return _Batch(account=account, lease=lease).run(attempts)


def claim(channel: str, worker: int, *, now: datetime) -> tuple[Account, list[Attempt]] | None:
    """Take due attempts as far as the pace allows, and commit that; None where nothing can be sent.

    An account that is not at the head of its channel gets only what it may have sent already.
    """
    for account_id, takes_all in accounts.order(channel):
        found = _claim_of(account_id, worker, takes_all=takes_all, now=now)
        if found:
            return found
    return None


def _claim_of(
    account_id: int, worker: int, *, takes_all: bool, now: datetime
) -> tuple[Account, list[Attempt]] | None:
    with transaction.atomic():
        row = accounts.lock(account_id)
        if row is None:
            return None
        try:
            account = accounts.open_account(row)
        except (AccountInvalidError, UnknownProviderError):
            row.resting_until = time.time() + _REST_SECONDS
            row.save(update_fields=["resting_until"])
            return None
        room = min(accounts.pace(row), _size.of(account))
        if room <= 0:
            return None
        attempts = store.claim(row, room, worker=worker, takes_all=takes_all, now=now)
        accounts.spend(row, len(attempts))
    return (account, attempts) if attempts else None


@dataclass(slots=True, kw_only=True)
class _Batch:
    """Attempts that one worker holds, on their way through one account."""

    account: Account
    lease: Lease
    failures: int = 0
    successes: int = 0
    put_back: int = 0
    is_gone: bool = False
    chooses: Choosy | None = field(init=False)

    def __post_init__(self) -> None:
        port = self.account.port
        self.chooses = port if isinstance(port, Choosy) else None  # asked once: it is slow

    def run(self, attempts: Sequence[Attempt]) -> int:
        """Bring every attempt to an outcome; returns how many."""
        try:
            rules = gate.ready(now=clock.now())
            read_at = time.monotonic()
            checked = gate.check(attempts, rules, now=clock.now())
            stopped, parcels = self._pack(checked, _addresses(attempts))
        except Exception:
            self._put_back(attempts)
            raise
        done = settling.settle(stopped, held_by=self.lease.number)
        self.lease.renew()
        if self.account.port.is_local:
            outcomes = [self._hand_over(parcel, read_at) for parcel in parcels]
            done += settling.settle(outcomes, held_by=self.lease.number)
        else:
            done += self._hand_over_all(parcels, read_at)
        _size.learn(self.account, gone=len(parcels) - self.put_back, put_back=self.put_back)
        if self.is_gone:
            accounts.switch_off(self.account.id, reason="gone", now=clock.now())
        elif _run.rests(self.account.id, failures=self.failures, successes=self.successes):
            accounts.rest(self.account.id, _REST_SECONDS)
        elif self.successes:
            accounts.rested_enough(self.account.id)
        return done

    def _put_back(self, attempts: Sequence[Attempt]) -> None:
        """The rules could not be asked: nothing has left, so that nothing is unknown."""
        later = clock.now() + timedelta(seconds=_REST_SECONDS)
        outcomes = [_again(each, due_at=later, reason=each.reason, is_uncounted=True) for each in attempts]
        settling.settle(outcomes, held_by=self.lease.number)

    def _pack(
        self, checked: Sequence[Checked], addresses: Mapping[int, str] | None
    ) -> tuple[list[Outcome], list[Parcel]]:
        stopped: list[Outcome] = []
        parcels: list[Parcel] = []
        for each in checked:
            found = _stop(each) or self._parcel(each, addresses)
            if isinstance(found, Outcome):
                stopped.append(found)
            else:
                parcels.append(found)
        return stopped, parcels

    def _parcel(self, checked: Checked, addresses: Mapping[int, str] | None) -> Parcel | Outcome:
        attempt = checked.attempt
        try:
            to = _address(checked, addresses)
            if to is None:
                return _ended(attempt, S.WITHHELD, Reason.NO_CONTACT_POINT)
            if self.chooses is not None and not self.chooses.serves(to):
                return self._for_another(attempt, to)
            message = message_of(attempt, notice_url=self.account.notice_url)
        except VariableMissingError as error:
            return _ended(attempt, S.WITHHELD, f"missing:{error.placeholder}")
        except (VaultError, Refusal) as error:  # one that cannot be read or filled costs itself alone
            _log.exception("attempt %s cannot be made into a message", attempt.pk)
            return _ended(attempt, S.FAILED, f"unreadable:{type(error).__name__}")
        return Parcel(attempt=attempt, message=message, to=to)

    def _for_another(self, attempt: Attempt, to: str) -> Outcome:
        """The address is not one of this provider's: the account whose it is takes the attempt over."""
        other = accounts.serving(attempt.channel, to)
        if other is None or other == self.account.id or attempt.may_have_gone:
            return _ended(attempt, S.WITHHELD, Reason.NO_CONTACT_POINT)
        again = _again(attempt, due_at=attempt.due_at, reason=attempt.reason, is_uncounted=True)
        again.only_by = other
        return again

    def _hand_over_all(self, parcels: Sequence[Parcel], read_at: float) -> int:
        """Hand over in threads, few at a time; settle in this one, as answers come in."""
        done = 0
        broken: list[BaseException] = []
        waiting, in_hand = deque(parcels), set[int]()
        pending: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            while waiting or pending:
                if waiting and len(pending) < THREADS:
                    room = min(len(waiting), _IN_HAND_MAX - len(pending))
                    taken = [waiting.popleft() for _ in range(room)]
                    in_hand.update(parcel.attempt.pk for parcel in taken)
                    self.lease.take_in_hand(in_hand)
                    pending |= {pool.submit(self._hand_over, parcel, read_at) for parcel in taken}
                ready, pending = wait(pending, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED)
                self.lease.renew()
                broken += [error for each in ready if (error := each.exception())]
                outcomes = [each.result() for each in ready if not each.exception()]
                done += settling.settle(outcomes, held_by=self.lease.number)
                in_hand.difference_update(outcome.attempt.pk for outcome in outcomes)
        if broken:  # a mistake in an adapter: its attempt stays as it is until the sweeper settles it
            raise broken[0]
        return done

    def _hand_over(self, parcel: Parcel, read_at: float) -> Outcome:
        """Hand one message over, unless the gate was read too long ago. Touches no database."""
        attempt = parcel.attempt
        if self.lease.is_lost or time.monotonic() - read_at > GATE_SECONDS:
            self.put_back += 1
            return _again(attempt, due_at=attempt.due_at, reason=attempt.reason, is_uncounted=True)
        at = clock.now()
        try:
            receipt = self.account.port.send(parcel.message, parcel.to)
        except DeliveryError as error:
            return self._failed(attempt, error)
        except OutcomeUnknownError as error:
            self.failures += 1
            return self._unknown(attempt, error.code, at)
        self.successes += 1
        return _accepted(parcel, receipt, at)

    def _failed(self, attempt: Attempt, error: DeliveryError) -> Outcome:
        if error.permanent:
            self.successes += 1  # the provider is well: it is this message that it does not want
            return _ended(attempt, S.FAILED, error.code, effect=error.effect)
        if error.effect is Effect.GONE:
            self.is_gone = True
        self.failures += _FAILURES_TO_REST if error.effect is Effect.ACCOUNT else 1
        wait_for = pause(attempt.key, attempt.tries, retry_after_seconds=error.retry_after_seconds)
        return _retry(attempt, error.code, clock.now() + wait_for)

    def _unknown(self, attempt: Attempt, code: str, at: datetime) -> Outcome:
        """Ask again with the same key where the provider promised to send once; else leave it at that."""
        if self.account.port.honours_keys and attempt.tries < TRIES_MAX:
            due_at = clock.now() + pause(attempt.key, attempt.tries)
            if due_at < attempt.not_after:
                return _again(attempt, due_at=due_at, reason=code, may_have_gone=True)
        return Outcome(attempt=attempt, state=S.UNKNOWN, reason=code, at=clock.now(), handed_over_at=at)


def _addresses(attempts: Sequence[Attempt]) -> dict[int, str] | None:
    """Where the customers of a batch, which is of one channel, are reached; those without are left out.

    None where one of them cannot be read: then each is asked for alone.
    """
    if not attempts or attempts[0].channel in _NO_ADDRESS:
        return {}
    ids = [CustomerId(attempt.customer_id) for attempt in attempts]
    try:
        found = customers.addresses(customer_ids=ids, channel=attempts[0].channel)
    except VaultError:
        return None
    return {int(pk): to for pk, to in found.items()}


def _address(checked: Checked, addresses: Mapping[int, str] | None) -> str | None:
    """Where it goes; None where there is no address any more. A webhook is told the wallet's own id."""
    attempt = checked.attempt
    if attempt.channel == "in_app":
        return ""
    if attempt.channel == "webhook":
        return checked.standing.external_id if checked.standing else None
    if addresses is None:
        return customers.address(customer_id=CustomerId(attempt.customer_id), channel=attempt.channel)
    return addresses.get(attempt.customer_id)


def _stop(checked: Checked) -> Outcome | None:
    """What the gate's "no" or "wait" means for an attempt; None: it may go."""
    decision, attempt = checked.decision, checked.attempt
    if decision.outcome is Said.CONTACT:
        return None
    reason = decision.reason or Reason.NO_WINDOW
    if decision.outcome is Said.WAIT and decision.until:
        if attempt.may_have_gone and decision.until - clock.now() > KEY_LASTS:
            return _ended(attempt, S.UNKNOWN, reason)
        return _again(attempt, due_at=decision.until, reason=reason, is_uncounted=True)
    if reason is Reason.CLOCK_UNSURE:
        return _again(attempt, due_at=attempt.due_at, reason=reason, is_uncounted=True)
    return _ended(attempt, S.EXPIRED if reason is Reason.EXPIRED else S.WITHHELD, reason)


def _accepted(parcel: Parcel, receipt: Receipt, at: datetime) -> Outcome:
    return Outcome(
        attempt=parcel.attempt,
        state=S.ACCEPTED,
        at=clock.now(),
        handed_over_at=at,
        provider_message_id=receipt.provider_message_id,
        parts=receipt.parts,
        cost=receipt.cost,
        address_index=index_of(parcel.to) if parcel.to else None,
    )


def index_of(address: str) -> bytes:
    """The keyed hash by which a reply from *address* finds its attempt."""
    return vault.blind_index(address, context=ADDRESS_CONTEXT)


def _ended(attempt: Attempt, state: AttemptState, reason: str, *, effect: Effect = Effect.NONE) -> Outcome:
    """The attempt ends without contact, unless an earlier try may have reached the customer."""
    at = clock.now()
    if attempt.may_have_gone and state is not S.FAILED:
        return Outcome(
            attempt=attempt, state=S.UNKNOWN, reason=reason, at=at, handed_over_at=attempt.claimed_at
        )
    return Outcome(attempt=attempt, state=state, reason=str(reason), at=at, effect=effect)


def _retry(attempt: Attempt, code: str, due_at: datetime) -> Outcome:
    if attempt.tries >= TRIES_MAX or due_at >= attempt.not_after:
        if attempt.may_have_gone:
            return _ended(attempt, S.UNKNOWN, code)
        return _ended(attempt, S.FAILED, code)
    return _again(attempt, due_at=due_at, reason=code)


def _again(
    attempt: Attempt,
    *,
    due_at: datetime,
    reason: str,
    is_uncounted: bool = False,
    may_have_gone: bool = False,
) -> Outcome:
    """Back into the queue."""
    return Outcome(
        attempt=attempt,
        state=S.QUEUED,
        reason=str(reason),
        at=clock.now(),
        due_at=due_at,
        is_uncounted=is_uncounted,
        may_have_gone=may_have_gone or attempt.may_have_gone,
    )
