"""What simulated customers write, by language and by how it went. Made up, like the customers."""

PLEASED = {
    "zh-Hans": (
        "一扫就付了，比带现金省心。",
        "到账很快，给妈妈转钱当场就收到。",
        "界面清楚，老人也会用。",
        "账单能导出了，报销方便多了。",
        "客服回电话解释得很明白，谢谢。",
        "硬钱包碰一下就走，早高峰很顺。",
    ),
    "en": (
        "Paid in two taps, faster than my bank app.",
        "The transfer arrived before I had put the phone down.",
        "Clear screens, no surprises.",
        "Bill export saved me an evening of typing.",
        "The card just works at the gate, even in gloves.",
        "Support called back when they said they would.",
    ),
}
SO_SO = {
    "zh-Hans": (
        "能用，就是首页活动弹窗有点多。",
        "还可以，提现手续费希望写在前面。",
        "功能有点难找，亲情卡藏得太深。",
        "一般，晚上高峰会转圈。",
    ),
    "en": (
        "Fine, though the offers on the home page get in the way.",
        "Works, but the fee only shows at the end.",
        "Hard to find where to set a family limit.",
        "A bit slow in the evening.",
    ),
}
CROSS = {
    "zh-Hans": (
        "付款失败了先扣钱，两天才退回来，没人告诉我。",
        "转账卡在处理中三个小时，热线排了二十分钟。",
        "换了手机以后硬钱包就不认了。",
        "提现手续费突然涨了，没有提前通知。",
        "优惠券到店用不了，店员说没听说过。",
        "登录总要验证码，收不到短信就进不去。",
    ),
    "en": (
        "The payment failed but the money was gone for two days.",
        "Transfer stuck on 'processing' for three hours, nobody told me.",
        "My card stopped working after I changed phones.",
        "Withdrawal fee went up without a word.",
        "The coupon was refused at the till.",
        "Locked out again because the text code never came.",
    ),
}


def said(language: str, satisfaction: float) -> tuple[str, ...]:
    """Sentences that a customer of *satisfaction* (-1 to 1) may write."""
    table = PLEASED if satisfaction > 0.25 else SO_SO if satisfaction > -0.25 else CROSS
    return table.get(language, table["en"])
