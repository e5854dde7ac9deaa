"""Which machines the product may connect to when an address was typed on a screen, and the connecting itself.

A name is resolved here and the address that was checked is the one that is used, so that a name which
changes its mind between check and use gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from huifang.kernel import env

PRIVATE_PROVIDERS = env.words(
    "HUIFANG_PRIVATE_PROVIDERS",
    help=(
        "Networks (10.1.0.0/16) and host names of your own network that channel accounts may point to. "
        "Others that are private, local or of cloud metadata are refused."
    ),
)
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_DEFAULT_PORTS = {"http": 80, "https": 443, "smtp": 587, "smtps": 465, "smpp": 2775, "smpps": 3550}
_trusted: set[tuple[str, int]] = set()


class AddressForbiddenError(Exception):
    """The address lies inside a private network, and no setting allows it. Nothing was sent."""


def trust(url: str) -> None:
    """Allow the machine of *url*, which the server's own environment names."""
    found = _split(url)
    if found:
        _trusted.add(found)


def check(url: str) -> None:
    """Raises `AddressForbiddenError` where *url* points inside; a name that cannot be resolved now passes."""
    found = _split(url)
    if not found:
        return
    try:
        addresses(*found)
    except OSError:
        return


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """A TCP connection to an allowed address of *host*. Raises `AddressForbiddenError`, `OSError`."""
    broken: OSError | None = None
    for address in addresses(host, port):
        try:
            return socket.create_connection((address, port), seconds)
        except OSError as error:
            broken = error
    raise broken or OSError(f"{host} has no address")


def addresses(host: str, port: int) -> list[str]:
    """The addresses of *host* that may be used, at least one. Raises `AddressForbiddenError`, `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    known = list(dict.fromkeys(str(each[4][0]) for each in found))
    is_named = (host.lower(), port) in _trusted or host.lower() in PRIVATE_PROVIDERS
    usable = [each for each in known if is_named or _may_reach(each)]
    if not usable:
        raise AddressForbiddenError(host)
    return usable


def _may_reach(text: str) -> bool:
    address = _inner(ipaddress.ip_address(text.partition("%")[0]))
    if address.is_global and not address.is_multicast:
        return True
    return any(address in network for network in _networks())


def _inner(address: _Address) -> _Address:
    """The address that a translating one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _networks() -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for each in PRIVATE_PROVIDERS:
        try:
            yield ipaddress.ip_network(each, strict=False)
        except ValueError:
            continue


def _split(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None
