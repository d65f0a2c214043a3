"""The house keeps its own rules of shape."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "plugins", "shouxu", "form_definitions", "document_templates", "estates")
LONGEST = 400
LONGER: dict[str, int] = {"core/store/migrations/versions/0001_first_tables.py": 560}
"""Modules that may be longer than LONGEST, each with its own limit."""
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
# split, so that this file does not name what it looks for
REGISTRIES = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "npm" + "mirror",
              "pypi." + "tuna", "mirrors." + "aliyun", "registry." + "yarnpkg"]
TEXT = {".py", ".cfg", ".toml", ".txt", ".json", ".yaml", ".md", ".sh", ".ini", ".in", ".jinja2", ".js",
        ".css", ""}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def files_of_the_project() -> list[Path]:
    """Every file that git keeps or would keep; outside a checkout, every file of the known folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        names = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    else:
        names = [path for folder in (*PACKAGES, "tests", "docs", "bench", "install", ".ci")
                 for path in (ROOT / folder).rglob("*")] + list(ROOT.glob("*"))
    return [path for path in names if path.is_file()]


def test_no_file_names_a_package_registry():
    named = [f"{path.relative_to(ROOT)}: {host}" for path in files_of_the_project() if path.suffix in TEXT
             for host in REGISTRIES if host in path.read_text(encoding="utf-8", errors="replace")]
    assert named == []


def test_modules_fit_in_the_head():
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
               for path in modules("core", "plugins", "shouxu")}
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGER.get(name, LONGEST)}
    assert too_long == {}
    assert set(LONGER) <= {name for name, lines in lengths.items() if lines > LONGEST}


@pytest.mark.parametrize("path", [path for path in modules(*PACKAGES) if path.name == "__init__.py"],
                         ids=lambda path: path.parent.relative_to(ROOT).as_posix())
def test_every_package_says_what_it_is(path: Path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_folder_of_code_is_a_package():
    # Alembic runs its scripts by path, and an estate's plugins are loaded by path
    by_path = {"migrations", "versions"}
    bare = {path.parent.relative_to(ROOT).as_posix() for path in modules("core", "plugins", "shouxu")
            if not (path.parent / "__init__.py").exists() and not by_path & set(path.parts)}
    assert bare == set()


def test_names_are_subjects():
    empty = [path.relative_to(ROOT).as_posix() for path in modules(*PACKAGES, "bench", "tests")
             if {path.stem, path.parent.name} & EMPTY_NAMES]
    assert empty == []


def test_no_test_folder_shadows_a_package():
    # tests/plugins would be imported instead of plugins
    assert [name for name in PACKAGES if (ROOT / "tests" / name).exists()] == []
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_test_modules_have_names_of_their_own():
    names = [path.stem for path in modules("tests") if path.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))


def test_every_file_of_data_reaches_the_wheel():
    from setuptools.config.setupcfg import read_configuration

    patterns = read_configuration(ROOT / "setup.cfg")["options"]["package_data"][""]
    left_out = [path.relative_to(ROOT).as_posix() for path in files_of_the_project()
                if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in PACKAGES
                and path.suffix != ".py" and f"**/*{path.suffix}" not in patterns
                and f"**/{path.name}" not in patterns]
    assert left_out == []


def test_constraints_pin_every_requirement():
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name
    from setuptools.config.setupcfg import read_configuration

    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")
            pins[canonicalize_name(name)] = version
    options = read_configuration(ROOT / "setup.cfg")["options"]
    wanted = [*options["install_requires"], *itertools.chain(*options["extras_require"].values())]
    for requirement in map(Requirement, wanted):
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin and requirement.specifier.contains(pin), f"{requirement} against {pin}"


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))],
                         ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    targets = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [target for target in targets if not (page.parent / target).exists()] == []
