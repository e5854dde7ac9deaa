"""What people type on the screens of events."""

from collections.abc import Iterator

from django import forms
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from huifang.events.records import Declaration, DeclaredProperty
from huifang.events.shapes import TYPES

# Of keyboards that write Chinese.
_NARROW = str.maketrans("，、｜", ",,|")


class SourceForm(forms.Form):
    """A new write key."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=80,
        help_text=gettext_lazy("Which program sends with it: wallet app, payment service …"),
    )


class DeclarationForm(forms.Form):
    """What an event is said to be; its properties are lines of text."""

    name = forms.CharField(label=gettext_lazy("Event"), max_length=200)
    about = forms.CharField(label=gettext_lazy("What happened"), max_length=500, required=False)
    owner = forms.CharField(
        label=gettext_lazy("Owner"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Whom to ask when it changes: a team or a person."),
    )
    properties = forms.CharField(
        label=gettext_lazy("Properties"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: its key, then what is known of it, then what it says. Types are text, number,"
            " true or false, list, object. For example “amount, number, required: amount in units” or"
            " “currency, text, CNY|USD|EUR”."
        ),
    )
    is_strict = forms.BooleanField(
        label=gettext_lazy("Reject events that are not as declared"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise they are stored and flagged. Further properties are always welcome."
        ),
    )

    def clean_properties(self) -> tuple[DeclaredProperty, ...]:
        """The properties, read."""
        return tuple(_read_lines(self.cleaned_data["properties"]))

    def declaration(self) -> Declaration:
        """What was filled in, once it is valid."""
        return Declaration(**self.cleaned_data)


def _read_lines(text: str) -> Iterator[DeclaredProperty]:
    for number, line in enumerate(text.splitlines(), start=1):
        head, _, about = line.replace("：", ":", 1).partition(":")
        words = [word.strip() for word in head.translate(_NARROW).split(",")]
        if not line.strip():
            continue
        kinds = [word for word in words[1:] if word in TYPES]
        values = [word for word in words[1:] if word not in TYPES and word != "required"]
        if not words[0] or len(kinds) > 1 or len(values) > 1:
            raise forms.ValidationError(
                gettext("Line {number} cannot be read: {line}").format(number=number, line=line[:80])
            )
        yield DeclaredProperty(
            key=words[0],
            type=kinds[0] if kinds else "",
            is_required="required" in words[1:],
            allowed=tuple(value.strip() for value in values[0].split("|")) if values else (),
            about=about.strip(),
        )


def as_lines(declaration: Declaration) -> str:
    """The properties of *declaration* as they are typed."""
    return "\n".join(map(_as_line, declaration.properties))


def _as_line(each: DeclaredProperty) -> str:
    known = [each.key, each.type, "required" if each.is_required else "", "|".join(each.allowed)]
    head = ", ".join(word for word in known if word)
    return f"{head}: {each.about}" if each.about else head
