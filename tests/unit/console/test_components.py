"""What components draw, and that nothing given to them is taken for markup."""

from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

from huifang.console import lists

HOSTILE = """<script>alert("1")</script>'&"""
HARMLESS = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#x27;&amp;"


def drawn(source: str, **context: Any) -> str:
    with translation.override("en"):
        return Template(CottonCompiler().process(source)).render(Context(context))


def test_a_bar_is_as_wide_as_its_share() -> None:
    assert 'class="m2" x="0%" width="75%"' in drawn('<c-bar :value="value" :max="40" kind="m2" />', value=30)


def test_an_interval_draws_rail_band_base_and_dot() -> None:
    source = (
        '<c-interval :value="v" :low="l" :high="h" :min="0" :max="1" :base="b" kind="bad" label="Rate" />'
    )
    svg = drawn(source, v=0.5, l=0.4, h=0.65, b=0.2)
    assert 'class="hf-iv is-bad" role="img" aria-label="Rate"' in svg
    assert '<rect class="band" x="40%" width="25%"' in svg
    assert '<line class="base" x1="20%" x2="20%"' in svg
    assert '<circle class="dot" cx="50%"' in svg


def test_an_interval_stays_on_its_axis() -> None:
    svg = drawn('<c-interval :value="v" :low="l" :high="h" :min="0" :max="1" />', v=2, l=-3, h=0.5)
    assert '<rect class="band" x="0%" width="50%"' in svg
    assert 'cx="100%"' in svg


def test_what_is_unknown_is_not_drawn() -> None:
    svg = drawn('<c-interval :value="v" :low="v" :high="v" />', v=None)
    assert "band" not in svg
    assert "dot" not in svg


@pytest.mark.parametrize(
    "source",
    [
        '<c-state kind="live">{{ given }}</c-state>',
        '<c-tag kind="bad">{{ given }}</c-tag>',
        '<c-voice by="{{ given }}">{{ given }}</c-voice>',
        '<c-sheet heading="{{ given }}" note="{{ given }}">x</c-sheet>',
        '<c-block heading="{{ given }}">x</c-block>',
        '<c-empty heading="{{ given }}">x</c-empty>',
        "<c-message>{{ given }}</c-message>",
        '<c-menu label="{{ given }}">x</c-menu>',
        '<c-bar :value="1" :max="2" kind="{{ given }}" />',
        '<c-interval :value="1" label="{{ given }}" />',
        '<c-sheet :heading="given">x</c-sheet>',
    ],
)
def test_nothing_given_is_markup_or_escaped_twice(source: str) -> None:
    out = drawn(source, given=HOSTILE)
    assert "<script>" not in out
    assert HARMLESS in out
    assert "&amp;lt;" not in out


class Form(forms.Form):
    address = forms.EmailField(label="E-mail", help_text="Where it goes.")
    role = forms.ChoiceField(choices=[("a", "A")], required=False)
    agrees = forms.BooleanField(label="Agrees", required=False)


def test_a_field_is_tied_to_its_label_help_and_fault() -> None:
    out = drawn('<c-field :field="form.address" />', form=Form({"address": "nonsense"}))
    assert '<label for="id_address">' in out
    assert 'aria-describedby="id_address_help id_address_errors"' in out
    assert 'aria-invalid="true"' in out
    assert 'id="id_address_errors">Enter a valid email address.' in out


def test_a_field_without_fault_says_nothing_of_one() -> None:
    out = drawn('<c-field :field="form.address" />', form=Form())
    assert "aria-invalid" not in out
    assert "hf-error" not in out


def test_only_fields_that_can_stay_empty_say_optional() -> None:
    assert "optional" not in drawn('<c-field :field="form.address" />', form=Form())
    assert "optional" not in drawn('<c-field :field="form.role" />', form=Form())


def test_a_checkbox_stands_before_its_label() -> None:
    out = drawn('<c-field :field="form.agrees" />', form=Form())
    assert out.index("form-check-input") < out.index("Agrees")


def test_a_heading_tells_how_the_list_is_sorted() -> None:
    listing = lists.Listing(sorts={"name": ("name",)}, sort="name")
    out = drawn('<c-th :state="state" sort="name">Name</c-th>', state=lists.read(QueryDict(""), listing))
    assert 'aria-sort="ascending"' in out
    assert 'href="?sort=-name"' in out
