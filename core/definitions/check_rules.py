"""Checks of one rule: it compiles, reads only names that exist, fits their types, and reads nothing of later
steps."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.vocabulary import BY_PART
from core.definitions.words import known_words, nearest, unknown
from core.errors import RuleError
from core.rules import Rule
from core.rules.rule import YES_OR_NO
from core.rules.types import ANY, RuleType

Values = Mapping[str, Collection[str]]
NO_VALUES: Values = {}

_QUOTED = re.compile(r"""'[^'\\]*'|"[^"\\]*\"""")
_NAME, _WORD = r"[a-z]\w*(?:\.\w+)*", _QUOTED.pattern
_COMPARED = re.compile(
    rf"(?<![\w.'\"])(?P<name>{_NAME})\s*(?:[!=]=\s*(?:{_WORD})|in\s*\[(?:\s*(?:{_WORD})\s*,?)+\s*\])"
    rf"|(?:{_WORD})\s*(?:[!=]=|in)\s*(?P<after>{_NAME})"
)
"""`name == 'word'`, `name in ['word', 'word']`, `'word' == name`, `'word' in name`."""

_REMEDIES = (
    ("(wrapper(double), int)", "小数与整数比较时，整数写成 2.0 (write 2.0, not 2)"),
    ("(int, double)", "整数与小数不能直接比较，两边写成同一种 (both sides whole, or both with a point)"),
    ("(wrapper(int), double)", "整数字段与整数比较：写 2，不写 2.0 (write 2, not 2.0)"),
    (
        "(wrapper(string), int)",
        "文字与数字不能比较；文字请加引号，数字可写 int(名字) (quote text, or convert with int())",
    ),
    ("(wrapper(string), double)", "文字与数字不能比较；可写 double(名字) > 90.0 (convert with double())"),
    ("(wrapper(bool), string)", "是否字段写 == true 或 == false (compare with true or false)"),
)


def check_rule(
    findings: Findings,
    file: str,
    path: PathTuple,
    text: str,
    types: Mapping[str, RuleType],
    later: Collection[str] = (),
    *,
    estate_open: bool = False,
    answers: tuple[str, ...] = YES_OR_NO,
    values: Values = NO_VALUES,
) -> None:
    """Check the rule `text` at `path`; `later` are names of steps it may not read yet.

    `estate_open`: no estate is known, so any `estate.…` may be read; `answers`: what it may answer; `values`: what names may
    hold that hold one of a few words.
    """
    try:
        rule = Rule.compile(text, answers)
    except RuleError as error:
        findings.rule(file, path, error)
        return
    used: dict[str, RuleType] = {}
    for name in sorted(rule.names):
        if estate_open and name.startswith("estate."):
            used[name] = ANY
        elif check_name(findings, file, path, name, types, text, later):
            used |= {known: types[known] for known in _declared(name, types)}
    if len(used) == len(rule.names):
        _check_types(findings, file, path, rule, used, answers)
        check_words(findings, file, path, text, values)


def check_words(findings: Findings, file: str, path: PathTuple, text: str, values: Values) -> None:
    """Refuse to compare a name with a word that it can never hold: `ask.outcome == 'aproved'`."""
    for compared in _COMPARED.finditer(text):
        name = compared["name"] or compared["after"] or ""
        if name not in values:
            continue
        for word in _QUOTED.finditer(text, compared.start(), compared.end()):
            said = word[0][1:-1]
            if said and said not in values[name]:
                column = word.start() + 2 if "\n" not in text[: word.start()] else 1
                what = unknown("取值", "value", said, values[name])
                findings.rule(file, path, RuleError(f"`{name}`:{what}", column=column, number=1230), known_words(values[name]))


def check_name(
    findings: Findings,
    file: str,
    path: PathTuple,
    name: str,
    types: Mapping[str, RuleType],
    text: str,
    later: Collection[str] = (),
) -> bool:
    """Whether the dotted `name` exists and its step is not later; else a finding at its place in `text`."""
    if not _declared(name, types):
        findings.rule(file, path, RuleError(_unknown(name, types), column=column_of(name, text)))
        return False
    step = name.partition(".")[0]
    if step in later:
        findings.rule(
            file,
            path,
            RuleError(
                f"`{name}` 要到后面的步骤 `{step}` 才有 (known only at the later step `{step}`)",
                column=column_of(name, text),
                number=1231,
            ),
        )
        return False
    return True


def _declared(name: str, types: Mapping[str, RuleType]) -> list[str]:
    """The declared name that `name` reads: itself, or a name above it that holds anything."""
    if name in types:
        return [name]
    parts = name.split(".")
    for size in range(len(parts) - 1, 0, -1):
        above = ".".join(parts[:size])
        if above in types and types[above] is ANY:
            return [above]
    return []


def _unknown(name: str, types: Collection[str]) -> str:
    members = sorted(known for known in types if known.startswith(f"{name}."))
    if members:
        listed = "、".join(members[:8])
        return f"`{name}` 不是一个值，请写到具体一项：{listed} (`{name}` is a group of values)"
    step, _, member = name.rpartition(".")
    if member in BY_PART and f"{step}.done" in types:
        parts = " 或 ".join(BY_PART[member][0])
        return f"步骤 `{step}` 没有写 {parts}，所以没有 `{name}` (the step says no `{BY_PART[member][0][0]}`)"
    if name not in types and f"{step}.count" in types and f"{step}.done" in types:
        return f"步骤 `{step}` 逐项办理，规则里没有它的字段 (each item of `{step}` has its own values)"
    guess = nearest(name, types) or _same_end(name, types)
    hint = (
        f";是不是 `{guess}`? (unknown name `{name}`; did you mean `{guess}`?)" if guess else f" (unknown name `{name}`)"
    )
    return f"规则里没有 `{name}` 这个名字{hint}"


def _same_end(name: str, types: Collection[str]) -> str:
    end = name.rpartition(".")[2]
    return next((known for known in sorted(types) if known.rpartition(".")[2] == end), "")


def column_of(name: str, text: str) -> int:
    """Where `name` stands in a rule: its column, 1 when it is not on the first line."""
    at = text.find(name)
    return at + 1 if at >= 0 and "\n" not in text[:at] else 1


def _check_types(findings: Findings, file: str, path: PathTuple, rule: Rule, used: Mapping[str, RuleType],
                 answers: tuple[str, ...]) -> None:
    try:
        rule.typed(used, answers)
    except RuleError as error:
        remedy = next((remedy for said, remedy in _REMEDIES if said in error.what), "")
        findings.rule(file, path, error, remedy)
