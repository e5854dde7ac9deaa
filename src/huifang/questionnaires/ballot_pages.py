"""The pages of an anonymous answer after its first question: they know the ballot, not who holds it."""

from django.http import HttpRequest, HttpResponse

from huifang.kernel import clock
from huifang.questionnaires import ballots, conversation, errors, ordering, pages, queries, rules
from huifang.questionnaires.asking import Position
from huifang.questionnaires.conversation import Talk, public_page


@public_page
def ballot(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on, take an answer, or thank."""
    drawn = ballots.read(token)
    said = ballots.paper(drawn)
    definition = ordering.arrange(queries.definition(version_id=drawn.version_id), drawn.seed)
    written = said or ballots.Paper()
    talk = Talk(
        request=request,
        position=Position(
            definition=definition,
            language=rules.language_for(definition, request.GET.get("l", ""), written.language),
            answers=written.answers,
            skipped=frozenset(written.skipped),
        ),
        manner="anonymous",
        path=request.path,
    )
    if said is None:
        return conversation.thank(talk)  # it lies among the others by now, or was never begun
    if request.method == "POST":
        return _take(talk, drawn)
    return conversation.ask(talk) if not _is_over(talk) else conversation.thank(talk)


def _is_over(talk: Talk) -> bool:
    return not talk.position.open_questions() and not talk.request.GET.get("q")


def _take(talk: Talk, drawn: ballots.Drawn) -> HttpResponse:
    try:
        ballots.mark(drawn=drawn, submission=pages.read(talk), is_first=False, now=clock.now())
    except errors.BallotGoneError:
        pass  # sent twice, or sealed: the page that follows thanks
    except conversation.WRONG_ANSWERS as refusal:
        return conversation.ask(talk, refusal=refusal)
    return conversation.goes_on(talk.address())
