"""Calls hooks: which plugins answer, how their answers combine, what a crash becomes."""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pluggy

from core.errors import PluginError, Refused

log = logging.getLogger("shouxu.plugins")

_JOINED = frozenset(
    {
        "procedures",
        "field_types",
        "overlays",
        "check_config",
        "validate_submission",
        "charges",
        "required_documents",
        "checklist_items",
    }
)
_FIRST_WINS = frozenset({"facts"})
_LAST_WINS = frozenset({"prefill"})
_ONCE = frozenset(
    {
        "validators",
        "template_filters",
        "pdf_converters",
        "sealers",
        "identity_providers",
        "blob_stores",
        "notifiers",
        "document_context",
    }
)
_NEVER_RAISED = frozenset({"case_changed"})


class Hooks:
    """Hooks as methods, limited to some plugins: `hooks.charges(case=case, step="pay")`.

    Answers are combined as core.hookspecs says: lists joined, mappings merged, or the first answer.
    """

    def __init__(
        self, manager: pluggy.PluginManager, without: list[Any], failures: Counter[tuple[str, str]]
    ) -> None:
        self._manager = manager
        self._without = without
        self._failures = failures

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or not hasattr(self._manager.hook, name):
            raise AttributeError(f"no hook is called `{name}`")
        caller = self._manager.subset_hook_caller(name, self._without)

        def ask(**given: Any) -> Any:
            return self._ask(caller, given)

        self.__dict__[name] = ask  # found once, then an ordinary attribute
        return ask

    def heard(self, name: str) -> bool:
        """Whether any plugin implements the hook `name`."""
        return bool(self._manager.subset_hook_caller(name, self._without).get_hookimpls())

    def _ask(self, caller: pluggy.HookCaller, given: dict[str, Any]) -> Any:
        try:
            return call(caller, given)
        except PluginError as error:
            self._failures[getattr(error, "plugin", ""), caller.name] += 1
            log.error("hook %s failed", caller.name, exc_info=error)
            if caller.name in _NEVER_RAISED:
                return None
            raise


def call(caller: pluggy.HookCaller, given: dict[str, Any]) -> Any:
    """The combined answer of a hook; PluginError SX-1015 when a plugin raises, SX-1014 for a wrong answer.

    `Refused` and its kind pass: a plugin may refuse politely.
    """
    try:
        answers = caller(**given)
    except (Refused, PluginError):
        raise
    except Exception as error:
        plugin = _culprit(caller, error)
        wrapped = PluginError(
            f"插件 `{plugin}` 的 `{caller.name}` 出错 (hook failed): {type(error).__name__}",
            number=1015,
            remedy="本次操作未保存；请联系管理员查看日志",
        )
        wrapped.plugin = plugin  # type: ignore[attr-defined]
        raise wrapped from error
    return _combined(caller.name, answers)


def _culprit(caller: pluggy.HookCaller, error: Exception) -> str:
    """The plugin whose function stands in the traceback: pluggy itself does not say."""
    frames = {frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)}
    for implementation in caller.get_hookimpls():
        if getattr(implementation.function, "__code__", None) in frames:
            return implementation.plugin_name
    return "?"


def _combined(name: str, answers: Any) -> Any:
    if name in _JOINED:
        return [item for answer in reversed(answers) for item in _listed(name, answer)]
    if name in _ONCE | _FIRST_WINS | _LAST_WINS:
        return _merged(name, list(reversed(answers)))  # pluggy asks the latest first
    return answers


def _listed(name: str, answer: Any) -> list[Any]:
    if isinstance(answer, (str, Mapping)) or not hasattr(answer, "__iter__"):
        raise PluginError(f"`{name}` 应给出列表，得到 {type(answer).__name__} (a list is wanted)", number=1014)
    return list(answer)


def _merged(name: str, answers: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for answer in answers:
        if not isinstance(answer, Mapping):
            raise PluginError(
                f"`{name}` 应给出映射，得到 {type(answer).__name__} (a mapping is wanted)", number=1014
            )
        twice = sorted(set(merged) & set(answer))
        if twice and name in _ONCE:
            raise PluginError(f"`{name}`:{'、'.join(twice)} 有两个插件给出 (given twice)", number=1013)
        merged = merged | dict(answer) if name in _LAST_WINS else dict(answer) | merged
    return merged
