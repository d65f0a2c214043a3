"""The names that a CEL expression reads, taken from the parse tree the library serialises.

The library shows its tree only as protobuf bytes (message `cel.expr.ParsedExpr`); the few fields needed
here are read straight off the wire, so that no protobuf package is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator

# Field numbers of cel.expr.Expr (github.com/google/cel-spec, proto/cel/expr/syntax.proto).
CONSTANT, IDENT, SELECT, CALL, LIST, STRUCT, COMPREHENSION = 3, 4, 5, 6, 7, 8, 9
TYPE_NAMES = frozenset({"bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"})

Message = dict[int, list[bytes]]


def names_read(serialised: bytes) -> frozenset[str]:
    """Dotted names read by a serialised ParsedExpr (`ask.reason`), without variables bound by macros.

    A name stops where the tree stops being plain: `a[0].b` reads `a`, `a['b']` reads `a.b`.
    """
    any_value = _fields(serialised)[2][0]
    found: set[str] = set()
    _visit(_fields(_fields(any_value)[2][0]), frozenset(), found)
    return frozenset(found)


def _visit(expr: Message, bound: frozenset[str], found: set[str]) -> None:
    dotted = _dotted(expr)
    if dotted is not None:
        root = dotted.partition(".")[0]
        if root not in bound and dotted not in TYPE_NAMES:
            found.add(dotted)
    elif COMPREHENSION in expr:
        _visit_comprehension(_fields(expr[COMPREHENSION][0]), bound, found)
    else:
        for child in _children(expr):
            _visit(child, bound, found)


def _visit_comprehension(loop: Message, bound: frozenset[str], found: set[str]) -> None:
    for outside in (2, 4):  # the range and the start value do not see the loop's variables
        for raw in loop.get(outside, ()):
            _visit(_fields(raw), bound, found)
    inner = bound | {raw.decode() for number in (1, 3, 8) for raw in loop.get(number, ())}
    for inside in (5, 6, 7):
        for raw in loop.get(inside, ()):
            _visit(_fields(raw), inner, found)


def _dotted(expr: Message) -> str | None:
    """`a.b.c` of a chain of selections (or constant string indexes) that starts at an identifier."""
    if IDENT in expr:
        return _fields(expr[IDENT][0])[1][0].decode().lstrip(".")
    if SELECT in expr:
        select = _fields(expr[SELECT][0])
        operand, member = _fields(select[1][0]), select[2][0].decode()
    elif CALL in expr:
        call = _fields(expr[CALL][0])
        if call.get(2) != [b"_[_]"] or len(call.get(3, ())) != 2:
            return None
        operand, key = _fields(call[3][0]), _string(_fields(call[3][1]))
        if key is None:
            return None
        member = key
    else:
        return None
    head = _dotted(operand)
    return None if head is None else f"{head}.{member}"


def _string(expr: Message) -> str | None:
    """The text of a string literal (field 6 of Constant), None for any other expression."""
    raw = _fields(expr[CONSTANT][0]).get(6) if CONSTANT in expr else None
    return raw[0].decode() if raw else None


def _children(expr: Message) -> Iterator[Message]:
    if SELECT in expr:
        yield _fields(_fields(expr[SELECT][0])[1][0])
    if CALL in expr:
        call = _fields(expr[CALL][0])
        for raw in (*call.get(1, ()), *call.get(3, ())):
            yield _fields(raw)
    if LIST in expr:
        for raw in _fields(expr[LIST][0]).get(1, ()):
            yield _fields(raw)
    if STRUCT in expr:
        for entry in _fields(expr[STRUCT][0]).get(2, ()):
            for number in (3, 4):
                for raw in _fields(entry).get(number, ()):
                    yield _fields(raw)


def _fields(data: bytes) -> Message:
    """Length-delimited fields of one message by number; varints are stepped over."""
    fields: Message = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 2:
            size, at = _varint(data, at)
            fields.setdefault(tag >> 3, []).append(data[at : at + size])
            at += size
        elif kind == 0:
            _, at = _varint(data, at)
        else:
            at += 8 if kind == 1 else 4
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
