"""The JSON Schemas that editors use: every file of the project is right by them, and every mistake they can see is seen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from core.cli.program import shouxu
from core.definitions.reader import Node, read, read_bytes
from core.definitions.schema import json_schemas

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = json_schemas()
CHECKED = {pattern: jsonschema_rs.validator_for(schema) for pattern, schema in SCHEMAS.items()}
FEES = "estates/**/form_definitions/*/fee_schedule.yaml"


def pattern_of(path: Path) -> str:
    """Which schema is for the file."""
    if path.name in ("company.yaml", "estate.yaml"):
        return {"company.yaml": "estates/*/company.yaml", "estate.yaml": "estates/*/*/estate.yaml"}[path.name]
    parts = path.parts
    at = parts.index("form_definitions")
    inside = "forms/*.yaml" if parts[at + 2] == "forms" else "/".join(parts[at + 2:])
    return ("estates/**/" if "estates" in parts else "") + f"form_definitions/*/{inside}"


FILES = [path.relative_to(ROOT) for folder in ("form_definitions", "estates", "tests/data")
         for path in sorted((ROOT / folder).rglob("*.yaml"))
         if not {"walkthroughs", "broken"} & set(path.parts) and not path.name.startswith("demo_")]
BROKEN = sorted(path.relative_to(ROOT) for folder in ("definitions", "overrides")
                for path in (ROOT / "tests/data/broken" / folder).rglob("*.yaml"))
UNSEEN = {"SX-1203", "SX-1205", "SX-1220", "SX-1221", "SX-1230", "SX-1231", "SX-1232", "SX-1233", "SX-1234", "SX-1236", "SX-1240",
          "SX-1241", "SX-1243"}
"""Mistakes of one file against another, of rules, and of order: no schema knows them."""
BETWEEN_KEYS = {"copies", "fee_two_ways", "field_called_done", "form_name", "min_over_max", "nested_table", "number_pattern",
                "procedure_name", "reserved_step", "register_rules"}
"""Mistakes of one key against another, and of words that mean something else."""


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 60 and {pattern_of(path) for path in FILES} >= {one for one in SCHEMAS if not one.startswith("estates/**")}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_file_of_the_project_is_right(path: Path) -> None:
    errors = [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in
              CHECKED[pattern_of(path)].iter_errors(read(ROOT / path).plain)]
    assert not errors


@pytest.mark.parametrize("path", BROKEN, ids=str)
def test_every_mistake_that_a_schema_can_see_is_seen(path: Path) -> None:
    numbers = set(re.findall(r"# expect: \S+ (?:@ )?(SX-\d+)", (ROOT / path).read_text(encoding="utf-8")))
    sample = path.parts[4]
    inside = "/".join(path.parts[5:])
    home = "estates/**/form_definitions/*/" if path.parts[3] == "overrides" else "form_definitions/*/"
    pattern = home + ("forms/*.yaml" if "/" in inside else inside)
    if pattern not in CHECKED:
        assert numbers == {"SX-1205"}
        return
    seen = not CHECKED[pattern].is_valid(read(ROOT / path).plain)
    assert seen == (bool(numbers - UNSEEN) and sample not in BETWEEN_KEYS)


def _chosen(node: Node) -> Any:
    """The value with every value and list item inside it as a choice by building."""
    def choice(value: Any) -> Any:
        return {"by": "building", "values": {"3": value}, "default": value}

    if isinstance(node.value, dict):
        return {key: _chosen(child) if key in ("name", "procedure", "form", "value") else choice(_chosen(child))
                for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [choice(_chosen(child)) for child in node.value]
    return node.plain


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] == "form_definitions"], ids=str)
def test_every_value_and_list_item_may_be_a_choice(path: Path) -> None:
    said = _chosen(read(ROOT / path))
    errors = [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in CHECKED[pattern_of(path)].iter_errors(said)]
    assert not errors[:3]


@pytest.mark.parametrize(("text", "right"), [
    ("fees: [{name: deposit, months: {by: building, values: {3: 6}, default: 3}}]", True),
    ("fees: [{name: deposit, months: {by: building, values: {3: {by: use, values: {shop: 2}}}}}]", True),
    ("fees: [{name: deposit, months: {by: building, values: {3: six}}}]", False),
    ("fees: [{name: deposit, months: {by: building, values: {3: 6}, defualt: 3}}]", False),
    ("fees: [{name: deposit, months: {by: colour, values: {3: 6}}}]", False),
    ("fees: [{name: deposit, months: {by: building}}]", False),
    ("fees: [{by: use, values: {shop: {name: extra, title: x, stage: s, amount: 20}}}]", True),
    ("fees: [{name: deposit, remove: true}, {name: b, after: a}, {name: c, amount: ~, rate: '3', per: m2}]", True),
    ("fees: [{name: deposit, remove: {by: use, values: {parking: true}}}]", True),
    ("fees: [{name: deposit, remove: 'yes'}]", False),
    ("fees: [{name: deposit, amount: 12.5.1}]", False), ("fees: [{name: deposit, amounts: {walk_up: -5}}]", False),
    ("fees: [{title: without a name}]", False), ("fess: []", False), ("{}", True),
])
def test_what_an_override_may_say(text: str, right: bool) -> None:
    assert CHECKED[FEES].is_valid(read_bytes(text.encode(), "x.yaml").plain) is right


def test_every_key_says_what_it_means() -> None:
    for pattern, schema in SCHEMAS.items():
        for model in (schema, *schema.get("$defs", {}).values()):
            for key, member in model.get("properties", {}).items():
                if key not in ("values", "default", "by"):
                    assert member.get("description") or "$ref" in member or "title" in member, f"{pattern}: {key}"


# ---------------------------------------------------------------- the command


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(shouxu, ["schemas", *arguments], prog_name="shouxu")
    assert result.exit_code == code, result.output
    return result.output


def test_the_files_and_the_mapping_for_the_editor(tmp_path: Path) -> None:
    settings = tmp_path / ".vscode" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"editor.tabSize": 2, "yaml.schemas": {"other.json": "x.yaml"}}', encoding="utf-8")
    run("--out", str(tmp_path / "schemas"), "--editor", str(tmp_path))
    said = json.loads(settings.read_text(encoding="utf-8"))
    assert said["editor.tabSize"] == 2 and said["yaml.schemas"].pop("other.json") == "x.yaml"
    assert len(said["yaml.schemas"]) == len(SCHEMAS)
    for name, patterns in said["yaml.schemas"].items():
        schema = json.loads((tmp_path / name).read_text(encoding="utf-8"))
        pattern = patterns[0].removeprefix("**/") if patterns[0].startswith("**/estates") else patterns[0]
        assert schema == SCHEMAS[pattern]


def test_it_is_said_which_there_are_and_what_is_asked_wrongly(tmp_path: Path) -> None:
    assert "estate.fee_schedule.json" in run()
    assert set(json.loads(run("--json"))) == set(SCHEMAS)
    assert len(json.loads(run("--json", "--out", str(tmp_path)))["written"]) == len(SCHEMAS)
    assert "--out" in run("--editor", str(tmp_path), code=2)
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode" / "settings.json").write_text("{// mine\n}", encoding="utf-8")
    assert "by hand" in run("--out", str(tmp_path), "--editor", str(tmp_path), code=2)
