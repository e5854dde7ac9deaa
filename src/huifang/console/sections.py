"""The entries of Settings, in order. Rooms above are named by URL; one that is not installed is not shown."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from huifang.console.screens import SIGNED_IN

_SECTIONS = (
    (
        "console:own",
        SIGNED_IN,
        gettext_noop("You"),
        gettext_noop("Name, language, time zone, appearance, password, second factor"),
    ),
    (
        "delivery:policy",
        "settings.view",
        gettext_noop("Contact budget and hours"),
        gettext_noop("How often and when a customer may be contacted, for all plans together"),
    ),
    (
        "delivery:channels",
        "settings.view",
        gettext_noop("Channels"),
        gettext_noop("Providers, pace, and how each channel does"),
    ),
    (
        "delivery:templates",
        "plans.view",
        gettext_noop("Message templates"),
        gettext_noop("Messages per channel and language, how they look, and what they cost"),
    ),
    (
        "events:sources",
        "events.view",
        gettext_noop("Events"),
        gettext_noop("Write keys of the wallet, and events that were rejected"),
    ),
    (
        "api-keys",
        "keys.edit",
        gettext_noop("API keys"),
        gettext_noop("Keys by which other programs read and act"),
    ),
    (
        "delivery:webhooks",
        "keys.edit",
        gettext_noop("Webhooks"),
        gettext_noop("Programs of yours that hear what happens, and how each delivery went"),
    ),
    (
        "questionnaires:widget-sites",
        "keys.edit",
        gettext_noop("Widget"),
        gettext_noop("The card in the wallet's own pages: where it may stand, and who vouches for customers"),
    ),
    ("console:people", "people.edit", gettext_noop("People"), gettext_noop("Who works here, and as what")),
    (
        "console:roles",
        "people.edit",
        gettext_noop("Roles"),
        gettext_noop("What each role may do, and who needs a second factor"),
    ),
    (
        "console:audit",
        "audit.view",
        gettext_noop("Audit log"),
        gettext_noop("Who did what and when, chained so that no line can be changed unseen"),
    ),
    (
        "console:outbox",
        "events.view",
        gettext_noop("Parked facts"),
        gettext_noop("Messages between rooms that could not be taken, to be tried again"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One entry of Settings."""

    label: str
    about: str
    url: str
    is_current: bool


def of(request: HttpRequest) -> list[Section]:
    """The entries that this person may open."""
    permissions: frozenset[str] = getattr(request, "permissions", frozenset())
    found = []
    for name, permission, label, about in _SECTIONS:
        if permission != SIGNED_IN and permission not in permissions:
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # a room that is not part of this installation
            continue
        here = request.path.startswith(url)
        found.append(Section(label=gettext(label), about=gettext(about), url=url, is_current=here))
    return found
