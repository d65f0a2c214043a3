"""Rules: CEL behind a small interface of our own. Only `is True` passes a rule."""

from core.rules.activation import Activation
from core.rules.rule import Rule, Verdict

__all__ = ["Activation", "Rule", "Verdict"]
