"""Money: whole 分 inside, 元 with two places outside, and the capitals of Chinese papers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from core.errors import MoneyRefused

GREATEST_FEN = 999_999_999_999_999
"""9,999,999,999,999.99 元: the most that capitals can be written for."""

_CENT = Decimal("0.01")


def fen(amount: Decimal | str | int) -> int:
    """Whole 分 of `amount` in 元, rounded half-up; a float is a TypeError, junk is MoneyRefused 2401."""
    if isinstance(amount, float):
        raise TypeError("money is never a float")
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise MoneyRefused(f"“{amount}”不是金额", number=2401) from None
    if not value.is_finite() or abs(value) > Decimal(GREATEST_FEN) / 100:
        raise MoneyRefused(f"金额 {amount} 超出范围", number=2401)
    with localcontext() as context:
        context.prec = 60
        return int(value.quantize(_CENT, rounding=ROUND_HALF_UP).scaleb(2))


def yuan(fen: int) -> Decimal:
    """`fen` as 元 with exactly two places."""
    return Decimal(fen).scaleb(-2).quantize(_CENT)


def show(fen: int) -> str:
    """`fen` as people read it: `3,276.00`, `-0.05`."""
    above, below = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{above:,}.{below:02d}"


def capitals(fen: int) -> str:
    """`fen` in financial capitals: `叁仟贰佰柒拾陆元整`, `负伍角整`.

    `整` closes every amount that ends before 分, so that nothing can be written behind it.
    MoneyRefused 2401 beyond 13 digits of 元.
    """
    import cn2an  # 0.1 s to import, which `shouxu --help` need not wait for

    if abs(fen) > GREATEST_FEN:
        raise MoneyRefused(f"金额 {show(fen)} 超出大写范围", number=2401)
    # as text of two places: cn2an cuts off what stands behind them, and a float would lose 分
    words = str(cn2an.an2cn(f"{yuan(abs(fen)):.2f}", "rmb"))
    if words.endswith("角"):
        words += "整"
    return f"负{words}" if fen < 0 else words


def capitals_of(amount: object) -> str:
    """An amount in 元 as people or papers write it (`3,276.00`), in capitals; the filter `capitals` of templates."""
    return capitals(fen(str(amount).replace(",", "")))
