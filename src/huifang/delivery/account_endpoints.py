"""The API of channel accounts: providers and their settings, accounts, and a trial message."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router, Schema

from huifang.api.frame import require
from huifang.delivery import accounts, names, queries, services
from huifang.delivery.channels import registry
from huifang.delivery.errors import AccountInvalidError
from huifang.delivery.records import AccountDraft, AccountHealth, ChannelAccountRecord
from huifang.kernel import clock

router = Router(tags=["channel accounts"])
_RATE_MAX, _ORDER_MAX = 10_000.0, 999


class Setting(Schema):
    """One setting of a provider's account. The value of a secret is never told again."""

    name: str
    label: str
    help: str
    default: str
    is_secret: bool
    is_required: bool
    choices: list[str]


class Provider(Schema):
    """A provider that can be connected, and the settings that an account with it has."""

    channel: str
    provider: str
    name: str
    settings: list[Setting]


class Providers(Schema):
    """Every provider."""

    providers: list[Provider]


class Health(Schema):
    """How the last seven days went."""

    sent: int
    failed: int
    unknown: int
    last_sent_at: datetime | None


class Account(Schema):
    """One account, without its secrets: "…" stands for one that is there."""

    id: int
    channel: str
    provider: str
    name: str
    is_enabled: bool
    per_second: float
    priority: int
    weight: int
    origin: str
    is_resting: bool
    is_failing: bool
    settings: dict[str, str]
    notice_url: str
    health: Health


class Queue(Schema):
    """What waits on a channel now; *throttled* of it were tried, and the provider was busy."""

    waiting: int
    throttled: int


class Accounts(Schema):
    """Every account, in the order of use, and what waits by channel."""

    accounts: list[Account]
    queues: dict[str, Queue]


class AccountIn(Schema):
    """An account as it is wanted. A secret that is left out or empty stays what it was."""

    channel: str
    provider: str
    name: str
    settings: dict[str, str]
    per_second: float = 10
    priority: int = 100
    weight: int = 1
    is_enabled: bool = True


class Kept(Schema):
    """The number of the account."""

    id: int


class Trial(Schema):
    """Where a trial message goes, and in which language."""

    to: str
    language: str = "en"


class Tried(Schema):
    """The provider took the message; its number, where it gave one."""

    provider_message_id: str


@router.get("/channel-providers", response=Providers, operation_id="list_channel_providers")
def list_providers(request: HttpRequest) -> dict[str, object]:
    """The providers that accounts can be made with."""
    require("settings.view")(request)
    found = [
        {
            "channel": channel,
            "provider": provider,
            "name": names.provider(provider),
            "settings": [
                {
                    "name": each.name,
                    "label": gettext(each.label),
                    "help": gettext(each.help) if each.help else "",
                    "default": each.default,
                    "is_secret": each.is_secret,
                    "is_required": each.is_required,
                    "choices": list(each.choices),
                }
                for each in registry.fields(channel, provider)
            ],
        }
        for channel, provider in registry.providers()
        if channel != "in_app"
    ]
    return {"providers": found}


@router.get("/channel-accounts", response=Accounts, operation_id="list_channel_accounts")
def list_accounts(request: HttpRequest) -> dict[str, object]:
    """Channel accounts with their health, in the order in which they are used."""
    require("settings.view")(request)
    health = queries.account_health(now=clock.now())
    accounts = [_shown(each, health) for each in queries.channel_accounts()]
    return {"accounts": accounts, "queues": queries.channel_queues()}


@router.post("/channel-accounts", response={201: Kept}, operation_id="create_channel_account")
def create_account(request: HttpRequest, body: AccountIn) -> tuple[int, dict[str, int]]:
    """Connect a provider."""
    require("settings.edit")(request)
    return 201, {"id": services.save_account(draft=_draft(body, None), by=_actor(request), now=clock.now())}


@router.put("/channel-accounts/{account_id}", response=Kept, operation_id="change_channel_account")
def change_account(request: HttpRequest, account_id: int, body: AccountIn) -> dict[str, int]:
    """Change an account."""
    require("settings.edit")(request)
    draft = _draft(body, account_id)
    return {"id": services.save_account(draft=draft, by=_actor(request), now=clock.now())}


@router.post("/channel-accounts/{account_id}/trial", response=Tried, operation_id="try_channel_account")
def try_account(request: HttpRequest, account_id: int, body: Trial) -> dict[str, str]:
    """Send one trial message; it takes nothing from any budget."""
    require("settings.edit")(request)
    number = services.send_trial(
        account_id=account_id, to=body.to, language=body.language, by=_actor(request), now=clock.now()
    )
    return {"provider_message_id": number}


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]


def _draft(body: AccountIn, account_id: int | None) -> AccountDraft:
    if not 0 <= body.per_second <= _RATE_MAX:
        raise AccountInvalidError(field="per_second")
    if not 0 < body.priority <= _ORDER_MAX:
        raise AccountInvalidError(field="priority")
    if not body.name.strip():
        raise AccountInvalidError(field="name")
    return AccountDraft(
        id=account_id,
        channel=body.channel,
        provider=body.provider,
        name=body.name,
        settings=body.settings,
        per_second=body.per_second,
        priority=body.priority,
        weight=body.weight,
        is_enabled=body.is_enabled,
    )


def _shown(account: ChannelAccountRecord, health: Mapping[int, AccountHealth]) -> dict[str, object]:
    found = asdict(account)
    found["settings"] = dict(account.settings)
    found["notice_url"] = accounts.notice_url_of(account)
    found["health"] = asdict(health.get(account.id, AccountHealth()))
    return found
