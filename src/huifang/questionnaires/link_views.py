"""The staff screens of open links: made, closed, opened again, and printed as a code."""

import io
from datetime import datetime

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify
from django.utils.translation import gettext, override
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.kernel.texts import LANGUAGES
from huifang.questionnaires import links, queries, rules
from huifang.questionnaires.conversation import CODES
from huifang.questionnaires.records import Definition, OpenLinkTerms

_PNG_SCALE = 16


def _address(slug: str) -> str:
    return f"{settings.PUBLIC_URL}/q/{slug}"


@screen(permission="questionnaires.view")
def link_list(request: Request, questionnaire_id: int) -> HttpResponse:
    """The open links of one questionnaire."""
    found = queries.questionnaire(questionnaire_id=questionnaire_id)
    rows = links.links(questionnaire_id=questionnaire_id, now=clock.now())
    context = {
        "questionnaire": found,
        "links": [(each, _address(each.slug)) for each in rows],
        "may_edit": "questionnaires.edit" in request.permissions,
    }
    return render(request, "questionnaires/links.html", context)


@require_POST
@screen(permission="questionnaires.edit")
def create(request: Request, questionnaire_id: int) -> HttpResponse:
    """Make an open link."""
    slug = slugify(request.POST.get("slug", ""))[:60]
    terms = _terms(request)
    by, now = request.person.actor, clock.now()
    wanted = slug or f"{queries.questionnaire(questionnaire_id=questionnaire_id).slug}-{now:%m%d%H%M%S}"[:60]
    links.create(questionnaire_id=questionnaire_id, slug=wanted, terms=terms, by=by, now=now)
    return redirect("questionnaires:links", questionnaire_id)


def _terms(request: Request) -> OpenLinkTerms:
    most = request.POST.get("responses_max", "")
    return OpenLinkTerms(
        place=request.POST.get("place", ""),
        opens_at=_instant(request.POST.get("opens_at", "")),
        closes_at=_instant(request.POST.get("closes_at", "")),
        responses_max=int(most) if most.isdecimal() and 0 < int(most) < 10_000_000 else None,
        is_once_a_device="is_once_a_device" in request.POST,
    )


def _instant(text: str) -> datetime | None:
    """A date and a time in the zone of the reader; None where *text* is none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(found) if found and timezone.is_naive(found) else found


@require_POST
@screen(permission="questionnaires.edit")
def turn(request: Request, slug: str) -> HttpResponse:
    """Close a link, or open it again."""
    is_open = request.POST.get("open") == "yes"
    found = links.turn(slug=slug, is_open=is_open, by=request.person.actor, now=clock.now())
    return redirect("questionnaires:links", found.questionnaire_id)


@screen(permission="questionnaires.view")
def code(request: Request, slug: str, form: str) -> HttpResponse:
    """The code of a link, as SVG for print or PNG for screens."""
    found = links.link(slug=slug, now=clock.now())
    written = io.BytesIO()
    drawn = segno.make(_address(found.slug), error="q", micro=False)
    if form == "svg":
        drawn.save(written, kind="svg", scale=10, border=4, xmldecl=False, svgclass=None, lineclass=None)
    else:
        drawn.save(written, kind="png", scale=_PNG_SCALE, border=4)
    media_type = "image/svg+xml" if form == "svg" else "image/png"
    reply = HttpResponse(written.getvalue(), content_type=media_type)
    reply["Content-Disposition"] = f'inline; filename="{found.slug}.{form}"'
    return reply


@screen(permission="questionnaires.view")
def poster(request: Request, slug: str) -> HttpResponse:
    """A page to print on A4: the code, and in each language what it leads to."""
    found = links.link(slug=slug, now=clock.now())
    choice = queries.published(questionnaire_id=found.questionnaire_id)
    definition = queries.definition(version_id=choice.version_id)
    context = {
        "link": found,
        "address": _address(slug),
        "languages": LANGUAGES,
        "definition": definition,
        "lines": [(each, _poster_line(definition, each)) for each in LANGUAGES],
    }
    return render(request, "questionnaires/poster.html", context)


def _poster_line(definition: Definition, language: str) -> str:
    # A stranger is not asked everything, so it does not take them as long.
    seconds = rules.seconds(rules.without(definition, customer=False))
    with override(CODES[language]):
        if definition.is_anonymous:
            return gettext("Anonymous, about {seconds} seconds").format(seconds=seconds)
        return gettext("About {seconds} seconds").format(seconds=seconds)
