"""What a step waits for by a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.procedures import Step
from core.errors import RuleError
from core.rules import Activation, Rule


def untils(step: Step) -> tuple[str, ...]:
    """The rules that must hold before the step is done for good."""
    return tuple(text for text in (step.until, step.repeat.until if step.repeat else None) if text)


def waits_while(text: str | None, known: Mapping[str, Any]) -> bool:
    """Whether the rule is certainly false while `known` is so, whatever else may be."""
    if not text or not any(f"{name}." in text for name in known):
        return False
    try:
        return Rule.compile(text).value(Activation(known)) is False
    except RuleError:
        return False  # told where rules are checked
