"""The FAQ: entries in both languages, the search with its scores, questions that recur without an entry."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.textanalysis import choices, faq_book, languages, queries, services
from huifang.textanalysis.errors import UnknownFaqError
from huifang.textanalysis.forms import FaqForm, of_entry
from huifang.textanalysis.records import FaqEntry
from huifang.textanalysis.views import frame, verbatims

_QUESTION_MAX = 300


@screen(permission="feedback.view")
def entries(request: Request) -> HttpResponse:
    """Every entry, a search box, and what is asked often but not answered."""
    asked = request.GET.get("q", "").replace("\0", "").strip()[:_QUESTION_MAX]
    matches = queries.faq_search(question=asked, language=frame.language()) if asked else []
    candidates = queries.faq_candidates()
    findings = [each for line in candidates for each in line.verbatims]
    listed = faq_book.entries(with_retired=True)
    context = {
        "entries": [each for each in listed if each.state == faq_book.LIVE],
        "retired": [each for each in listed if each.state != faq_book.LIVE],
        "asked": asked,
        "matches": matches,
        "candidates": candidates,
        **verbatims.context(findings, choices.topics(), may_edit=frame.EDIT in request.permissions),
    }
    template = "textanalysis/faq.html#found" if request.htmx else "textanalysis/faq.html"
    return render(request, template, context)


@screen(permission=frame.EDIT)
def entry(request: Request, entry_id: int | None = None) -> HttpResponse:
    """Write an entry; a new one may start from a question that recurs."""
    known = _entry(entry_id) if entry_id is not None else None
    initial = of_entry(known) if known else _from_question(request.GET.get("question", ""))
    form = FaqForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.save_faq_entry(
            entry_id=entry_id,
            questions=form.questions,
            answer=form.answer,
            by=request.person.actor,
            now=clock.now(),
        )
        messages.success(request, gettext("The entry is kept, and found from now on."))
        return redirect("textanalysis:faq")
    context = {"form": form, "entry": known}
    return render(request, "textanalysis/faq_entry.html", context, status=422 if form.errors else 200)


def _entry(entry_id: int) -> FaqEntry:
    for each in faq_book.entries(with_retired=True):
        if each.id == entry_id:
            return each
    raise UnknownFaqError


def _from_question(question: str) -> dict[str, str]:
    asked = question.replace("\0", "")[:_QUESTION_MAX]
    return {"questions_en" if languages.detect(asked) == "en" else "questions_zh": asked} if asked else {}


@require_POST
@screen(permission=frame.EDIT)
def retire(request: Request, entry_id: int) -> HttpResponse:
    """Answer with an entry no more, or again."""
    now, by = clock.now(), request.person.actor
    if request.POST.get("undo"):
        known = _entry(entry_id)
        services.save_faq_entry(
            entry_id=entry_id, questions=known.questions, answer=known.answer, by=by, now=now
        )
        messages.success(request, gettext("The entry is found again."))
    else:
        services.retire_faq_entry(entry_id=entry_id, by=by, now=now)
        messages.success(request, gettext("The entry answers no more. It is listed below, to be taken back."))
    return redirect("textanalysis:faq")
