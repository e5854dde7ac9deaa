"""What can be asked of the console: people, roles, invitations, the audit log, parked facts, saved views."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from huifang.console import deeds, lists, names
from huifang.console.errors import InvitationInvalidError, PersonUnknownError
from huifang.console.models import Invitation, Person, RoleRule, SavedView
from huifang.console.records import AuditLine, InvitationRecord, ParkedFact, PersonRecord, RoleRecord
from huifang.console.rules import STAFF_ROLES, hash_of
from huifang.kernel.ids import PersonId
from huifang.kernel.models import AuditEntry, OutboxEntry
from huifang.kernel.roles import ROLES


def people(state: lists.State) -> lists.Page[PersonRecord]:
    """The page of people that *state* asks for."""
    return lists.cut(_people(state), state, to_record=_person_record)


def all_people(state: lists.State) -> list[PersonRecord]:
    """Everybody that *state* asks for, for an export."""
    return [_person_record(each) for each in lists.for_export(_people(state), state)]


def is_anybody() -> bool:
    """Whether anybody was ever invited; nobody in an installation that has just begun."""
    return Person.objects.exists()


def person(*, person_id: PersonId) -> PersonRecord:
    """One person. Raises `PersonUnknownError`."""
    found = _annotated(Person.objects.filter(pk=person_id)).first()
    if found is None:
        raise PersonUnknownError
    return _person_record(found)


def roles() -> list[RoleRecord]:
    """Every role, with the number of its active people."""
    asked = set(RoleRule.objects.filter(needs_second_factor=True).values_list("role", flat=True))
    counted = Person.objects.filter(is_active=True).values("role").annotate(people=Count("pk"))
    numbers = {row["role"]: row["people"] for row in counted}
    return [
        RoleRecord(
            role=role,
            people=numbers.get(role, 0),
            needs_second_factor=role in asked,
            permissions=tuple(sorted(ROLES[role])),
        )
        for role in STAFF_ROLES
    ]


def owes_second_factor(*, person_id: PersonId, role: str) -> bool:
    """Whether a second factor is asked of this *role* and this person has none."""
    if not RoleRule.objects.filter(role=role, needs_second_factor=True).exists():
        return False
    return not Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.TOTP).exists()


def invitation(*, token: str, now: datetime) -> InvitationRecord:
    """The open invitation behind *token*. Raises `InvitationInvalidError`."""
    found = (
        Invitation.objects.select_related("person")
        .filter(token_hash=hash_of(token), used_at=None, withdrawn_at=None, expires_at__gt=now)
        .filter(person__is_active=True)
        .first()
    )
    if found is None:
        raise InvitationInvalidError
    return InvitationRecord(email=found.person.email, name=found.person.name, expires_at=found.expires_at)


def audit_log(state: lists.State) -> lists.Page[AuditLine]:
    """The page of the audit log that *state* asks for."""
    page = lists.cut(_audit(state), state)
    return replace(page, rows=_audit_lines(page.rows))


def whole_audit_log(state: lists.State) -> list[AuditLine]:
    """Every line that *state* asks for, for an export."""
    return _audit_lines(list(lists.for_export(_audit(state), state)))


def audit_actions() -> list[str]:
    """Every action that stands in the log."""
    return list(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct())


def parked_facts(*, limit: int = 200) -> list[ParkedFact]:
    """Facts that wait for a person, oldest first."""
    return [
        ParkedFact(
            id=row.pk,
            fact_type=row.fact_type,
            listener=row.listener,
            last_error=row.last_error,
            attempts=row.attempts,
            recorded_at=row.recorded_at,
        )
        for row in OutboxEntry.objects.filter(is_parked=True).order_by("recorded_at", "pk")[:limit]
    ]


def waiting_facts() -> int:
    """Facts on their way to a listener."""
    return OutboxEntry.objects.filter(is_parked=False).count()


def saved_views(*, person_id: PersonId, path: str) -> Sequence[SavedView]:
    """The views that one person saved of the list at *path*."""
    return list(SavedView.objects.filter(person_id=person_id, path=path).order_by("name"))


def _annotated(found: QuerySet[Person]) -> QuerySet[Person]:
    factors = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    links = Invitation.objects.filter(person_id=OuterRef("pk"))
    return found.annotate(has_second_factor=Exists(factors), was_invited=Exists(links))


def _people(state: lists.State) -> QuerySet[Person]:
    found = _annotated(Person.objects.all())
    if state.search:
        found = found.filter(Q(name__icontains=state.search) | Q(email__icontains=state.search))
    if role := state.chosen["role"]:
        found = found.filter(role=role)
    if access := state.chosen["access"]:
        found = found.filter(is_active=access == "active")
    return found


def _person_record(row: Person) -> PersonRecord:
    return PersonRecord(
        id=PersonId(row.pk),
        email=row.email,
        name=row.name,
        role=row.role,
        is_active=row.is_active,
        is_invited=not row.has_usable_password() and bool(getattr(row, "was_invited", False)),
        has_second_factor=bool(getattr(row, "has_second_factor", False)),
        last_login_at=row.last_login,
        joined_at=row.date_joined,
    )


def _audit(state: lists.State) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.all()
    if state.search:
        found = found.filter(Q(subject__icontains=state.search) | Q(actor__icontains=state.search))
    if action := state.chosen["action"]:
        found = found.filter(action=action)
    return found


def _audit_lines(rows: Sequence[AuditEntry]) -> list[AuditLine]:
    who = names.actors(row.actor for row in rows)
    return [
        AuditLine(
            id=row.pk,
            actor=row.actor,
            who=who[row.actor],
            action=row.action,
            subject=row.subject,
            facts=row.facts,
            at=row.at,
            act=deeds.act(row.action),
            details=deeds.details(row.facts),
        )
        for row in rows
    ]
