"""The screen of the contact budget: one form, what it means for one customer, and its versions."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console import sections
from huifang.console.screens import Request, screen
from huifang.decisions.calendars import calendar_around
from huifang.decisions.policy import Policy
from huifang.delivery import queries, services
from huifang.delivery.forms import PolicyForms
from huifang.delivery.rules import preview
from huifang.kernel import clock

_SHOWN = ("sms", "email", "phone")


@screen(permission="settings.view")
def policy(request: Request) -> HttpResponse:
    """Show the policy; store it where the person may."""
    may_edit = "settings.edit" in request.permissions
    if request.method == "POST" and not may_edit:
        raise PermissionDenied("settings.edit")
    current = queries.policy()
    forms = PolicyForms(current, request.POST if request.method == "POST" and may_edit else None)
    if request.method == "POST" and may_edit and forms.is_valid():
        services.change_policy(policy=forms.policy, by=request.person.actor, now=clock.now())
        messages.success(request, gettext("The contact budget holds from now on."))
        return redirect("delivery:policy")
    context = {
        "forms": forms,
        "may_edit": may_edit,
        "versions": queries.policy_versions(),
        "current": current,
        "sections": sections.of(request),
        **_preview(current, now=clock.now()),
    }
    return render(request, "delivery/policy.html", context)


@require_POST
@screen(permission="settings.view")
def preview_policy(request: Request) -> HttpResponse:
    """What the form as it stands would mean, before anything is stored."""
    forms = PolicyForms(queries.policy(), request.POST)
    context = _preview(forms.policy, now=clock.now()) if forms.is_valid() else {"is_broken": True}
    return render(request, "delivery/_preview.html", context)


@require_POST
@screen(permission="settings.edit")
def restore(request: Request, version: int) -> HttpResponse:
    """Make an earlier version hold again."""
    services.restore_policy(version=version, by=request.person.actor, now=clock.now())
    messages.success(request, gettext("Version {version} holds again.").format(version=version))
    return redirect("delivery:policy")


def _preview(policy: Policy, *, now: datetime) -> dict[str, object]:
    zone = timezone.get_current_timezone()
    assert isinstance(zone, ZoneInfo)
    start = timezone.localdate(now)
    days = preview.week(policy, calendar_around(policy.calendar, now), _SHOWN, zone, start=start)
    return {
        "days": days,
        "preview_channels": _SHOWN,
        "contact_count": sum(len(day.contacts) for day in days),
        "preview_caps": policy.caps,
    }
