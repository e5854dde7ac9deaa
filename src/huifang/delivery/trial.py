"""Sends one trial message through an account, outside every plan and budget."""

import secrets
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext

from huifang.delivery import accounts, names
from huifang.delivery.channels.base import Listening, Message
from huifang.delivery.errors import DeliveryError, OutcomeUnknownError, TrialFailedError
from huifang.kernel.wallet import wallet_name


def send(account_id: int, to: str, *, language: str, now: datetime) -> str:
    """Returns the provider's number of the message. Raises `TrialFailedError`, `UnknownAccountError`."""
    account = accounts.open_account(accounts.find(account_id))
    with translation.override(language.lower()):
        subject = gettext("A trial message")
        body = gettext("{wallet_name}: this is a trial message. Nothing is asked of you.").format(
            wallet_name=wallet_name(language)
        )
    message = Message(
        key=f"trial:{int(now.timestamp())}:{secrets.token_hex(4)}",
        attempt_id=0,
        subject=subject,
        body=body,
        language=language,
        wallet_name=wallet_name(language),
        notice_url="",
    )
    try:
        return account.port.send(message, to.strip()).provider_message_id
    except (DeliveryError, OutcomeUnknownError) as error:
        raise TrialFailedError(reason=names.reason(error.code)) from error
    finally:
        if isinstance(account.port, Listening):  # the worker listens, not the process that shows screens
            account.port.close()
