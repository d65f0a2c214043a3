"""JSON from strangers: small, flat, finite, each member once, every text printable; anything else is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from core.domain.text import printable
from core.errors import FieldProblem, InvalidInput, Refused

MOST_BYTES = 1_000_000
DEEPEST = 32
NOT_JSON, TOO_DEEP = 2107, 2108


def read_json(data: bytes) -> Any:
    """The value of UTF-8 JSON. Refused (400, with the place): bad syntax or bytes, NaN, Infinity, a number too large, a
    member twice, more than DEEPEST levels."""
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite,
                           object_pairs_hook=_each_once)
    except UnicodeDecodeError as error:
        raise _not_json(f"第 {error.start + 1} 个字节不是 UTF-8") from None
    except json.JSONDecodeError as error:
        raise _not_json(f"不是 JSON: 第 {error.lineno} 行第 {error.colno} 列") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # a whole number of thousands of digits
        raise _not_json("数字过长") from error
    _flat_enough(value)
    return value


def clean_texts(value: Any, path: str = "", but: frozenset[str] = frozenset()) -> Any:
    """`value` with every text in NFC and LF; InvalidInput names each text that cannot be stored or printed.

    `but`: members of the outermost object that somebody else looks at (the answers of a form).
    """
    problems: list[FieldProblem] = []
    cleaned = _clean(value, path, but, problems)
    if problems:
        raise InvalidInput(problems)
    return cleaned


def quoted(name: str) -> str:
    """A name from outside, short and printable, so that a message can carry it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name[:80])


def _clean(value: Any, path: str, but: frozenset[str], problems: list[FieldProblem]) -> Any:
    if isinstance(value, str):
        try:
            return printable(value, path)
        except InvalidInput as wrong:
            problems.extend(wrong.problems)
            return ""
    if isinstance(value, list):
        return [_clean(item, _join(path, str(at)), frozenset(), problems) for at, item in enumerate(value)]
    if isinstance(value, dict):
        return {_clean(name, _join(path, quoted(name)), frozenset(), problems):
                inner if name in but else _clean(inner, _join(path, quoted(name)), frozenset(), problems)
                for name, inner in value.items()}
    return value


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _no_constant(name: str) -> NoReturn:
    raise _not_json(f"JSON 里没有 {name}")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _not_json("数字过大")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise _not_json(f"“{quoted(twice)}”写了两次")
    return found


def _flat_enough(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level if isinstance(outer, (list, dict))
                 for inner in (outer.values() if isinstance(outer, dict) else outer)]
        if not level:
            return
    raise _too_deep()


def _not_json(what: str) -> Refused:
    return Refused(what, number=NOT_JSON)


def _too_deep() -> Refused:
    return Refused(f"嵌套超过 {DEEPEST} 层", number=TOO_DEEP)
