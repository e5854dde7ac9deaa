"""What the frame of every staff page needs."""

from django.conf import settings
from django.http import HttpRequest

from huifang.console.navigation import sections


def frame(request: HttpRequest) -> dict[str, object]:
    """The navigation of this person, and whether this is a demo."""
    return {
        "navigation": sections(request),
        "is_demo": settings.IS_DEMO,
        "wallet_name": settings.WALLET_NAME,
    }
