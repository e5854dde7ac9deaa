"""Tells by its check digit whether a number is a card's, an identity card's or an account's. Pure."""

from datetime import date


def _digits(text: str) -> str:
    return "".join(letter for letter in text if "0" <= letter <= "9")


def luhn(text: str) -> bool:
    """Whether the digits of *text* end in the check digit of ISO/IEC 7812-1."""
    found = [int(each) for each in _digits(text)]
    doubled = [sum(divmod(2 * each, 10)) for each in found[-2::-2]]
    return 13 <= len(found) <= 19 and (sum(found[::-2]) + sum(doubled)) % 10 == 0 and len(set(found)) > 1


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    str(number)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for number in range(first, last + 1)
)


def identity_card(text: str) -> bool:
    """Whether *text* is a Chinese identity number: 18 characters by GB 11643, or 15 of before 1999."""
    found = "".join(each for each in text.upper() if each in "0123456789X")
    if len(found) == 15:
        return found[:2] in _PROVINCES and _is_date("19" + found[6:12])
    if len(found) != 18 or found[:2] not in _PROVINCES or not _is_date(found[6:14]):
        return False
    total = sum(int(each) * weight for each, weight in zip(found[:17], _WEIGHTS, strict=True))
    return found[17] == _CHECKS[total % 11]


def _is_date(text: str) -> bool:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).year >= 1880
    except ValueError:
        return False


_VERHOEFF_PRODUCTS = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_VERHOEFF_TURNS = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def aadhaar(text: str) -> bool:
    """Whether *text* is an Indian Aadhaar number, by its Verhoeff check digit."""
    check = 0
    for place, each in enumerate(reversed(_digits(text))):
        check = int(_VERHOEFF_PRODUCTS[check][int(_VERHOEFF_TURNS[place % 8][int(each)])])
    return check == 0


def iban(text: str) -> bool:
    """Whether *text* is an account number by ISO 13616."""
    found = "".join(each for each in text.upper() if each.isascii() and each.isalnum())
    if not 15 <= len(found) <= 34:
        return False
    return int("".join(str(int(each, 36)) for each in found[4:] + found[:4])) % 97 == 1


_SINGAPORE = {
    "S": (0, "JZIHGFEDCBA"),
    "T": (4, "JZIHGFEDCBA"),
    "F": (0, "XWUTRQPNMLK"),
    "G": (4, "XWUTRQPNMLK"),
}


def singapore(text: str) -> bool:
    """Whether *text* is an identity number of Singapore, by its check letter."""
    if text[0] not in _SINGAPORE:
        return False
    offset, letters = _SINGAPORE[text[0]]
    total = offset + sum(
        int(each) * weight for each, weight in zip(text[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True)
    )
    return letters[total % 11] == text[8]
