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
YES_OR_NO = ("BOOL", "DYN")
"""What a rule may answer; DYN: known only when it is evaluated."""
ANY_ANSWER: tuple[str, ...] = ()
"""A rule that gives a value: text, a number, yes or no."""


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
    def compile(text: str, answers: tuple[str, ...] = YES_OR_NO) -> Rule:
        """The rule of `text`, kept by text; RuleError with line and column of the first mistake.

        `answers`: kinds of answers that it may give (`ANY_ANSWER`: read it with `value`).
        """
        return _compiled(text, answers)

    def typed(self, types: Mapping[str, cel.Type], answers: tuple[str, ...] = YES_OR_NO) -> None:
        """Check the rule against the types of its names; RuleError where an operator or its answer does not fit."""
        check_types(self.text, types, answers)

    def value(self, activation: Activation) -> Any:
        """What the rule gives, as a plain value; None when it cannot be evaluated."""
        try:
            answer = self._expression.eval(activation.native)
        except RuntimeError as error:
            raise RuleError(f"规则过于复杂，已停止计算 (rule too costly): {self.text}: {error}", number=1241) from error
        return None if answer.type() == cel.Type.ERROR else answer.value()

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


# Estates repeat the rules of their procedures with the same types; both grow with the definitions and no further.
_ENVIRONMENTS: dict[frozenset[tuple[str, str]], Any] = {}
_ANSWERS: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}


@lru_cache(maxsize=16384)
def _compiled(text: str, answers: tuple[str, ...]) -> Rule:
    expression = _compile(ENVIRONMENT, text, disable_check=True)
    names = names_read(expression.serialize())
    roots = {name.partition(".")[0] for name in names}
    check_types(text, dict.fromkeys(roots, cel.Type.DYN), answers)
    return Rule(text, expression, names)


def check_types(text: str, types: Mapping[str, cel.Type], answers: tuple[str, ...] = YES_OR_NO) -> None:
    """Compile `text` with `types` of its names; RuleError for unknown functions, operators that do not fit,
    and rules that answer something else than one of `answers` (yes or no)."""
    kinds = frozenset((name, kind.name()) for name, kind in types.items())
    answer = _ANSWERS.get((text, kinds))
    if answer is None:
        if kinds not in _ENVIRONMENTS:
            _ENVIRONMENTS[kinds] = cel.NewEnv(variables=dict(types))
        answer = _ANSWERS[text, kinds] = _compile(_ENVIRONMENTS[kinds], text).return_type().name()
    if answers and answer not in answers:
        raise RuleError(_wrong_answer(answer.lower(), answers), number=1243)


def _wrong_answer(answer: str, answers: tuple[str, ...]) -> str:
    if answers == YES_OR_NO:
        return f"规则要回答是或否，这条得到的是 {answer} (a rule answers yes or no)"
    wanted = answers[0].lower()
    return f"这里要得到 {wanted}，这条得到的是 {answer} (wanted {wanted}, this gives {answer})"


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
