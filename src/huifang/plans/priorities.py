"""Who goes first where several follow-ups are due for one customer. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from huifang.decisions.budget import Contact
from huifang.decisions.eligibility import Outcome, Rule
from huifang.decisions.reasons import Reason
from huifang.plans.course import advance
from huifang.plans.situations import Act, Moment, Move, PlanRule, Progress, Subject, is_follow_up


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One enrolment that is due, and its customer as its purpose sees them. *context* is of its cause."""

    progress: Progress
    subject: Subject
    context: Mapping[str, str] = msgspec.field(default_factory=dict)


def advance_all(due: Sequence[Due], *, moment: Moment) -> list[tuple[Due, Move]]:
    """Decide at dispatch for all that is due for one customer: the higher priority goes first.

    The others wait, superseded, where the contact of the first leaves no budget; a higher one that waits
    for its hours is not overtaken by a lower one that would spend its budget.
    """
    made: list[Contact] = []
    hours: list[tuple[Due, Move]] = []
    moves: list[tuple[Due, Move]] = []
    for each in sorted(due, key=_place):
        move = _turn(each, made, hours, moment)
        if is_follow_up(each.progress.plan.definition):
            if move.act is Act.CONTACT:
                made.append(_contact(each.progress, move, moment.now))
            elif move.act is Act.WAIT and move.verdicts[-1].rule == Rule.HOURS:
                hours.append((each, move))
        moves.append((each, move))
    return moves


def _place(due: Due) -> tuple[int, datetime, int]:
    return -due.progress.priority, due.progress.planned_at, due.progress.id


def _turn(due: Due, made: Sequence[Contact], hours: Sequence[tuple[Due, Move]], moment: Moment) -> Move:
    move = _advance(due, made, moment)
    if not is_follow_up(due.progress.plan.definition) or not move.verdicts:
        return move
    if made and move.verdicts[-1].rule == Rule.CAPS:
        alone = _advance(due, (), moment)
        return _superseded(move, move.due_at) if alone.act is Act.CONTACT else move
    until = _overtaken(hours, due, move, moment) if move.act is Act.CONTACT else None
    return _superseded(move, until) if until else move


def _advance(due: Due, made: Sequence[Contact], moment: Moment) -> Move:
    contacts = (*due.subject.contacts, *made)
    return advance(due.progress, replace(due.subject, contacts=contacts), moment=moment)


def _overtaken(hours: Sequence[tuple[Due, Move]], due: Due, move: Move, moment: Moment) -> datetime | None:
    """Until when *move* waits, lest it spend the budget of a higher one that waits for its hours."""
    spent = (_contact(due.progress, move, moment.now),)
    for higher, waiting in hours:
        until = waiting.due_at
        if until is None or higher.progress.priority <= due.progress.priority:
            continue
        then = _advance(higher, spent, replace(moment, now=until))
        if then.act is not Act.CONTACT and until < due.progress.deadline:
            return until
    return None


def _contact(progress: Progress, move: Move, at: datetime) -> Contact:
    definition = progress.plan.definition
    return Contact(
        at=at,
        channel=definition.steps[move.step].channel,
        contact_class=definition.contact_class,
        round_key=progress.round_key,
    )


def _superseded(move: Move, until: datetime | None) -> Move:
    """*move* kept back for another plan until *until*; None: nothing is left before the deadline."""
    last = replace(
        move.verdicts[-1],
        outcome=Outcome.WAIT if until else Outcome.NO,
        reason=Reason.SUPERSEDED,
        rule=PlanRule.PRIORITY,
        until=until,
    )
    act = Act.WAIT if until else Act.END
    return replace(move, act=act, due_at=until, verdicts=(*move.verdicts[:-1], last))
