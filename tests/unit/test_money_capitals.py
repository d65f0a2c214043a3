"""Amounts in capitals, read back by a parser that shares nothing with the library that writes them."""

import re
from decimal import Decimal

import pytest
from hypothesis import example, given, settings, strategies as st

from core.domain.money import GREATEST_FEN, capitals, fen, show, yuan
from core.errors import MoneyRefused

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def group(words: str) -> int:
    """The value of up to four places, like 叁仟零柒拾陆."""
    total, digit = 0, 0
    for word in words:
        if word in PLACES:
            assert digit, words
            total, digit = total + digit * PLACES[word], 0
        else:
            digit = DIGITS[word]
    return total + digit


def whole(words: str) -> int:
    """The value of 元: groups before 亿, 万 and at the end; 万 may stand before 亿 once more (壹万亿)."""
    high, hundred_million, low = words.rpartition("亿")
    if hundred_million:
        return whole(high) * 10**8 + whole(low)
    high, ten_thousand, low = words.rpartition("万")
    return (group(high) * 10_000 if ten_thousand else 0) + group(low)


def read(words: str) -> int:
    """The 分 of an amount in capitals."""
    sign = -1 if words.startswith("负") else 1
    found = re.fullmatch(r"负?(?:(.+)元)?零?(?:([^零])角)?(?:零?(.)分)?整?", words)
    assert found, words
    yuan, jiao, fen = found.groups()
    return sign * (
        (whole(yuan) if yuan else 0) * 100 + (DIGITS[jiao] * 10 if jiao else 0) + (DIGITS[fen] if fen else 0)
    )


def needs_zero(digits: str) -> bool:
    """Whether the places of one group have a 0 between two other digits, which must be written."""
    return re.search(r"[1-9]0+[1-9]", digits) is not None


@settings(deadline=None)  # the first call imports cn2an
@given(st.integers(1, GREATEST_FEN))
@example(1)
@example(10)
@example(100)
@example(100_000)
@example(1_000_001_00)
@example(1_0000_0000_00)
@example(1_0001_0000_00)
@example(100_000_000_001_01)
@example(GREATEST_FEN)
def test_capitals_say_the_amount_and_keep_the_rules(amount):
    words = capitals(amount)
    assert read(words) == amount
    assert words.endswith("整") == (amount % 10 == 0)
    assert "零零" not in words
    assert not re.search("零[元万亿角分整]", words)
    for place in range(0, 16, 4):
        digits = f"{amount // 100:016d}"[12 - place : 16 - place]
        if needs_zero(digits):
            assert "零" in words
    if amount > 100 and 0 < amount % 100 < 10:
        assert re.search("元零.分$", words), "an amount without 角 has 零 between 元 and 分"


def written(fen: int) -> str:
    """The amount as the rules of writing have it: group by group from the left, one 零 where places are left out."""
    yuan, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    words, gap = "", False
    for size, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part = yuan // size % 10**4
        for place, word in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
            digit = part // place % 10
            if digit:
                words += ("零" if gap and words else "") + "零壹贰叁肆伍陆柒捌玖"[digit] + word
                gap = False
            else:
                gap = gap or place > 1 or part == 0  # the end of a group is no gap by itself
        words += name if part else ""
        gap = gap and not (part and part % 10 == 0)
    words += "元" if yuan else ""
    words += "零壹贰叁肆伍陆柒捌玖"[jiao] + "角" if jiao else "零" if yuan and rest else ""
    return words + ("零壹贰叁肆伍陆柒捌玖"[rest] + "分" if rest else "整")


@st.composite
def digits(draw: st.DrawFn) -> int:
    """0.01 … 999,999,999,999.99, digit by digit, so that every pattern of noughts comes up."""
    drawn = draw(st.lists(st.sampled_from("0000123456789"), min_size=1, max_size=14))
    return max(1, int("".join(drawn)))


@settings(deadline=None, max_examples=1000)
@given(digits())
@example(99_999_999_999_999)
@example(10_000_000_000_001)
@example(10_0000_0000_00)
@example(1_0500_00)
@example(10_5000_00)
@example(1_0000_0500_00)
def test_capitals_are_as_the_rules_of_writing_have_them(amount):
    assert capitals(amount) == written(amount)
    assert read(capitals(amount)) == amount


@settings(deadline=None)  # the first call imports cn2an
@given(st.integers(1, GREATEST_FEN))
def test_a_refund_is_the_same_amount_below_zero(amount):
    assert capitals(-amount) == "负" + capitals(amount)
    assert read(capitals(-amount)) == -amount


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("3276.00", "叁仟贰佰柒拾陆元整"),
        ("0.01", "壹分"),
        ("0.50", "伍角整"),
        ("100.50", "壹佰元伍角整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("10010.00", "壹万零壹拾元整"),
        ("0", "零元整"),
        ("9999999999999.99", "玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_capitals_as_papers_have_them(amount, words):
    assert capitals(fen(amount)) == words


def test_capitals_stop_where_they_cannot_be_written():
    with pytest.raises(MoneyRefused) as refused:
        capitals(GREATEST_FEN + 1)
    assert refused.value.code == "SX-2401"


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.005", 1),
        ("0.0049", 0),
        ("-0.005", -1),
        ("2.675", 268),
        ("12.345", 1235),
        (Decimal("1e3"), 100_000),
    ],
)
def test_fen_rounds_half_up(amount, rounded):
    assert fen(amount) == rounded


@pytest.mark.parametrize("junk", ["", "abc", "NaN", "Infinity", "-Infinity", "1e30"])
def test_fen_refuses_what_is_no_amount(junk):
    with pytest.raises(MoneyRefused):
        fen(junk)


def test_fen_refuses_a_float():
    with pytest.raises(TypeError):
        fen(0.1)  # type: ignore[arg-type]


@given(st.integers(-GREATEST_FEN, GREATEST_FEN))
def test_yuan_and_show_lose_nothing(amount):
    assert fen(yuan(amount)) == amount
    assert fen(show(amount).replace(",", "")) == amount


def test_show_has_thousands_and_two_places():
    assert show(327600) == "3,276.00"
    assert show(-5) == "-0.05"
