"""The core carries no procedure's name: whatever one needs is a construct that all may use."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROCEDURES = sorted(path.name for path in (ROOT / "form_definitions").iterdir() if (path / "procedure.yaml").is_file())
TITLES = ("入伙", "装修", "报修", "投诉", "放行")
SHOWN = {"core/walkthroughs/demonstration.py", "core/cli/registers.py", "core/cli/walk.py", "core/cli/cases.py",
         "core/cli/blank.py"}
"""Modules that may name one: the demonstration says which cases it opens, the command line gives examples."""


def literals(path: Path) -> set[str]:
    """Every text in the code of a module, but for docstrings, which may give examples."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    return {node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said}


def test_there_are_procedures_to_look_for():
    assert {"move_in", "fit_out", "repairs", "complaints", "item_release"} <= set(PROCEDURES)


@pytest.mark.parametrize("path", sorted((ROOT / "core").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_procedure_is_named(path: Path):
    if path.relative_to(ROOT).as_posix() in SHOWN:
        return
    for text in literals(path):
        words = set(text.replace("/", " ").replace(".", " ").replace(",", " ").replace("=", " ").split())
        assert not words & set(PROCEDURES), text
        assert not any(title in text for title in TITLES), text
