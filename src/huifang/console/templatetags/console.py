"""What every template may use: time, numbers, names, geometry. Built in, so nothing needs ``{% load %}``."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from huifang.console import assets, moments, names, queries
from huifang.console.figures import grouped, in_percent, position_on
from huifang.console.models import Person, SavedView
from huifang.kernel import clock, telling
from huifang.kernel.ids import PersonId
from huifang.kernel.refusals import Refusal
from huifang.kernel.texts import pick, product_language

register = template.Library()
_DASH = "–"


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file, which changes with its content: ``{% asset "console.css" %}``."""
    return assets.url_of(name)


@register.simple_tag
def when(at: datetime | None, zone: str = "", *, full: bool = False) -> SafeString | str:
    """*at* in the reader's zone, as one would say it; the customer's own time beside where *zone* differs."""
    if at is None:
        return _DASH
    local = timezone.localtime(at)
    text = moments.in_full(local) if full else moments.in_words(local, now=timezone.localtime(clock.now()))
    told = format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), moments.in_full(local), text
    )
    theirs = moments.beside(at, local=local, zone=zone)
    return format_html('{} <span class="hf-3 hf-small">{}</span>', told, theirs) if theirs else told


@register.simple_tag
def left(until: datetime) -> str:
    """How long until *until*, in at most two units: "1 h 52 min"; "0 min" once it has passed."""
    return moments.left(until - clock.now())


@register.filter
def day(at: date | datetime | None) -> str:
    """The day of *at* in the reader's zone: "Tue 18 Nov", "18 Nov 2025" where that is another year."""
    if at is None:
        return _DASH
    today = timezone.localtime(clock.now()).date()
    return moments.day(timezone.localtime(at).date() if isinstance(at, datetime) else at, today=today)


@register.filter
def month(on: date) -> str:
    """The month of *on*: "Nov"."""
    return moments.month(on)


@register.filter
def number(value: float | None, places: int = 0) -> str:
    """*value* with its thousands set apart; a dash where there is none."""
    return _DASH if value is None else grouped(value, int(places))


@register.filter
def percent(fraction: float | None, places: int = 1) -> str:
    """A fraction as a percentage: 0.403 reads 40.3%; a dash where there is none."""
    return _DASH if fraction is None else in_percent(fraction, int(places)) + "%"


@register.simple_tag
def part(count: int, whole: int) -> str:
    """*count* of *whole* as a whole percentage: "46%"; a dash where there is no whole."""
    return in_percent(count / whole, 0) + "%" if whole else _DASH


@register.simple_tag
def interval(low: float | None, high: float | None, unit: str = "percent") -> str:
    """An interval as text: "38.8–41.8" of fractions, or of plain numbers with *unit* "number"."""
    if low is None or high is None:
        return _DASH
    tell = in_percent if unit == "percent" else grouped
    joint = " – " if min(low, high) < 0 else "–"
    return joint.join((tell(low, 1 if unit == "percent" else 0), tell(high, 1 if unit == "percent" else 0)))


@register.filter
def share(value: float | None, whole: float | None) -> str:
    """*value* of *whole* as a length for SVG: ``width="{{ 30|share:40 }}"`` is 75%."""
    return position_on(value or 0, 0, whole or 0)


@register.simple_tag
def position(value: float, low: float, high: float) -> str:
    """Where *value* lies between *low* and *high*, as a length for SVG; never outside."""
    return position_on(value, low, high)


@register.simple_tag
def span(start: float, end: float, low: float, high: float) -> str:
    """How wide *start* to *end* is on the axis from *low* to *high*, as a length for SVG."""
    if high <= low:
        return "0%"
    inside = min(max(end, low), high) - min(max(start, low), high)
    return position_on(max(inside, 0), 0, high - low)


@register.filter
def text_in(texts: Mapping[str, str] | None, fallback: str = "") -> str:
    """The text of operators in the language of the page, else in *fallback*, else any."""
    return pick(texts or {}, product_language(get_language() or ""), fallback)


@register.filter
def person(actor: str | None) -> str:
    """The name behind an actor of the audit log: a person, a key, the system."""
    return names.actor(actor or "")


@register.filter
def refused(refusal: Refusal) -> str:
    """What was refused, and why, in the reader's language: `str` of it is English."""
    return telling.told(refusal)


@register.filter
def named(code: str | None, kind: str) -> str:
    """A stored word in the reader's language: ``{{ "sms"|named:"channel" }}``; kinds are in `names`."""
    return names.named(kind, str(code or ""))


@register.filter
def in_zone(at: datetime, zone: str) -> datetime:
    """*at* in the IANA *zone*, for the odd place that shows only the customer's own time.

    Without its zone, since templates turn an aware time back into the reader's.
    """
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@register.simple_tag(takes_context=True)
def saved_views(context: template.RequestContext) -> Sequence[SavedView]:
    """The views that this person saved of this list."""
    request = context["request"]
    if not isinstance(request.user, Person):
        return ()
    return queries.saved_views(person_id=PersonId(request.user.pk), path=request.path)


@register.filter
def control(field: BoundField, kind: str = "") -> SafeString:
    """The input of a form field with our classes, and tied to its help and its errors."""
    widget = field.field.widget
    is_choice = getattr(widget, "input_type", "") in {"checkbox", "radio"}
    style = (
        "form-check-input" if is_choice else "form-select" if hasattr(widget, "choices") else "form-control"
    )
    told = " ".join(
        f"{field.auto_id}_{part}"
        for part, has in (("help", field.help_text), ("errors", field.errors))
        if has
    )
    attributes: dict[str, str | bool] = {
        "class": f"{style} {'is-invalid' if field.errors else ''} {kind}".strip()
    }
    if type(field.form).__module__.startswith("allauth"):
        attributes["placeholder"] = ""  # it only repeats the label
    if told:
        attributes["aria-describedby"] = told
    if field.errors:
        attributes["aria-invalid"] = "true"
    return field.as_widget(attrs=attributes)


@register.filter
def at(table: Mapping[str, object], key: str) -> object:
    """``table[key]``, or nothing: for keys that are not names."""
    return table.get(key, "")
