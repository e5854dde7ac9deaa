"""Masking, whatever the text: it never leaves a phone that was put in, and masking again changes nothing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from huifang.textanalysis.masking import find, mask
from huifang.textanalysis.numbers import digits, plain, spoken

SEPARATORS = ["", " ", "-", ".", "·", "\u00a0", "  ", " - ", "\u200b", "_", "/"]
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
# Whatever stands beside a number: Chinese, Latin or nothing; no digits, which would make another number.
BESIDE = ["", "我的手机", "打", "是", "，请回电", "谢谢", "电话：", "call ", "x", "Tel", "(", ")", "。", "\n"]
NEIGHBOURS = st.sampled_from([*BESIDE, " ok"])


@st.composite
def phones(draw: st.DrawFn) -> str:
    """A Chinese mobile number in any way to write it."""
    number = "1" + draw(st.sampled_from("3456789")) + draw(st.text("0123456789", min_size=9, max_size=9))
    style = draw(st.sampled_from(["ascii", "wide", "spoken"]))
    if style == "spoken":
        return number.translate(NUMERALS)
    groups = draw(st.sampled_from([(3, 4, 4), (3, 3, 5), (4, 3, 4), (11,), (1,) * 11]))
    separator, parts, at = draw(st.sampled_from(SEPARATORS)), [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    written = draw(st.sampled_from(["", "+86 ", "86-", "0086", "+86"])) + separator.join(parts)
    return written.translate(FULL_WIDTH) if style == "wide" else written


@given(st.text())
def test_spans_lie_in_the_text_in_order_and_never_overlap(text: str) -> None:
    spans = find(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(first.end <= second.start for first, second in pairwise(spans))


@given(st.one_of(st.text(), st.lists(st.one_of(phones(), NEIGHBOURS, st.text(max_size=5))).map("".join)))
def test_masking_again_changes_nothing(text: str) -> None:
    masked = mask(text).text
    assert mask(masked).text == masked


SURNAMES, GIVEN = st.sampled_from("王李张刘陈林沈何"), st.text("佳琪志远晓燕海霞国栋", min_size=1, max_size=2)
LATIN = st.from_regex(r"[A-Z][a-z]{3,8}", fullmatch=True)
HAN_CUES = ["我叫", "姓名：", "户名是", "收款人："]
LATIN_CUES = ["My name is ", "Name: ", "beneficiary ", "Mr. "]


@given(
    cue=st.sampled_from(HAN_CUES),
    name=st.builds("".join, st.tuples(SURNAMES, GIVEN)),
    others=st.lists(
        st.sampled_from(["，客服说", "被冻结了。", "的钱呢？", "\n", "，", "！还有"]), min_size=1
    ),
    first=st.booleans(),
)
def test_a_chinese_name_that_a_cue_gave_away_stands_nowhere(
    cue: str, name: str, others: list[str], first: bool
) -> None:
    told, rest = f"{cue}{name}，", "".join(f"{each}{name}" for each in others)
    assert name not in mask(rest + "。" + told if first else told + rest).text


@given(
    cue=st.sampled_from(LATIN_CUES),
    names=st.lists(LATIN, min_size=1, max_size=2),
    between=st.sampled_from([". Then ", ", so ", " and ", "\n", "! "]),
)
def test_a_latin_name_that_a_cue_gave_away_stands_nowhere(cue: str, names: list[str], between: str) -> None:
    told = f"{cue}{' '.join(names)}"
    if mask(told).text.endswith("[name]"):
        masked = mask(f"{names[-1]}{between}{told}. {names[0]}'s money, {names[-1].upper()}").text
        assert masked.count("[name]") == 4
        assert not any(name in masked for name in names if name not in f"{cue}{between}")


@given(before=NEIGHBOURS, phone=phones(), after=NEIGHBOURS)
def test_a_phone_is_never_left(before: str, phone: str, after: str) -> None:
    masked = mask(f"{before}{phone}{after}").text
    number = digits(spoken(plain(phone)))[-11:]
    assert number[-4:] not in digits(spoken(plain(masked)))
    assert len(digits(spoken(plain(masked)))) < 4
