"""Hooks, the public door and their reference pages say the same."""

import importlib.util
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import shouxu
from core import hookspecs
from core.dispatch import _FIRST_WINS, _JOINED, _LAST_WINS, _NEVER_RAISED, _ONCE

ROOT = Path(__file__).parents[2]
START_UP = ["procedures", "field_types", "validators", "template_filters", "overlays", "routes", "check_config",
            "pdf_converters", "sealers", "identity_providers", "blob_stores", "notifiers"]
PER_CASE = ["prefill", "validate_submission", "charges", "required_documents", "checklist_items", "facts",
            "choose_documents", "document_context", "number", "case_changed"]
HOOKS = {name: value for name, value in vars(hookspecs).items()
         if inspect.isfunction(value) and value.__module__ == hookspecs.__name__}


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_hooks_are_those_of_the_design_in_order_of_the_lifecycle() -> None:
    assert list(HOOKS) == START_UP + PER_CASE


@pytest.mark.parametrize("name", START_UP + PER_CASE)
def test_every_hook_says_when_what_and_how_results_combine(name: str) -> None:
    said = inspect.getdoc(HOOKS[name]) or ""
    assert "Called" in said
    assert any(word in said for word in ("Results are", "The first answer"))
    assert all(parameter.annotation is not inspect.Parameter.empty
               for parameter in inspect.signature(HOOKS[name]).parameters.values())


@pytest.mark.parametrize("name", START_UP + PER_CASE)
def test_every_hook_is_combined_as_it_says(name: str) -> None:
    said = inspect.getdoc(HOOKS[name]) or ""
    ways = {"joined": _JOINED, "ignored": _NEVER_RAISED | {"routes"},
            "merged": _ONCE | _FIRST_WINS | _LAST_WINS, "first": {"choose_documents", "number"}}
    way = next(way for way, words in (("joined", "are joined"), ("merged", "are merged"), ("ignored", "are ignored"),
                                      ("first", "The first answer")) if words in said)
    assert name in ways[way]


@pytest.mark.parametrize("page", ["hooks.md", "field_types.md", "definitions.md"])
def test_reference_pages_are_up_to_date(page: str) -> None:
    written = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert written == generator().PAGES[page](), "run: python docs/generate.py"


@pytest.mark.parametrize("page", ["field_types.md", "definitions.md"])
def test_every_key_has_a_meaning(page: str) -> None:
    written = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert "|  |\n" not in written


@pytest.mark.parametrize("name", START_UP + PER_CASE)
def test_every_hook_stands_in_the_reference_with_its_signature(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "hooks.md").read_text(encoding="utf-8")
    assert f"### {name}\n" in page
    assert f"def {name}(" in page


def test_the_door_has_exactly_what_it_promises() -> None:
    public = {name for name, value in vars(shouxu).items()
              if not name.startswith("_") and not inspect.ismodule(value)}
    assert set(shouxu.__all__) == public
    assert list(shouxu.__all__) == sorted(shouxu.__all__)
