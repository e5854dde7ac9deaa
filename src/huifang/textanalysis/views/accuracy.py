"""How well each engine reads the operators' own texts, and where it says nothing."""

from django.http import HttpResponse
from django.shortcuts import render

from huifang.console.screens import Request, screen
from huifang.textanalysis import queries
from huifang.textanalysis.views import frame
from huifang.textanalysis.views.labels import ENOUGH, FIELDS

_VERSIONS = 12


@screen(permission="feedback.view")
def accuracy(request: Request) -> HttpResponse:
    """Measured figures of every engine, with sample and interval; versions of what was learnt."""
    figures = queries.engine_figures()
    context = {
        "fields": [(field, [each for each in figures if each.field == field]) for field in FIELDS],
        "engine": queries.engine_name(),
        "counts": queries.label_counts(),
        "enough": ENOUGH,
        "versions": queries.model_versions()[:_VERSIONS],
        "learning": queries.waiting_to_learn(),
        "progress": queries.progress(),
        "may_edit": frame.EDIT in request.permissions,
    }
    return render(request, "textanalysis/accuracy.html", context)
