"""The single table of who listens to which fact. Handlers call services; each is idempotent by key."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from huifang.console import plan_names
from huifang.customers import holding
from huifang.customers import services as customers
from huifang.customers.imports import kinds as import_kinds
from huifang.customers.records import Answered, CustomerRefused, CustomersMerged, MergeAsked, Sent
from huifang.customers.segments import titles
from huifang.delivery import queries as delivery_queries
from huifang.delivery import services as delivery
from huifang.delivery.records import AttemptSettled, ReplyReceived, Told
from huifang.kernel import clock, rows
from huifang.kernel.ids import CustomerId
from huifang.kernel.outbox import on
from huifang.plans import queries as plan_queries
from huifang.plans import services as plans
from huifang.plans.records import CauseStuck, EnrolmentStuck, EventStuck, PlanPaused, RewardIssued
from huifang.questionnaires import queries as questionnaire_queries
from huifang.questionnaires import records as feedback
from huifang.questionnaires import services as questionnaires
from huifang.questionnaires import wordings
from huifang.questionnaires.records import InvitationSpent, ResponseCompleted, ResponseStarted
from huifang.questionnaires.replies import Heard
from huifang.questionnaires.wordings import Wording
from huifang.textanalysis import choices as text_choices
from huifang.textanalysis import collecting
from huifang.textanalysis import services as texts
from huifang.textanalysis.records import NewText


@on(ResponseStarted)
def stop_asking_who_answers(fact: ResponseStarted) -> None:
    """The first answer ends the reminders, also one that is queued already."""
    plans.note_response(invitation_key=fact.invitation_key, at=fact.at)
    delivery.note_answer(customer_id=fact.customer_id, round_key=fact.invitation_key, now=fact.at)


@on(InvitationSpent)
def stop_asking_who_answers_anonymously(fact: InvitationSpent) -> None:
    """Reminders end as for anybody else, and taking part earns; which answer it was is known to nobody."""
    plans.note_response(invitation_key=fact.invitation_key, at=fact.at, is_complete=True)
    delivery.note_answer(customer_id=fact.customer_id, round_key=fact.invitation_key, now=fact.at)


@on(ResponseCompleted)
def stop_asking_who_answered(fact: ResponseCompleted) -> None:
    """The same, where the start was not heard; and the answer is whole, so it counts and earns."""
    plans.note_response(invitation_key=fact.invitation_key, at=fact.at, is_complete=True)


@on(ReplyReceived)
def take_a_reply_as_an_answer(fact: ReplyReceived) -> None:
    """A digit or a label answers the first question; a refusal was heard before it became a fact."""
    questionnaires.take_reply(
        heard=Heard(
            reply_id=fact.reply_id,
            customer_id=fact.customer_id,
            channel=fact.channel,
            at=fact.at,
            round_key=fact.round_key,
        )
    )


@on(AttemptSettled)
def try_the_next_step(fact: AttemptSettled) -> None:
    """What was not sent after all makes way for the next step."""
    plans.note_attempt(key=fact.key, outcome=fact.outcome, reason=fact.reason, now=fact.at)


@on(CustomerRefused)
def end_follow_ups_of_who_refused(fact: CustomerRefused) -> None:
    """A no ends every follow-up that it covers."""
    plans.note_refusal(customer_id=fact.customer_id, channel=fact.channel, purpose=fact.purpose, now=fact.at)


@on(CustomerRefused)
def withhold_what_waits_for_who_refused(fact: CustomerRefused) -> None:
    """A no stops messages that are on their way, and is counted against the one it follows."""
    delivery.note_refusal(
        customer_id=fact.customer_id, channel=fact.channel, purpose=fact.purpose, now=fact.at
    )


@on(MergeAsked)
def see_to_whom_an_alias_names(fact: MergeAsked) -> None:
    """Not in the batch that read the alias: a merge holds two customers alone."""
    customers.take_alias(kept=fact.kept, gone=fact.gone, at=fact.at, now=clock.now())


@on(CustomersMerged)
def move_everything_to_who_was_kept(fact: CustomersMerged) -> None:
    """Plans first, so that nothing new is enqueued for the gone id while delivery moves its attempts."""
    kept, gone, now = fact.kept_id, fact.gone_id, clock.now()
    ended = plans.customers_merged(kept_id=kept, gone_id=gone, now=now)
    delivery.customers_merged(kept_id=kept, gone_id=gone, ended_rounds=ended, now=now)
    questionnaires.customers_merged(kept_id=kept, gone_id=gone)
    texts.customers_merged(kept_id=kept, gone_id=gone)


@on(ResponseStarted)
def tell_webhooks_who_began_to_answer(fact: ResponseStarted) -> None:
    """Numbers only, as for every webhook: who wants the answers asks for them."""
    data = {"response_id": fact.response_id, "customer_id": fact.customer_id}
    _tell_webhooks("response.started", str(fact.response_id), data, fact.at)


@on(ResponseCompleted)
def tell_webhooks_who_answered(fact: ResponseCompleted) -> None:
    """A low score is worth a call at once."""
    data = {
        "response_id": fact.response_id,
        "customer_id": fact.customer_id,
        "questionnaire_id": fact.questionnaire_id,
        "low_score": fact.low_score,
    }
    _tell_webhooks("response.completed", str(fact.response_id), data, fact.at)


@on(CustomerRefused)
def tell_webhooks_who_refused(fact: CustomerRefused) -> None:
    """Other programs must be able to heed a no."""
    data = {"customer_id": fact.customer_id, "channel": fact.channel, "purpose": fact.purpose}
    key = f"{fact.customer_id}:{fact.channel}:{fact.purpose}:{fact.at.isoformat()}"
    _tell_webhooks("customer.refused", key, data, fact.at)


@on(PlanPaused)
def tell_webhooks_that_a_plan_was_paused(fact: PlanPaused) -> None:
    """By a person, or by its breaker."""
    key = f"{fact.plan_id}:{fact.at.isoformat()}"
    _tell_webhooks("plan.paused", key, {"plan_id": fact.plan_id, "by": fact.by}, fact.at)


@on(RewardIssued)
def tell_webhooks_of_a_reward(fact: RewardIssued) -> None:
    """The wallet pays it, once by its key."""
    data = {
        "reward_id": fact.reward_id,
        "key": fact.key,
        "customer_id": fact.customer_id,
        "plan_id": fact.plan_id,
        "kind": fact.kind,
        "points": fact.points,
        "code": plan_queries.reward_code(reward_id=fact.reward_id),
    }
    _tell_webhooks("reward.issued", fact.key, data, fact.at)


def _tell_webhooks(kind: str, key: str, data: Mapping[str, object], at: datetime) -> None:
    delivery.tell_webhooks(told=Told(kind=kind, key=key, data=data, at=at), now=at)


def import_past_feedback(work: import_kinds.Work) -> dict[str, int]:
    """Answers of the past come in by the same screen as customers and events, which lies below them."""
    layout = feedback.FeedbackLayout(
        name=work.options["name"],
        metric=feedback.QuestionKind(work.options.get("metric") or "csat"),
        mapping=work.mapping,
        instants=work.instants,
        is_typed=not rows.has_columns(work.file),
    )
    report = questionnaires.import_feedback(
        rows=iter(work.found), layout=layout, by=work.by, now=work.now, on_refused=work.on_refused
    )
    counts = {"read": report.read, "new": report.added, "known": report.known, "refused": report.refused}
    return counts | {"nameless": report.nameless}


import_kinds.provide(
    import_kinds.Kind(
        name="feedback",
        known={
            "score": ("score", "rating", "nps", "csat", "打分", "评分"),
            "text": ("text", "comment", "verbatim", "review", "评论", "意见"),
            "at": ("at", "time", "date", "timestamp", "answeredat", "时间", "日期"),
            "customer": ("customer", "customerid", "userid", "externalid", "客户号", "用户id"),
            "event": ("event", "事件"),
            "language": ("language", "语言"),
            "region": ("region", "地区"),
            "version": ("version", "appversion", "版本"),
            "channel": ("channel", "渠道", "触达渠道"),
            "walletKind": ("walletkind", "wallettype", "钱包类型"),
            "responseId": ("responseid", "answerid"),
        },
        run=import_past_feedback,
        keeps_others=False,
        options=("name", "zone", "time_format"),
        choices={"metric": ("csat", "nps", "ces")},
    )
)


def sent_to(customer_id: CustomerId, limit: int) -> list[Sent]:
    """For the customer's own page: what left us, newest first."""
    found = delivery_queries.attempts_of(customer_id=customer_id, limit=5 * limit)
    sent = [Sent(at=row.handed_over_at, channel=row.channel) for row in found if row.handed_over_at]
    return sent[:limit]


def answered_by(customer_id: CustomerId, limit: int) -> list[Answered]:
    """For the same page: what they answered."""
    return [
        Answered(
            at=row.last_answered_at,
            channel=row.channel,
            numbers=tuple(each.number for each in row.answers if each.number is not None),
            has_words=any(each.text for each in row.answers),
        )
        for row in questionnaire_queries.responses_of(customer_id=customer_id)[:limit]
    ]


holding.provide(sent=sent_to, answered=answered_by)


@on(EventStuck)
def take_the_event_that_stuck(fact: EventStuck) -> None:
    """A person retries it from among the parked facts."""
    plans.retry_event(fact, now=clock.now())


@on(CauseStuck)
def bring_in_who_stuck(fact: CauseStuck) -> None:
    """The same for a customer whom no event brings in."""
    plans.retry_cause(fact, now=clock.now())


@on(EnrolmentStuck)
def go_on_with_the_follow_up_that_stuck(fact: EnrolmentStuck) -> None:
    """The same for a step that could not be taken."""
    plans.retry_enrolment(fact, now=clock.now())


@text_choices.provide_plan_names
@plan_names.provide
def names_of_plans() -> dict[int, dict[str, str]]:
    """Feedback filters by plan, Contacts lists by plan; both lie below the plans."""
    return {line.id: line.name for line in plan_queries.plans()}


titles.provide(plan_queries.segment_texts)


def texts_of(found: Sequence[Wording]) -> list[NewText]:
    """What customers wrote in answers, as textanalysis takes it."""
    return [
        NewText(
            source="answer",
            key=each.key,
            text=each.words,
            at=each.at,
            rating=each.rating,
            language=each.language,
            customer_id=CustomerId(each.customer_id) if each.customer_id is not None else None,
            plan_id=each.plan_id,
            channel=each.channel,
            version=each.version,
            region=each.region,
            event=each.event,
        )
        for each in found
    ]


def texts_of_answers(after: int, until: int, limit: int) -> tuple[list[NewText], int]:
    """For textanalysis, which lies beside: what stands in answers."""
    found, end = wordings.answers(after=after, until=until, limit=limit)
    return texts_of(found), end


def texts_of_replies(after: int, until: int, limit: int) -> tuple[list[NewText], int]:
    """The same for what came by message."""
    found, end = wordings.replies(after=after, until=until, limit=limit)
    return texts_of(found), end


def texts_touched(since: datetime, until: datetime, limit: int) -> collecting.Touched:
    """Answers that customers rewrote or took back."""
    found, gone, end = wordings.touched(since=since, until=until, limit=limit)
    return collecting.Touched(texts=texts_of(found), gone=gone, until=end)


collecting.provide(
    "answers",
    collecting.Source(
        name="answer", last_id=wordings.last_answer_id, read=texts_of_answers, touched=texts_touched
    ),
)
collecting.provide(
    "replies", collecting.Source(name="answer", last_id=wordings.last_reply_id, read=texts_of_replies)
)
