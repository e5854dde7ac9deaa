import pytest

from huifang.decisions.zones import find_zone


def test_a_zone_is_found_by_its_iana_name() -> None:
    zone = find_zone("Asia/Shanghai")

    assert zone is not None
    assert zone.key == "Asia/Shanghai"


@pytest.mark.parametrize(
    "name",
    ["", "Asia", "Asia/Shanghai ", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "localtime",
     "Factory", "right/UTC", "CST+8", "\x00", "A" * 5000],
)  # fmt: skip
def test_what_is_not_a_zone_stays_unknown(name: str) -> None:
    assert find_zone(name) is None
