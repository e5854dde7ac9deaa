"""A wish asks us for something that it names; its words end where a word ends."""

import pytest

from huifang.textanalysis import competitors, wishing


@pytest.mark.parametrize(
    "text",
    [
        "希望增加夜间模式",
        "希望能有深色模式",
        "能不能加个指纹支付",
        "希望可以绑定两张卡",
        "建议把字体做大",
        "如果能自动还款就好了",
        "如果能支持指纹支付，我会更满意",
        "如果能支持指纹支付",
        "希望能帮我自动还款",
        "希望到账时能提醒我",
        "希望周末也能到账",
        "最好能定时转账",
        "希望增加预算功能",
        "手续费再低一点就好了",
        "Please add a dark mode",
        "It would be great if you could add split bills",
        "There should have an option to close it",
    ],
)
def test_what_is_asked_for_is_a_wish(text: str) -> None:
    assert wishing.find(f"用了三年。{text}") == text.split("，")[0]


@pytest.mark.parametrize(
    "text",
    [
        "建议大家不要用",
        "希望改进",
        "希望能加以改善",
        "不建议老人用",
        "期待您的再次光临",
        "过两天就好了",
        "我还抱有希望",
        "希望头发能有所改善",
        "头发稀少用了这个希望可以改善",
        "希望国家加强管理",
        "希望更多的人支持你们",
        "希望下次有机会为您提供更好的服务",
        "客服说建议重新绑定",
        "本来希望能增加额度的",
        "要是当初能选别家就好了",
        "如果能上网，就会弹出提示",
        "再等一天就好了",
        "可能过两天就好了",
        "希望商家能改进一下",
        "开户等了很久希望可以改进",
        "It would be great if that could be fixed soon",
        "I suggest you people don't use this app",
        "It should have been installed in May",
        "I wish I could give zero stars",
        "I wish to close my account",
        "please make it better",
        "",
    ],
)
def test_advice_to_others_hope_and_what_is_to_be_mended_is_none(text: str) -> None:
    assert wishing.find(text) == ""


def test_a_long_wish_begins_at_its_sign_and_ends_with_a_word() -> None:
    asked = "please add " + "recurring transfers to my savings account " * 5
    long = "I use this wallet " + "every single day " * 8 + asked
    found = wishing.find(long)
    assert found.startswith("please add recurring")
    assert found.endswith("…")
    assert asked.startswith(found[:-1] + " ")
    assert len(wishing.find("希望增加" + "很多" * 100)) == 121


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("身边的人都换成支付宝了", "better"),
        ("还是微信支付好用", "better"),
        ("你们不如支付宝", "better"),
        ("没有支付宝方便", "better"),
        ("支付宝早就支持了", "better"),
        ("以前用支付宝，现在换成你们了", "worse"),
        ("比支付宝好用多了", "worse"),
        ("我们店里没有支付宝", "mentioned"),
        ("支付宝可以提现到银行卡吗", "mentioned"),
        ("用支付宝付款失败", "mentioned"),
    ],
)
def test_how_another_wallet_comes_off_in_chinese(text: str, stance: str) -> None:
    [found] = competitors.find(text)
    assert found.stance == stance
