"""Whatever is sent as a phone, an address or a zone: no exception, and cleaning twice is cleaning once."""

from hypothesis import given
from hypothesis import strategies as st

from huifang.customers import cleaning
from huifang.decisions.zones import find_zone

values = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789０１２３+＋-() .ext转/@abc中:GMTUC", max_size=40),
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.binary(max_size=5),
)


@given(values, st.sampled_from(["CN", "SG", "US", ""]))
def test_a_phone_is_e164_or_nothing(value: object, country: str):
    clean = cleaning.clean_phone(value, country)
    assert clean == "" or (
        clean[0] == "+" and clean[1:].isascii() and clean[1:].isdecimal() and len(clean) <= 16
    )
    assert cleaning.clean_phone(clean, country) == clean


@given(values)
def test_an_address_has_two_sides_or_is_nothing(value: object):
    clean = cleaning.clean_email(value)
    assert clean == "" or (clean.count("@") == 1 and clean.rpartition("@")[2].isascii() and len(clean) <= 254)
    assert cleaning.clean_email(clean) == clean


@given(values)
def test_a_zone_is_in_the_database_or_nothing(value: object):
    clean = cleaning.clean_zone(value)
    assert clean == "" or find_zone(clean) is not None
    assert cleaning.clean_zone(clean) == clean


@given(values)
def test_a_birthday_is_a_day_or_nothing(value: object):
    clean = cleaning.clean_birthday(value)
    assert clean == "" or ("0101" <= clean <= "1231" and len(clean) == 4)
