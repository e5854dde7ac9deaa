"""The contact policy of the HTTP API: read, change, and make an earlier version hold again."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext
from msgspec.structs import replace
from ninja import Router, Schema

from huifang.api.frame import require
from huifang.decisions.policy import Policy
from huifang.delivery import policies, queries, services
from huifang.delivery.errors import PolicyInvalidError
from huifang.kernel import clock
from huifang.kernel.refusals import gettext_noop

router = Router(tags=["settings"])
_LIMIT_MAX, _WINDOW_MAX = 999, timedelta(days=366)
_GAP_MAX, _HOLDOUT_MAX = timedelta(days=30), 5_000
# What the records of `decisions`, which know no languages, say of values that cannot be.
_OF_DECISIONS = (
    gettext_noop("A span is wall-clock time and has no zone."),
    gettext_noop("A span ends after it starts and does not cross midnight."),
    gettext_noop("A cap counts rounds, contacts or one channel"),
    gettext_noop("A cap's limit is not negative."),
    gettext_noop("A cap's window is longer than nothing."),
    gettext_noop("There is no such channel"),
    gettext_noop("A holdout is between 0 and 10,000 basis points."),
    gettext_noop("The minimum gap is not negative."),
)


class PolicyOut(Schema):
    """One version of the contact budget and its hours. *policy* as it is written back."""

    policy: dict[str, Any]
    changed_by: str
    changed_at: datetime | None
    restored_from: int | None


class PolicyIn(Schema):
    """A policy as it was read, changed; its *version* is the one that was read."""

    policy: dict[str, Any]


class VersionOut(Schema):
    """The version that holds from now on."""

    version: int


@router.get("/contact-policy", response=list[PolicyOut], operation_id="list_contact_policies")
def list_policies(request: HttpRequest) -> list[PolicyOut]:
    """Every version, the one that holds first."""
    require("settings.view")(request)
    return [
        PolicyOut(
            policy=policies.encode(each.policy),
            changed_by=each.changed_by,
            changed_at=each.changed_at,
            restored_from=each.restored_from,
        )
        for each in queries.policy_versions()
    ]


@router.put("/contact-policy", response=VersionOut, operation_id="change_contact_policy")
def change_policy(request: HttpRequest, body: PolicyIn) -> VersionOut:
    """Store the next version; refused where somebody else changed it since it was read."""
    require("settings.edit")(request)
    policy = _policy(body.policy)
    return VersionOut(version=services.change_policy(policy=policy, by=_actor(request), now=clock.now()))


@router.post("/contact-policy/{version}/restore", response=VersionOut, operation_id="restore_contact_policy")
def restore_policy(request: HttpRequest, version: int) -> VersionOut:
    """Make an earlier version hold again, as the next one."""
    require("settings.edit")(request)
    restored = services.restore_policy(version=version, by=_actor(request), now=clock.now())
    return VersionOut(version=restored)


def _policy(stored: dict[str, Any]) -> Policy:
    """The policy as the screen would take it; the salt stays, or who is held out would change."""
    try:
        policy = policies.decode(stored)
    except msgspec.ValidationError as error:
        raise PolicyInvalidError(why=error) from None
    if any(cap.limit > _LIMIT_MAX or cap.window > _WINDOW_MAX for cap in policy.caps):
        facts = {"limit": _LIMIT_MAX, "days": _WINDOW_MAX.days}
        raise PolicyInvalidError(why=gettext("A cap is at most {limit} in {days} days.").format(**facts))
    if policy.minimum_gap > _GAP_MAX or policy.global_holdout_basis_points > _HOLDOUT_MAX:
        text = gettext("A gap is at most {days} days, a holdout at most half.")
        raise PolicyInvalidError(why=text.format(days=_GAP_MAX.days))
    return replace(policy, holdout_salt=queries.policy().holdout_salt)


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]
