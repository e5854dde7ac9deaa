"""Shows that a personal value is there without showing it. Pure."""


def mask_phone(number: str) -> str:
    """+8613812340421 as 138****0421; another country keeps its code: +65****4567."""
    if number.startswith("+86") and len(number) == 14:
        return f"{number[3:6]}****{number[-4:]}"
    if len(number) < 9:
        return "****"
    return f"{number[:3]}****{number[-4:]}"


def mask_email(address: str) -> str:
    """lin@example.com as l***@example.com."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def mask_name(name: str) -> str:
    """林小满 as 林**, Ada Lovelace as A***."""
    first = name.strip()[:1]
    if not first:
        return ""
    return f"{first}***" if first.isascii() else f"{first}**"


def mask_contact(kind: str, value: str) -> str:
    """The value of a contact point of *kind*, masked."""
    if kind == "phone":
        return mask_phone(value)
    if kind == "email":
        return mask_email(value)
    return f"…{value[-4:]}" if len(value) > 12 else "****"
