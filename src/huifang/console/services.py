"""Lets people in, changes what they may do, and ends it. Every act is in the audit log."""

import secrets
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from huifang.console.errors import (
    EmailTakenError,
    InvalidEmailError,
    InvitationInvalidError,
    LastAdministratorError,
    OwnAccountError,
    PersonUnknownError,
    UnknownRoleError,
)
from huifang.console.models import Invitation, Person, RoleRule, SavedView
from huifang.console.records import Preferences
from huifang.console.rules import INVITATION_DAYS, SIGN_IN_TRACE_DAYS, STAFF_ROLES, hash_of
from huifang.kernel import audit
from huifang.kernel.ids import PersonId

DEMO_PEOPLE = {
    "operations": "周敏 Zhou Min",
    "admin": "沈言 Shen Yan",
    "supervisor": "何静 He Jing",
    "agent": "林晓 Lin Xiao",
    "case_officer": "陈屿 Chen Yu",
    "product_owner": "许诺 Xu Nuo",
    "privacy_officer": "唐宁 Tang Ning",
    "developer": "高远 Gao Yuan",
}


def invite(*, email: str, role: str, by: str, now: datetime, name: str = "") -> str:
    """Let somebody in with *role*; returns the link, shown this once, where they set a password.

    Somebody who was invited and has not come yet gets a new link and the new role. Raises
    `EmailTakenError`, `InvalidEmailError`, `UnknownRoleError`.
    """
    _check_role(role)
    email = _checked_email(email)
    try:
        with transaction.atomic():
            person = Person.objects.select_for_update().filter(email__iexact=email).first()
            if person is None:
                person = Person(email=email, date_joined=now)
                person.set_unusable_password()
            elif not person.is_active or not _is_waiting(person):
                raise EmailTakenError(email=email)
            person.role, person.name = role, name or person.name
            person.save()
            _note(by, "person.invited", person, now, role=role)
            return _new_link(person, now=now)
    except IntegrityError:
        raise EmailTakenError(email=email) from None


def renew_link(*, person_id: PersonId, by: str, now: datetime) -> str:
    """A new link for somebody who lost theirs, or their password; earlier links end."""
    with transaction.atomic():
        person = _held(person_id)
        _note(by, "person.link_renewed", person, now)
        return _new_link(person, now=now)


def accept(*, token: str, password: str, now: datetime, name: str = "") -> PersonId:
    """Set the password of whom *token* lets in. The token ends with it. Raises `InvitationInvalidError`."""
    with transaction.atomic():
        found = Invitation.objects.select_for_update(of=("self",)).select_related("person")
        invitation = found.filter(token_hash=hash_of(token)).first()
        if invitation is None or not _is_open(invitation, now=now):
            raise InvitationInvalidError
        person = invitation.person
        person.set_password(password)
        person.name = name.strip() or person.name
        person.save(update_fields=["password", "name"])
        invitation.used_at = now
        invitation.save(update_fields=["used_at"])
        _note(person.actor, "person.password_set", person, now)
        return PersonId(person.pk)


def change_role(*, person_id: PersonId, role: str, by: str, now: datetime) -> None:
    """Give *role*, from the next request on. Raises `LastAdministratorError`, `OwnAccountError`."""
    _check_role(role)
    with transaction.atomic():
        person = _held(person_id)
        if person.role == role:
            return
        _check_not_oneself(person, by)
        _check_not_last(person)
        before, person.role = person.role, role
        person.save(update_fields=["role"])
        _note(by, "person.role_changed", person, now, before=before, role=role)


def deactivate(*, person_id: PersonId, by: str, now: datetime) -> None:
    """End access at once; the name stays in the log. Raises `LastAdministratorError`, `OwnAccountError`."""
    with transaction.atomic():
        person = _held(person_id)
        _check_not_oneself(person, by)
        _check_not_last(person)
        if person.is_active:
            person.is_active = False
            person.save(update_fields=["is_active"])
            _withdraw_links(person, now=now)
            _note(by, "person.deactivated", person, now)


def reactivate(*, person_id: PersonId, by: str, now: datetime) -> None:
    """Give access back."""
    with transaction.atomic():
        person = _held(person_id)
        if not person.is_active:
            person.is_active = True
            person.save(update_fields=["is_active"])
            _note(by, "person.reactivated", person, now)


def remove_second_factor(*, person_id: PersonId, by: str, now: datetime) -> None:
    """For somebody who lost their device: the password lets them in, and they set up a new one."""
    with transaction.atomic():
        person = _held(person_id)
        _check_not_oneself(person, by)
        Authenticator.objects.filter(user=person).delete()
        _note(by, "person.second_factor_removed", person, now)


def require_second_factor(*, roles: frozenset[str], by: str, now: datetime) -> None:
    """Ask a second factor of everyone in *roles*, and of nobody else. Raises `UnknownRoleError`."""
    for role in roles:
        _check_role(role)
    with transaction.atomic():
        before = set(RoleRule.objects.filter(needs_second_factor=True).values_list("role", flat=True))
        if before == roles:
            return
        RoleRule.objects.update(needs_second_factor=False)
        for role in roles:
            RoleRule.objects.update_or_create(role=role, defaults={"needs_second_factor": True})
        audit.record(
            actor=by,
            action="roles.second_factor_changed",
            subject="roles",
            facts={"before": sorted(before), "roles": sorted(roles)},
            at=now,
        )


def prefer(*, person_id: PersonId, preferences: Preferences) -> None:
    """Keep what a person chose for themselves."""
    Person.objects.filter(pk=person_id).update(
        name=preferences.name,
        language=preferences.language,
        time_zone=preferences.time_zone,
        theme=preferences.theme,
    )


def save_view(*, person_id: PersonId, path: str, name: str, query: str) -> None:
    """Keep a list's state under *name* for one person; the same name is replaced."""
    SavedView.objects.update_or_create(
        person_id=person_id, path=path, name=name.strip()[:60], defaults={"query": query}
    )


def forget_view(*, person_id: PersonId, view_id: int) -> None:
    """Forget one of a person's own saved views."""
    SavedView.objects.filter(person_id=person_id, pk=view_id).delete()


def ensure_demo_people(*, now: datetime) -> None:
    """One person of each role, without a password, for the demo's sign-in page. Only where this is a demo."""
    assert settings.IS_DEMO, "demo people exist in a demo only"
    for role, name in DEMO_PEOPLE.items():
        email = f"{role}@demo.invalid"
        if not Person.objects.filter(email=email).exists():
            person = Person(email=email, name=name, role=role, date_joined=now)
            person.set_unusable_password()
            Person.objects.bulk_create([person], ignore_conflicts=True)


def forget_what_is_over(*, now: datetime) -> None:
    """Delete ended sessions, and traces of sign-ins older than `SIGN_IN_TRACE_DAYS`, which hold addresses."""
    Session.objects.filter(expire_date__lt=now).delete()
    long_ago = now - timedelta(days=SIGN_IN_TRACE_DAYS)
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        model.objects.filter(attempt_time__lt=long_ago).delete()


def _new_link(person: Person, *, now: datetime) -> str:
    _withdraw_links(person, now=now)
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        person=person,
        token_hash=hash_of(token),
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    return f"{settings.PUBLIC_URL}/invitations/{token}/"


def _withdraw_links(person: Person, *, now: datetime) -> None:
    Invitation.objects.filter(person=person, used_at=None, withdrawn_at=None).update(withdrawn_at=now)


def _is_open(invitation: Invitation, *, now: datetime) -> bool:
    is_spent = invitation.used_at is not None or invitation.withdrawn_at is not None
    return not is_spent and now < invitation.expires_at and invitation.person.is_active


def _is_waiting(person: Person) -> bool:
    return not person.has_usable_password()


def _held(person_id: PersonId) -> Person:
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise PersonUnknownError
    return person


def _check_role(role: str) -> None:
    if role not in STAFF_ROLES:
        raise UnknownRoleError(role=role, roles=", ".join(STAFF_ROLES))


def _checked_email(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidEmailError(email=email) from None
    return email


def _check_not_oneself(person: Person, by: str) -> None:
    if by == person.actor:
        raise OwnAccountError


def _check_not_last(person: Person) -> None:
    """Hold every administrator's row, so that two of them cannot remove each other at once."""
    if person.role != "admin" or not person.is_active:
        return
    admins = Person.objects.select_for_update().filter(role="admin", is_active=True).order_by("pk")
    if [admin.pk for admin in admins] == [person.pk]:
        raise LastAdministratorError


def _note(by: str, action: str, person: Person, now: datetime, **facts: object) -> None:
    audit.record(actor=by, action=action, subject=person.actor, facts=facts, at=now)
