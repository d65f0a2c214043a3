"""Finds plugins, registers them, and says which are out of service and why."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from core import hookspecs
from core.dispatch import Hooks, call
from core.domain.extensions import FieldKind
from core.domain.forms import FIELD_TYPES
from core.domain.sources import PASSED_OVER, Overlay, ProcedureSource
from core.errors import PluginError

ENTRY_POINTS = "shouxu"
_ESTATE_MODULES = "shouxu_estate_plugins"

log = logging.getLogger("shouxu.plugins")


@dataclass(frozen=True)
class _Candidate:
    """A plugin before it is imported: its name, how to import it, and the estate it is for (else empty)."""

    name: str
    load: Callable[[], Any]
    estate: str = ""


class Plugins:
    """The registered plugins. `out_of_service`: procedure or plugin → why it could not be loaded;
    `failures`: (plugin, hook) → how often it raised while serving."""

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self.out_of_service: dict[str, str] = {}
        self.failures: Counter[tuple[str, str]] = Counter()
        self.sources: tuple[ProcedureSource, ...] = ()
        self.overlays: tuple[Overlay, ...] = ()
        self.field_types: tuple[FieldKind, ...] = ()
        self._procedures: dict[str, frozenset[str]] = {}  # plugin → procedures it is limited to
        self._estates: dict[str, str] = {}  # plugin → the estate it is limited to
        self._broken_estates: dict[str, str] = {}
        self._hooks: dict[tuple[str, str], Hooks] = {}

    def for_procedure(self, name: str, estate: str = "") -> Hooks:
        """The per-case hooks of a procedure: of its plugin, of plugins for all, of the estate's own.

        PluginError SX-1012 when the procedure, or a plugin of the estate, is out of service.
        """
        reason = self.reason(name, estate)
        if reason:
            raise PluginError(f"`{name}` 暂停办理：{reason} (out of service)", number=1012)
        key = (name, estate)
        if key not in self._hooks:
            strangers = [
                plugin
                for plugin_name, plugin in self.manager.list_name_plugin()
                if not self._serves(plugin_name, name, estate)
            ]
            self._hooks[key] = Hooks(self.manager, strangers, self.failures)
        return self._hooks[key]

    def everywhere(self) -> Hooks:
        """The hooks of all plugins, for start-up."""
        return Hooks(self.manager, [], self.failures)

    def reason(self, procedure: str, estate: str = "") -> str:
        """Why a procedure is out of service at an estate, empty when it is not."""
        return self.out_of_service.get(procedure, "") or self._broken_estates.get(estate, "")

    def _serves(self, plugin: str, procedure: str, estate: str) -> bool:
        own = self._procedures.get(plugin)
        return (not own or procedure in own) and self._estates.get(plugin, estate) == estate

    # ------------------------------------------------------------ while loading

    def _register(self, candidate: _Candidate) -> None:
        if self.manager.has_plugin(candidate.name):
            raise PluginError(
                f"插件 `{candidate.name}` 有两个 (plugin registered twice)",
                number=1013,
                remedy="请改名或移走其中一个",
            )
        try:
            self.manager.register(candidate.load(), candidate.name)
        except Exception as error:
            self._fail(candidate, f"加载失败 (failed while loading): {type(error).__name__}: {error}")
            return
        if candidate.estate:
            self._estates[candidate.name] = candidate.estate

    def _fail(self, candidate: _Candidate, reason: str) -> None:
        log.exception("plugin %s is out of service", candidate.name)
        self.out_of_service[candidate.name] = reason
        if candidate.estate:
            self._broken_estates[candidate.estate] = f"{candidate.name}: {reason}"

    def _collect(self, candidates: Iterable[_Candidate]) -> None:
        sources: dict[str, ProcedureSource] = {}
        overlays: list[Overlay] = []
        types: dict[str, FieldKind] = {}
        for candidate in candidates:
            plugin = self.manager.get_plugin(candidate.name)
            if plugin is None:
                continue
            try:
                own = _declared(self.manager, plugin, "procedures", ProcedureSource)
                over = _declared(self.manager, plugin, "overlays", Overlay)
                kinds = _declared(self.manager, plugin, "field_types", None)
            except Exception as error:
                self._fail(candidate, f"声明失败 (failed while declaring): {error}")
                self.manager.unregister(plugin)
                continue
            _add_once(sources, own, candidate.name, "手续", "procedure")
            _add_once(types, kinds, candidate.name, "字段类型", "field type", FIELD_TYPES)
            overlays += over
            self._procedures[candidate.name] = frozenset(
                {*(s.name for s in own), *(o.procedure for o in over)}
            )
        self.sources, self.overlays, self.field_types = (
            tuple(sources.values()),
            tuple(overlays),
            tuple(types.values()),
        )


def load_plugins(
    package: str | None = "plugins", estates: Path | None = None, *, installed: bool = True
) -> Plugins:
    """Plugins of the package `package` (one module or folder each), of the entry-point group `shouxu`, and of
    the
    folders `<company>/<estate>/plugins` below `estates`.

    PluginError stops start-up: a misspelt hook (SX-1011), a name used twice (SX-1013). A plugin that fails by
    itself is out of service and the rest goes on.
    """
    plugins = Plugins()
    candidates = [*_built_in(package), *(_installed() if installed else ()), *_of_estates(estates)]
    for candidate in candidates:
        plugins._register(candidate)
    _refuse_misspelt(plugins.manager)
    plugins._collect(candidates)
    return plugins


def _built_in(package: str | None) -> Iterator[_Candidate]:
    if package is None:
        return
    folder = importlib.import_module(package)
    for found in sorted(pkgutil.iter_modules(folder.__path__), key=lambda found: found.name):
        full = f"{package}.{found.name}"
        yield _Candidate(found.name, lambda full=full: importlib.import_module(full))


def _installed() -> Iterator[_Candidate]:
    for found in sorted(entry_points(group=ENTRY_POINTS), key=lambda found: found.name):
        yield _Candidate(found.name, found.load)


def _of_estates(estates: Path | None) -> Iterator[_Candidate]:
    for path in sorted(estates.glob("*/*/plugins/*.py")) if estates else ():
        company, estate = path.parts[-4], path.parts[-3]
        if path.stem != "__init__" and not (path.parents[2] / PASSED_OVER).exists():
            yield _Candidate(
                f"{estate}/{path.stem}", lambda path=path, company=company: _load_file(path, company), estate
            )


def _load_file(path: Path, company: str) -> ModuleType:
    """The module of one file of an estate, under a name that no other estate can have."""
    name = f"{_ESTATE_MODULES}.{company}.{path.parts[-3]}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"读不了 {path} (cannot load)", number=1010)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _refuse_misspelt(manager: pluggy.PluginManager) -> None:
    """pluggy takes a hook that no specification knows in silence until it is asked; ask, for all at once."""
    specified = [name for name, caller in vars(manager.hook).items() if caller.has_spec()]
    said = [
        _misspelt(implementation.plugin_name, name, specified)
        for name, caller in vars(manager.hook).items()
        if not caller.has_spec()
        for implementation in caller.get_hookimpls()
        if not implementation.optionalhook
    ]
    if said:
        raise PluginError("\n".join(said), number=1011)


def _misspelt(plugin: str, name: str, specified: list[str]) -> str:
    guess = get_close_matches(name, specified, 1, 0.5)
    hint = (
        f";是不是 `{guess[0]}`? (did you mean `{guess[0]}`?)"
        if guess
        else f";已有：{'、'.join(sorted(specified))}"
    )
    return f"插件 `{plugin}`:没有名为 `{name}` 的钩子 (no such hook){hint}"


def _declared(manager: pluggy.PluginManager, plugin: Any, hook: str, kind: type | None) -> list[Any]:
    """What one plugin alone declares by a start-up hook, each of the right class."""
    strangers = [other for other in manager.get_plugins() if other is not plugin]
    found = call(manager.subset_hook_caller(hook, strangers), {})
    for item in found:
        if not (isinstance(item, kind) if kind else isinstance(getattr(item, "name", None), str)):
            wanted = kind.__name__ if kind else "FieldType"
            raise PluginError(
                f"`{hook}` 应给出 {wanted}，得到 {type(item).__name__} (wrong result)", number=1014
            )
    return found


def _add_once(
    known: dict[str, Any], items: Iterable[Any], plugin: str, zh: str, en: str, built_in: Iterable[str] = ()
) -> None:
    for item in items:
        if item.name in known or item.name in built_in:
            raise PluginError(
                f"{zh} `{item.name}` 已经有了，插件 `{plugin}` 又声明一次 ({en} declared twice)", number=1013
            )
        known[item.name] = item
