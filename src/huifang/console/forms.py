"""Forms of sign-in and of the console's own settings."""

from collections.abc import Set
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huifang.console.models import Person
from huifang.console.rules import STAFF_ROLES
from huifang.kernel.roles import ROLE_NAMES, ROLES


def role_choices() -> list[tuple[str, str]]:
    """Every role of people with its name in the reader's language."""
    return [(role, str(_(ROLE_NAMES[role]))) for role in STAFF_ROLES]


def key_role_choices(permissions: Set[str]) -> list[tuple[str, str]]:
    """Every role that somebody with *permissions* may give a key: none that may do more than they may.

    What only a key can be, such as the wallet's app, is for everyone who makes keys.
    """
    return [
        (role, str(_(ROLE_NAMES[role])))
        for role, allowed in ROLES.items()
        if allowed <= permissions or role not in STAFF_ROLES
    ]


@cache
def zones() -> list[str]:
    """Every IANA time zone that is named after a place, and UTC."""
    named = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return ["UTC", *sorted(named)]


class AcceptForm(forms.Form):
    """Where somebody who was invited sets a password."""

    name = forms.CharField(label=_("Your name"), max_length=80, help_text=_("As colleagues will see it."))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email
        self.fields["password"].help_text = " ".join(password_validators_help_texts()[1:2])

    def clean(self) -> dict[str, Any]:
        """Check the password against the rules, with the person's own words in mind."""
        given = super().clean() or {}
        password = given.get("password", "")
        if password:
            try:
                validate_password(password, Person(email=self._email, name=given.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        if password and given.get("again") != password:
            self.add_error("again", _("The two passwords differ."))
        return given


class InviteForm(forms.Form):
    """Whom to let in, and as what."""

    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=role_choices)


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = forms.ChoiceField(label=_("Role"), choices=role_choices)


class ApiKeyForm(forms.Form):
    """A key for another program."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"), max_length=60, help_text=_("Which program uses it.")
    )
    role = forms.ChoiceField(label=_("Role"), help_text=_("What it may do."))

    def __init__(self, *args: Any, permissions: Set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = key_role_choices(permissions)  # type: ignore[attr-defined]


class OwnForm(forms.Form):
    """What a person chooses for themselves."""

    name = forms.CharField(label=_("Name"), max_length=80)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks")), ("zh-Hans", "中文"), ("en", "English")],
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        help_text=_("Such as Asia/Shanghai. Empty: as this installation."),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    theme = forms.ChoiceField(
        label=_("Appearance"),
        required=False,
        choices=[("", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )

    def clean_time_zone(self) -> str:
        """A zone that exists, or none."""
        zone = str(self.cleaned_data["time_zone"]).strip()
        if zone and zone not in zones():
            raise forms.ValidationError(_("There is no such time zone. Choose one from the list."))
        return zone
