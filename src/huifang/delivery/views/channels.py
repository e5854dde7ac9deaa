"""The screen of channels: accounts with providers, how each channel does, and a trial message."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from huifang.console import sections
from huifang.console.screens import Request, screen
from huifang.delivery import accounts, names, queries, services
from huifang.delivery.channels import registry
from huifang.delivery.forms import AccountForm, add_refusal
from huifang.delivery.records import ChannelAccountRecord
from huifang.kernel import clock
from huifang.kernel.refusals import Refusal
from huifang.kernel.texts import product_language

_LOOKED_BACK = timedelta(days=7)
_GONE = ("accepted", "delivered")


@screen(permission="settings.view")
def channels(request: Request) -> HttpResponse:
    """Every account, and what became of the last week's attempts on each channel."""
    now = clock.now()
    services.follow_environment(now=now)
    health = queries.account_health(now=now)
    queues = queries.channel_queues()
    counts: dict[str, dict[str, int]] = {}
    for each in queries.attempt_counts(start=now - _LOOKED_BACK, end=now, by=("channel", "state")):
        channel, state = each.group
        counts.setdefault(channel, {})[state] = each.count
    context = {
        "accounts": [
            (each, names.provider(each.provider), health.get(each.id)) for each in queries.channel_accounts()
        ],
        "providers": [
            (channel, provider, names.provider(provider))
            for channel, provider in registry.providers()
            if channel != "in_app"
        ],
        "week": [
            {
                "channel": channel,
                "total": sum(states.values()),
                "gone": sum(states.get(state, 0) for state in _GONE),
                "failed": states.get("failed", 0),
                "unknown": states.get("unknown", 0),
                "withheld": states.get("withheld", 0) + states.get("expired", 0),
                "waiting": states.get("queued", 0) + states.get("sending", 0),
                "throttled": queues[channel].throttled if channel in queues else 0,
            }
            for channel, states in sorted(counts.items())
        ],
        "sections": sections.of(request),
    }
    return render(request, "delivery/channels.html", context)


@screen(permission="settings.edit")
def new_account(request: Request, channel: str, provider: str) -> HttpResponse:
    """Make an account with a provider."""
    if (channel, provider) not in registry.providers():
        raise Http404
    return _edit(request, (channel, provider), None)


@screen(permission="settings.edit")
def account(request: Request, account_id: int) -> HttpResponse:
    """Change an account."""
    record = accounts.record_of(accounts.find(account_id))
    return _edit(request, (record.channel, record.provider), record)


def _kept(is_enabled: bool) -> str:
    if is_enabled:
        return gettext("The account is kept. Send a trial message to be sure.")
    return gettext("The account is kept, and off: nothing is sent through it.")


def _edit(request: Request, kind: tuple[str, str], record: ChannelAccountRecord | None) -> HttpResponse:
    form = AccountForm(kind, request.POST if request.method == "POST" else None, record)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_account(draft=form.draft, by=request.person.actor, now=clock.now())
        except Refusal as error:
            add_refusal(form, error)
        else:
            messages.success(request, _kept(form.draft.is_enabled))
            return redirect("delivery:channels")
    context = {
        "form": form,
        "channel": kind[0],
        "provider": names.provider(kind[1]),
        "account": record,
        "notice_url": accounts.notice_url_of(record) if record else "",
        "setting_fields": [form[name] for name in form.fields if name.startswith("setting_")],
        "sections": sections.of(request),
    }
    return render(request, "delivery/account.html", context)


@require_POST
@screen(permission="settings.edit")
def send_trial(request: Request, account_id: int) -> HttpResponse:
    """Send a trial message to an address that the person typed."""
    number = services.send_trial(
        account_id=account_id,
        to=request.POST.get("to", ""),
        language=product_language(get_language() or "en"),
        by=request.person.actor,
        now=clock.now(),
    )
    text = gettext("The provider took the message (its number: {number}).")
    messages.success(request, text.format(number=number or "–"))
    return redirect("delivery:channels")
