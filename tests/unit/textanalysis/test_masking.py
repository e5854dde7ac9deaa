"""Personal data in all the ways people write it, in Chinese and English; what only looks like it stays."""

import pytest

from huifang.textanalysis.masking import find, mask

# (text, the personal data in it as kind and words), all made up.
PERSONAL = [
    ("我的手机号是13800138000，请联系我", [("phone", "13800138000")]),
    ("拨138 0013 8000或+86 138-0013-8000", [("phone", "138 0013 8000"), ("phone", "+86 138-0013-8000")]),
    ("号码１３８００１３８０００是我的", [("phone", "１３８００１３８０００")]),
    ("我的号码幺三八零零幺三八零零零", [("phone", "幺三八零零幺三八零零零")]),
    ("一三八零零一三八零零零给我回电", [("phone", "一三八零零一三八零零零")]),
    ("0086 13800138000", [("phone", "0086 13800138000")]),
    ("联系我(86)138.0013.8000", [("phone", "(86)138.0013.8000")]),
    ("电话是010-62758888", [("phone", "010-62758888")]),
    ("座机 0755 8888 8888", [("phone", "0755 8888 8888")]),
    ("call me at 415-555-2671", [("phone", "415-555-2671")]),
    ("ring +1 (415) 555-2671 please", [("phone", "+1 (415) 555-2671")]),
    ("WhatsApp 98765 43210", [("phone", "98765 43210")]),
    ("my mobile is 9876543210", [("phone", "9876543210")]),
    ("text 07911 123456", [("phone", "07911 123456")]),
    ("身份证11010519491231002X丢了", [("id_card", "11010519491231002X")]),
    ("身份证号 110105 19491231 002X", [("id_card", "110105 19491231 002X")]),
    ("老身份证130503670401001还能用吗", [("id_card", "130503670401001")]),
    ("Aadhaar 2341 2341 2346", [("id_card", "2341 2341 2346")]),
    ("my PAN is ABCPE1234F", [("id_card", "ABCPE1234F")]),
    ("卡号6222 0212 3456 7890 128", [("bank_card", "6222 0212 3456 7890 128")]),
    ("银行卡4111111111111111被盗刷", [("bank_card", "4111111111111111")]),
    ("IBAN GB82 WEST 1234 5698 7654 32", [("bank_card", "GB82 WEST 1234 5698 7654 32")]),
    ("邮箱lin.mei@example.com收不到", [("email", "lin.mei@example.com")]),
    ("write to lin (at) example.co.uk", [("email", "lin (at) example.co.uk")]),
    ("护照E12345678过期", [("passport", "E12345678")]),
    ("京A12345违章，粤B·D12345也是", [("plate", "京A12345"), ("plate", "粤B·D12345")]),
    ("我叫王小明，你们好", [("name", "王小明")]),
    ("我叫王伟你好", [("name", "王伟")]),
    ("姓名：欧阳娜娜", [("name", "欧阳娜娜")]),
    ("我是李女士", [("name", "李")]),
    ("My name is Priya Sharma and I paid", [("name", "Priya Sharma")]),
    ("Dear team, Mr. Smith here", [("name", "Smith")]),
    ("住在北京市海淀区中关村大街27号1单元302室", [("address", "北京市海淀区中关村大街27号1单元302室")]),
    ("I live at 12 Baker Street, London", [("address", "12 Baker Street")]),
    ("微信号 wx_lin2020", [("account", "wx_lin2020")]),
    ("priya@okaxis does not work", [("account", "priya@okaxis")]),
    ("验证码123456泄露了", [("secret", "123456")]),
    ("my password is hunter22", [("secret", "hunter22")]),
]  # fmt: skip
HARMLESS = [
    "提现手续费0.1%太高，版本10.2.13",
    "订单号202511221380013800012没到账",
    "流水号 4111111111111111",
    "order no 123456789012 from 2025-11-22 13:45:10",
    "The transaction id 40912345678901 is pending since 15/10/2024",
    "充了13800138000元",
    "I paid 9876543210 rupees",
    "客服95588打不通，400-820-8820也是",
    "2024年1月1日到2025年1月1日一共1234567次",
    "XXXX XXXX 1234 was charged XX/XX/2025",
    "何时到账，万一丢了，高兴不起来",
    "This is Just Great",
    "三千八百块钱没了，一二三四五",
    "paytm@home is what I call it",
]


@pytest.mark.parametrize(("text", "expected"), PERSONAL)
def test_personal_data_is_found_where_it_stands(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(span.kind, text[span.start : span.end]) for span in find(text)] == expected


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert mask(text).text == text


@pytest.mark.parametrize(("text", "expected"), PERSONAL)
def test_nothing_of_it_is_left_and_masking_again_changes_nothing(
    text: str, expected: list[tuple[str, str]]
) -> None:
    masked = mask(text).text
    assert all(words not in masked for _, words in expected)
    assert mask(masked).text == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "我叫王小明。客服说王小明没有实名，王小明到底怎么办",
            "我叫[姓名]。客服说[姓名]没有实名，[姓名]到底怎么办",
        ),
        ("王小明转账失败，户名：王小明", "[姓名]转账失败，户名：[姓名]"),
        (
            "Priya paid twice. My name is Priya Sharma, they call me SHARMA",
            "[name] paid twice. My name is [name], they call me [name]",
        ),
        (
            "Mr. Smith called. Smith's refund is late, the smith is not",
            "Mr. [name] called. [name]'s refund is late",
        ),
        ("my name is rahul verma. rahul lost money", "my name is [name]. [name] lost money"),
    ],
)
def test_a_name_once_known_by_a_cue_is_masked_wherever_it_stands(text: str, masked: str) -> None:
    assert mask(text).text.startswith(masked)


def test_what_only_sounds_like_a_known_name_stays() -> None:
    text = "我是李女士，李子很好吃。Mr. Al Gore, also al dente, forgore"
    assert mask(text).text == "我是[姓名]女士，李子很好吃。Mr. [姓名], also al dente, forgore"


def test_the_mask_speaks_the_language_of_the_text() -> None:
    assert mask("电话13800138000").text == "电话[电话]"
    assert mask("phone 13800138000").text == "phone [phone]"
    assert mask("13800138000", "zh").text == "[电话]"
