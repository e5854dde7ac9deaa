"""Letting people in, changing what they may do, ending it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings

from huifang.console import queries, services
from huifang.console.errors import (
    EmailTakenError,
    InvalidEmailError,
    InvitationInvalidError,
    LastAdministratorError,
    OwnAccountError,
    UnknownRoleError,
)
from huifang.console.models import Invitation, Person
from huifang.kernel import audit
from huifang.kernel.ids import PersonId

NOW = datetime(2026, 11, 18, 2, 24, tzinfo=UTC)
PASSWORD = "spruce-needles-42"


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def invited(email: str = "chen@spruce.test", role: str = "agent") -> str:
    return token_of(services.invite(email=email, role=role, by="person:1", now=NOW))


@override_settings(PUBLIC_URL="https://follow.spruce.test")
@pytest.mark.django_db
def test_an_invitation_is_a_link_at_the_public_address() -> None:
    link = services.invite(email="chen@spruce.test", role="agent", by="person:1", now=NOW)
    assert link.startswith("https://follow.spruce.test/invitations/")
    assert len(token_of(link)) == 43


@pytest.mark.django_db
def test_accepting_sets_the_password_and_the_name() -> None:
    token = invited()
    person_id = services.accept(token=token, password=PASSWORD, name=" 陈屿 ", now=NOW)
    person = Person.objects.get(pk=person_id)
    assert (person.check_password(PASSWORD), person.name, person.role) == (True, "陈屿", "agent")


@pytest.mark.django_db
def test_a_link_works_once() -> None:
    token = invited()
    services.accept(token=token, password=PASSWORD, now=NOW)
    with pytest.raises(InvitationInvalidError):
        services.accept(token=token, password="another-one-42", now=NOW)


@pytest.mark.django_db
def test_the_token_itself_is_not_kept() -> None:
    token = invited()
    assert token.encode() not in bytes(Invitation.objects.get().token_hash)


@pytest.mark.django_db
def test_a_link_ends_after_seven_days_to_the_second() -> None:
    token = invited()
    with pytest.raises(InvitationInvalidError):
        services.accept(token=token, password=PASSWORD, now=NOW + timedelta(days=7))
    services.accept(token=token, password=PASSWORD, now=NOW + timedelta(days=7, seconds=-1))


@pytest.mark.django_db
def test_a_newer_link_ends_the_older() -> None:
    first, second = invited(), invited(role="supervisor")
    with pytest.raises(InvitationInvalidError):
        services.accept(token=first, password=PASSWORD, now=NOW)
    person_id = services.accept(token=second, password=PASSWORD, now=NOW)
    assert queries.person(person_id=person_id).role == "supervisor"


@pytest.mark.django_db
def test_ending_access_ends_open_links() -> None:
    token = invited()
    services.deactivate(person_id=PersonId(Person.objects.get().pk), by="person:1", now=NOW)
    with pytest.raises(InvitationInvalidError):
        services.accept(token=token, password=PASSWORD, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_who_use_one_link_at_once_are_let_in_once() -> None:
    token = invited()
    results: list[str] = []
    ready = threading.Barrier(2)

    def use(password: str) -> None:
        ready.wait()
        try:
            services.accept(token=token, password=password, now=NOW)
            results.append("in")
        except InvitationInvalidError:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=(f"password-{n}-long",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["in", "refused"]


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["chen@spruce.test", "CHEN@Spruce.Test"])
def test_an_address_belongs_to_one_person_whatever_its_case(email: str) -> None:
    services.accept(token=invited(), password=PASSWORD, now=NOW)
    with pytest.raises(EmailTakenError):
        services.invite(email=email, role="agent", by="person:1", now=NOW)


@pytest.mark.django_db
def test_nonsense_is_refused() -> None:
    with pytest.raises(InvalidEmailError):
        services.invite(email="not an address", role="agent", by="cli", now=NOW)
    with pytest.raises(UnknownRoleError):
        services.invite(email="a@spruce.test", role="emperor", by="cli", now=NOW)
    with pytest.raises(UnknownRoleError):
        services.invite(email="a@spruce.test", role="wallet_app", by="cli", now=NOW)


@pytest.mark.django_db
def test_every_act_is_in_the_audit_log(person_of: Callable[..., Person]) -> None:
    person_id = services.accept(token=invited(), password=PASSWORD, now=NOW)
    services.change_role(person_id=person_id, role="supervisor", by="person:1", now=NOW)
    services.deactivate(person_id=person_id, by="person:1", now=NOW)
    services.reactivate(person_id=person_id, by="person:1", now=NOW)
    services.renew_link(person_id=person_id, by="person:1", now=NOW)
    services.remove_second_factor(person_id=person_id, by="person:1", now=NOW)
    services.require_second_factor(roles=frozenset({"admin"}), by="person:1", now=NOW)
    assert [entry.action for entry in reversed(audit.entries())] == [
        "person.invited",
        "person.password_set",
        "person.role_changed",
        "person.deactivated",
        "person.reactivated",
        "person.link_renewed",
        "person.second_factor_removed",
        "roles.second_factor_changed",
    ]
    assert PASSWORD not in str(audit.entries())


@pytest.mark.django_db
def test_the_last_administrator_stays(person_of: Callable[..., Person]) -> None:
    admin = person_of("admin")
    ended = person_of("admin", "former@spruce.test")
    services.deactivate(person_id=PersonId(ended.pk), by="cli", now=NOW)
    with pytest.raises(LastAdministratorError):
        services.change_role(person_id=PersonId(admin.pk), role="agent", by="cli", now=NOW)
    with pytest.raises(LastAdministratorError):
        services.deactivate(person_id=PersonId(admin.pk), by="cli", now=NOW)


@pytest.mark.django_db
def test_one_of_two_administrators_may_go(person_of: Callable[..., Person]) -> None:
    admin, _ = person_of("admin"), person_of("admin", "second@spruce.test")
    services.deactivate(person_id=PersonId(admin.pk), by="cli", now=NOW)
    assert not queries.person(person_id=PersonId(admin.pk)).is_active


@pytest.mark.django_db
def test_nobody_changes_themselves(person_of: Callable[..., Person]) -> None:
    admin, _ = person_of("admin"), person_of("admin", "second@spruce.test")
    with pytest.raises(OwnAccountError):
        services.change_role(person_id=PersonId(admin.pk), role="agent", by=admin.actor, now=NOW)
    with pytest.raises(OwnAccountError):
        services.deactivate(person_id=PersonId(admin.pk), by=admin.actor, now=NOW)


@pytest.mark.django_db
def test_demo_people_are_made_once(settings: object) -> None:
    settings.IS_DEMO = True  # type: ignore[attr-defined]
    services.ensure_demo_people(now=NOW)
    services.ensure_demo_people(now=NOW)
    assert sorted(Person.objects.values_list("role", flat=True)) == sorted(services.DEMO_PEOPLE)


@pytest.mark.django_db
def test_there_are_no_demo_people_outside_a_demo() -> None:
    with pytest.raises(AssertionError):
        services.ensure_demo_people(now=NOW)
