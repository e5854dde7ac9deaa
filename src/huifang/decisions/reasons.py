"""Why a contact was not made: the closed list that is stored, shown and counted."""

from enum import StrEnum


class Reason(StrEnum):
    """Why an attempt was not made. Stored and reported: never rename a value."""

    CLOCK_UNSURE = "clock_unsure"
    ALREADY_ANSWERED = "already_answered"
    ALREADY_ENROLLED = "already_enrolled"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    CUSTOMER_REFUSED = "customer_refused"
    NO_CONSENT = "no_consent"
    CONDITION_NOT_MET = "condition_not_met"
    NOT_SAMPLED = "not_sampled"
    GLOBAL_HOLDOUT = "global_holdout"
    HOLDOUT = "holdout"
    NO_CONTACT_POINT = "no_contact_point"
    UNKNOWN_ZONE = "unknown_zone"
    COOLDOWN = "cooldown"
    CAP_REACHED = "cap_reached"
    BUDGET_SPENT = "budget_spent"
    QUIET_HOURS = "quiet_hours"
    WORKING_HOURS = "working_hours"
    HOLIDAY = "holiday"
    NO_WINDOW = "no_window"
    SUPERSEDED = "superseded"
    PLAN_NOT_ACTIVE = "plan_not_active"
    QUOTA_REACHED = "quota_reached"
    BREAKER_OPEN = "breaker_open"
    RESTORED = "restored"


_CURABLE = frozenset(
    {
        Reason.CLOCK_UNSURE,
        Reason.COOLDOWN,
        Reason.CAP_REACHED,
        Reason.BUDGET_SPENT,
        Reason.QUIET_HOURS,
        Reason.WORKING_HOURS,
        Reason.HOLIDAY,
        Reason.SUPERSEDED,
        Reason.BREAKER_OPEN,
    }
)


def is_curable(reason: Reason) -> bool:
    """Whether waiting alone can cure *reason*, with nobody changing anything."""
    return reason in _CURABLE
