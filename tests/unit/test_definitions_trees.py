"""What was read before is the same as what is read anew, with every place; what is wrong is never remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.definitions import reader
from core.definitions.reader import read_bytes
from core.definitions.trees import remembering
from core.errors import DefinitionErrors

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "form_definitions").rglob("*.yaml"))


@pytest.fixture(autouse=True)
def _nothing_in_the_process() -> None:
    read_bytes.cache_clear()


def kept(folder: Path) -> Path:
    return folder / "cache" / "trees.json"


def test_every_file_is_the_same_as_when_it_was_parsed(tmp_path: Path) -> None:
    with remembering(tmp_path):
        first = [read_bytes(path.read_bytes(), path.name) for path in FILES]
    assert len(json.loads(kept(tmp_path).read_text(encoding="utf-8"))["trees"]) == len({path.read_bytes() for path in FILES})
    read_bytes.cache_clear()
    with remembering(tmp_path):
        again = [read_bytes(path.read_bytes(), path.name) for path in FILES]
    assert again == first
    assert [one.marks for one in again] == [one.marks for one in first]


def test_it_is_not_parsed_again_and_has_the_name_of_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with remembering(tmp_path):
        read_bytes(b"a: {b: 1}", "old.yaml")
    read_bytes.cache_clear()
    monkeypatch.setattr(reader, "_parsed", lambda data, name: pytest.fail("parsed"))
    with remembering(tmp_path):
        node = read_bytes(b"a: {b: 1}", "new.yaml")
    assert str(node.value["a"].value["b"].key_mark) == "new.yaml:1:5"


@pytest.mark.parametrize("said", ["", "{", "[]", '{"program": "another", "trees": {}}', '{"trees": 3}'])
def test_a_memory_of_another_program_or_broken_is_none(tmp_path: Path, said: str) -> None:
    kept(tmp_path).parent.mkdir()
    kept(tmp_path).write_text(said, encoding="utf-8")
    with remembering(tmp_path):
        assert read_bytes(b"a: 1", "a.yaml").plain == {"a": 1}
    assert json.loads(kept(tmp_path).read_text(encoding="utf-8"))["trees"]


def test_a_mistake_is_told_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        with remembering(tmp_path), pytest.raises(DefinitionErrors):
            read_bytes(b"a: [1", "a.yaml")
        read_bytes.cache_clear()
    assert not kept(tmp_path).exists()


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("", encoding="utf-8")
    with remembering(tmp_path):
        assert read_bytes(b"a: 1", "a.yaml").plain == {"a": 1}


def test_without_a_folder_nothing_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with remembering(None):
        read_bytes(b"a: 1", "a.yaml")
    assert list(tmp_path.iterdir()) == []
    with remembering(tmp_path / "missing"):
        read_bytes(b"a: 2", "a.yaml")
    assert (tmp_path / "shouxu" / "trees.json").exists()
