"""Checks of one rule: it compiles, reads only names that exist, fits their types, and reads nothing of later
steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.words import nearest
from core.errors import RuleError
from core.rules import Rule
from core.rules.types import ANY, RuleType

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
) -> None:
    """Check the rule `text` at `path`; `later` are names of steps it may not read yet.

    `estate_open`: no estate is known, so any `estate.…` may be read.
    """
    try:
        rule = Rule.compile(text)
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
        _check_types(findings, file, path, rule, used)


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
        findings.rule(file, path, RuleError(_unknown(name, types), column=_column(name, text)))
        return False
    step = name.partition(".")[0]
    if step in later:
        findings.rule(
            file,
            path,
            RuleError(
                f"`{name}` 要到后面的步骤 `{step}` 才有 (known only at the later step `{step}`)",
                column=_column(name, text),
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
    guess = nearest(name, types) or _same_end(name, types)
    hint = (
        f";是不是 `{guess}`? (unknown name `{name}`; did you mean `{guess}`?)" if guess else f" (unknown name `{name}`)"
    )
    return f"规则里没有 `{name}` 这个名字{hint}"


def _same_end(name: str, types: Collection[str]) -> str:
    end = name.rpartition(".")[2]
    return next((known for known in sorted(types) if known.rpartition(".")[2] == end), "")


def _column(name: str, text: str) -> int:
    at = text.find(name)
    return at + 1 if at >= 0 and "\n" not in text[:at] else 1


def _check_types(findings: Findings, file: str, path: PathTuple, rule: Rule, used: Mapping[str, RuleType]) -> None:
    try:
        rule.typed(used)
    except RuleError as error:
        remedy = next((remedy for said, remedy in _REMEDIES if said in error.what), "")
        findings.rule(file, path, error, remedy)
