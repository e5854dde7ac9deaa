"""Topics in a real browser: from the list to the words, a correction by one click and by keys, and back."""

import pytest
from playwright.sync_api import expect
from tests.browser.opening import PageOf, SignIn
from tests.integration.textanalysis.saying import say

from huifang.textanalysis.models import Finding

FEES = {"en": "Fees", "zh-Hans": "费用"}
GLAD = {"en": "content", "zh-Hans": "满意"}


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-Hans", 390)])
def test_a_finding_is_corrected_in_one_click_and_by_keys_and_taken_back(
    page_of: PageOf, sign_in: SignIn, language: str, width: int
) -> None:
    page = page_of(language, width)
    sign_in(page, "product_owner")
    row = say("Fees are too high <script>alert(1)</script>", topics=["fees"], sentiment="negative")
    page.goto("/feedback/topics/")
    page.get_by_role("link", name=FEES[language], exact=True).first.click()
    marks = page.locator(f"#marks-{row.pk}")
    expect(page.locator("figure[data-chart=band] canvas")).to_be_visible()
    expect(page.locator(".hf-voice")).to_contain_text("<script>alert(1)</script>")
    page.locator(f"#text-{row.pk}").hover()
    marks.locator("[name=set][value='sentiment:positive']").click()
    expect(marks.locator(".hf-tag").first).to_have_text(GLAD[language])
    expect(marks).to_contain_text("Zhou Min")
    assert Finding.objects.get().sentiment == "positive"
    undo = marks.locator("[name=undo]")
    undo.focus()
    page.keyboard.press("Enter")
    expect(marks.locator("[name=undo]")).to_have_count(0)
    assert Finding.objects.get().sentiment == "negative"
    # The same by keys alone: the first thing that can be set is reached by Tab.
    marks.locator("a").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(undo).to_be_visible()
    assert Finding.objects.get().sentiment == "neutral"


def test_texts_are_labelled_by_digits(page_of: PageOf, sign_in: SignIn) -> None:
    page = page_of()
    sign_in(page, "product_owner")
    row = say("nobody knows what this text is about")
    page.goto("/feedback/labels/?field=sentiment")
    page.keyboard.press("1")
    expect(page.locator("[name=undo]")).to_have_count(1)
    assert Finding.objects.get(pk=row.pk).sentiment == "negative"
