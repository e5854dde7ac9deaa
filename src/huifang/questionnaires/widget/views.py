"""The screens of the widget: the sites on which it stands, their secrets, and the line to embed."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console import sections
from huifang.console.screens import Request, screen
from huifang.kernel import clock, telling
from huifang.kernel.refusals import Refusal
from huifang.questionnaires.widget import sites
from huifang.questionnaires.widget.forms import SiteForm


@screen(permission="keys.edit")
def site_list(request: Request) -> HttpResponse:
    """Every site; making one shows its secret this once."""
    form, secret = SiteForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            made = sites.create(**form.wanted(), by=request.person.actor, now=clock.now())
            return _show(request, made[0], SiteForm(record=_site(made[0])), secret=made[1])
        except Refusal as error:
            form.add_error(None, telling.told(error))
    context = {
        "form": form,
        "secret": secret,
        "sites": sites.sites(now=clock.now()),
        "sections": sections.of(request),
    }
    return render(request, "questionnaires/widget/sites.html", context)


def _site(site_id: int) -> sites.SiteRecord:
    return sites.site(site_id=site_id, now=clock.now())


@screen(permission="keys.edit")
def site(request: Request, site_id: int) -> HttpResponse:
    """Change a site; the line that embeds the widget there."""
    form = SiteForm(request.POST or None, record=_site(site_id))
    if request.method == "POST" and form.is_valid():
        try:
            sites.change(site_id=site_id, **form.wanted(), by=request.person.actor, now=clock.now())
            messages.success(request, gettext("The site is kept."))
            return redirect("questionnaires:widget-site", site_id)
        except Refusal as error:
            form.add_error(None, telling.told(error))
    return _show(request, site_id, form)


def _show(request: Request, site_id: int, form: SiteForm, *, secret: str = "") -> HttpResponse:
    found = _site(site_id)
    context = {
        "site": found,
        "form": form,
        "secret": secret,
        "embedding": _embedding(found.key),
        "sections": sections.of(request),
    }
    return render(request, "questionnaires/widget/site.html", context)


def _embedding(key: str) -> str:
    return (
        f'<script src="{settings.PUBLIC_URL}/widget.js" data-wallet="{key}"\n'
        '  data-customer="CUSTOMER_ID" data-hash="HMAC_SHA256" async></script>'
    )


@require_POST
@screen(permission="keys.edit")
def rotate(request: Request, site_id: int) -> HttpResponse:
    """A new secret, shown this once."""
    secret = sites.rotate(site_id=site_id, by=request.person.actor, now=clock.now())
    return _show(request, site_id, SiteForm(record=_site(site_id)), secret=secret)


@require_POST
@screen(permission="keys.edit")
def end_former(request: Request, site_id: int) -> HttpResponse:
    """The secret before the newest ends now."""
    sites.end_former_secret(site_id=site_id, by=request.person.actor, now=clock.now())
    messages.success(request, gettext("Only the newest secret is good now."))
    return redirect("questionnaires:widget-site", site_id)


@require_POST
@screen(permission="keys.edit")
def revoke(request: Request, site_id: int) -> HttpResponse:
    """End a site for good."""
    sites.revoke(site_id=site_id, by=request.person.actor, now=clock.now())
    messages.success(request, gettext("The site has ended. Its widget shows nothing any more."))
    return redirect("questionnaires:widget-sites")
