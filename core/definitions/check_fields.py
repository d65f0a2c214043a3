"""Checks of forms: field types, limits, defaults, patterns, and rules across fields."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

import re2

from core.definitions.check_rules import check_rule
from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.vocabulary import BY_PART, OF_STEP, field_types, form_types, form_words
from core.domain.forms import CONTAINER_TYPES, Field, Form
from core.rules.types import RuleType

_NUMERIC = ("integer", "decimal", "money")
_TEXTUAL = ("text", "long_text")


def check_form(findings: Findings, form: Form, known_types: Collection[str]) -> None:
    """Everything that can be said of a form by itself."""
    file = f"forms/{form.form}.yaml"
    types, words = form_types(form), form_words(form)
    findings.once(file, ("fields",), (field.name for field in form.fields))
    for at, field in enumerate(form.fields):
        path: PathTuple = ("fields", at)
        _check_field(findings, file, path, field, known_types)
        if field.name in OF_STEP or field.name in BY_PART:
            findings.add(
                file,
                (*path, "name"),
                f"`{field.name}` 在规则里另有含义，请换一个名字 (`{field.name}` means something else in rules)",
                1212,
            )
        for word in ("when", "required_when"):
            if text := getattr(field, word):
                check_rule(findings, file, (*path, word), text, types, values=words)
        for inside in ("columns", "fields"):
            _check_inside(findings, file, (*path, inside), getattr(field, inside), known_types, types, words)
    findings.once(file, ("rules",), (rule.name for rule in form.rules))
    for at, rule in enumerate(form.rules):
        check_rule(findings, file, ("rules", at, "check"), rule.check, types, values=words)
        if rule.field:
            findings.known(
                file,
                ("rules", at, "field"),
                ("字段", "field"),
                rule.field,
                (field.name for field in form.fields),
            )


def _check_inside(
    findings: Findings,
    file: str,
    path: PathTuple,
    inner: tuple[Field, ...],
    known_types: Collection[str],
    types: dict[str, RuleType],
    words: dict[str, tuple[str, ...]],
) -> None:
    """Columns of a table and fields of a group; their rules read their own row first, then the form."""
    findings.once(file, path, (field.name for field in inner))
    row = types | {name: type_ for field in inner for name, type_ in field_types(field).items()}
    own = {field.name: tuple(choice.value for choice in field.choices) for field in inner}
    words = {name: found for name, found in {**words, **own}.items() if found}
    for at, field in enumerate(inner):
        _check_field(findings, file, (*path, at), field, [t for t in known_types if t not in CONTAINER_TYPES])
        for word in ("when", "required_when"):
            if text := getattr(field, word):
                check_rule(findings, file, (*path, at, word), text, row, values=words)


def _check_field(findings: Findings, file: str, path: PathTuple, field: Field, known_types: Collection[str]) -> None:
    findings.known(file, (*path, "type"), ("字段类型", "type"), field.type, known_types)
    values = [choice.value for choice in field.choices]
    findings.once(file, (*path, "choices"), values, "value")
    if values and isinstance(field.default, str):
        findings.known(file, (*path, "default"), ("选项", "choice"), field.default, values)
    if field.pattern is not None:
        _check_pattern(findings, file, path, field.pattern)
    _check_limits(findings, file, path, field)


def _check_pattern(findings: Findings, file: str, path: PathTuple, pattern: str) -> None:
    try:
        options = re2.Options()
        options.log_errors = False
        re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        findings.add(
            file,
            (*path, "pattern"),
            f"正则写法有误 (bad pattern): {said}",
            1241,
            "不支持前后断言和反向引用 (RE2: no look-around, no back-references)",
        )


def _check_limits(findings: Findings, file: str, path: PathTuple, field: Field) -> None:
    for word in ("min", "max"):
        limit = getattr(field, word)
        if limit is not None and field.type in (*_NUMERIC, *_TEXTUAL) and not isinstance(limit, Decimal):
            findings.add(file, (*path, word), f"`{limit}` 不是数字 (not a number)", 1212)
    low, high = field.min, field.max
    wrong = (
        low > high
        if isinstance(low, Decimal) and isinstance(high, Decimal)
        else low > high
        if isinstance(low, str) and isinstance(high, str)
        else False
    )
    if wrong:
        findings.add(file, (*path, "min"), f"最小 {low} 大于最大 {high} (min is greater than max)", 1212)
