"""How a simulated customer reads a page and fills its form."""

import random
from datetime import UTC, datetime

from huifang.demo import markup, words
from huifang.demo.customer import fill, intend
from huifang.demo.parameters import Parameters
from huifang.demo.people import make_person

PERSON = make_person(1, parameters=Parameters(), start=datetime(2026, 3, 1, tzinfo=UTC))

SCALE = """
<form method="post" action="?q=1"><input type="hidden" name="revision" value="7">
<button name="smooth" value="1">bad</button><button name="smooth" value="5">good</button>
<button name="skip" value="smooth">skip</button></form>
<a class="never" href="/s/x/never">never</a>
"""
CHOICES = """
<form method="post" action=""><label><input type="checkbox" name="why" value="slow">slow</label>
<textarea name="text"></textarea><button>Go on</button></form>
"""


def test_a_page_is_read_with_its_form_and_its_way_out():
    page = markup.read(SCALE)
    assert page.forms[0].action == "?q=1"
    assert page.forms[0].hidden == {"revision": "7"}
    assert page.forms[0].buttons == [("smooth", "1"), ("smooth", "5"), ("skip", "smooth")]
    assert page.links["never"] == "/s/x/never"


def test_a_scale_is_answered_by_one_button_and_never_by_skip():
    filled = [
        fill(markup.read(SCALE).forms[0], PERSON, random.Random(seed), 0.5 - seed / 25) for seed in range(50)
    ]
    assert {tuple(sorted(data)) for data in filled} == {("revision", "smooth")}
    assert {data["smooth"] for data in filled} <= {"1", "5"}


def test_boxes_are_ticked_and_words_written():
    filled = [
        fill(markup.read(CHOICES).forms[0], PERSON, random.Random(seed), 0.5 - seed / 25)
        for seed in range(50)
    ]
    assert all(data["why"] == ["slow"] for data in filled)
    assert any(data["text"] for data in filled)


def test_score_and_words_come_from_one_feeling():
    form = markup.read(SCALE).forms[0]
    written = markup.read(CHOICES).forms[0]
    for satisfaction, score, table in ((1.0, "5", words.PLEASED), (-1.0, "1", words.CROSS)):
        for seed in range(30):
            rng = random.Random(seed)
            assert fill(form, PERSON, rng, satisfaction)["smooth"] == score
            said = fill(written, PERSON, rng, satisfaction)["text"]
            assert said in {"", *table[PERSON.home.language]}


def test_an_intent_is_the_same_each_time_it_is_asked():
    asked = [intend(PERSON, key="sms-1", channel="sms", parameters=Parameters()) for _ in range(3)]
    assert len(set(asked)) == 1


def test_few_say_never_and_about_the_stated_share_answers():
    people = [
        make_person(n, parameters=Parameters(), start=datetime(2026, 3, 1, tzinfo=UTC)) for n in range(1200)
    ]
    acts = [intend(each, key="k", channel="in_app", parameters=Parameters()).act for each in people]
    assert 8 <= acts.count("never") <= 48
    assert 0.36 <= acts.count("answer") / 1200 <= 0.56
    assert acts.count("stop") == 0


def test_whom_the_release_locked_out_writes_of_that_alone_and_is_cross():
    written = markup.read(CHOICES).forms[0]
    language = PERSON.home.language
    said = {
        fill(written, PERSON, random.Random(seed), -0.6, sentences=words.said_of_release(language))["text"]
        for seed in range(60)
    }
    assert said - {""}
    assert said <= {"", *words.AFTER_RELEASE[language]}


def test_words_are_varied_and_said_once():
    for table in (words.PLEASED, words.SO_SO, words.CROSS, words.AFTER_RELEASE):
        for sentences in table.values():
            assert len(sentences) == len(set(sentences)) >= 8
