"""People and roles."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console import lists, names, queries, sections, services
from huifang.console.forms import InviteForm, RoleForm, role_choices
from huifang.console.records import PersonRecord
from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.kernel.ids import PersonId


def _listing() -> lists.Listing:
    access = [("active", gettext("Active")), ("ended", gettext("Ended"))]
    return lists.Listing(
        sorts={"name": ("name", "email"), "role": ("role", "name"), "last": ("last_login", "name")},
        sort="name",
        filters=[
            lists.Filter(name="role", label=gettext("Role"), choices=role_choices()),
            lists.Filter(name="access", label=gettext("Access"), choices=access),
        ],
    )


@screen(permission="people.edit")
def people(request: Request) -> HttpResponseBase:
    """Who works here."""
    state = lists.read(request.GET, _listing())
    if state.is_export:
        return _export(queries.all_people(state))
    context = {"state": state, "page": queries.people(state), "sections": sections.of(request)}
    template = "console/people.html#table" if request.htmx else "console/people.html"
    return render(request, template, context)


def _export(people: list[PersonRecord]) -> HttpResponseBase:
    rows = ((each.name, each.email, names.named("role", each.role), each.last_login_at) for each in people)
    columns = [gettext("Name"), gettext("E-mail address"), gettext("Role"), gettext("Last here")]
    return lists.csv_reply(name="people", columns=columns, rows=rows)


@screen(permission="people.edit")
def invite(request: Request) -> HttpResponse:
    """Let somebody in; the link is shown once."""
    form = InviteForm(request.POST or None)
    context = {"form": form, "sections": sections.of(request)}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        link = services.invite(**given, by=request.person.actor, now=clock.now())
        return render(request, "console/link.html", {**context, "link": link, "email": given["email"]})
    return render(request, "console/invite.html", context)


@screen(permission="people.edit")
def person(request: Request, person_id: int) -> HttpResponse:
    """One person: role, access, second factor, and what they did."""
    found = queries.person(person_id=PersonId(person_id))
    context = {
        "found": found,
        "form": RoleForm(initial={"role": found.role}),
        "sections": sections.of(request),
        "is_oneself": person_id == request.person.pk,
    }
    return render(request, "console/person.html", context)


@require_POST
@screen(permission="people.edit")
def change_role(request: Request, person_id: int) -> HttpResponse:
    """Give another role."""
    form = RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        services.change_role(
            person_id=PersonId(person_id), role=role, by=request.person.actor, now=clock.now()
        )
        messages.success(request, gettext("The role is now {role}.").format(role=names.named("role", role)))
    return redirect("console:person", person_id)


@require_POST
@screen(permission="people.edit")
def renew_link(request: Request, person_id: int) -> HttpResponse:
    """A new link for somebody who lost theirs, or their password."""
    link = services.renew_link(person_id=PersonId(person_id), by=request.person.actor, now=clock.now())
    found = queries.person(person_id=PersonId(person_id))
    context = {"link": link, "email": found.email, "sections": sections.of(request)}
    return render(request, "console/link.html", context)


@require_POST
@screen(permission="people.edit")
def deactivate(request: Request, person_id: int) -> HttpResponse:
    """End access at once."""
    services.deactivate(person_id=PersonId(person_id), by=request.person.actor, now=clock.now())
    messages.success(request, gettext("Access has ended. It can be given back."))
    return redirect("console:person", person_id)


@require_POST
@screen(permission="people.edit")
def reactivate(request: Request, person_id: int) -> HttpResponse:
    """Give access back."""
    services.reactivate(person_id=PersonId(person_id), by=request.person.actor, now=clock.now())
    messages.success(request, gettext("Access is given back."))
    return redirect("console:person", person_id)


@require_POST
@screen(permission="people.edit")
def remove_second_factor(request: Request, person_id: int) -> HttpResponse:
    """For somebody who lost their device."""
    services.remove_second_factor(person_id=PersonId(person_id), by=request.person.actor, now=clock.now())
    messages.success(request, gettext("The second factor is removed."))
    return redirect("console:person", person_id)


@screen(permission="people.edit")
def roles(request: Request) -> HttpResponse:
    """What each role may do, and of whom a second factor is asked."""
    if request.method == "POST":
        wanted = frozenset(request.POST.getlist("role"))
        services.require_second_factor(roles=wanted, by=request.person.actor, now=clock.now())
        messages.success(request, gettext("Saved. It is asked from the next page on."))
        return redirect("console:roles")
    return render(request, "console/roles.html", {"roles": queries.roles(), "sections": sections.of(request)})
