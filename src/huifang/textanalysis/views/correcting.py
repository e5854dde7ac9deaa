"""One click that corrects a finding, and one that takes it back."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.console.views.frame import safe_next
from huifang.kernel import clock
from huifang.textanalysis import choices, queries, services
from huifang.textanalysis.errors import FieldValueError
from huifang.textanalysis.records import FindingRecord
from huifang.textanalysis.views import frame, verbatims

_FIELDS = ("sentiment", "intent", "topics")


@require_POST
@screen(permission=frame.EDIT)
def correct(request: Request, finding_id: int) -> HttpResponse:
    """Set a field (``set=sentiment:negative``, ``topics:+fees``, ``topics:-fees``), or undo that."""
    now, by = clock.now(), request.person.actor
    if field := request.POST.get("undo", ""):
        services.undo_correction(finding_id=finding_id, field=field, by=by, now=now)
    else:
        field, _, word = request.POST.get("set", "").partition(":")
        if field not in _FIELDS:
            raise FieldValueError(field=field[:60], value=word[:60])
        value = _topics(queries.finding(finding_id=finding_id), word) if field == "topics" else word
        services.correct(finding_id=finding_id, field=field, value=value, by=by, now=now)
    if not request.htmx:
        return redirect(f"{safe_next(request)}#marks-{finding_id}")
    found = queries.finding(finding_id=finding_id)
    topics = choices.topics()
    context = {
        "finding": found,
        "about": request.POST.get("about", "")[:60],
        "back": safe_next(request),
        **verbatims.context([found], topics, may_edit=True),
    }
    return render(request, "textanalysis/_marks.html", context)


def _topics(found: FindingRecord, word: str) -> list[str]:
    """The codes of *found* with one more or one less; "=code" is that one alone, "=" none."""
    code, held = word[1:], [each.code for each in found.topics]
    if word.startswith("-"):
        return [each for each in held if each != code]
    if word.startswith("="):
        return [code] if code else []
    # What a person names is what it is mainly about.
    return [code, *(each for each in held if each != code)]
