"""What simulated customers write, by language and by how it went. Made up, like the customers."""

PLEASED = {
    "zh-Hans": (
        "一扫就付了，比带现金省心。",
        "到账很快，给妈妈转钱当场就收到。",
        "界面清楚，老人也会用。",
        "账单能导出了，报销方便多了。",
        "客服回电话解释得很明白，谢谢。",
        "硬钱包碰一下就走，早高峰很顺。",
        "水电费一起交了，不用再跑营业厅。",
        "退款当天就到，没想到这么快。",
        "字可以调大，我爸自己就会用了。",
        "第一次绑卡有点紧张，提示写得很清楚。",
        "出门只带手机就够了。",
        "地铁、超市、药店都能用，挺好。",
        "亲情卡给孩子设了限额，放心。",
        "没什么要改的，保持就好。",
    ),
    "en": (
        "Paid in two taps, faster than my bank app.",
        "The transfer arrived before I had put the phone down.",
        "Clear screens, no surprises.",
        "Bill export saved me an evening of typing.",
        "The card just works at the gate, even in gloves.",
        "Support called back when they said they would.",
        "Refund was back the same day. Did not expect that.",
        "Set it up for my mother in ten minutes.",
        "Splitting the bill used to be the worst part of dinner.",
        "I leave my purse at home now.",
        "The savings pot is the first one I have stuck with.",
        "Travel code worked at every stop of the bus.",
        "Nothing to change. Keep it this simple.",
    ),
}
SO_SO = {
    "zh-Hans": (
        "能用，就是首页活动弹窗有点多。",
        "还可以，提现手续费希望写在前面。",
        "功能有点难找，亲情卡藏得太深。",
        "一般，晚上高峰会转圈。",
        "付款码要点两次才出来，能直接打开就好了。",
        "账单分类不太准，买菜算成了餐饮。",
        "短信提醒太晚，都到家了才收到。",
        "字有点小，老人看着费劲。",
    ),
    "en": (
        "Fine, though the offers on the home page get in the way.",
        "Works, but the fee only shows at the end.",
        "Hard to find where to set a family limit.",
        "A bit slow in the evening.",
        "Groceries end up under restaurants in my overview.",
        "Two taps to get to the code. One would do.",
        "Fine at home, patchy underground.",
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
        "客服转了三个人，每次都要从头说一遍。",
        "扣了两次钱，只退了一次。",
        "限额突然变低，付到一半才提示。",
        "闸机前卡片没反应，后面排了一队人。",
        "说是二十四小时到账，第三天才到。",
    ),
    "en": (
        "The payment failed but the money was gone for two days.",
        "Transfer stuck on 'processing' for three hours, nobody told me.",
        "My card stopped working after I changed phones.",
        "Withdrawal fee went up without a word.",
        "The coupon was refused at the till.",
        "Locked out again because the text code never came.",
        "Charged twice, refunded once.",
        "Had to explain everything to three different people.",
        "The limit dropped overnight and I found out at the till.",
        "The card did nothing at the gate, with a queue behind me.",
        "'Within 24 hours' turned out to be three days.",
    ),
}


def said(language: str, satisfaction: float) -> tuple[str, ...]:
    """Sentences that a customer of *satisfaction* (-1 to 1) may write."""
    table = PLEASED if satisfaction > 0.25 else SO_SO if satisfaction > -0.25 else CROSS
    return table.get(language, table["en"])
