"""Recognises the numbers of identity documents, passports, permits and plates. Pure.

A form that nothing else has is enough by itself; a plain run of digits needs its document's name before it.
"""

from huifang.textanalysis.check_digits import aadhaar, identity_card, singapore
from huifang.textanalysis.clues import Rule, alone, always, compiled, cued, either, word
from huifang.textanalysis.numbers import GAP

_PROVINCE_SIGNS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = (
    rf"[{_PROVINCE_SIGNS}][A-Z][·. \-]{{0,2}}(?=[A-Z0-9 ]{{0,7}}[0-9])[A-HJ-NP-Z0-9]"
    r"(?: ?[A-HJ-NP-Z0-9]){4,5}"
)
_INDIAN_STATES = (
    "AP|AR|AS|BR|CG|CH|DD|DL|DN|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|OR|PB|PY|RJ|SK|TG|TN|TR"
    "|TS|UK|UP|WB"
)
_INDIAN_PLATE = rf"(?:{_INDIAN_STATES})[ \-]?[0-9]{{1,2}}[ \-]?[A-Z]{{1,3}}[ \-]?[0-9]{{4}}"
_PLATE_CUE = (
    r"(?:车牌|(?:licen[cs]e|number) plate|\bplate|vehicle|\bcar|\breg(?:istration)?(?= no| num))(?:号码?"
    r"| no\.?| number| reg)?"
    r"(?:[是为:# ]| is){0,3}"
)
_PASSPORT_CUE = (
    r"(?:护照|通行证|台胞证|回乡证|居留证|居住证|passport|travel document)(?:号码?| ?no\.?| num(?:ber)?)?"
    r"[^A-Z0-9\n]{0,6}(?:is |no\.? |number )?"
)
_NUMBERED = (
    r"(?:ssn|social security|sss|tin|umid|nik|e?ktp|nin|bvn|mykad|ic|cccd|cmnd|hkid|nid|voter id"
    r"|driving licen[cs]e)"
)
_NUMBERED_WORDS = either(
    "ssn|social sec|sss|tin|umid|nik|ktp|nin|bvn|mykad|ic|cccd|cmnd|hkid|nid|voter|driving"
)
_IDENTITY = "[1-9]" + "".join(rf"{GAP}[0-9]" for _ in range(16)) + rf"{GAP}[0-9X]"
_FOUR = "[0-9]{4}"

RULES: tuple[Rule, ...] = (
    Rule("id_card", compiled(rf"(?<![0-9])(?P<it>{_IDENTITY})(?![0-9A-Z])"), identity_card, digits=17),
    Rule("id_card", cued("(?:身份证|证件)", "[1-9][0-9]{13,16}[0-9X]"), always, digits=14),
    Rule("id_card", alone("[1-9][0-9]{14}"), identity_card, digits=15),
    Rule("id_card", alone(
        rf"(?<![0-9][ \-])[2-9][0-9]{{3}}[ \-]{_FOUR}[ \-]{_FOUR}(?![ \-]?[0-9])"
    ), aadhaar, digits=12),
    Rule("id_card", cued(
        "(?:a+dh?a+r|uidai)", rf"[0-9]{{4}}[ \-]?{_FOUR}[ \-]?{_FOUR}"
    ), always, digits=12, words=either("dha|adar|uidai")),
    Rule("id_card", word(
        "[A-Z]{3}[ABCFGHLJPT][A-Z][0-9]{4}[A-Z]"
    ), str.isupper, digits=4, sign="[0-9](?<=[A-Z].)[0-9]{3}[A-Z]"),
    Rule("id_card", compiled(
        r"\bpan\b[^0-9\n]{0,12}?(?P<it>\b[A-Z]{5}[0-9]{4}[A-Z])(?![A-Z0-9])"
    ), always, digits=4, words=("pan",)),
    Rule("id_card", word("[STFG][0-9]{7}[A-Z]"), lambda found: singapore(found.upper()), digits=7),
    Rule("id_card", alone(r"[0-9]{3}-[0-9]{2}-[0-9]{4}"), always, digits=9),
    Rule("id_card", word(
        r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"
    ), str.isupper, digits=6, sign="[0-9](?:(?<=[A-Z]{2}.)|(?<=[A-Z]{2} .))[0-9]"),
    Rule("id_card", compiled(
        r"(?:national insurance|\bni|nino)(?: no\.?| number)?[^A-Z0-9\n]{0,3}(?:is )?"
        r"(?P<it>[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])(?![A-Z0-9])"
    ), always, digits=6, words=("insurance", "ni")),
    Rule("id_card", compiled(
        rf"(?<![A-Z]){_NUMBERED}(?: card)?(?: no\.?| num(?:ber)?)?(?: is)?[ :#]{{1,3}}"
        r"(?P<it>[A-Z]{0,4}[0-9](?:[ \-]?[0-9]){5,15}(?:[ \-]?[A-Z0-9]\b)?)(?![A-Z0-9])"
    ), always, digits=6, words=_NUMBERED_WORDS),
    Rule("passport", word("(?:[EGDSPH][0-9]{8}|E[A-HJ-NP-Z][0-9]{7})"), str.isupper, digits=7),
    Rule("passport", compiled(
        rf"{_PASSPORT_CUE}(?P<it>[A-Z]{{0,2}}[0-9]{{6,10}}[A-Z]?)(?![A-Z0-9])"
    ), always, digits=6, words=either("护照|行证|胞证|乡证|居留|居住证|passport|travel doc")),
    Rule("plate", compiled(
        rf"(?P<it>{_PLATE})(?![A-Z0-9])"
    ), always, digits=1, sign=f"[{_PROVINCE_SIGNS}][A-Za-z]"),
    Rule("plate", word(_INDIAN_PLATE), str.isupper, digits=5, sign="[0-9][ -]?[A-Z]"),
    Rule("plate", word(
        "[A-HJ-PR-Y][A-HJ-PR-Y][0-9]{2} ?[A-HJ-PR-Z]{3}"
    ), str.isupper, digits=2, sign="[0-9](?<=[A-Z]{2}.)[0-9]"),
    Rule("plate", compiled(
        rf"{_PLATE_CUE}(?P<it>(?=[A-Z \-]{{0,5}}[0-9])"
        r"[A-Z0-9]{1,4}(?:[ \-]?[A-Z0-9]{1,4}){1,3})(?![A-Z0-9])"
    ), lambda found: sum(each.isdigit() for each in found) >= 2 and found.isupper(), digits=2,
        words=either("车牌|plate|vehicle|car|reg")),
)  # fmt: skip
