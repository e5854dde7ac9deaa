"""What people type on the screens of events."""

from django import forms
from django.utils.translation import gettext_lazy


class SourceForm(forms.Form):
    """A new write key."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("Which program sends with it: wallet app, payment service …"),
    )
