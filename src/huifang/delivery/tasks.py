"""What the worker runs for delivery: a loop a channel, so that a slow one holds up no other, and more."""

from functools import partial

from huifang.delivery import (
    accounts,
    asking,
    listening,
    mail_in,
    notices,
    pruning,
    sender,
    sweeper,
    webhook_sender,
)
from huifang.delivery.channels import registry
from huifang.kernel import clock, worker

_ENVIRONMENT_SECONDS = 30.0
_SWEEP_SECONDS = 2.0
_ASK_SECONDS = 10.0
_PRUNE_SECONDS = 600.0

for _channel in registry.channels():
    worker.loop(name=f"delivery-{_channel}")(partial(sender.send_batch, _channel))


@worker.loop(name="delivery-sweeper", idle_seconds=_SWEEP_SECONDS)
def sweep() -> int:
    """Look after what nobody looks after."""
    return sweeper.sweep(now=clock.now()) if clock.is_trusted() else 0


@worker.loop(name="delivery-notices")
def handle_notices() -> int:
    """Let receipts and replies change what happens next."""
    return notices.handle(now=clock.now())


@worker.loop(name="delivery-listening")
def listen() -> int:
    """Hear what providers tell on connections of ours."""
    return listening.collect(now=clock.now())


@worker.loop(name="delivery-mail-in", idle_seconds=_ENVIRONMENT_SECONDS)
def take_mail() -> int:
    """Have the port on which mail comes back, or stand by."""
    mail_in.listen()
    return 0


@worker.loop(name="delivery-pruning", idle_seconds=_PRUNE_SECONDS)
def prune() -> int:
    """Take out what has been kept long enough."""
    return pruning.prune(now=clock.now()) if clock.is_trusted() else 0


@worker.loop(name="delivery-asking", idle_seconds=_ASK_SECONDS)
def ask() -> int:
    """Ask what became of attempts of which nobody knows."""
    return asking.ask(now=clock.now()) if clock.is_trusted() else 0


@worker.loop(name="delivery-webhooks")
def send_webhooks() -> int:
    """Tell other programs what they subscribed to."""
    return webhook_sender.send_due(now=clock.now())


@worker.loop(name="delivery-accounts", idle_seconds=_ENVIRONMENT_SECONDS)
def follow_environment() -> int:
    """Keep the accounts of the environment up to date."""
    accounts.follow_environment(now=clock.now())
    return 0
