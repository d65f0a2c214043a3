"""Plugins are found, judged and kept apart; broken samples stand in tests/data/broken/plugins."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import GateClosed, PluginError
from core.loader import Plugins, load_plugins

GOOD = """
from decimal import Decimal
from pathlib import Path
from shouxu import ExtraCharge, ProcedureSource, Text, hookimpl

@hookimpl
def procedures():
    return [ProcedureSource({name!r}, Path("d"), Path("t"), "1")]

@hookimpl
def charges(case, step):
    return [ExtraCharge({name!r}, Text(zh="费"), Decimal("1.00"))]

@hookimpl
def prefill(case, step):
    return {{"who": {name!r}, {name!r}: 1}}

@hookimpl
def choose_documents(case, step, documents):
    return [{name!r}]
"""
GLOBAL = """
from decimal import Decimal
from shouxu import ExtraCharge, Text, hookimpl

@hookimpl
def charges(case, step):
    return [ExtraCharge("everywhere", Text(zh="费"), Decimal("2.00"))]
"""
BROKEN = Path(__file__).parents[1] / "data" / "broken" / "plugins"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An importable package `some_plugins` to put modules in."""
    package = tmp_path / "some_plugins"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] in ("some_plugins", "shouxu_estate_plugins")]:
        del sys.modules[name]


def put(folder: Path, name: str, text: str = "") -> None:
    (folder / f"{name}.py").write_text(text or GOOD.format(name=name), encoding="utf-8")


def loaded(folder: Path) -> Plugins:
    return load_plugins("some_plugins", folder.parent / "estates", installed=False)


def names(charges: list) -> list[str]:
    return [charge.name for charge in charges]


def test_a_procedure_hears_its_own_plugin_and_those_for_all(folder: Path) -> None:
    put(folder, "lend")
    put(folder, "repair")
    put(folder, "z_tax", GLOBAL)
    plugins = loaded(folder)
    assert [source.name for source in plugins.sources] == ["lend", "repair"]
    assert names(plugins.for_procedure("lend").charges(case=None, step="pay")) == ["lend", "everywhere"]
    assert names(plugins.for_procedure("repair").charges(case=None, step="pay")) == ["repair", "everywhere"]
    assert plugins.for_procedure("lend") is plugins.for_procedure("lend")
    assert plugins.for_procedure("repair").choose_documents(case=None, step="s", documents=["a"]) == ["repair"]
    assert plugins.for_procedure("lend").facts(estate="e", unit="u", names=[]) == {}


def test_answers_are_merged_and_the_later_plugin_wins_a_prefill(folder: Path) -> None:
    put(folder, "lend")
    put(folder, "z_more", "from shouxu import hookimpl\n@hookimpl\ndef prefill(case, step):\n    return {'who': 'z'}\n")
    assert loaded(folder).for_procedure("lend").prefill(case=None, step="s") == {"who": "z", "lend": 1}


def test_an_estates_own_plugin_speaks_at_that_estate_only(folder: Path) -> None:
    put(folder, "lend")
    own = folder.parent / "estates/acme/park/plugins"
    own.mkdir(parents=True)
    put(own, "extra", GLOBAL)
    plugins = loaded(folder)
    assert names(plugins.for_procedure("lend", "park").charges(case=None, step="s")) == ["lend", "everywhere"]
    assert names(plugins.for_procedure("lend", "lake").charges(case=None, step="s")) == ["lend"]


def test_plugins_of_a_folder_that_is_passed_over_are_not_read(folder: Path) -> None:
    put(folder, "lend")
    own = folder.parent / "estates/acme/park/plugins"
    own.mkdir(parents=True)
    put(own, "extra", "raise RuntimeError('read')\n")
    (folder.parent / "estates/acme/.passed_over").touch()
    assert loaded(folder).out_of_service == {}


def test_two_estates_may_have_modules_of_one_name(folder: Path) -> None:
    for estate in ("park", "lake"):
        own = folder.parent / f"estates/acme/{estate}/plugins"
        own.mkdir(parents=True)
        put(own, "extra", GLOBAL.replace("everywhere", estate))
    plugins = loaded(folder)
    assert names(plugins.for_procedure("lend", "lake").charges(case=None, step="s")) == ["lake"]
    assert names(plugins.for_procedure("lend", "park").charges(case=None, step="s")) == ["park"]


def test_a_misspelt_hook_stops_the_start_with_the_right_name(folder: Path) -> None:
    put(folder, "lend", (BROKEN / "misspelt.py").read_text())
    put(folder, "repair", (BROKEN / "misspelt.py").read_text().replace("validate_submision", "nonsense_xyz"))
    with pytest.raises(PluginError) as caught:
        loaded(folder)
    assert caught.value.code == "SX-1011"
    assert "插件 `lend`" in caught.value.what
    assert "did you mean `validate_submission`?" in caught.value.what
    assert "`nonsense_xyz`" in caught.value.what


def test_a_procedure_declared_twice_stops_the_start(folder: Path) -> None:
    put(folder, "lend")
    put(folder, "lend_again", GOOD.format(name="lend"))
    with pytest.raises(PluginError, match="declared twice") as caught:
        loaded(folder)
    assert caught.value.code == "SX-1013"


@pytest.mark.parametrize(("sample", "said"), [
    ("import_error", "ModuleNotFoundError"), ("syntax_error", "SyntaxError"), ("raises_on_import", "RuntimeError: no"),
    ("wrong_arguments", "PluginValidationError"), ("raises_in_procedures", "hook failed"),
    ("wrong_result", "应给出 ProcedureSource"), ("not_a_list", "a list is wanted"),
])
def test_a_broken_plugin_takes_only_its_procedure_out_of_service(
        folder: Path, caplog: pytest.LogCaptureFixture, sample: str, said: str) -> None:
    put(folder, "lend")
    put(folder, "broken", (BROKEN / f"{sample}.py").read_text())
    with caplog.at_level(logging.ERROR, "shouxu.plugins"):
        plugins = loaded(folder)
    assert said in plugins.out_of_service["broken"]
    assert plugins.reason("lend") == ""
    assert [source.name for source in plugins.sources] == ["lend"]
    assert "broken" in caplog.text
    with pytest.raises(PluginError) as caught:
        plugins.for_procedure("broken")
    assert caught.value.code == "SX-1012"


def test_a_broken_plugin_of_an_estate_stops_that_estate_only(folder: Path) -> None:
    put(folder, "lend")
    own = folder.parent / "estates/acme/park/plugins"
    own.mkdir(parents=True)
    put(own, "extra", "raise RuntimeError('no')\n")
    plugins = loaded(folder)
    assert "park/extra" in plugins.reason("lend", "park")
    with pytest.raises(PluginError):
        plugins.for_procedure("lend", "park")
    assert names(plugins.for_procedure("lend", "lake").charges(case=None, step="s")) == ["lend"]


def test_a_hook_that_crashes_fails_the_request_and_is_counted(folder: Path) -> None:
    head = "def charges(case, step):"
    put(folder, "lend", GOOD.format(name="lend").replace(head, f"{head}\n    1 / 0"))
    plugins = loaded(folder)
    with pytest.raises(PluginError, match="插件 `lend` 的 `charges` 出错") as caught:
        plugins.for_procedure("lend").charges(case=None, step="s")
    assert caught.value.code == "SX-1015"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert plugins.failures == {("lend", "charges"): 1}


def test_a_hook_may_refuse_politely(folder: Path) -> None:
    put(folder, "lend", "from shouxu import GateClosed, hookimpl\n@hookimpl\ndef charges(case, step):\n"
                        "    raise GateClosed('请先办理验收')\n")
    plugins = loaded(folder)
    with pytest.raises(GateClosed, match="请先办理验收"):
        plugins.for_procedure("lend").charges(case=None, step="s")
    assert not plugins.failures


def test_case_changed_never_raises(folder: Path) -> None:
    put(folder, "lend", "from shouxu import hookimpl\n@hookimpl\ndef case_changed(case, change, details):\n    1 / 0\n")
    plugins = loaded(folder)
    assert plugins.for_procedure("lend").case_changed(case=None, change="opened", details={}) is None
    assert plugins.failures == {("lend", "case_changed"): 1}


def test_a_value_given_twice_where_one_is_wanted_is_refused(folder: Path) -> None:
    text = "from shouxu import hookimpl\n@hookimpl\ndef document_context(case, document):\n    return {'seal': 1}\n"
    put(folder, "a", text)
    put(folder, "b", text)
    with pytest.raises(PluginError, match="given twice"):
        loaded(folder).for_procedure("x").document_context(case=None, document="d")


def test_an_unknown_hook_is_no_attribute(folder: Path) -> None:
    with pytest.raises(AttributeError):
        _ = loaded(folder).everywhere().no_such_hook


def test_the_house_loads_its_own_plugins() -> None:
    plugins = load_plugins(installed=False)
    assert plugins.out_of_service == {}
    assert "move_in" in [source.name for source in plugins.sources]
