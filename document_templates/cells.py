"""What stands in a cell of a paper: labels, values, ink and dates of signers, check boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PARTIES = frozenset({"owner", "agent", "tenant", "responsible", "complainant", "carrier", "customer"})
"""These sign by hand: their printed name is no signature."""
BLANK_DATE = "　　　　年　　月　　日"


@dataclass(frozen=True)
class Cell:
    """One cell of a grid: text, how many columns and rows it spans, and how it looks."""

    text: str = ""
    span: int = 1
    label: bool = False
    align: Any = None
    style: str = ""
    height: float = 0.0  # mm; the row grows to it
    bold: bool = False


def label(text: str, span: int = 1) -> Cell:
    """A shaded cell that names what stands beside it; two characters take the room of four: 业　　主."""
    return Cell("　　".join(text) if len(text) == 2 else text, span, label=True)


def value(
    text: str, span: int = 1, *, style: str = "", align: Any = None, height: float = 0.0, bold: bool = False
) -> Cell:
    """A cell that holds what was filled in."""
    return Cell(text, span, style=style, align=align, height=height, bold=bold)


def ink(who: str) -> str:
    """The ink of a signer; staff who sign under their own login have none and stand with their name."""
    name = "" if who in PARTIES else f"{{% else %}}{{{{ signatures.{who}.name }}}}"
    return f"{{% if signatures.{who}.ink %}}{{{{ signatures.{who}.ink }}}}{name}{{% endif %}}"


def signed_on(who: str) -> str:
    """The day of a signature, or a line to write it on."""
    return f"{{{{ signatures.{who}.date|default('{BLANK_DATE}', true) }}}}"


def by_hand(blank: str, printed: str) -> str:
    """`printed` where the values are known; on a blank form `blank`, which leaves the choice to the pen."""
    return f"{{% if document.blank %}}{blank}{{% else %}}{printed}{{% endif %}}"


def ticked(name: str, wanted: str) -> str:
    """`☑ 男` where the named value is `wanted`, else `☐ 男`; for choices that are printed by title."""
    return f"{{{{ {name}|tick('{wanted}') }}}} {wanted}"
