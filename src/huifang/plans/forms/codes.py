"""The form that puts coupon codes into a pool, pasted or from a file."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from huifang.plans.forms.customers import ids_in

BYTES_MAX = 20_000_000


class CodesForm(forms.Form):
    """Codes, one a line. They are sealed as soon as they are kept, and not shown again."""

    pool = forms.ChoiceField(label=gettext_lazy("Pool"))
    text = forms.CharField(
        label=gettext_lazy("Coupon codes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("One a line. They are sealed when they are kept, and not shown again."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text=gettext_lazy("CSV or text; the first column has the codes."),
    )

    def __init__(self, *args: Any, pools: Iterable[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["pool"].choices = [(pool, pool) for pool in pools]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Both sources together; one of them must have a code."""
        data = super().clean() or {}
        data["codes"] = [line.strip() for line in data.get("text", "").splitlines() if line.strip()]
        given = data.get("file")
        if given and given.size > BYTES_MAX:
            most = BYTES_MAX // 1_000_000
            text = gettext("The file is larger than {most} MB. Send it in parts.").format(most=most)
            self.add_error("file", text)
        elif given:
            try:
                data["codes"] += ids_in(given)
            except forms.ValidationError as error:
                self.add_error("file", error)
        if not data["codes"] and not self.errors:
            self.add_error("text", gettext("There is no code here: paste some, or choose a file."))
        return data
