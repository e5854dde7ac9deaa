"""The sentences of the faults that `contradictions` and `checks` find. The rest are in `phrases`."""

from django.utils.translation import gettext_noop

FAULTS = {
    "trait_missing": gettext_noop("Choose the date of the customer that starts the plan."),
    "offset_out_of_range": gettext_noop("The day lies at most a year before or after the date."),
    "pulse_out_of_range": gettext_noop("A pulse comes every 1 to 366 days."),
    "cooldown_longer_than_pulse": gettext_noop(
        "The cooldown of {cooldown_days} days is longer than the pulse of {pulse_days} days:"
        " nobody would be asked each time."
    ),
    "segment_missing": gettext_noop("Choose the segment to ask."),
    "segment_unknown": gettext_noop("The segment is not there any more. Choose another one."),
    "segment_archived": gettext_noop("The segment “{name}” is archived. Restore it, or choose another one."),
    "segment_too_slow": gettext_noop(
        "Finding the customers of the segment “{name}” takes too long. Make its conditions simpler."
    ),
    "spread_out_of_range": gettext_noop("The time over which customers are spread is up to a year."),
    "per_day_negative": gettext_noop("The limit of a day is 0 for none, or more."),
    "fact_missing": gettext_noop("Choose the happening that starts the plan."),
    "event_without_event": gettext_noop(
        "The condition on “{field}” looks at an event, but no event starts this plan: nobody would meet it."
    ),
    "placeholder_without_event": gettext_noop(
        "Step {step}: {placeholder} is of an event, but no event starts this plan."
    ),
    "notice_announces_nothing": gettext_noop(
        "Step {step}: a notice comes right before the contact that it announces."
    ),
    "notice_by_phone": gettext_noop("Step {step}: a notice is a message; a call cannot announce a call."),
    "quota_not_positive": gettext_noop("Quota {number}: the limit is at least 1."),
    "quota_only_of_all": gettext_noop("Quota {number}: say of what “{only}” is the value."),
    "quota_twice": gettext_noop("Quota {number} says the same as one before it, with another limit perhaps."),
    "quota_in_exempt_class": gettext_noop("Case and security contacts reach everybody concerned: no quota."),
    "prizes_missing": gettext_noop("Say what an answer earns."),
    "prize_kind_unfit": gettext_noop("Prize {number}: a {kind} incentive gives nothing of this kind."),
    "prizes_too_many": gettext_noop("Only a random reward has more than one prize."),
    "prize_name_missing": gettext_noop("Prize {number} has no name in {language}."),
    "prize_weight": gettext_noop("Prize {number}: its share of the lot is a whole number from 1 on."),
    "prize_points": gettext_noop("Prize {number}: give at least 1 point."),
    "prize_cost": gettext_noop("Prize {number}: what it costs is 0 or more."),
    "prize_nothing_costs": gettext_noop("Prize {number} is nothing, so it cannot cost anything."),
    "budget_below_prize": gettext_noop("The budget does not pay for one prize {number}."),
    "per_customer_not_positive": gettext_noop(
        "Each customer may get at least 1 reward, or leave rewards out."
    ),
    "reward_window_out_of_range": gettext_noop("Rewards are counted for each customer over up to ten years."),
    "reward_days_out_of_range": gettext_noop("A reward can be claimed for 1 to 3650 days."),
    "pool_empty": gettext_noop("Prize {number}: no coupon code is left in the pool “{pool}”. Upload some."),
    "breaker_out_of_range": gettext_noop(
        "The circuit breaker needs shares above 0%, at least 1 contact, and a window up to 30 days."
    ),
    "hours_never_open": gettext_noop(
        "Step {step}: contact on this channel is allowed at no hour within the plan's time."
    ),
    "questionnaire_archived": gettext_noop(
        "The questionnaire is archived. Restore it, or choose another one."
    ),
    "answers_missing": gettext_noop(
        "Step {step}: {placeholder} shows the answers to the first question as buttons, but that question has"
        " none. Ask for a score or a short choice first, or leave {placeholder} out."
    ),
    "variable_missing": gettext_noop("Step {step}: {placeholder} is filled in a notice only."),
}
# Which clause mends which fault, where it is not that of its step.
CLAUSES = {
    **dict.fromkeys(
        (
            "trait_missing",
            "offset_out_of_range",
            "pulse_out_of_range",
            "segment_missing",
            "segment_unknown",
            "segment_archived",
            "segment_too_slow",
            "spread_out_of_range",
            "per_day_negative",
            "fact_missing",
        ),
        "when",
    ),
    "event_without_event": "if",
    "questionnaire_archived": "ask",
    "cooldown_longer_than_pulse": "never",
}
