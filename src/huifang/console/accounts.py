"""How sign-in behaves: people are invited, never sign themselves up; too many wrong passwords wait."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

_JUST_NOW_SECONDS = 300


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes public sign-up, and says nothing where the page itself shows what happened."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("The e-mail address or the password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up; an administrator invites."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Who proved themselves in this session a moment ago is not asked again."""
        records = get_authentication_records(self.request, self.request.user)
        if any(time.time() - record["at"] < _JUST_NOW_SECONDS for record in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def add_message(self, request: HttpRequest, level: int, *args: object, **kwargs: object) -> None:
        """No messages: the pages of sign-in say what they did."""


def tried_name(request: HttpRequest, credentials: Mapping[str, str] | None) -> str:
    """Whose password was tried, so that failures are counted by person whatever the case of the letters."""
    given = credentials or {}
    name = given.get("email") or given.get("username") or request.POST.get("login", "")
    return name.strip().casefold()


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """The page for somebody who tried too often."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "account/locked_out.html", {"minutes": minutes}, status=429)
