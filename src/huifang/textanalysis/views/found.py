"""Wishes by size, and other wallets that customers name."""

from django.http.response import HttpResponseBase
from django.shortcuts import render

from huifang.console.screens import Request, screen
from huifang.textanalysis import queries
from huifang.textanalysis.views import exports, frame


@screen(permission="feedback.view")
def wishes(request: Request) -> HttpResponseBase:
    """What customers wish for, the most frequent first."""
    shown = frame.read(request, without=("intent",))
    lines = queries.wishes(found=shown.found)
    if kind := request.GET.get("export", ""):
        return exports.reply(request, "wishes", exports.wishes(lines), shown, kind=kind)
    findings = [each for line in lines for each in line.verbatims]
    context = {
        "frame": shown,
        "lines": lines,
        "most": max((line.size for line in lines), default=1),
        "may_export": exports.EXPORT in request.permissions,
        **shown.for_voices(findings),
    }
    return render(request, "textanalysis/wishes.html", context)


@screen(permission="feedback.view")
def competitors(request: Request) -> HttpResponseBase:
    """Other wallets: how often they are named, and whether they come off better or worse."""
    shown = frame.read(request)
    lines = queries.competitors(found=shown.found)
    if kind := request.GET.get("export", ""):
        return exports.reply(request, "competitors", exports.competitors(lines), shown, kind=kind)
    findings = [each for line in lines for each in line.verbatims]
    context = {
        "frame": shown,
        "lines": lines,
        "most": max((line.count for line in lines), default=1),
        "may_export": exports.EXPORT in request.permissions,
        **shown.for_voices(findings),
    }
    return render(request, "textanalysis/competitors.html", context)
