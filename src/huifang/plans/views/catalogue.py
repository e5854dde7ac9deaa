"""The list of plans, and the pack of ready ones."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_POST

from huifang.console import lists
from huifang.console.names import CONTACT_CLASSES
from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.kernel.texts import pick, product_language
from huifang.plans import phrases, queries, ready, services
from huifang.plans.records import PlanDefinition, PlanLine, TriggerKind, VersionState
from huifang.plans.sentences import say_trigger
from huifang.questionnaires.queries import questionnaire_choices

_PERIOD = timedelta(days=30)
_COUNTED = ("held_out", "reached", "answered")


def language_of_reader() -> str:
    """The product's language in which the reader reads."""
    return product_language(get_language() or "") or "en"


@screen(permission="plans.view")
def plan_list(request: Request) -> HttpResponseBase:
    """Every plan."""
    state = lists.read(request.GET, _listing())
    lines = [line for line in queries.plans() if _is_wanted(line, state)]
    if state.sort_word:
        lines.sort(key=lambda line: _sort_key(line, state.sort), reverse=state.is_descending)
    if state.is_export:
        return _exported(lines)
    page = lists.cut(lines, state, to_record=lambda line: line)
    counted = queries.counts(plan_ids=[line.id for line in page.rows], since=clock.now() - _PERIOD)
    rows = [
        {"line": line, "trigger": say_trigger(line.definition.trigger), "counts": counted.get(line.id, {})}
        for line in page.rows
    ]
    template = "plans/list.html#table" if request.htmx else "plans/list.html"
    return render(request, template, {"state": state, "page": page, "rows": rows})


@screen(permission="plans.view")
def using_segment(request: Request, segment_id: int) -> HttpResponse:
    """The plans over one segment, for the page of that segment."""
    if not request.htmx:
        return redirect("customers:segment", segment_id)
    return render(request, "plans/_using_segment.html", {"plans": queries.plans_over(segment_id=segment_id)})


def _listing() -> lists.Listing:
    states = [
        (VersionState.ACTIVE.value, gettext("Live")),
        (VersionState.PAUSED.value, gettext("Paused")),
        (VersionState.DRAFT.value, gettext("Draft")),
        (VersionState.ENDED.value, gettext("Ended")),
    ]
    kinds = [
        (TriggerKind.EVENT.value, gettext("Event")),
        (TriggerKind.DATE.value, gettext("Date")),
        (TriggerKind.PULSE.value, gettext("Pulse")),
        (TriggerKind.SEGMENT.value, gettext("Segment")),
        (TriggerKind.LIST.value, gettext("List")),
        (TriggerKind.FACT.value, gettext("Call or case")),
    ]
    classes = [(code, gettext(text)) for code, text in CONTACT_CLASSES.items()]
    return lists.Listing(
        sorts={"name": ("name",), "edited": ("edited_at",), "state": ("state",)},
        sort="state",
        filters=[
            lists.Filter(name="state", label=gettext("State"), choices=states),
            lists.Filter(name="starts", label=gettext("Starts by"), choices=kinds),
            lists.Filter(name="class", label=gettext("Contact class"), choices=classes),
        ],
    )


def _is_wanted(line: PlanLine, state: lists.State) -> bool:
    definition, chosen = line.definition, state.chosen
    has = {
        "state": line.state.value,
        "starts": definition.trigger.kind.value,
        "class": definition.contact_class,
    }
    said = [*line.name.values(), definition.trigger.event, say_trigger(definition.trigger)]
    return all(not chosen[name] or chosen[name] == value for name, value in has.items()) and (
        state.search.lower() in " ".join(said).lower()
    )


def _sort_key(line: PlanLine, word: str) -> str:
    if word == "edited":
        return line.edited_at.isoformat()
    return pick(line.name, language_of_reader()) if word == "name" else line.state.value


def _exported(lines: list[PlanLine]) -> HttpResponseBase:
    counted = queries.counts(plan_ids=[line.id for line in lines], since=clock.now() - _PERIOD)
    columns = ("plan", "state", "version", "event", "held_out", "contacted", "answered")
    rows = [
        (
            pick(line.name, language_of_reader()),
            line.state.value,
            line.live_version or line.draft_version or "",
            line.definition.trigger.event or line.definition.trigger.kind.value,
            *(counted.get(line.id, {}).get(name, 0) for name in _COUNTED),
        )
        for line in lines
    ]
    return lists.csv_reply(name="plans", columns=columns, rows=rows)


@screen(permission="plans.edit")
def new(request: Request) -> HttpResponse:
    """Choose a ready plan, or start from nothing."""
    if request.method == "POST":
        return redirect("plans:plan", plan_id=_made(request))
    found = [
        {
            "ready": each,
            "trigger": say_trigger(each.definition.trigger),
            "missing": phrases.say_missing_room(each.definition.trigger.fact),
        }
        for each in ready.ready_plans()
    ]
    is_whole = all(each["ready"].plan_id for each in found)  # type: ignore[attr-defined]
    return render(request, "plans/new.html", {"found": found, "is_whole": is_whole})


def _made(request: Request) -> PlanId:
    now, by = clock.now(), request.person.actor
    pack_name = request.POST.get("pack_name", "")
    if pack_name and request.POST.get("act") == "another":
        return services.create_from_pack(pack_name=pack_name, by=by, now=now)
    if pack_name:
        return services.install_one(pack_name=pack_name, by=by, now=now)
    name = {"zh-Hans": "新计划", "en": "New plan"}
    first = next(iter(questionnaire_choices()), None)
    definition = PlanDefinition(name=name, questionnaire_id=first.id if first else None)
    return services.create(definition=definition, by=by, now=now)


@require_POST
@screen(permission="plans.edit")
def install_pack(request: Request) -> HttpResponse:
    """Put in all ready plans that are not there, as drafts."""
    added = len(services.install_pack(now=clock.now(), activate=False, by=request.person.actor))
    said = ngettext(
        "%(number)d ready plan is there now, as a draft.",
        "%(number)d ready plans are there now, as drafts.",
        added,
    )
    none = gettext("Every ready plan was there already: nothing has changed.")
    messages.success(request, said % {"number": added} if added else none)
    return redirect("plans:list")


@screen(permission="plans.view")
def pack_plan(request: Request, pack_name: str) -> HttpResponse:
    """One ready plan: what it sends on each channel, and what an agent says."""
    found = ready.ready_plan(pack_name=pack_name)
    context = {
        "ready": found,
        "trigger": say_trigger(found.definition.trigger),
        "missing": phrases.say_missing_room(found.definition.trigger.fact),
    }
    return render(request, "plans/pack.html", context)
