"""What the console changes, a program can change: each screen that changes something has its endpoint here.

A new screen that takes a POST fails this test until its endpoint, or why there is none, is written down.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from huifang.api.frame import api

# Screen to the endpoints that do the same.
SAME: dict[str, list[str]] = {
    "customers/<int:customer_id>/refuse/": ["POST /customers/{external_id}/suppressions"],
    "customers/<int:customer_id>/lift/": ["DELETE /customers/{external_id}/suppressions/{channel}"],
    "customers/merge/": ["POST /customers/{external_id}/merges/{gone_id}"],
    "customers/merge/<int:proposal_id>/dismiss/": ["DELETE /merge-proposals/{proposal_id}"],
    "customers/segments/new/": ["POST /segments"],
    "customers/segments/live/": ["POST /segments/preview"],
    "customers/segments/<int:segment_id>/": ["PUT /segments/{segment_id}"],
    "customers/segments/<int:segment_id>/<slug:word>/": [
        "DELETE /segments/{segment_id}",
        "POST /segments/{segment_id}/restore",
        "POST /segments/{segment_id}/undo",
        "POST /segments/{segment_id}/copy",
    ],
    "customers/segments/<int:segment_id>/export/": ["GET /segments/{segment_id}/members"],
    "plans/new/": ["POST /plans", "POST /plans/pack/{pack_name}"],
    "plans/pack/": ["POST /plans/pack"],
    "plans/<int:plan_id>/act/<slug:word>/": [
        "POST /plans/{plan_id}/activate",
        "POST /plans/{plan_id}/pause",
        "POST /plans/{plan_id}/resume",
        "POST /plans/{plan_id}/end",
        "POST /plans/{plan_id}/draft/ready",
        "POST /plans/{plan_id}/approval/ask",
        "POST /plans/{plan_id}/draft",
    ],
    "plans/<int:plan_id>/decline/": ["POST /plans/{plan_id}/approval/decline"],
    "plans/<int:plan_id>/copy/": ["POST /plans/{plan_id}/copy"],
    "plans/<int:plan_id>/customers/": [
        "POST /plans/{plan_id}/customers",
        "POST /plans/{plan_id}/customers/remove",
        "POST /plans/{plan_id}/customers/clear",
    ],
    "plans/<int:plan_id>/discard/": ["DELETE /plans/{plan_id}/draft"],
    "plans/<int:plan_id>/undo/": ["PUT /plans/{plan_id}"],
    "plans/<int:plan_id>/edit/<slug:clause>/": ["PUT /plans/{plan_id}"],
    "plans/<int:plan_id>/rehearse/": ["POST /plans/{plan_id}/rehearsals"],
    "plans/<int:plan_id>/rewards/": [
        "POST /rewards/{reward_id}/void",
        "POST /rewards/{reward_id}/restore",
        "POST /coupons",
    ],
    "questionnaires/new/": ["POST /questionnaires"],
    "questionnaires/pack/": ["POST /questionnaire-pack"],
    "questionnaires/<int:questionnaire_id>/archive/": ["POST /questionnaires/{questionnaire_id}/archive"],
    "questionnaires/<int:questionnaire_id>/discard/": ["DELETE /questionnaires/{questionnaire_id}/draft"],
    "questionnaires/<int:questionnaire_id>/publish/": ["POST /questionnaires/{questionnaire_id}/publish"],
    "questionnaires/<int:questionnaire_id>/save/": ["POST /questionnaires/{questionnaire_id}/versions"],
    "questionnaires/<int:questionnaire_id>/take/": [
        "GET /question-library",
        "POST /questionnaires/{questionnaire_id}/versions",
    ],
    "questionnaires/<int:questionnaire_id>/undo/": ["POST /questionnaires/{questionnaire_id}/undo"],
    "questionnaires/<int:questionnaire_id>/links/new/": ["POST /open-links"],
    "questionnaires/links/<slug:slug>/turn/": [
        "POST /open-links/{slug}/close",
        "POST /open-links/{slug}/open",
    ],
    "settings/channels/new/<slug:channel>/<slug:provider>/": ["POST /channel-accounts"],
    "settings/channels/<int:account_id>/": ["PUT /channel-accounts/{account_id}"],
    "settings/channels/<int:account_id>/trial/": ["POST /channel-accounts/{account_id}/trial"],
    "settings/contact/": ["PUT /contact-policy"],
    "settings/contact/<int:version>/restore/": ["POST /contact-policy/{version}/restore"],
    "settings/sources/": ["POST /write-keys"],
    "settings/sources/revoke/": ["POST /write-keys/revoke"],
    "settings/sources/catalogue/declare/": ["PUT /events/catalogue/event"],
    "settings/sources/catalogue/withdraw/": ["DELETE /events/catalogue/event"],
    "settings/sources/catalogue/drifts/<int:drift_id>/settle/": ["POST /events/drifts/settle"],
    "settings/sources/rejected/<int:rejected_id>/replay/": ["POST /events/rejected/{rejected_id}/replay"],
    "settings/sources/rejected/replay/": ["POST /events/rejected/replays"],
    "settings/templates/<int:template_id>/": ["PUT /message-templates/{template_id}"],
    "settings/templates/new/<slug:channel>/": ["POST /message-templates"],
    "settings/templates/preview/<slug:channel>/": ["POST /message-templates/preview"],
    "settings/webhooks/": ["POST /webhooks"],
    "settings/webhooks/<int:endpoint_id>/": ["PUT /webhooks/{endpoint_id}"],
    "settings/webhooks/<int:endpoint_id>/delete/": ["DELETE /webhooks/{endpoint_id}"],
    "settings/webhooks/<int:endpoint_id>/replay/": ["POST /webhooks/{endpoint_id}/replay"],
    "settings/webhooks/<int:endpoint_id>/secret/": ["POST /webhooks/{endpoint_id}/secret"],
    "settings/webhooks/<int:endpoint_id>/test/": ["POST /webhooks/{endpoint_id}/test"],
    "settings/widget/": ["POST /widget-sites"],
    "settings/widget/<int:site_id>/": ["PUT /widget-sites/{site_id}"],
    "settings/widget/<int:site_id>/former/": ["DELETE /widget-sites/{site_id}/former-secret"],
    "settings/widget/<int:site_id>/revoke/": ["DELETE /widget-sites/{site_id}"],
    "settings/widget/<int:site_id>/secret/": ["POST /widget-sites/{site_id}/secret"],
    "feedback/texts/<int:finding_id>/": ["PUT /feedback/findings/{finding_id}/correction"],
}
_EYES = "only a person looks at personal data in clear, and the audit log names them"
_FILES = "a program imports with `huifang import`, or sends events to the gateway"
_OWN = "what one person chose for themselves"
_STAFF = "who may sign in is decided by a person, never by a key"
_KEYS = "a key makes no keys"
# Screen to why no program does this.
PEOPLE_ONLY: dict[str, str] = {
    "customers/<int:customer_id>/reveal/<str:kind>/": _EYES,
    "customers/import/": _FILES,
    "customers/import/<int:job_id>/": _FILES,
    "customers/import/<int:job_id>/refused/": _FILES,
    "feedback/views/": _OWN,
    "views/": _OWN,
    "views/<int:view_id>/forget/": _OWN,
    "settings/you/": _OWN,
    "settings/api-keys/": _KEYS,
    "settings/api-keys/revoke/": _KEYS,
    "settings/people/invite/": _STAFF,
    "settings/people/<int:person_id>/deactivate/": _STAFF,
    "settings/people/<int:person_id>/link/": _STAFF,
    "settings/people/<int:person_id>/reactivate/": _STAFF,
    "settings/people/<int:person_id>/role/": _STAFF,
    "settings/people/<int:person_id>/second-factor/": _STAFF,
    "settings/roles/": _STAFF,
    "settings/audit/verify/": "it changes nothing; a program runs `huifang audit verify`",
    "settings/outbox/retry/": "somebody has read why it got stuck",
    "settings/contact/preview/": "it changes nothing, and draws what a form would mean",
}
# Rooms whose screens are people's work on texts; what programs read of them is GET /feedback/….
PEOPLES_ROOMS = (
    "feedback/labels/",
    "feedback/taxonomy/",
    "feedback/faq/",
    "feedback/proposals/",
    "feedback/alerts/",
)


def views(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from views(each.url_patterns, before + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield before + str(each.pattern), each.callback


def _takes_posts(view: Callable[..., Any]) -> bool:
    """Whether the view, or a private function of its module that it calls, mentions a POST."""
    plain = inspect.unwrap(view)
    module, text = sys.modules[plain.__module__], inspect.getsource(plain)
    for name in set(re.findall(r"\b(_\w+)\(", text)):
        called = getattr(module, name, None)
        text += inspect.getsource(called) if inspect.isfunction(called) else ""
    return bool(re.search(r"\bPOST\b|require_POST", text))


def _changing() -> set[str]:
    """The screens of staff that take a POST."""
    return {
        route
        for route, view in views(get_resolver().url_patterns)
        if hasattr(view, "permission") and _takes_posts(view)
    }


def test_every_screen_that_changes_something_has_an_endpoint_or_a_reason() -> None:
    found = {route for route in _changing() if not route.startswith(PEOPLES_ROOMS)}
    assert len(found) > 60
    assert found == SAME.keys() | PEOPLE_ONLY.keys()


@pytest.mark.parametrize("route", SAME)
def test_its_endpoints_are_there(route: str) -> None:
    there = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method in operations
    }
    assert set(SAME[route]) <= there
