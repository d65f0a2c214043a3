"""A merged tree becomes a model; what pydantic says becomes a mistake at its place in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.definitions.layers import BY_NAME, Merged, stale_override
from core.definitions.reader import Node, PathTuple
from core.definitions.words import known_words, unknown
from core.errors import DefinitionError, Mark

M = TypeVar("M", bound=BaseModel)

_KEY = re.compile(r"^[a-z][a-z0-9_.]*$")
_KEEP_EMPTY = BY_NAME | {"needs_fact"}


def validate(model: type[M], merged: Merged) -> tuple[M | None, list[DefinitionError]]:
    """The model of a merged tree, or None and every mistake at its place."""
    problems = list(merged.problems)
    try:
        value = model.model_validate(_without_nulls(merged.node))
    except ValidationError as error:
        return None, problems + _translated(model, merged, error)
    return (value, []) if not problems else (None, problems)


def _without_nulls(node: Node, key: str | int = "") -> Any:
    """The plain value, in which `key: ~` is a key that is not there."""
    if isinstance(node.value, dict):
        keep = key in _KEEP_EMPTY  # an empty value is an item that takes every default (`outcomes: {approved: }`)
        words = "zh" in node.value
        return {
            name: _without_nulls(child, name)
            for name, child in node.value.items()
            if child.value is not None or keep or _is_stray(name, words)
        }
    if isinstance(node.value, list):
        return [_without_nulls(child) for child in node.value]
    return node.value


def _is_stray(name: str, words: bool) -> bool:
    """Whether an empty key is the rest of a sentence whose comma was not quoted: `{zh: 好, en: Good, and clean}`."""
    return name not in ("zh", "en") if words else not _KEY.match(name)


def _translated(model: type[BaseModel], merged: Merged, error: ValidationError) -> list[DefinitionError]:
    problems: dict[Mark, DefinitionError] = {}
    for detail in _meant(error.errors(include_url=False)):
        problem = _problem(model, merged, detail)
        if problem.mark and problem.mark not in problems:  # branches of one union say the same mistake several times
            problems[problem.mark] = problem
    return list(problems.values())


def _meant(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the branches of a union that nobody meant: a mapping was written, and the branch wants a number or text."""
    paths = [tuple(detail["loc"]) for detail in details]
    return [
        detail for detail, path in zip(details, paths, strict=True)
        if not (path and path[-1] in ("int", "str", "bool") and isinstance(detail["input"], Mapping)
                and any(other != path and other[: len(path) - 1] == path[:-1] for other in paths))
    ]


def _problem(model: type[BaseModel], merged: Merged, detail: ErrorDetails) -> DefinitionError:
    path, kind = tuple(detail["loc"]), detail["type"]
    node, _ = merged.node.nearest(path)
    if kind == "missing":
        stale = _stale(merged, path)
        if stale:
            return stale
        name = str(path[-1])
        return DefinitionError(f"缺少 `{name}` (missing `{name}`)", node.mark, number=1211)
    if kind == "extra_forbidden":
        key = str(path[-1])
        if detail["input"] is None:
            return DefinitionError(f"这里多出“{key}” (left over: “{key}”)", node.key_mark, number=1210,
                                   remedy="含逗号的文字请加引号 (quote text that contains a comma)")
        known = _keys(model, path[:-1])
        return DefinitionError(
            unknown("键", "key", key, known), node.key_mark, number=1210, remedy=known_words(known, 30)
        )
    say = _SAYINGS.get(kind)
    what = say(detail) if say else f"写法不对 ({detail['msg']})"
    place = node.mark
    # A missing list item or a check across one item has no place of its own: its item has.
    return DefinitionError(
        what,
        place,
        number=1212 if kind != "literal_error" else 1213,
        remedy=_pattern_remedy(detail) if kind == "string_pattern_mismatch" else "",
    )


def _stale(merged: Merged, path: PathTuple) -> DefinitionError | None:
    """The stale override on `path`, when what is missing belongs to an item that the base does not have."""
    for size in range(len(path) + 1):
        node, _ = merged.node.nearest(path[:size])
        addition = merged.additions.get(node.mark)
        if addition:
            return stale_override(addition, node.mark)
    return None


def _keys(model: type[BaseModel], path: PathTuple) -> list[str]:
    """The keys that may stand at `path` in a file of `model`."""
    found: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int) or found is None:
            continue
        field = next((info for name, info in found.model_fields.items() if step in (name, info.alias)), None)
        inner = _model_in(field.annotation) if field else None
        found = inner or found
    return [info.alias or name for name, info in found.model_fields.items()] if found else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found:
            return found
    return None


def _literal(detail: ErrorDetails) -> str:
    known = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    said = unknown("写法", "word", str(detail["input"]), known)
    listed = known_words(known)
    return f"{said};{listed}" if listed else said


def _string(detail: ErrorDetails) -> str:
    given = detail["input"]
    if isinstance(given, (int, bool)):
        return f'这里要写文字，请加引号:"{str(given).lower()}" (text wanted: quote it)'
    return f"这里要写文字，不能是{_shape(given)} (text wanted)"


def _mapping(detail: ErrorDetails) -> str:
    if detail.get("ctx", {}).get("class_name") == "Text":  # words for people may be a mapping; text is what was meant
        return _string(detail)
    return f"这里要写映射 {{…}}，不能是{_shape(detail['input'])} (mapping wanted)"


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "映射 {…}"
    if isinstance(value, list | tuple):
        return "列表 […]"
    return f" `{value}`"


def _bound(zh: str, en: str, key: str) -> Callable[[ErrorDetails], str]:
    return lambda detail: f"{zh} {detail['ctx'][key]} ({en} {detail['ctx'][key]})"  # type: ignore[typeddict-item]


def _pattern(detail: ErrorDetails) -> str:
    return f"`{detail['input']}` 写法不对 (does not have the right form)"


def _pattern_remedy(detail: ErrorDetails) -> str:
    pattern = detail.get("ctx", {}).get("pattern", "")
    return _PATTERNS.get(pattern, f"应符合 {pattern}")


_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,62}$": "小写英文字母开头，只含小写字母、数字和下划线 (lower-case letters, digits, _)",
    r"^\d{1,12}(\.\d{1,6})?$": '金额写成数字，不带单位、正负号和千分位，如 "2.80" (digits only)',
    r"^[a-z0-9_]+\.docx$": "模板文件名用小写英文字母、数字和下划线，以 .docx 结尾",
    r"^\d\d:\d\d$": "时间写成 08:30",
    r"^[A-Z]{0,4}$": "最多四个大写字母",
    r"^[A-Z0-9]{0,8}$": "最多八个大写字母或数字",
}

_SAYINGS: Mapping[str, Callable[[ErrorDetails], str]] = {
    "literal_error": _literal,
    "string_type": _string,
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda _: "不能为空 (must not be empty)",
    "string_too_long": _bound("文字太长，最多字数", "too long, at most", "max_length"),
    "too_short": lambda _: "至少要有一项 (at least one item)",
    "greater_than_equal": _bound("不能小于", "at least", "ge"),
    "less_than_equal": _bound("不能大于", "at most", "le"),
    "int_type": lambda d: f"这里要写整数，不能是{_shape(d['input'])} (whole number wanted)",
    "int_parsing": lambda d: f"这里要写整数，不能是{_shape(d['input'])} (whole number wanted)",
    "bool_type": lambda d: f"这里写 true 或 false，不能是{_shape(d['input'])} (true or false)",
    "bool_parsing": lambda d: f"这里写 true 或 false，不能是{_shape(d['input'])} (true or false)",
    "tuple_type": lambda d: f"这里要写列表 […],不能是{_shape(d['input'])} (list wanted)",
    "dict_type": lambda d: f"这里要写映射 {{…}}，不能是{_shape(d['input'])} (mapping wanted)",
    "model_type": _mapping,
    "model_attributes_type": _mapping,
    "value_error": lambda d: d["msg"].removeprefix("Value error, "),
}
