"""Keeps what operators declare events to be, beside those that Huifang knows by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import transaction
from django.utils.translation import gettext

from huifang.events import catalogue, shapes
from huifang.events.errors import BadDeclarationError, UnknownDeclarationError
from huifang.events.models import DeclaredEvent, Drift
from huifang.events.records import Declaration, DeclaredProperty, declaration_of
from huifang.events.shapes import DriftCode
from huifang.kernel import audit

_PROPERTIES_MAX = 100
_ALLOWED_MAX = 100
_TEXT_LENGTH_MAX = 500


def _record(row: DeclaredEvent) -> Declaration:
    return Declaration(
        name=row.name,
        about=row.about,
        owner=row.owner,
        is_strict=row.is_strict,
        properties=declaration_of(row.name, row.properties).properties,
    )


def built_in() -> dict[str, Declaration]:
    """Huifang's own."""
    return {
        each.name: Declaration(
            name=each.name,
            about=each.about,
            is_built_in=True,
            properties=tuple(
                DeclaredProperty(key=one.key, type=one.type, about=one.about) for one in each.properties
            ),
        )
        for each in catalogue.DECLARED
    }


def every() -> dict[str, Declaration]:
    """All declarations by name; an operator's own stands in place of Huifang's."""
    return {**built_in(), **{row.name: _record(row) for row in DeclaredEvent.objects.order_by("name")}}


def strict() -> Mapping[str, Declaration]:
    """Those by which messages are rejected."""
    return {row.name: _record(row) for row in DeclaredEvent.objects.filter(is_strict=True)}


def declare(*, declaration: Declaration, by: str, now: datetime) -> None:
    """Say what an event is, in place of what was said before. Raises `BadDeclarationError`."""
    _check(declaration)
    with transaction.atomic():
        DeclaredEvent.objects.update_or_create(
            name=declaration.name,
            defaults={
                "about": declaration.about,
                "owner": declaration.owner,
                "is_strict": declaration.is_strict,
                "properties": msgspec.to_builtins(declaration.properties),
                "declared_at": now,
                "declared_by": by,
            },
        )
        known = Drift.objects.filter(name=declaration.name, code=DriftCode.UNDECLARED, settled_at=None)
        known.update(settled_at=now, settled_by=by)
        audit.record(
            actor=by,
            action="event.declared",
            subject=f"event:{declaration.name}",
            facts={"strict": declaration.is_strict, "properties": len(declaration.properties)},
            at=now,
        )


def withdraw(*, name: str, by: str, now: datetime) -> None:
    """Take a declaration back. Raises `UnknownDeclarationError`."""
    with transaction.atomic():
        if not DeclaredEvent.objects.filter(name=name).delete()[0]:
            raise UnknownDeclarationError(name=name)
        audit.record(actor=by, action="event.undeclared", subject=f"event:{name}", at=now)


def _check(declaration: Declaration) -> None:
    if not 0 < len(declaration.name.strip()) <= 200 or not declaration.name.isprintable():
        raise BadDeclarationError(problem=gettext("the name must have 1 to 200 printable characters"))
    if max(len(declaration.about), len(declaration.owner)) > _TEXT_LENGTH_MAX:
        raise BadDeclarationError(
            problem=gettext("a text is over {limit} characters").format(limit=_TEXT_LENGTH_MAX)
        )
    if len(declaration.properties) > _PROPERTIES_MAX:
        raise BadDeclarationError(
            problem=gettext("there are over {limit} properties").format(limit=_PROPERTIES_MAX)
        )
    keys: Sequence[str] = [each.key for each in declaration.properties]
    for each in declaration.properties:
        if not 0 < len(each.key) <= shapes.KEY_LENGTH_MAX or not each.key.isprintable():
            limit = shapes.KEY_LENGTH_MAX
            raise BadDeclarationError(
                problem=gettext("a key must have 1 to {limit} characters").format(limit=limit)
            )
        if keys.count(each.key) > 1:
            raise BadDeclarationError(problem=gettext("{key} is there twice").format(key=each.key))
        if each.type and each.type not in shapes.TYPES:
            known = ", ".join(shapes.TYPES)
            raise BadDeclarationError(
                problem=gettext("{type} is no type; types are {known}").format(type=each.type, known=known)
            )
        if len(each.allowed) > _ALLOWED_MAX:
            raise BadDeclarationError(
                problem=gettext("{key} has over {limit} allowed values").format(
                    key=each.key, limit=_ALLOWED_MAX
                )
            )
