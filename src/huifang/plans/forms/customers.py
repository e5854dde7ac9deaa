"""The form that puts customers on a plan's list: their ids, pasted or in a file."""

import codecs
import csv
import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, gettext_lazy

BYTES_MAX = 20_000_000
_BETWEEN = re.compile(r"[\s,;，；、]+")
_HEADINGS = frozenset({"id", "customer", "customer_id", "external_id", "user_id", "userid", "客户", "客户号"})


class CustomersForm(forms.Form):
    """Ids as the wallet writes them. What was pasted stays in the form where something is wrong."""

    text = forms.CharField(
        label=gettext_lazy("The wallet's ids of the customers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, or parted by commas or spaces."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text=gettext_lazy("CSV or text in UTF-8 or GB 18030; the first column has the ids."),
    )

    def clean_file(self) -> list[str]:
        """The ids of the file."""
        given = self.cleaned_data["file"]
        if not given:
            return []
        if given.size > BYTES_MAX:
            most = BYTES_MAX // 1_000_000
            raise forms.ValidationError(
                gettext("The file is larger than {most} MB. Send it in parts.").format(most=most)
            )
        return ids_in(given)

    def clean(self) -> dict[str, Any]:
        """Both sources together; one of them must have an id."""
        data = super().clean() or {}
        pasted = [each for each in _BETWEEN.split(data.get("text", "")) if each]
        data["ids"] = [*pasted, *(data.get("file") or [])]
        if not data["ids"] and not self.errors:
            self.add_error("text", gettext("There is no id here: paste some, or choose a file."))
        return data


def ids_in(given: "UploadedFile[Any]") -> list[str]:
    """The first column of a CSV or text file, less its heading. Raises `forms.ValidationError`."""
    data = given.read()
    text = _decoded(data)
    if "\x00" in text:
        raise forms.ValidationError(gettext("This is no text file. Save the table as CSV and send that."))
    first = [row[0].strip() for row in csv.reader(text.splitlines()) if row and row[0].strip()]
    return first[1:] if first and first[0].lower().replace(" ", "_") in _HEADINGS else first


def _decoded(data: bytes) -> str:
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise forms.ValidationError(
        gettext("The file's letters cannot be read. Save it as UTF-8 or GB 18030 and send it again.")
    )
