"""What the plans room refuses."""

from huifang.kernel.refusals import Refusal, gettext_noop


class UnknownPlanError(Refusal):
    """No plan has this number."""

    code = "unknown_plan"
    text = gettext_noop("There is no plan {plan_id}.")
    status = 404


class UnknownRehearsalError(Refusal):
    """No rehearsal of this plan has this number."""

    code = "unknown_rehearsal"
    text = gettext_noop("There is no rehearsal {rehearsal_id} of this plan.")
    status = 404


class UnknownPackError(Refusal):
    """No ready plan has this name."""

    code = "unknown_pack"
    text = gettext_noop("There is no ready plan {name}.")
    status = 404


class NoDraftError(Refusal):
    """What is live never changes: a change needs a draft."""

    code = "no_draft"
    text = gettext_noop("This plan has no draft. Start a new draft from the live version first.")


class DraftExistsError(Refusal):
    """One draft at a time, so that nobody edits past another."""

    code = "draft_exists"
    text = gettext_noop("This plan has a draft already. Edit it, or discard it first.")


class NothingLeftError(Refusal):
    """A plan's only version cannot be discarded."""

    code = "only_version"
    text = gettext_noop("This draft is the plan's only version. Put it live, or leave it as a draft.")


class PlanNotLiveError(Refusal):
    """Only a live plan can be paused or ended."""

    code = "plan_not_live"
    text = gettext_noop("This plan is not live, so there is nothing to pause or end.")


class PlanNotPausedError(Refusal):
    """Only a paused plan can go on."""

    code = "plan_not_paused"
    text = gettext_noop("This plan is not paused.")


class FaultyDefinitionError(Refusal):
    """The definition contradicts itself or misses something. *faults* lists each by code."""

    code = "faulty_plan"
    text = gettext_noop("The plan cannot go live yet: {count} things need repair ({faults}).")
    status = 422


class UnreadableDefinitionError(Refusal):
    """The definition is not of the documented shape."""

    code = "unreadable_plan"
    text = gettext_noop("The plan cannot be read: {problem}")
    status = 422


class EmptyPeriodError(Refusal):
    """A rehearsal needs a period that ends after it starts and is not too long."""

    code = "empty_period"
    text = gettext_noop("Choose a period of one to {days_max} days that has begun already.")
    status = 422


class NotFromPackError(Refusal):
    """Only a plan that came from the pack can go back to its ready text."""

    code = "not_from_pack"
    text = gettext_noop("This plan did not come from the pack, so there is no ready text to go back to.")


class ListTooLongError(Refusal):
    """A list goes in whole or not at all, in one transaction."""

    code = "list_too_long"
    text = gettext_noop("{count} ids are more than one list takes. Send at most {limit} at a time.")
    status = 413


class PoolNameError(Refusal):
    """A pool of coupon codes is known by its name."""

    code = "pool_name"
    text = gettext_noop("Give the pool of codes a name of up to {length_max} characters.")
    status = 422


class UnknownRewardError(Refusal):
    """No reward is kept under this number or behind this link."""

    code = "unknown_reward"
    text = gettext_noop("There is no such reward.")
    status = 404


class RewardNotVoidableError(Refusal):
    """What is void cannot be voided, and what the budget does not pay for cannot be given again."""

    code = "reward_state"
    text = gettext_noop("This cannot be done while it is {state}, or the budget does not pay for it.")
    status = 409


class ApprovalNeededError(Refusal):
    """Another person than the one who asked must agree before a plan goes live."""

    code = "approval_needed"
    text = gettext_noop("Another person must approve this draft before it goes live. Ask for approval first.")
    status = 409


class SamePersonError(Refusal):
    """Nobody approves what they asked for themselves."""

    code = "same_person"
    text = gettext_noop("Whoever asks for approval cannot give it. Ask somebody else.")
    status = 409


class PersonNeededError(Refusal):
    """A program is not the second pair of eyes."""

    code = "person_needed"
    text = gettext_noop("Only a person can agree that a plan goes live, at the console, not a key.")
    status = 403


class NotAskedError(Refusal):
    """There is nothing to approve where nobody asked."""

    code = "approval_not_asked"
    text = gettext_noop("Nobody has asked to approve this draft, or it has changed since.")
    status = 409
