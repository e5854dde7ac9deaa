"""Customers and accounts for the tests of delivery."""

from datetime import datetime

from huifang.customers import queries, services
from huifang.delivery import services as delivery
from huifang.delivery.models import ChannelAccount
from huifang.delivery.records import AccountDraft
from huifang.kernel.ids import CustomerId

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQh"
PHONE = "+8613800138000"
MAIL = "lin@customer.example"


def customer(at: datetime, external_id: str = "wallet-1", **traits: object) -> CustomerId:
    """A customer in Shanghai with a phone and a mailbox, who consented to service."""
    row: dict[str, object] = {"phone": PHONE, "email": MAIL, "timezone": "Asia/Shanghai", "language": "en"}
    rows = [{"userId": external_id, **row, **traits}]
    services.import_customers(rows=rows, mapping={"userId": "id"}, now=at)
    found = queries.profile(external_id=external_id).id
    services.record_consent(
        customer_id=found, purpose="service_follow_up", given=True, wording="Yes", source="test", at=at
    )
    return found


def sms_account(url: str, at: datetime, **settings: str) -> ChannelAccount:
    """An account with the generic HTTP provider at *url*."""
    return account("sms", "http", {"url": url, "secret": SECRET, **settings}, at)


def twilio_account(url: str, at: datetime) -> ChannelAccount:
    """A Twilio account at *url*."""
    settings = {"account_sid": "AC1", "auth_token": "token", "sender": "+15005550006", "base_url": url}
    return account("sms", "twilio", settings, at)


def mail_account(url: str, at: datetime, **settings: str) -> ChannelAccount:
    """An SMTP account at *url*."""
    return account("email", "smtp", {"url": url, "sender": "care@wallet.example", **settings}, at)


def account(channel: str, provider: str, settings: dict[str, str], at: datetime) -> ChannelAccount:
    draft = AccountDraft(
        id=None,
        channel=channel,
        provider=provider,
        name=provider,
        settings=settings,
        per_second=0,
        priority=1,
        is_enabled=True,
    )
    account_id = delivery.save_account(draft=draft, by="person:1", now=at)
    return ChannelAccount.objects.get(pk=account_id)


_account = account
