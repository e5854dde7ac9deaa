from huifang.decisions.reasons import Reason, is_curable

# Stored in decisions, sent to the wallet and counted over years: a value once given stays.
STORED = {
    "no_consent", "suppressed", "holdout", "global_holdout", "not_sampled", "condition_not_met",
    "unknown_zone", "clock_unsure", "no_contact_point", "cap_reached", "cooldown", "quiet_hours",
    "working_hours", "holiday", "no_window", "expired", "already_answered", "already_enrolled",
    "superseded", "plan_not_active", "customer_refused", "quota_reached", "budget_spent", "breaker_open",
    "restored",
}  # fmt: skip


def test_no_stored_reason_was_renamed_or_dropped() -> None:
    assert {reason.value for reason in Reason} == STORED


def test_only_reasons_that_pass_by_themselves_are_curable() -> None:
    assert {reason.value for reason in Reason if is_curable(reason)} == {
        "clock_unsure",
        "cooldown",
        "cap_reached",
        "budget_spent",
        "quiet_hours",
        "working_hours",
        "holiday",
        "superseded",
        "breaker_open",
    }
