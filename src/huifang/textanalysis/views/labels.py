"""The queue of texts whose label would teach most, and what was learnt: before and after, and back."""

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.kernel.texts import pick
from huifang.textanalysis import choices, naming, queries, services
from huifang.textanalysis.errors import FieldValueError
from huifang.textanalysis.records import ModelVersion, TopicRecord
from huifang.textanalysis.views import frame, verbatims

FIELDS = ("topics", "sentiment")
ENOUGH = 30
_QUEUE, _KEYS = 5, 10
_VERSIONS = 12


def field_of(word: str) -> str:
    """The field that a URL names; topics where it names none."""
    return word if word in FIELDS else FIELDS[0]


@screen(permission=frame.EDIT)
def queue(request: Request) -> HttpResponse:
    """The next text to label, with one key for each answer."""
    field = field_of(request.GET.get("field", ""))
    skipped = _skipped(request)
    taught = queries.taught_topics() if field == "topics" else []
    only = request.GET.get("topic", "")
    only = only if only in {each.code for each in taught} else ""
    tasks = queries.label_queue(field=field, limit=_QUEUE + len(skipped), topic=only)
    tasks = [each for each in tasks if each.finding.id not in skipped][:_QUEUE]
    counts = queries.label_counts()
    context = {
        "field": field,
        "fields": FIELDS,
        "task": tasks[0] if tasks else None,
        "answers": _answers(field),
        "taught": taught,
        "only": only,
        "counts": counts,
        "count": counts.get(field, 0),
        "enough": ENOUGH,
        "versions": _versions(field),
        "is_learning": field in queries.waiting_to_learn(),
        "skipped": ",".join(str(each) for each in skipped),
        "undo": request.GET.get("undo", "") if request.GET.get("undo", "").isdecimal() else "",
        "progress": queries.progress(),
        **verbatims.context([tasks[0].finding] if tasks else [], choices.topics(), may_edit=False),
    }
    part = "learnt" if request.headers.get("HX-Target") == "learnt" else "queue"
    template = f"textanalysis/labels.html#{part}" if request.htmx else "textanalysis/labels.html"
    return render(request, template, context)


def _skipped(request: Request) -> list[int]:
    words = request.GET.get("skipped", "").split(",")[:200]
    return [int(each) for each in words if each.isascii() and each.isdigit() and len(each) < 18]


def _answers(field: str) -> list[tuple[str, str, str]]:
    """Key, value and name of each answer. Topics have 1 to 9, "none of these" 0, and the rest no key."""
    if field == "sentiment":
        moods = enumerate(verbatims.MOODS, start=1)
        return [(str(at), mood, naming.named("sentiment", mood)) for at, mood in moods]
    # A topic that is being taught has a key, whatever number of topics there are.
    live = sorted((each for each in choices.topics() if not each.is_retired), key=_is_known)
    named = [(each.code, pick(each.name, frame.language()) or each.code) for each in live]
    keyed = [(str(at) if at < _KEYS else "", code, name) for at, (code, name) in enumerate(named, start=1)]
    return [*keyed, ("0", "", pgettext("topics of a text", "none of these"))]


def _is_known(topic: TopicRecord) -> bool:
    return topic.is_shipped or topic.labels >= ENOUGH


def _versions(field: str) -> list[ModelVersion]:
    return [each for each in queries.model_versions() if each.kind == field][:_VERSIONS]


@require_POST
@screen(permission=frame.EDIT)
def label(request: Request, finding_id: int) -> HttpResponse:
    """Say what a text is, or take that back; then comes the next one."""
    field = field_of(request.POST.get("field", ""))
    now, by = clock.now(), request.person.actor
    query = f"?field={field}"
    if only := request.POST.get("topic", ""):
        query += f"&topic={quote(only[:60])}"
    if request.POST.get("undo"):
        services.undo_correction(finding_id=finding_id, field=field, by=by, now=now)
        return redirect(reverse("textanalysis:labels") + query)
    value = request.POST.get("value")
    if value is None:
        raise FieldValueError(field=field, value="")
    given: object = value if field == "sentiment" else [value] if value else []
    services.label(finding_id=finding_id, field=field, value=given, by=by, now=now)
    return redirect(reverse("textanalysis:labels") + f"{query}&undo={finding_id}")


@require_POST
@screen(permission=frame.EDIT)
def learn(request: Request) -> HttpResponse:
    """Learn from the labels now."""
    field = field_of(request.POST.get("field", ""))
    services.retrain(kind=field, by=request.person.actor, now=clock.now())
    messages.success(request, gettext("The worker learns now. The new version appears by itself."))
    return redirect(reverse("textanalysis:labels") + f"?field={field}")


@require_POST
@screen(permission=frame.EDIT)
def activate(request: Request, version_id: int) -> HttpResponse:
    """Read texts with another version from now on."""
    field = field_of(request.POST.get("field", ""))
    services.activate_version(version_id=version_id, by=request.person.actor, now=clock.now())
    messages.success(request, gettext("New texts are read with this version."))
    return redirect(reverse("textanalysis:labels") + f"?field={field}")


@require_POST
@screen(permission=frame.EDIT)
def read_again(request: Request) -> HttpResponse:
    """Have every text read by the version in use; what people corrected stays."""
    count = services.read_again(by=request.person.actor, now=clock.now())
    text = gettext("{count} texts are being read again. What people corrected stays.")
    messages.success(request, text.format(count=count))
    return redirect("textanalysis:accuracy")
