"""What the wallet that this installation serves is called."""

from django.conf import settings

from huifang.kernel.texts import pick, product_language


def wallet_name(language: str) -> str:
    """The wallet's name for readers of *language*, a BCP 47 tag; "" for any."""
    return pick(settings.WALLET_NAMES, product_language(language), "en")
