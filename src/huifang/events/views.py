"""The staff screens of events: write keys, and what was rejected."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from huifang.console import lists, sections
from huifang.console.screens import Request, screen
from huifang.events import queries, services
from huifang.events.forms import SourceForm
from huifang.events.records import Rejected, RejectedFilter
from huifang.events.rejections import MEANINGS
from huifang.kernel import clock, telling
from huifang.kernel.refusals import Refusal

_AT_ONCE = 500
_DAYS = 30


def frame(request: Request, here: str) -> dict[str, object]:
    """What all screens of this room share; for this room's own use."""
    waiting = sum(queries.rejected_codes().values())
    tabs = [
        ("events:sources", gettext("Write keys")),
        ("events:catalogue", gettext("Catalogue")),
        ("events:rejected", gettext("Rejected ({count})").format(count=waiting)),
    ]
    return {
        "sections": sections.of(request),
        "tabs": [{"label": label, "url": reverse(name), "is_current": name == here} for name, label in tabs],
    }


@screen(permission="events.view")
def sources(request: Request) -> HttpResponse:
    """Every write key; making one shows it this once."""
    may_edit = "keys.edit" in request.permissions
    if request.method == "POST" and not may_edit:
        raise PermissionDenied("keys.edit")
    form = SourceForm(request.POST or None)
    secret = ""
    if request.method == "POST" and may_edit and form.is_valid():
        try:
            secret = services.create_write_key(
                name=form.cleaned_data["name"], by=request.person.actor, now=clock.now()
            )
            form = SourceForm()
        except Refusal as error:
            form.add_error("name", telling.told(error))
    context = {
        **frame(request, "events:sources"),
        "form": form if may_edit else None,
        "secret": secret,
        "sources": queries.sources(now=clock.now()),
    }
    return render(request, "events/sources.html", context)


@require_POST
@screen(permission="keys.edit")
def revoke(request: Request) -> HttpResponse:
    """End a write key."""
    services.revoke_write_key(name=request.POST.get("name", ""), by=request.person.actor, now=clock.now())
    messages.success(request, gettext("The write key has ended."))
    return redirect("events:sources")


def _listing() -> lists.Listing:
    today = clock.now().date()
    days = [(str(today - timedelta(days=back)),) * 2 for back in range(_DAYS)]
    codes = [(code, f"{code} ({count})") for code, count in queries.rejected_codes().items()]
    return lists.Listing(
        sorts={"received": ("received_at", "id")},
        sort="-received",
        filters=[
            lists.Filter(name="code", label=gettext("Reason"), choices=codes),
            lists.Filter(
                name="source",
                label=gettext("Write key"),
                choices=[(str(each.id), each.name) for each in queries.sources(now=clock.now())],
            ),
            lists.Filter(name="day", label=gettext("Day"), choices=days),
            lists.Filter(name="state", label=gettext("State"), choices=[("all", gettext("replayed too"))]),
        ],
    )


def _wanted(state: lists.State) -> RejectedFilter:
    chosen = state.chosen
    return RejectedFilter(
        code=chosen["code"],
        source_id=int(chosen["source"]) if chosen["source"] else None,
        day=date.fromisoformat(chosen["day"]) if chosen["day"] else None,
        include_replayed=chosen["state"] == "all",
    )


@screen(permission="events.view")
def rejected(request: Request) -> HttpResponseBase:
    """Messages that were not stored, and why."""
    state = lists.read(request.GET, _listing())
    rows = queries.rejected_rows(_wanted(state))
    to_record = queries.rejected_record()
    if state.is_export:
        return _export(to_record(row) for row in lists.for_export(rows, state))
    context = {
        **frame(request, "events:rejected"),
        "state": state,
        "page": lists.cut(rows, state, to_record=to_record),
        "meanings": {code: gettext(meaning) for code, meaning in MEANINGS.items()},
    }
    template = "events/rejected.html#table" if request.htmx else "events/rejected.html"
    return render(request, template, context)


def _export(rows: Iterable[Rejected]) -> HttpResponseBase:
    columns = ["id", "received_at", "code", "detail", "write_key", "kind", "name", "external_id", "times"]
    return lists.csv_reply(
        name="rejected-events",
        columns=columns,
        rows=(
            (
                row.id,
                row.received_at,
                row.code,
                row.detail,
                row.source_name,
                row.kind,
                row.name,
                row.external_id,
                row.times,
            )
            for row in rows
        ),
    )


@screen(permission="events.view")
def rejected_one(request: Request, rejected_id: int) -> HttpResponse:
    """One rejected message, the personal in it masked."""
    row, payload = queries.rejected_event(rejected_id=rejected_id)
    context = {
        **frame(request, "events:rejected"),
        "row": row,
        "payload": payload,
        "meaning": gettext(MEANINGS[row.code]) if row.code in MEANINGS else "",
        "may_replay": "events.replay" in request.permissions and row.is_whole and row.replayed_at is None,
    }
    return render(request, "events/rejected_one.html", context)


@require_POST
@screen(permission="events.replay")
def replay(request: Request, rejected_id: int) -> HttpResponse:
    """Take one message in again, as it was or as it was edited."""
    outcome = services.replay(
        rejected_id=rejected_id,
        payload=None if "as_it_was" in request.POST else request.POST.get("payload"),
        by=request.person.actor,
        now=clock.now(),
    )
    if outcome.rejected:
        messages.error(request, gettext("Not stored: {reason}").format(reason=outcome.rejected[0].message))
        return redirect("events:rejected-one", rejected_id)
    messages.success(request, gettext("Stored. It happened when it says that it did."))
    return redirect("events:rejected")


@require_POST
@screen(permission="events.replay")
def replay_matching(request: Request) -> HttpResponse:
    """Take everything that the list shows in again; many in the background."""
    state = lists.read(request.GET, _listing())
    wanted, by = _wanted(state), request.person.actor
    count = queries.rejected_rows(wanted).count()
    if count > _AT_ONCE:
        services.queue_replay(wanted=wanted, by=by)
        messages.info(request, gettext("They are being replayed in the background; come back in a while."))
    else:
        done = services.replay_matching(wanted=wanted, by=by, now=clock.now(), limit=_AT_ONCE)
        text = ngettext(
            "{stored} of {tried} message is stored now.",
            "{stored} of {tried} messages are stored now.",
            done.tried,
        )
        messages.success(request, text.format(stored=done.stored, tried=done.tried))
    return redirect(f"{reverse('events:rejected')}?{state.with_query(page='')}")
