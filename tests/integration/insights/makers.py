"""Made-up answers, invitations and facts for the tests of Insights."""

from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from huifang.insights.facts import store
from huifang.plans import runner
from huifang.questionnaires.models import Answer, Invitation, Questionnaire, Response, Version

_numbers = count(1)
_ROUNDS_MAX = 60


def write_all(folder: Path, *, now: datetime) -> None:
    """Let the writer of facts do all there is to do at *now*."""
    for _ in range(_ROUNDS_MAX):
        for source in store.SOURCES:
            store.append(source, folder=folder, now=now)
            store.mark_changed(source, now=now)
            while store.refresh(source, folder=folder, now=now, at_once=True):
                pass
        store.append_activity(folder=folder, now=now)
        if _is_done():
            return


def _is_done() -> bool:
    states = {each.topic: each for each in store.TopicState.objects.all()}
    return all(
        states[source.topic].cursor.get("id", 0) >= source.last_id() for source in store.SOURCES
    ) and bool(states["answers"].as_of)


def happenings(*, at: datetime) -> None:
    """Let the runner read every stored event."""
    while runner.run(now=at, clock_trusted=True):
        pass


def version(slug: str = "made-up") -> Version:
    """A published version without questions of its own: answers are written beside it."""
    questionnaire, _ = Questionnaire.objects.get_or_create(
        slug=slug,
        defaults={"name": {"en": slug}, "created_at": datetime.fromisoformat("2025-01-01T00:00:00Z")},
    )
    found = questionnaire.versions.first()
    return found or Version.objects.create(
        questionnaire=questionnaire,
        number=1,
        state="published",
        definition={},
        published_at=questionnaire.created_at,
    )


def invite(*, at: datetime, customer_id: int | None = None, key: str = "", **more: Any) -> Invitation:
    """One invitation made at *at*, open for a week."""
    return Invitation.objects.create(
        key=key or f"made-{next(_numbers)}",
        customer_id=customer_id,
        version=version(),
        mode=more.pop("mode", "web"),
        created_at=at,
        expires_at=at + timedelta(days=7),
        **more,
    )


def answer(
    invitation: Invitation,
    *,
    at: datetime,
    metric: str = "nps",
    score: int | None = None,
    text: str = "",
    **cuts: Any,
) -> Response:
    """The response to *invitation*, begun and ended at *at*, with a score of *metric* and words."""
    response = Response.objects.create(
        invitation=invitation,
        questionnaire=invitation.version.questionnaire,
        version_number=invitation.version.number,
        customer_id=invitation.customer_id,
        plan_id=invitation.plan_id,
        channel=invitation.channel,
        mode=invitation.mode,
        state="completed",
        has_text=bool(text),
        started_at=at,
        completed_at=at,
        last_answered_at=at,
        **cuts,
    )
    _say(response, kind=metric, metric=metric, number=score, text="", at=at)
    if text:
        _say(response, kind="text", metric="", number=None, text=text, at=at)
    return response


def _say(response: Response, *, kind: str, metric: str, number: int | None, text: str, at: datetime) -> None:
    Answer.objects.create(
        response=response,
        question_key=kind,
        place=response.answers.count(),
        kind=kind,
        metric=metric,
        number=number,
        text=text,
        answered_at=at,
        questionnaire_id=response.questionnaire_id,
        customer_id=response.customer_id,
        plan_id=response.plan_id,
        channel=response.channel,
    )


def scored(score: int, *, at: datetime, metric: str = "nps", **more: Any) -> Response:
    """One invitation and the score that it brought, an hour later."""
    asked = {name: more.pop(name) for name in ("customer_id", "plan_id", "channel") if name in more}
    text = more.pop("text", "")
    invitation = invite(at=at - timedelta(hours=1), **asked)
    return answer(invitation, at=at, metric=metric, score=score, text=text, **more)
