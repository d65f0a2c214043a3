"""What somebody entered, before it is judged: one shape for a web form, JSON, a draft or a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field as member
from typing import Any

from core.domain.base import Text
from core.domain.text import printable
from core.errors import FieldProblem, InvalidInput
from core.forms.field_type import Wrong
from core.forms.messages import json_kind, say
from core.forms.plan import PREFIX, Plan, Spec, Texts

MOST_FIELDS = 5_000
"""Fields that one posted form may have; more is no form but an attack."""
MOST_ROW = 99_999


@dataclass(frozen=True)
class Fault:
    """A problem in both languages; `path` as submitted (`family-0-name`), empty for the whole form."""

    path: str
    message: Text
    number: int = 2101

    def as_problem(self, locale: str) -> FieldProblem:
        return FieldProblem(self.path, self.message.in_(locale), self.number)


@dataclass
class Answers:
    """Texts by field; groups by field and inner field; tables as rows with the index they came with.

    `faults`: what could not even be read: unknown fields, JSON of the wrong type, unprintable characters.
    """

    scalars: dict[str, Texts] = member(default_factory=dict)
    groups: dict[str, dict[str, Texts]] = member(default_factory=dict)
    tables: dict[str, list[tuple[int, dict[str, Texts]]]] = member(default_factory=dict)
    faults: list[Fault] = member(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """The answers as JSON, to be kept as a draft."""
        tables = {name: [[index, cells] for index, cells in rows] for name, rows in self.tables.items()}
        return {"scalars": self.scalars, "groups": self.groups, "tables": tables}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Answers:
        """The answers that `as_data` wrote."""
        return Answers(dict(data.get("scalars", {})), dict(data.get("groups", {})),
                       {name: [(int(index), dict(cells)) for index, cells in rows]
                        for name, rows in data.get("tables", {}).items()})


class Posted:
    """A posted form as a dict of lists: WebOb's MultiDict walks through everything for every single name.

    `pairs`: a MultiDict, or (name, value) pairs. InvalidInput 2120 beyond MOST_FIELDS. What is not text (an
    upload) stands in `uploads` by its HTML name until `put` has its stored hash.
    """

    def __init__(self, pairs: Any) -> None:
        self.lists: dict[str, list[str]] = {}
        self.uploads: dict[str, Any] = {}
        items: Any = pairs.items() if hasattr(pairs, "items") else pairs
        for count, (name, value) in enumerate(items, 1):
            if count > MOST_FIELDS:
                fault = Fault("", say("too_many_fields", most=MOST_FIELDS), 2120)
                raise InvalidInput([fault.as_problem("zh_CN")])
            if isinstance(value, str):
                self.lists.setdefault(name, []).append(value)
            elif getattr(value, "filename", None):
                self.uploads[name] = value

    def put(self, name: str, text: str) -> None:
        """Answer the HTML field `name` with `text`: the SHA-256 of a stored upload."""
        self.uploads.pop(name, None)
        self.lists[name] = [text]


# ---------------------------------------------------------------- from a web form


def from_posted(plan: Plan, posted: Posted) -> Answers:
    """The answers in a posted form; names without the prefix belong to the page and are left alone."""
    answers = Answers()
    rows: dict[str, dict[int, dict[str, Texts]]] = {}
    for name, values in posted.lists.items():
        if name.startswith(PREFIX):
            _place(plan, answers, rows, name[len(PREFIX):], values)
    for name in posted.uploads:
        if name.startswith(PREFIX):
            answers.faults.append(Fault(name[len(PREFIX):], say("blob")))
    answers.tables.update({name: sorted(found.items()) for name, found in rows.items()})
    return answers


def _place(plan: Plan, answers: Answers, rows: dict[str, dict[int, dict[str, Texts]]], path: str,
           values: list[str]) -> None:
    """Put the values of one HTML field where they belong; nothing but a declared field is taken."""
    head, *rest = path.split("-")
    spec = plan.by_name.get(head)
    if spec and spec.kind == "scalar" and not rest:
        answers.scalars[head] = _texts(spec, path, values, answers)
        return
    if spec and spec.kind == "group" and len(rest) == 1:
        inner = _inner(spec, rest[0])
        if inner:
            answers.groups.setdefault(head, {})[inner.name] = _texts(inner, path, values, answers)
            return
    if spec and spec.kind == "table" and len(rest) == 2:
        index, inner = _index(rest[0]), _inner(spec, rest[1])
        if inner and index is not None:
            row = rows.setdefault(head, {}).setdefault(index, {})
            row[inner.name] = _texts(inner, path, values, answers)
            return
    answers.faults.append(_unknown(path))


def _unknown(path: str) -> Fault:
    return Fault(_quotable(path), say("unknown", name=_quotable(path)), 2104)


def _quotable(name: str) -> str:
    """A name from outside, short and printable, so that a message can carry it."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:80])


def _inner(spec: Spec, name: str) -> Spec | None:
    return next((inner for inner in spec.inner if inner.name == name), None)


def _index(text: str) -> int | None:
    if not text.isascii() or not text.isdecimal() or len(text) > 5 or (text[0] == "0" and text != "0"):
        return None
    return int(text)


def _texts(spec: Spec, path: str, values: list[str], answers: Answers) -> Texts:
    if spec.several:
        return values
    if len(values) > 1:
        answers.faults.append(Fault(path, say("once", title=spec.title)))
    return values[0] if values else ""


# ---------------------------------------------------------------- from JSON


def from_json(plan: Plan, data: Any) -> Answers:
    """The answers in a JSON object, each value of its JSON type; null is no answer."""
    answers = Answers()
    if not isinstance(data, Mapping):
        answers.faults.append(Fault("", say("json_object", got=json_kind(data))))
        return answers
    for name, value in data.items():
        spec = plan.by_name.get(name)
        if spec is None:
            answers.faults.append(_unknown(str(name)))
        elif value is None:
            continue
        elif spec.kind == "table":
            answers.tables[name] = _json_rows(spec, value, answers)
        elif spec.kind == "group":
            answers.groups[name] = _json_object(spec, name, value, answers)
        else:
            texts = _json_texts(spec, name, value, answers)
            if texts is not None:
                answers.scalars[name] = texts
    return answers


def _json_rows(spec: Spec, value: Any, answers: Answers) -> list[tuple[int, dict[str, Texts]]]:
    if not isinstance(value, list):
        answers.faults.append(Fault(spec.name, say("json_list", got=json_kind(value))))
        return []
    if len(value) > MOST_ROW:
        message = say("rows_many", most=spec.field.max_rows)
        answers.faults.append(Fault(spec.name, message, 2105))
        return []
    return [(index, _json_object(spec, f"{spec.name}-{index}", row, answers))
            for index, row in enumerate(value)]


def _json_object(spec: Spec, path: str, value: Any, answers: Answers) -> dict[str, Texts]:
    if not isinstance(value, Mapping):
        answers.faults.append(Fault(path, say("json_object", got=json_kind(value))))
        return {}
    found: dict[str, Texts] = {}
    for inner in spec.inner:
        cell = value.get(inner.name)
        if cell is not None:
            texts = _json_texts(inner, f"{path}-{inner.name}", cell, answers)
            if texts is not None:
                found[inner.name] = texts
    if len(found) < len(value):
        known = {inner.name for inner in spec.inner}
        answers.faults.extend(_unknown(f"{path}-{name}") for name in value if name not in known)
    return found


def _json_texts(spec: Spec, path: str, value: Any, answers: Answers) -> Texts | None:
    try:
        return spec.type.given_all(value, spec.field) if spec.several else spec.type.given(value, spec.field)
    except Wrong as wrong:
        answers.faults.append(Fault(path, wrong.message))
        return None


# ---------------------------------------------------------------- text that can be printed


def clean(answers: Answers) -> None:
    """Bring every text into NFC with LF line ends; one that no paper can carry becomes a fault and empty."""
    joined = "\n".join(_every_text(answers))
    try:
        if printable(joined) == joined:
            return
    except InvalidInput:
        pass  # one of them is unprintable; below each is looked at alone, with its own path
    _clean_all(answers.scalars, "", answers)
    for name, found in answers.groups.items():
        _clean_all(found, f"{name}-", answers)
    for name, rows in answers.tables.items():
        for index, cells in rows:
            _clean_all(cells, f"{name}-{index}-", answers)


def _every_text(answers: Answers) -> Iterator[str]:
    rows = (cells for table in answers.tables.values() for _, cells in table)
    for found in (answers.scalars, *answers.groups.values(), *rows):
        for texts in found.values():
            if isinstance(texts, str):
                yield texts
            else:
                yield from texts


def _clean_all(found: dict[str, Texts], path: str, answers: Answers) -> None:
    for name, texts in found.items():
        if isinstance(texts, str):
            found[name] = _clean(texts, path + name, answers)
        else:
            found[name] = [_clean(text, path + name, answers) for text in texts]


def _clean(text: str, path: str, answers: Answers) -> str:
    try:
        return printable(text, path)
    except InvalidInput:
        position, character = _first_unprintable(text.replace("\r\n", "\n").replace("\r", "\n"))
        code = f"U+{ord(character):04X}"
        answers.faults.append(Fault(path, say("unprintable", position=position, code=code), 2110))
        return ""


def _first_unprintable(text: str) -> tuple[int, str]:
    for position, character in enumerate(text, 1):
        try:
            printable(character)
        except InvalidInput:
            return position, character
    raise AssertionError("the text was refused for one of its characters")
