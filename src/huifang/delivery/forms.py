"""Forms of delivery: the contact policy as one reads it, and channel accounts."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from huifang.console.names import named
from huifang.decisions.calendars import calendar_for
from huifang.decisions.errors import UnknownCalendarError
from huifang.decisions.policy import CONTACT, ROUND, Cap, Hours, Policy
from huifang.delivery.channels import registry
from huifang.delivery.channels.base import Field
from huifang.delivery.records import AccountDraft, ChannelAccountRecord
from huifang.delivery.rules import hours
from huifang.kernel.refusals import Refusal

HOURS_CHANNELS = ("sms", "email", "in_app", "push", "im", "phone", "webhook")
_DAY_KIND_NAMES = {"weekday": _("Working days"), "weekend": _("Weekends"), "holiday": _("Holidays")}
DAY_KINDS = tuple(_DAY_KIND_NAMES)
_SPARE_ROWS = 2
_CAP_ROWS_MAX = 20
_UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1)}
_YEAR = 2025
_PERCENT = 100
_LONG_MAX = 20_000


def _scopes() -> list[tuple[str, str]]:
    wide = [("", "–"), (ROUND, gettext("follow-ups")), (CONTACT, gettext("contacts on any channel"))]
    return wide + [(channel, named("channel", channel)) for channel in HOURS_CHANNELS]


class CapForm(forms.Form):
    """One line of the contact budget: at most so many of these in so long."""

    limit = forms.IntegerField(label=_("At most"), min_value=0, max_value=999, required=False)
    scope = forms.ChoiceField(label=_("What counts"), choices=_scopes, required=False)
    every = forms.IntegerField(label=_("Within"), min_value=1, max_value=366, required=False)
    unit = forms.ChoiceField(
        label=_("hours or days"), choices=[("days", _("days")), ("hours", _("hours"))], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line = int((self.prefix or "0").rpartition("-")[2]) + 1
        for field in self.fields.values():  # the table's headings are the labels one sees
            field.widget.attrs["aria-label"] = f"{field.label} ({line})"

    def clean(self) -> dict[str, Any]:
        """A line is whole or empty."""
        given = super().clean() or {}
        parts = [given.get("scope"), given.get("every"), given.get("limit") is not None]
        if any(parts) and not all(parts):
            self.add_error(None, _("Fill in the whole line, or nothing of it."))
        return given

    @property
    def cap(self) -> Cap | None:
        """The cap, or None for an empty line."""
        given = self.cleaned_data
        if not given.get("scope"):
            return None
        window = given["every"] * _UNITS[given["unit"] or "days"]
        return Cap(scope=given["scope"], limit=given["limit"], window=window)


class PolicyForm(forms.Form):
    """Everything of the policy but the lines of its budget."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    minimum_gap_hours = forms.IntegerField(
        label=_("Time between two follow-ups"),
        help_text=_(
            "Whatever the channel. Steps of one follow-up, such as a notice and its call, are exempt."
        ),
        min_value=0,
        max_value=720,
    )
    calendar = forms.CharField(
        label=_("Holidays of"),
        help_text=_("A country (CN, US) or a part of one (DE-BY). Empty: no day is a holiday."),
        max_length=12,
        required=False,
    )
    holdout_percent = forms.DecimalField(
        label=_("Never contacted, to compare with"),
        help_text=_("The same customers for all plans, for as long as this share stands."),
        min_value=0,
        max_value=50,
        max_digits=4,
        decimal_places=2,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for channel in HOURS_CHANNELS:
            for kind in DAY_KINDS:
                field = forms.CharField(required=False, max_length=200, label=_DAY_KIND_NAMES[kind])
                field.widget.attrs["aria-label"] = f"{named('channel', channel)}: {field.label}"
                self.fields[f"{channel}_{kind}"] = field

    def clean_calendar(self) -> str:
        """The calendar's name, which must be one."""
        name: str = self.cleaned_data["calendar"].strip().upper()
        try:
            calendar_for(name, [_YEAR])
        except UnknownCalendarError:
            raise forms.ValidationError(_("There is no calendar of this name.")) from None
        return name

    def clean(self) -> dict[str, Any]:
        """Read the hours of every channel."""
        given = super().clean() or {}
        for channel in HOURS_CHANNELS:
            for kind in DAY_KINDS:
                name = f"{channel}_{kind}"
                try:
                    given[name] = hours.read(given.get(name, ""))
                except ValueError as error:
                    text = gettext("“{piece}” is no span of time. Write 09:00–21:00.").format(piece=error)
                    self.add_error(name, text)
        return given

    def rows(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The hours as a table: a channel and its three fields."""
        for channel in HOURS_CHANNELS:
            yield channel, [self[f"{channel}_{kind}"] for kind in DAY_KINDS]


class PolicyForms:
    """The policy's form and its lines of budget, read and written together."""

    def __init__(self, policy: Policy, data: Mapping[str, Any] | None = None) -> None:
        self._before = policy
        self.form = PolicyForm(data, initial=_initial(policy))
        count = len(policy.caps) + _SPARE_ROWS if data is None else _count(data)
        starts = [_cap_initial(cap) for cap in policy.caps] + [{} for _ in range(count)]
        self.caps = [CapForm(data, prefix=f"cap-{number}", initial=starts[number]) for number in range(count)]

    def is_valid(self) -> bool:
        """Whether everything can be used; every part says what is wrong with it."""
        return all([self.form.is_valid(), *[cap.is_valid() for cap in self.caps]])

    @property
    def policy(self) -> Policy:
        """The policy that was asked for."""
        given = self.form.cleaned_data
        return replace(
            self._before,
            version=given["version"],
            caps=tuple(form.cap for form in self.caps if form.cap),
            hours={
                channel: Hours(
                    weekday=given[f"{channel}_weekday"],
                    weekend=given[f"{channel}_weekend"],
                    holiday=given[f"{channel}_holiday"],
                )
                for channel in HOURS_CHANNELS
            },
            minimum_gap=timedelta(hours=given["minimum_gap_hours"]),
            calendar=given["calendar"],
            global_holdout_basis_points=int(given["holdout_percent"] * _PERCENT),
        )


def _count(data: Mapping[str, Any]) -> int:
    return sum(f"cap-{number}-limit" in data for number in range(_CAP_ROWS_MAX))


def _cap_initial(cap: Cap) -> dict[str, object]:
    unit = "hours" if cap.window % _UNITS["days"] else "days"
    return {"scope": cap.scope, "limit": cap.limit, "every": cap.window // _UNITS[unit], "unit": unit}


def _initial(policy: Policy) -> dict[str, object]:
    found: dict[str, object] = {
        "version": policy.version,
        "minimum_gap_hours": int(policy.minimum_gap.total_seconds() // 3600),
        "calendar": policy.calendar,
        "holdout_percent": policy.global_holdout_basis_points / _PERCENT,
    }
    for channel, each in policy.hours.items():
        for kind in DAY_KINDS:
            found[f"{channel}_{kind}"] = hours.write(getattr(each, kind))
    return found


class AccountForm(forms.Form):
    """One channel account; the fields are those of its provider."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60)
    is_enabled = forms.BooleanField(label=_("In use"), required=False, initial=True)
    per_second = forms.FloatField(
        label=_("Messages a second"), help_text=_("0: no limit."), min_value=0, max_value=10_000, initial=10
    )
    priority = forms.IntegerField(
        label=_("Order"),
        help_text=_("The lowest goes first; the next one takes over while it fails."),
        min_value=1,
        max_value=999,
        initial=100,
    )

    weight = forms.IntegerField(
        label=_("Share"),
        help_text=_("Accounts of one order share the messages in this proportion."),
        min_value=1,
        max_value=100,
        initial=1,
        required=False,
    )

    def __init__(
        self,
        kind: tuple[str, str],
        data: Mapping[str, Any] | None = None,
        record: ChannelAccountRecord | None = None,
    ) -> None:
        super().__init__(data, initial=_account_initial(record))
        self._kind, self._record = kind, record
        for each in registry.fields(*kind):
            self.fields[f"setting_{each.name}"] = self._setting(each)

    def _setting(self, each: Field) -> forms.Field:
        if each.choices:
            words = {"no": gettext("no"), "yes": gettext("yes")}
            choices = [(value, words.get(value, value)) for value in each.choices]
            return forms.ChoiceField(
                label=gettext(each.label),
                help_text=_told(each),
                initial=each.default,
                choices=choices,
                required=False,
            )
        is_kept = each.is_secret and self._record is not None
        return forms.CharField(
            label=gettext(each.label),
            help_text=gettext("Leave empty to keep what is there.") if is_kept else _told(each),
            required=each.is_required and not is_kept,
            initial=each.default,
            widget=_widget(each),
            max_length=_LONG_MAX if each.is_long else 2000,
        )

    @property
    def draft(self) -> AccountDraft:
        """The account that was asked for."""
        given = self.cleaned_data
        return AccountDraft(
            id=self._record.id if self._record else None,
            channel=self._kind[0],
            provider=self._kind[1],
            name=given["name"],
            settings={
                name.removeprefix("setting_"): value
                for name, value in given.items()
                if name.startswith("setting_")
            },
            per_second=given["per_second"],
            priority=given["priority"],
            weight=given["weight"] or 1,
            is_enabled=given["is_enabled"],
        )


def add_refusal(form: AccountForm, refusal: Refusal) -> None:
    """Put *refusal* at the field that it is about, under the name that one sees there."""
    field = form.fields.get(name := f"setting_{refusal.facts.get('field')}")
    facts = refusal.facts | ({"field": field.label} if field else {})
    form.add_error(name if field else None, gettext(refusal.text).format(**facts))


def _widget(each: Field) -> forms.Widget:
    if each.is_long:
        return forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"})
    if each.is_secret:
        return forms.PasswordInput(attrs={"autocomplete": "off"})
    return forms.TextInput()


def _told(each: Field) -> str:
    return gettext(each.help) if each.help else ""


def _account_initial(record: ChannelAccountRecord | None) -> dict[str, object]:
    if record is None:
        return {}
    found: dict[str, object] = {
        "name": record.name,
        "is_enabled": record.is_enabled,
        "per_second": record.per_second,
        "priority": record.priority,
        "weight": record.weight,
    }
    found |= {f"setting_{name}": value for name, value in record.settings.items() if value != "…"}
    return found
