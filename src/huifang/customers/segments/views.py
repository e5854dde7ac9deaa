"""Screens of segments: the list, and one page each that counts while its conditions are being written."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console import lists, names
from huifang.console.screens import Request, screen
from huifang.customers import queries, services
from huifang.customers.errors import FaultySegmentError, ScanTooLargeError, SlowSegmentError
from huifang.customers.records import CHANNELS, EVERY, KIND_OF_CHANNEL, PURPOSES, SegmentChoice
from huifang.customers.segments import drafting, phrases, titles
from huifang.customers.segments.definition import CONDITIONS_MAX
from huifang.customers.segments.drafting import Row
from huifang.decisions.conditions import Op
from huifang.events import queries as events
from huifang.kernel import clock
from huifang.kernel.refusals import Refusal

_COLUMNS = ("id", "name", "wallet", "language", "time_zone", "region", "last_seen_at", "refused", "consented")
_PAGE = 1000
_HOWS = ("least", "most", "just", "never")


@screen(permission="customers.view")
def segment_list(request: Request) -> HttpResponse:
    """Segments by name; or those that were put away."""
    is_archived = request.GET.get("state") == "archived"
    found = [(each, titles.title_of(each.name)) for each in queries.segments(is_archived=is_archived)]
    context = {"segments": found, "is_archived": is_archived}
    return render(request, "customers/segments/list.html", context)


@screen(permission="customers.edit")
def new(request: Request) -> HttpResponse:
    """Write a segment that is not kept yet."""
    return _edit(request, None)


@screen(permission="customers.view")
def segment(request: Request, segment_id: int) -> HttpResponse:
    """One segment: what it says, how many are in it, who; and its editor for those who may."""
    found = queries.segment(segment_id=segment_id)
    if request.method == "POST":
        if "customers.edit" not in request.permissions:
            raise PermissionDenied("customers.edit")
        return _edit(request, found)
    root = drafting.whole(_condition(queries.segment_definition(segment_id=segment_id)))
    return _show(request, found, root, name=found.name, version=found.version)


def _condition(definition: object) -> dict[str, object]:
    assert isinstance(definition, dict)
    where: dict[str, object] = definition["where"]
    return where


def _edit(request: Request, found: SegmentChoice | None) -> HttpResponse:
    root = drafting.rows_of(request.POST.dict() if request.method == "POST" else {})
    name = request.POST.get("name", "").strip() or (found.name if found else "")
    version = request.POST.get("version", "")
    act = request.POST.get("act", "")
    if act != "save":
        kind = request.POST.get(f"add.{act.partition(':')[2]}", "")
        root = drafting.changed(root, f"{act}:{kind}" if act.startswith("add:") else act)
        return _show(request, found, root, name=name, version=version)
    try:
        kept = _save(request, found, root, name=name, version=version)
    except Refusal as refusal:
        return _show(request, found, root, name=name, version=version, refusal=refusal)
    messages.success(request, gettext("Saved."))
    return HttpResponseRedirect(reverse("customers:segment", args=[kept.id]))


def _save(
    request: Request, found: SegmentChoice | None, root: Row, *, name: str, version: str
) -> SegmentChoice:
    definition = {"where": drafting.to_raw(root)}
    by, now = request.person.actor, clock.now()
    if found is None:
        return services.create_segment(name=name, definition=definition, by=by, now=now)
    return services.save_segment(
        segment_id=found.id,
        name=name,
        definition=definition,
        version=int(version) if version.isdecimal() else None,
        by=by,
        now=now,
    )


def _show(  # noqa: PLR0913 - one keyword a thing that is shown
    request: Request,
    found: SegmentChoice | None,
    root: Row,
    *,
    name: str,
    version: object,
    refusal: Refusal | None = None,
) -> HttpResponse:
    for row in drafting.walk(root):
        if row.kind == drafting.KEPT:
            row.sentence = _sentence(row)
    title = titles.title_of(found.name) if found else ""
    context = {"segment": found, "title": title, "root": root, "name": name, "version": version}
    context |= _live(root) | _choices() | {"refusal": refusal}
    return render(request, "customers/segments/segment.html", context, status=422 if refusal else 200)


def _sentence(row: Row) -> str:
    try:
        return queries.segment_sentence(definition={"where": drafting.to_raw(row)})
    except FaultySegmentError:
        return ""


@require_POST
@screen(permission="customers.view")
def live(request: Request) -> HttpResponse:
    """How many meet the conditions as they stand in the editor, while they are written."""
    return render(request, "customers/segments/_live.html", _live(drafting.rows_of(request.POST.dict())))


def _live(root: Row) -> dict[str, object]:
    definition = {"where": drafting.to_raw(root)}
    try:
        preview = queries.segment_preview(definition=definition)
    except (FaultySegmentError, ScanTooLargeError, SlowSegmentError) as refusal:
        return {"problem": refusal}
    return {
        "preview": preview,
        "sentence": queries.segment_sentence(definition=definition),
        "clashes": [
            tuple(queries.segment_sentence(definition=definition, path=path) for path in pair)
            for pair in preview.clashes
        ],
    }


def _choices() -> dict[str, object]:
    return {
        "groups": {
            "all": gettext("all of these"),
            "any": gettext("one of these"),
            "not": gettext("none of these"),
        },
        "leaves": {
            "field": gettext("wallet, language, place"),
            "trait": gettext("a trait"),
            "did": gettext("what they did"),
            "when": gettext("a time"),
            "reachable": gettext("how to reach them"),
            "consent": gettext("consent"),
            "left_alone": gettext("asked to be left alone"),
        },
        "fields": phrases.FIELD_NAMES,
        "dates": phrases.DATE_NAMES,
        "ops": {str(op): name for op, name in phrases.OP_NAMES.items()},
        "field_ops": {str(op): phrases.OP_NAMES[op] for op in phrases.OP_NAMES if op not in _NUMERIC},
        "hows": dict(
            zip(
                _HOWS,
                (gettext("at least"), gettext("at most"), gettext("just"), gettext("never")),
                strict=True,
            )
        ),
        "turns": {
            "last": gettext("in the last days:"),
            "before": gettext("more days ago than:"),
            "next": gettext("in the next days:"),
            "after": gettext("in days or later:"),
        },
        "reaches": {channel: names.named("channel", channel) for channel in KIND_OF_CHANNEL},
        "channels": {EVERY: gettext("any channel")}
        | {channel: names.named("channel", channel) for channel in CHANNELS},
        "purposes": {purpose: names.named("purpose", purpose) for purpose in PURPOSES},
        "event_names": [each.name for each in events.event_names()[:200]],
        "conditions_max": CONDITIONS_MAX,
    }


_NUMERIC = frozenset({Op.AT_LEAST, Op.AT_MOST})


@require_POST
@screen(permission="customers.edit")
def act(request: Request, segment_id: int, word: str) -> HttpResponse:
    """Copy, put away, bring back, or undo the last change."""
    by, now = request.person.actor, clock.now()
    if word == "copy":
        segment_id = services.copy_segment(segment_id=segment_id, by=by, now=now).id
    elif word == "archive":
        services.archive_segment(segment_id=segment_id, by=by, now=now)
        return HttpResponseRedirect(reverse("customers:segments"))
    elif word == "restore":
        services.restore_segment(segment_id=segment_id, by=by, now=now)
    elif word == "undo":
        services.undo_segment(segment_id=segment_id, by=by, now=now)
    return HttpResponseRedirect(reverse("customers:segment", args=[segment_id]))


@require_POST
@screen(permission="customers.edit")
def export(request: Request, segment_id: int) -> HttpResponseBase:
    """The customers of a segment as CSV, masked; who took it away is noted."""
    found = queries.segment(segment_id=segment_id)
    services.note_segment_export(segment_id=segment_id, by=request.person.actor, now=clock.now())
    return lists.csv_reply(name=f"segment-{found.id}", columns=_COLUMNS, rows=_lines(found.id))


def _lines(segment_id: int) -> Iterator[tuple[object, ...]]:
    for row in queries.segment_rows(segment_id=segment_id, limit=lists.EXPORT_ROWS_MAX):
        profile = row.profile
        yield (
            profile.external_id,
            profile.masked_name,
            profile.wallet_kind,
            profile.language,
            profile.time_zone,
            profile.region,
            profile.last_seen_at,
            "yes" if row.is_suppressed else "no",
            "yes" if row.has_consent else "no",
        )
