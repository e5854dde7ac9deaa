"""Forms of the customers room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from huifang.customers.records import CHANNELS, EVERY

NOTE_LENGTH_MAX = 500


class RefuseForm(forms.Form):
    """Why a customer is to be left alone, in the words of who heard it."""

    note = forms.CharField(label=_("Note"), max_length=NOTE_LENGTH_MAX, required=False)


class LiftForm(forms.Form):
    """Which refusal ends."""

    channel = forms.ChoiceField(choices=[(channel, channel) for channel in (EVERY, *CHANNELS)])
