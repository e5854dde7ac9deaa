"""The screens of message templates: the library, one template with its previews, and what to look at."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console import sections
from huifang.console.screens import Request, screen
from huifang.delivery import library, queries, services
from huifang.delivery.channels import registry
from huifang.delivery.records import TemplateRecord
from huifang.delivery.rules import drafts
from huifang.delivery.template_forms import LANGUAGE_NAMES, TemplateForm
from huifang.kernel import clock, telling
from huifang.kernel.refusals import Refusal
from huifang.kernel.texts import LANGUAGES
from huifang.kernel.wallet import wallet_name


@screen(permission="plans.view")
def templates(request: Request) -> HttpResponse:
    """Every template, by channel."""
    channel = request.GET.get("channel", "")
    channel = channel if channel in registry.channels() else ""
    context = {
        "channel": channel,
        "channels": registry.channels(),
        "templates": queries.message_templates(channel=channel, include_archived="archived" in request.GET),
        "sections": sections.of(request),
    }
    return render(request, "delivery/templates.html", context)


@screen(permission="plans.edit")
def new_template(request: Request, channel: str) -> HttpResponse:
    """Write a template."""
    if channel not in registry.channels():
        raise Http404
    return _edit(request, channel, None)


@screen(permission="plans.edit")
def template(request: Request, template_id: int) -> HttpResponse:
    """Change a template."""
    record = queries.message_template(template_id=template_id)
    return _edit(request, record.channel, record)


def _edit(request: Request, channel: str, record: TemplateRecord | None) -> HttpResponse:
    form = TemplateForm(request.POST or None, record=record, channel=channel)
    if request.method == "POST" and form.is_valid():
        try:
            template_id, version = services.save_template(
                draft=form.draft(record.id if record else None, channel),
                by=request.person.actor,
                now=clock.now(),
            )
            messages.success(request, gettext("Version {version} is kept.").format(version=version))
            return redirect("delivery:template", template_id)
        except Refusal as error:
            form.add_error(None, telling.told(error))
    subject = form.texts("subject") if form.is_bound else (record.subject if record else {})
    body = form.texts("body") if form.is_bound else (record.body if record else {})
    fallback = str(form["fallback_language"].value() or "")
    context = {
        "form": form,
        "record": record,
        "versions": library.versions(record.id) if record else [],
        "uses": library.uses(record.id, now=clock.now()) if record else [],
        "placeholders": [(name, gettext(about)) for name, about in queries.placeholders().items()],
        "sections": sections.of(request),
        **_preview(channel, subject, body, fallback),
    }
    return render(request, "delivery/template.html", context)


@require_POST
@screen(permission="plans.edit")
def preview(request: Request, channel: str) -> HttpResponse:
    """The template as it is being written."""
    if channel not in registry.channels():
        raise Http404
    form = TemplateForm(request.POST)
    fallback = request.POST.get("fallback_language", "")
    context = _preview(channel, form.texts("subject"), form.texts("body"), fallback)
    return render(request, "delivery/_template_preview.html", context)


def _preview(
    channel: str, subject: Mapping[str, str], body: Mapping[str, str], fallback: str
) -> dict[str, object]:
    shown = []
    for language in [each for each in LANGUAGES if each in body]:
        more = {"wallet_name": wallet_name(language)}
        for each in drafts.previews(channel, subject, {language: body[language]}, more):
            shown.append((LANGUAGE_NAMES.get(language, language), each, library.prices(channel, each.parts)))
    found = drafts.check(channel, subject, body, fallback_language=fallback) if body or subject else []
    return {
        "channel": channel,
        "previews": shown,
        "warnings": [
            (
                LANGUAGE_NAMES.get(each.language, each.language),
                each.where,
                gettext(drafts.WARNINGS[each.code]).replace("{detail}", each.detail),
            )
            for each in found
        ],
    }
