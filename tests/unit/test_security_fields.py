"""Sensitive values are closed to whoever lacks the secret, and old secrets still open."""

import pytest
from hypothesis import given, settings, strategies as st

from core.errors import StoreError
from core.security.fields import FieldCipher
from core.security.keys import derive

ONE, TWO = "1" * 32, "2" * 32
VALUE = {"id_number": "110101199003077758", "phone": "13800138000", "name": "张三"}


def test_what_is_sealed_opens_again_and_shows_nothing():
    cipher = FieldCipher(ONE)
    sealed = cipher.seal("jade", VALUE)
    assert cipher.open("jade", sealed) == VALUE
    assert b"110101" not in sealed
    assert sealed != cipher.seal("jade", VALUE)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=8,
    )
)
def test_anything_json_can_say_opens_again(value):
    cipher = FieldCipher(ONE)
    assert cipher.open("jade", cipher.seal("jade", value)) == value


@pytest.mark.parametrize("position", [0, 5, 20, -1])
def test_one_changed_bit_shows(position):
    cipher = FieldCipher(ONE)
    sealed = bytearray(cipher.seal("jade", VALUE))
    sealed[position] ^= 1
    with pytest.raises(StoreError) as caught:
        cipher.open("jade", bytes(sealed))
    assert caught.value.number == 4030
    assert "张三" not in str(caught.value)


def test_another_estate_cannot_open_it():
    cipher = FieldCipher(ONE)
    with pytest.raises(StoreError):
        cipher.open("pear", cipher.seal("jade", VALUE))
    with pytest.raises(StoreError):
        cipher.open("jade", b"")


def test_secrets_can_be_changed():
    old, new = FieldCipher(ONE), FieldCipher(TWO, old=[ONE])
    sealed = old.seal("jade", VALUE)
    assert new.open("jade", sealed) == VALUE
    assert not new.is_current(sealed)
    assert new.is_current(new.seal("jade", VALUE))
    with pytest.raises(StoreError, match="密钥不符"):
        FieldCipher(TWO).open("jade", sealed)


def test_the_index_finds_what_people_write_differently():
    cipher = FieldCipher(ONE)
    assert cipher.index("jade", "11010119900307775x") == cipher.index("jade", " 1101011990 0307775Ｘ")
    assert cipher.index("jade", "138-0013-8000") == cipher.index("jade", "13800138000")
    assert cipher.index("jade", "1") != cipher.index("pear", "1")
    assert cipher.index("jade", "1") != FieldCipher(TWO).index("jade", "1")


def test_each_purpose_has_its_own_key():
    assert derive(ONE, "a") != derive(ONE, "b")
    assert len(derive(ONE, "a", 16)) == 16
