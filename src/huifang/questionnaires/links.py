"""Open links: an address that anybody may open, printed as a code. Guards, but tracks nobody."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q

from huifang.kernel import audit, vault
from huifang.questionnaires import answering, ordering, queries, rules, stored
from huifang.questionnaires.answer_errors import ResponseCompleteError
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.errors import (
    OpenLinkClosedError,
    OpenLinkTermsError,
    SlugTakenError,
    TooManyFromHereError,
    UnknownInvitationError,
    UnknownOpenLinkError,
)
from huifang.questionnaires.models import AddressTally, OpenLink, Response, ResponseState
from huifang.questionnaires.records import Definition, OpenLinkRecord, OpenLinkTerms, OpenSitting

TOKEN_PURPOSE = "open-response"  # noqa: S105 - the name of a purpose, not a secret
# A shop's guests share one address: enough for a queue, too few for a machine to spoil a score.
BEGUN_AN_HOUR_MAX = 60
_HOUR = timedelta(hours=1)
SIGNATURE = "sig"


def create(
    *, questionnaire_id: int, slug: str, terms: OpenLinkTerms, by: str, now: datetime
) -> OpenLinkRecord:
    """Make an open link. Raises `NotPublishedError`, `SlugTakenError`, `OpenLinkTermsError`."""
    queries.published(questionnaire_id=questionnaire_id)
    _check(terms)
    try:
        with transaction.atomic():
            made = OpenLink.objects.create(
                slug=slug,
                questionnaire_id=questionnaire_id,
                created_at=now,
                created_by=by,
                **_columns(terms),
            )
            _note("made", made, by=by, now=now)
    except IntegrityError:
        raise SlugTakenError(slug=slug) from None
    return link(slug=slug, now=now)


def _check(terms: OpenLinkTerms) -> None:
    if terms.opens_at and terms.closes_at and terms.closes_at <= terms.opens_at:
        raise OpenLinkTermsError


def _columns(terms: OpenLinkTerms) -> dict[str, object]:
    return {
        "place": terms.place.strip()[:120],
        "opens_at": terms.opens_at,
        "closes_at": terms.closes_at,
        "responses_max": terms.responses_max,
        "is_once_a_device": terms.is_once_a_device,
    }


def _note(act: str, found: OpenLink, *, by: str, now: datetime) -> None:
    audit.record(
        actor=by,
        action=f"open_link.{act}",
        subject=f"open_link:{found.slug}",
        facts={"questionnaire": found.questionnaire_id, "place": found.place},
        at=now,
    )


def change(*, slug: str, terms: OpenLinkTerms, by: str, now: datetime) -> OpenLinkRecord:
    """Set the terms anew. Raises `UnknownOpenLinkError`, `OpenLinkTermsError`."""
    _check(terms)
    with transaction.atomic():
        found = _locked(slug)
        for name, value in _columns(terms).items():
            setattr(found, name, value)
        found.save()
        _note("changed", found, by=by, now=now)
    return link(slug=slug, now=now)


def turn(*, slug: str, is_open: bool, by: str, now: datetime) -> OpenLinkRecord:
    """Close a link, or open it again; twice changes nothing. Raises `UnknownOpenLinkError`."""
    with transaction.atomic():
        found = _locked(slug)
        if found.is_open != is_open:
            found.is_open = is_open
            found.save(update_fields=["is_open"])
            _note("opened" if is_open else "closed", found, by=by, now=now)
    return link(slug=slug, now=now)


def _locked(slug: str) -> OpenLink:
    found = OpenLink.objects.select_for_update().filter(slug=_plain(slug)).first()
    if found is None:
        raise UnknownOpenLinkError(slug=slug)
    return found


def _found(slug: str) -> OpenLink:
    found = OpenLink.objects.select_related("questionnaire").filter(slug=_plain(slug)).first()
    if found is None:
        raise UnknownOpenLinkError(slug=slug)
    return found


def _plain(slug: str) -> str:
    """*slug*, or "" which no link has: PostgreSQL knows no NUL."""
    return "" if "\0" in slug else slug


def link(*, slug: str, now: datetime) -> OpenLinkRecord:
    """One open link. Raises `UnknownOpenLinkError`."""
    return _record(_found(slug), now=now)


def links(*, questionnaire_id: int | None = None, now: datetime) -> list[OpenLinkRecord]:
    """Open links, newest first; of one questionnaire where it is named."""
    found = OpenLink.objects.select_related("questionnaire").order_by("-pk")
    if questionnaire_id is not None:
        found = found.filter(questionnaire=questionnaire_id)
    return [_record(each, now=now) for each in found]


def _record(found: OpenLink, *, now: datetime) -> OpenLinkRecord:
    return OpenLinkRecord(
        id=found.pk,
        slug=found.slug,
        path=f"/q/{found.slug}",
        questionnaire_id=found.questionnaire_id,
        questionnaire_name=found.questionnaire.name,
        place=found.place,
        is_open=found.is_open,
        opens_at=found.opens_at,
        closes_at=found.closes_at,
        responses_max=found.responses_max,
        response_count=found.response_count,
        is_once_a_device=found.is_once_a_device,
        created_at=found.created_at,
        reason=closed_by(found, now=now),
    )


def closed_by(found: OpenLink, *, now: datetime) -> str:
    """Why the link takes no first answer now: closed, early, late or enough; "" where it does."""
    if not found.is_open:
        return "closed"
    if found.opens_at and now < found.opens_at:
        return "early"
    if found.closes_at and now >= found.closes_at:
        return "late"
    is_enough = found.responses_max is not None and found.response_count >= found.responses_max
    return "enough" if is_enough else ""


def sitting(*, slug: str, token: str = "", now: datetime) -> OpenSitting:
    """What an open link asks; with *token*, what was answered by it so far.

    Raises `UnknownOpenLinkError`, `UnknownInvitationError`.
    """
    if token:
        return _begun(slug, token, now=now)
    found = _found(slug)
    choice = queries.published(questionnaire_id=found.questionnaire_id)
    return OpenSitting(
        link_id=found.pk,
        slug=slug,
        version_id=choice.version_id,
        definition=rules.without(queries.definition(version_id=choice.version_id), customer=False),
        is_open=not closed_by(found, now=now),
        is_once_a_device=found.is_once_a_device,
    )


def _begun(slug: str, token: str, *, now: datetime) -> OpenSitting:
    number = vault.read_token(TOKEN_PURPOSE, token) or 0
    rows = Response.objects.select_related("open_link").filter(pk=number, open_link__slug=slug)
    found = stored.with_answers(rows).first()
    if found is None or found.open_link is None or found.version_id is None:
        raise UnknownInvitationError
    asked = rules.without(queries.definition(version_id=found.version_id), customer=False)
    return OpenSitting(
        link_id=found.open_link.pk,
        slug=slug,
        version_id=found.version_id,
        definition=ordering.arrange(asked, found.seed),
        # Who began before it closed may finish; a closed link takes nothing more at all.
        is_open=found.open_link.is_open,
        is_once_a_device=found.open_link.is_once_a_device,
        state=found.state,
        language=found.language,
        answers={key: value for key, (value, _) in stored.said(found).items()},
        skipped=frozenset(found.skipped),
        context=found.context,
        seed=found.seed,
    )


def take_place(*, slug: str, now: datetime) -> None:
    """Count one more who begins. Raises `OpenLinkClosedError`: the last place goes to one of two."""
    early, late = Q(opens_at__gt=now), Q(closes_at__lte=now)
    enough = Q(responses_max__isnull=False, response_count__gte=F("responses_max"))
    free = OpenLink.objects.filter(slug=slug, is_open=True).exclude(early).exclude(late).exclude(enough)
    if not free.update(response_count=F("response_count") + 1):
        raise OpenLinkClosedError


def begin(*, slug: str, version_id: int, seed: str, submission: Submission, now: datetime) -> str:
    """Keep a first answer at an open link; the token under which it goes on.

    The same *seed* again is the same press of a button, and begins nothing anew. Raises
    `OpenLinkClosedError` and what an answer that is none raises.
    """
    with transaction.atomic():
        # The link's row is locked first: two presses at once wait for each other.
        found = OpenLink.objects.select_for_update().get(slug=slug)
        response = stored.with_answers(Response.objects.filter(open_link=found, seed=seed)).first()
        if response is None:
            take_place(slug=slug, now=now)
            number = queries.version_number(version_id=version_id)
            response = answering.begin_open(found, version_id, number=number, seed=seed, now=now)
        if response.state == ResponseState.STARTED:
            answering.store(response, _asked(version_id), submission, now=now)
    return vault.token(TOKEN_PURPOSE, response.pk)


def answer(*, token: str, submission: Submission, now: datetime) -> bool:
    """Keep further answers; whether that was all.

    Raises `UnknownInvitationError`, `OpenLinkClosedError`, `ResponseCompleteError`.
    """
    number = vault.read_token(TOKEN_PURPOSE, token) or 0
    with transaction.atomic():
        rows = Response.objects.select_for_update(of=("self",)).filter(pk=number, mode="open")
        locked = rows.select_related(None).first()
        if locked is None or locked.version_id is None:
            raise UnknownInvitationError
        if not OpenLink.objects.filter(pk=locked.open_link_id or 0, is_open=True).exists():
            raise OpenLinkClosedError
        if locked.state != ResponseState.STARTED:
            raise ResponseCompleteError
        response = stored.with_answers(Response.objects.filter(pk=locked.pk)).get()
        return answering.store(response, _asked(locked.version_id), submission, now=now)


def _asked(version_id: int) -> Definition:
    return rules.without(queries.definition(version_id=version_id), customer=False)


def admit(*, slug: str, address: str, now: datetime) -> None:
    """Count one who begins from *address*. Raises `TooManyFromHereError` over `BEGUN_AN_HOUR_MAX` an hour.

    What is stored is a keyed hash of address, link and hour, which tells nothing once the hour is over and is
    swept then.
    """
    count(f"{slug}|{address}", at_most=BEGUN_AN_HOUR_MAX, now=now)


def count(what: str, *, at_most: int, now: datetime) -> None:
    """Count *what* within this hour under a keyed hash. Raises `TooManyFromHereError` over *at_most*."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    key = vault.blind_index(f"{what}|{hour.isoformat()}", context="open-link-address")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO questionnaires_addresstally (id, count, expires_at) VALUES (%s, 1, %s)"
            " ON CONFLICT (id) DO UPDATE SET count = questionnaires_addresstally.count + 1 RETURNING count",
            [key, hour + _HOUR],
        )
        (found,) = cursor.fetchone()
    if found > at_most:
        raise TooManyFromHereError


def sweep_addresses(*, now: datetime) -> int:
    """Forget the addresses of hours that are over; how many."""
    return AddressTally.objects.filter(expires_at__lte=now).delete()[0]


def sign(*, slug: str, fields: Mapping[str, str]) -> str:
    """The signature that lets *fields* be believed in the address of this link."""
    told = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return vault.signature(f"{slug}\n{told}".encode(), context="open-link-fields")[:12].hex()


def is_signed(*, slug: str, fields: Mapping[str, str], signature: str) -> bool:
    """Whether *signature* was made by `sign` for these very fields."""
    return hmac.compare_digest(sign(slug=slug, fields=fields), signature.lower())
