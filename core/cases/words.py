"""What people type beside forms: reasons, names, notes. They stand on papers and in rows, so they are judged like fields."""

from __future__ import annotations

from core.domain.text import printable
from core.errors import FieldProblem, InvalidInput

MOST_WORDS = 500
MOST_DEVICE = 200
MOST_NAME = 60


def words(said: str, field: str, *, most: int = MOST_WORDS) -> str:
    """`said` without outer blanks; InvalidInput at `field` when it is too long or cannot stand in a document."""
    text = printable(said.strip(), field)
    if len(text) > most:
        raise InvalidInput([FieldProblem(field, f"请不要超过 {most} 个字，现有 {len(text)} 个")])
    return text


def reason_given(said: str, missing: str) -> str:
    """The reason as it is kept; InvalidInput with the sentence `missing` when there is none."""
    text = words(said, "reason")
    if not text:
        raise InvalidInput([FieldProblem("reason", missing)])
    return text


def device_words(address: str | None, agent: str | None) -> str:
    """On what somebody works, as evidence: the address and what the browser or program calls itself, at most
    200 characters; what cannot be printed is left out."""
    said = " ".join(filter(None, (address, agent)))
    return "".join(letter for letter in said if letter.isprintable())[:MOST_DEVICE]
