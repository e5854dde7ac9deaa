"""Screens of the customers room for staff: the list, and what the customer's page includes from here."""

from collections.abc import Iterator

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console import lists, names
from huifang.console.screens import Request, screen
from huifang.customers import forms, queries, services
from huifang.customers import settings as room_settings
from huifang.customers.errors import SameCustomerError, UnknownCustomerError
from huifang.customers.records import KINDS, CustomerFilter, CustomerRow
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId
from huifang.kernel.texts import LANGUAGES

_YES_NO = {"yes": True, "no": False}
_PAGE_SIZE = 50
_PROPOSALS_SHOWN = 50


def _listing() -> lists.Listing:
    kinds = [(kind, names.named("wallet_kind", kind)) for kind in names.WALLET_KINDS]
    languages = [(language, names.named("language", language)) for language in LANGUAGES]
    refused = [("yes", gettext("asked to be left alone")), ("no", gettext("may be contacted"))]
    return lists.Listing(
        sorts={"seen": ("last_seen_at", "id"), "id": ("external_id",)},
        sort="-seen",
        filters=[
            lists.Filter(name="wallet", label=gettext("Wallet"), choices=kinds),
            lists.Filter(name="language", label=gettext("Language"), choices=languages),
            lists.Filter(
                name="region",
                label=gettext("Region"),
                choices=[(region, region) for region in queries.regions()],
            ),
            lists.Filter(name="refused", label=gettext("State"), choices=refused),
        ],
    )


def _wanted(state: lists.State) -> CustomerFilter:
    chosen = state.chosen
    return CustomerFilter(
        text=state.search,
        wallet_kind=chosen["wallet"],
        language=chosen["language"],
        region=chosen["region"],
        suppressed=_YES_NO.get(chosen["refused"]),
        sort=f"-{state.sort}" if state.is_descending else state.sort,
    )


@screen(permission="customers.view")
def customer_list(request: Request) -> HttpResponseBase:
    """Customers, those seen last first."""
    state = lists.read(request.GET, _listing())
    wanted = _wanted(state)
    if state.is_export:
        return _export(queries.export(wanted=wanted, limit=lists.EXPORT_ROWS_MAX))
    after = request.GET.get("after", "")
    page = queries.search(wanted=wanted, after=after, limit=_PAGE_SIZE)
    context = {
        "state": state,
        "page": page,
        "is_first": not after,
        "first_query": state.with_query(after=""),
        "next_query": state.with_query(after=page.next_after) if page.next_after else "",
        "now": clock.now(),
        "is_empty": not page.rows and not state.is_narrowed and not queries.has_customers(),
        "gateway_url": room_settings.GATEWAY_URL,
        "proposals": queries.merge_proposal_count(),
    }
    return render(request, "customers/list.html#table" if request.htmx else "customers/list.html", context)


_COLUMNS = (
    "id",
    "name",
    "wallet",
    "language",
    "time_zone",
    "region",
    "registered_at",
    "first_seen_at",
    "last_seen_at",
    "refused",
    "consented",
)


def _export(rows: Iterator[CustomerRow]) -> HttpResponseBase:
    lines = (
        (
            row.profile.external_id,
            row.profile.masked_name,
            row.profile.wallet_kind,
            row.profile.language,
            row.profile.time_zone,
            row.profile.region,
            row.profile.registered_at,
            row.profile.first_seen_at,
            row.profile.last_seen_at,
            "yes" if row.is_suppressed else "no",
            "yes" if row.has_consent else "no",
        )
        for row in rows
    )
    return lists.csv_reply(name="customers", columns=_COLUMNS, rows=lines)


def _panel(request: Request, template: str, customer_id: int, **context: object) -> HttpResponse:
    key = CustomerId(customer_id)
    held = {
        "profile": queries.profile_of(customer_id=key),
        "contact_points": queries.contact_points(customer_id=key),
        "consents": queries.consents(customer_id=key),
        "suppressions": queries.suppressions(customer_id=key, include_lifted=False),
        "preference_path": queries.preference_path(customer_id=key),
    }
    return render(request, template, held | context)


@screen(permission="customers.view")
def contact_points(request: Request, customer_id: int) -> HttpResponse:
    """How the customer can be reached, masked."""
    return _panel(request, "customers/_contact_points.html", customer_id)


@screen(permission="customers.view")
def consents(request: Request, customer_id: int) -> HttpResponse:
    """What the customer agreed to and refused."""
    return _panel(request, "customers/_consents.html", customer_id)


@require_POST
@screen(permission="customers.reveal")
def reveal(request: Request, customer_id: int, kind: str) -> HttpResponse:
    """One personal value in clear; who saw it is noted."""
    if kind not in {*KINDS, "name"}:
        raise Http404
    value = services.reveal(
        customer_id=CustomerId(customer_id), kind=kind, by=request.person.actor, now=clock.now()
    )
    template = "customers/_revealed.html" if request.htmx else "customers/revealed.html"
    reply = _panel(request, template, customer_id, kind=kind, value=value or "")
    reply["Cache-Control"] = "no-store"
    return reply


@require_POST
@screen(permission="customers.refuse")
def refuse(request: Request, customer_id: int) -> HttpResponse:
    """The customer asked to be left alone."""
    form = forms.RefuseForm(request.POST)
    form.is_valid()
    services.refuse_for_customer(
        customer_id=CustomerId(customer_id),
        note=form.cleaned_data.get("note", ""),
        by=request.person.actor,
        now=clock.now(),
    )
    return _back(customer_id)


@require_POST
@screen(permission="customers.refuse")
def lift(request: Request, customer_id: int) -> HttpResponse:
    """The customer asked to be in touch again."""
    form = forms.LiftForm(request.POST)
    if not form.is_valid():
        raise Http404
    services.lift_for_customer(
        customer_id=CustomerId(customer_id),
        channel=form.cleaned_data["channel"],
        by=request.person.actor,
        now=clock.now(),
    )
    return _back(customer_id)


def _back(customer_id: int) -> HttpResponse:
    """To the customer's page."""
    external_id = queries.profile_of(customer_id=CustomerId(customer_id)).external_id
    return HttpResponseRedirect(reverse("insights:customer", args=[external_id]))


@screen(permission="customers.edit")
def merge(request: Request) -> HttpResponse:
    """Look at two customers side by side, and make them one."""
    asked = request.POST if request.method == "POST" else request.GET
    kept, gone = (asked.get(name, "").strip() for name in ("kept", "gone"))
    context: dict[str, object] = {"kept": kept, "gone": gone}
    try:
        if request.method == "POST":
            key = services.merge_customers(kept=kept, gone=gone, by=request.person.actor, now=clock.now())
            return _back(key)
        if kept and gone:
            found = queries.merge_preview(kept=_named(kept), gone=_named(gone))
            context["preview"] = found
    except (UnknownCustomerError, SameCustomerError) as refusal:
        context["refusal"] = refusal
    context["proposals"] = queries.merge_proposals(limit=_PROPOSALS_SHOWN)
    return render(request, "customers/merge.html", context, status=422 if "refusal" in context else 200)


@require_POST
@screen(permission="customers.edit")
def dismiss_merge(request: Request, proposal_id: int) -> HttpResponse:
    """Two of whom an event says that they are one are two."""
    services.dismiss_merge(proposal_id=proposal_id, by=request.person.actor, now=clock.now())
    return HttpResponseRedirect(reverse("customers:merge"))


def _named(text: str) -> str:
    """The id of whoever *text* finds alone: an id, or a whole phone number or e-mail address."""
    if queries.ids_of(external_ids=[text]):
        return text
    rows = queries.search(wanted=CustomerFilter(text=text), limit=2).rows
    return rows[0].profile.external_id if len(rows) == 1 else text
