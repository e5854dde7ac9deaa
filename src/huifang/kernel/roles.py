"""What each role may do. Permissions read "room.act"; screens and endpoints ask for one."""

from huifang.kernel.refusals import gettext_noop

_VIEW = {
    "today.view",
    "plans.view",
    "questionnaires.view",
    "customers.view",
    "feedback.view",
    "insights.view",
}
_OPERATE = {
    "plans.edit",
    "plans.activate",
    "plans.approve",
    "plans.reward",
    "questionnaires.edit",
    "feedback.export",
    "feedback.files",
    "feedback.edit",
    "events.view",
    "events.replay",
    "events.declare",
    "customers.edit",
}
_ALL = (
    _VIEW
    | _OPERATE
    | {
        "customers.reveal",
        "customers.refuse",
        "settings.view",
        "settings.edit",
        "people.edit",
        "inbox.read",
        "audit.view",
        "keys.edit",
    }
)

ROLES: dict[str, frozenset[str]] = {
    "admin": frozenset(_ALL),
    "operations": frozenset(_VIEW | _OPERATE | {"settings.view", "settings.edit", "customers.refuse"}),
    "agent": frozenset({"today.view", "customers.view", "customers.reveal", "customers.refuse"}),
    "supervisor": frozenset(
        _VIEW | {"customers.reveal", "customers.refuse", "feedback.files", "feedback.edit"}
    ),
    "case_officer": frozenset(
        {
            "today.view",
            "customers.view",
            "customers.reveal",
            "customers.refuse",
            "feedback.view",
            "feedback.files",
        }
    ),
    "product_owner": frozenset(_VIEW | {"feedback.export", "feedback.edit"}),
    "privacy_officer": frozenset(
        {"today.view", "customers.view", "customers.reveal", "customers.refuse", "audit.view"}
    ),
    "developer": frozenset(
        {
            "today.view",
            "events.view",
            "events.replay",
            "events.declare",
            "plans.view",
            "settings.view",
            "keys.edit",
            "customers.view",
        }
    ),
    "wallet_app": frozenset({"inbox.read"}),
}

ROLE_NAMES: dict[str, str] = {
    "admin": gettext_noop("Administrator"),
    "operations": gettext_noop("Operations"),
    "agent": gettext_noop("Call agent"),
    "supervisor": gettext_noop("Supervisor"),
    "case_officer": gettext_noop("Case officer"),
    "product_owner": gettext_noop("Product owner"),
    "privacy_officer": gettext_noop("Privacy officer"),
    "developer": gettext_noop("Developer"),
    "wallet_app": gettext_noop("Wallet app (for keys only)"),
}


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of *role*; none where it is unknown."""
    return ROLES.get(role, frozenset())
