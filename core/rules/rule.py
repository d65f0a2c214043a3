"""One rule: compiled once per text, evaluated with an activation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from core.errors import RuleError
from core.rules.activation import ENVIRONMENT, Activation
from core.rules.parse_tree import names_read

_PLACE = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")
_ANSWERS = ("BOOL", "DYN")


@dataclass(frozen=True)
class Verdict:
    """What a rule said: `holds`, or not; `error` is why it could not be evaluated, else empty."""

    holds: bool
    error: str = ""


class Rule:
    """A compiled CEL expression. `names`: the dotted names it reads (`ask.reason`, `ledger.due_fen`)."""

    __slots__ = ("_expression", "names", "text")

    def __init__(self, text: str, expression: Any, names: frozenset[str]) -> None:
        self.text = text
        self.names = names
        self._expression = expression

    def __repr__(self) -> str:
        return f"Rule({self.text!r})"

    @staticmethod
    def compile(text: str) -> Rule:
        """The rule of `text`, kept by text; RuleError with line and column of the first mistake."""
        return _compiled(text)

    def typed(self, types: Mapping[str, cel.Type]) -> None:
        """Check the rule against the types of its names; RuleError where an operator does not fit."""
        check_types(self.text, types)

    def holds(self, activation: Activation) -> bool:
        """Whether the rule says exactly true; an evaluation error is no."""
        return self.verdict(activation).holds

    def verdict(self, activation: Activation) -> Verdict:
        """The answer, with the error if there was one; RuleError SX-1241 when the budget is exhausted."""
        try:
            # Evaluation errors come back as a value, and that value is truthy: only `is True` may pass.
            answer = self._expression.eval(activation.native)
        except RuntimeError as error:
            raise RuleError(f"规则过于复杂，已停止计算 (rule too costly): {self.text}: {error}", number=1241) from error
        value = answer.value()
        if value is True:
            return Verdict(True)
        if answer.type() == cel.Type.ERROR:
            return Verdict(False, str(value))
        if value is False:
            return Verdict(False)
        return Verdict(False, f"the rule answers {value!r}, not true or false")


@lru_cache(maxsize=16384)
def _compiled(text: str) -> Rule:
    expression = _compile(ENVIRONMENT, text, disable_check=True)
    names = names_read(expression.serialize())
    roots = {name.partition(".")[0] for name in names}
    check_types(text, dict.fromkeys(roots, cel.Type.DYN))
    return Rule(text, expression, names)


def check_types(text: str, types: Mapping[str, cel.Type]) -> None:
    """Compile `text` with `types` of its names; RuleError for unknown functions, operators that do not fit,
    and rules that answer something else than yes or no."""
    answer = _compile(cel.NewEnv(variables=dict(types)), text).return_type()
    if answer.name() not in _ANSWERS:
        raise RuleError(
            f"规则要回答是或否，这条得到的是 {answer.name().lower()} (a rule answers yes or no)", number=1243
        )


def _compile(environment: Any, text: str, *, disable_check: bool = False) -> Any:
    try:
        return environment.compile(text, disable_check=disable_check)
    except RuntimeError as error:
        raise _rule_error(text, str(error)) from None


def _rule_error(text: str, message: str) -> RuleError:
    found = _PLACE.search(message)
    if not found:
        said = message.splitlines()[0] if message else "?"
        return RuleError(f"规则无法理解 (rule not understood): {said}", line=1, column=1)
    line, column = int(found[1]), int(found[2])
    if line > text.count("\n") + 1:  # a rule nested too deep is placed beyond its end
        line = column = 1
    said = found[3].removesuffix(" (in container '')")
    said = re.sub(r"expecting \{.*", "expecting a value", said)
    return RuleError(f"规则无法理解 (rule not understood): {said}: `{text}`", line=line, column=column)
