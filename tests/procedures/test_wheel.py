"""A wheel built from this tree works in a clean venv, away from the checkout."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "plugins", "shouxu", "form_definitions", "document_templates", "estates")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `install/wheel_check.sh`: `wheel/*.whl` and the walk in `out/`."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run([ROOT / "install" / "wheel_check.sh", folder], capture_output=True, text=True,
                          timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_carries_every_file_of_the_packages(checked: Path):
    (wheel,) = (checked / "wheel").glob("shouxu-*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    here = {path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and (not path.name.startswith(".") or path.name == ".passed_over")}
    assert here - carried == set()
    assert {name for name in carried if name.split("/")[0] in PACKAGES} - here == set()
    assert [name for name in carried if name.startswith(("tests/", "bench/", "docs/"))] == []


def test_the_installed_program_walks_a_move_in(checked: Path):
    walk = json.loads((checked / "out" / "walk.json").read_text(encoding="utf-8"))
    assert walk["documents"]
    for document in walk["documents"]:
        content = (checked / "out" / document["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == document["sha256"]
