"""Every address asks who comes: screens for a permission, endpoints for the permission of a key."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.integration.api.calls import calls

from huifang.api.models import ApiKey
from huifang.api.services import _hash
from huifang.customers import services as customers
from huifang.kernel import clock
from huifang.kernel.roles import ROLES

pytestmark = pytest.mark.django_db
# Addresses that open without sign-in, each for its own reason.
OPEN = {
    "metrics": "asks for its token, or for this very machine",
    "p/<str:token>": "the customer's link is all it takes",
    "p/<str:token>/unsubscribe": "the customer's link",
    "p/<str:token>/data.json": "the customer's link",
    "s/<str:token>": "the customer's link",
    "reward/<str:token>": "the customer's link",
    "s/<str:token>/never": "the customer's link",
    "s/a/<str:token>": "the ballot that the customer's own page holds",
    "q/<slug:slug>": "anybody may answer there",
    "q/<slug:slug>/<str:token>": "the token of an answer begun there",
    "hooks/<slug:provider>/<int:account_id>": "signed by the provider",
    "hooks/<slug:provider>/<int:account_id>/<str:token>": "a provider that signs nothing knows the token",
    "l/<str:token>": "the customer's link; it leads only to our own pages",
    "l/<str:token>/<int:choice>": "the same, with an answer chosen",
    "widget.js": "a public script",
    "widget/<slug:key>/pass": "the wallet's hash, from one of its origins",
    "widget/<slug:key>/inbox": "a pass, from one of the site's origins",
    "widget/<slug:key>/seen": "the same",
    "widget/<slug:key>/answers": "the same",
    "widget/<slug:key>/never": "the same",
    "language/": "a cookie of one's own",
    "invitations/<str:token>/": "the invitation's link",
    "accounts/demo/<slug:role>/": "nothing is there outside a demo",
}


def views(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from views(each.url_patterns, before + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield before + str(each.pattern), each.callback


def test_every_address_is_a_screen_with_a_permission_or_open_on_purpose() -> None:
    permissions = frozenset().union(*ROLES.values())
    strange = []
    for route, view in views(get_resolver().url_patterns):
        if route.startswith(("api/v1/", "accounts/")) or route in OPEN:
            continue
        permission = getattr(view, "permission", None)
        if permission is None or (permission and permission not in permissions):
            strange.append(f"{route}: {permission}")
    assert not strange


def test_every_endpoint_refuses_a_key_without_permissions() -> None:
    now = clock.now()
    customers.import_customers(rows=[{"id": "lin"}], mapping={}, now=now)
    ApiKey.objects.create(name="nobody", role="nobody", key_hash=_hash("nobody"), created_at=now)
    caller = Client(headers={"authorization": "Bearer nobody"})
    let_in = []
    for method, path, address, body in calls():
        reply = caller.generic(method, address, body, "application/json")
        if reply.status_code != 403:
            let_in.append(f"{method} {path}: {reply.status_code}")
        without = Client().generic(method, address, body, "application/json")
        if without.status_code != 401:
            let_in.append(f"{method} {path} without a key: {without.status_code}")
    assert not let_in
