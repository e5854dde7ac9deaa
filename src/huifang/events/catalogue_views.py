"""The staff screens of the catalogue: what comes, what it looks like, how it drifts, what it should be."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.events import declarations, personal, queries, schemas, services
from huifang.events.errors import UnknownEventError
from huifang.events.forms import DeclarationForm, as_lines
from huifang.events.records import Declaration, DriftSeen, EventName, EventShape, StoredEvent
from huifang.events.shapes import DRIFTS
from huifang.events.views import frame
from huifang.kernel import clock, telling
from huifang.kernel.refusals import Refusal

_NUMBER_LENGTH_MAX = 18


@screen(permission="events.view")
def catalogue(request: Request) -> HttpResponse:
    """Every event that is declared or came, those that drift first."""
    seen = {each.name: each for each in queries.event_names()}
    declared, drifting = declarations.every(), schemas.open_drifts()
    rows = [
        _row(name, declared.get(name), seen.get(name), drifting.get(name, 0))
        for name in dict.fromkeys((*declared, *seen))
    ]
    context = {
        **frame(request, "events:catalogue"),
        "rows": sorted(rows, key=lambda row: (not row["drifts"], not row["seen"])),
        "drifts": [_shown(each) for each in schemas.drifts(limit=20)],
        "may_declare": "events.declare" in request.permissions,
    }
    return render(request, "events/catalogue.html", context)


def _row(name: str, declared: Declaration | None, seen: EventName | None, drifts: int) -> dict[str, object]:
    return {
        "name": name,
        "url": _address(name),
        "declared": declared,
        "about": _about(declared),
        "properties": [each.key for each in declared.properties] if declared else [],
        "seen": seen,
        "drifts": drifts,
    }


def _about(declared: Declaration | None) -> str:
    if declared is None or not declared.about:
        return ""
    return gettext(declared.about) if declared.is_built_in else declared.about


def _shown(each: DriftSeen) -> dict[str, object]:
    meaning = gettext(DRIFTS.get(each.code, each.code))
    return {"drift": each, "meaning": meaning, "detail": _in_words(each.detail), "url": _address(each.name)}


def _in_words(detail: str) -> str:
    """What a drift notes in English ("text instead of number") in the reader's language."""
    found, _, declared = detail.partition(" instead of ")
    if not declared:
        return detail
    return gettext("{found} instead of {declared}").format(found=gettext(found), declared=gettext(declared))


def _address(name: str) -> str:
    return f"{reverse('events:event')}?{urlencode({'name': name})}"


@screen(permission="events.view")
def event(request: Request) -> HttpResponse:
    """One event: declared and learned side by side, how it drifts, samples, and a form to declare it."""
    name = request.GET.get("name", "")
    declared, shape = declarations.every().get(name), schemas.shape(name=name)
    seen = next((each for each in queries.event_names() if each.name == name), None)
    if declared is None and shape is None and seen is None:
        raise UnknownEventError(name=name)
    drift_id = _number(request.GET.get("drift", ""))
    context = {
        **frame(request, "events:catalogue"),
        "name": name,
        "here": _address(name),
        "declared": declared,
        "about": _about(declared),
        "shape": shape,
        "seen": seen,
        "properties": _side_by_side(declared, shape),
        "drifts": [_shown(each) for each in schemas.drifts(name=name, include_settled=True)],
        "drift_id": drift_id,
        "samples": _samples(name, drift_id),
        "form": _form(name, declared) if "events.declare" in request.permissions else None,
    }
    return render(request, "events/event.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _NUMBER_LENGTH_MAX else None


def _samples(name: str, drift_id: int | None) -> list[tuple[StoredEvent, str]]:
    """Each sample with its properties as text."""
    found = schemas.samples(name=name) if drift_id is None else schemas.drift_samples(drift_id=drift_id)
    return [
        (each, json.dumps(personal.mask(dict(each.properties)), ensure_ascii=False, indent=2))
        for each in found
    ]


def _side_by_side(declared: Declaration | None, shape: EventShape | None) -> list[dict[str, object]]:
    said = {each.key: each for each in declared.properties} if declared else {}
    learned = {each.key: each for each in shape.properties} if shape else {}
    is_built_in = declared is not None and declared.is_built_in
    return [
        {
            "key": key,
            "said": said.get(key),
            "about": _said_about(said[key].about, is_built_in=is_built_in) if key in said else "",
            "learned": learned.get(key),
        }
        for key in dict.fromkeys((*said, *learned))
    ]


def _said_about(text: str, *, is_built_in: bool) -> str:
    return gettext(text) if is_built_in and text else text


def _form(name: str, declared: Declaration | None) -> DeclarationForm:
    if declared is None:
        return DeclarationForm(initial={"name": name})
    return DeclarationForm(
        initial={
            "name": name,
            "about": _about(declared),
            "owner": declared.owner,
            "is_strict": declared.is_strict,
            "properties": as_lines(declared),
        }
    )


@screen(permission="events.declare")
def declare(request: Request) -> HttpResponse:
    """Say what an event is: an empty form, or what was filled in."""
    form = DeclarationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.declare_event(declaration=form.declaration(), by=request.person.actor, now=clock.now())
        except Refusal as refusal:
            form.add_error(None, telling.told(refusal))
        else:
            messages.success(request, gettext("The event is declared."))
            return redirect(_address(form.cleaned_data["name"]))
    return render(request, "events/declare.html", {**frame(request, "events:catalogue"), "form": form})


@require_POST
@screen(permission="events.declare")
def withdraw(request: Request) -> HttpResponse:
    """Take a declaration back."""
    services.withdraw_declaration(name=request.POST.get("name", ""), by=request.person.actor, now=clock.now())
    messages.success(request, gettext("The declaration was taken back. Nothing is rejected by it any more."))
    return redirect("events:catalogue")


@require_POST
@screen(permission="events.declare")
def settle(request: Request, drift_id: int) -> HttpResponse:
    """Note that a drift was seen to."""
    services.settle_drift(drift_id=drift_id, by=request.person.actor, now=clock.now())
    messages.success(request, gettext("Seen to. Should it go on, it is shown anew."))
    name = request.POST.get("name", "")
    return redirect(_address(name) if name else "events:catalogue")
