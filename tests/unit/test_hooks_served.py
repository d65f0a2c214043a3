"""What a plugin brings at start-up is used: converter, sealer, blob store, identity provider, filters, checks."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.building import build_office
from core.cases.filling import _further
from core.domain.forms import Form
from core.errors import SettingsError
from core.settings import Settings
from core.store.blobs import FolderBlobs

PLUGIN = '''
"""A plugin that replaces parts of the house."""
from shouxu import hookimpl
from core.store.blobs import BlobStore  # a test's plugin may: it makes the part itself


class Paper:
    def __init__(self, settings): self.settings = settings
    def available(self): return None
    def convert(self, files): return {name: b"%PDF-" for name in files}
    def seal(self, pdf, **_): return pdf + self.settings["company"].encode()
    def check(self, username, password): return (username, password) == ("wang", "from elsewhere")


@hookimpl
def pdf_converters(): return {"other_office": Paper}
@hookimpl
def sealers(): return {"national": Paper}
@hookimpl
def identity_providers(): return {"directory": Paper}
@hookimpl
def blob_stores(): return {"shelf": lambda settings: BlobStore.from_url(settings["data_dir"] + "/shelf")}
@hookimpl
def template_filters(): return {"shout": lambda value: f"{value}!"}
@hookimpl
def validators(): return {"phone": lambda value: "只接受移动电话" if not value.startswith("1") else None}
@hookimpl
def check_config(settings): return []
'''


@pytest.fixture
def package(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "spare_parts"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Plugins of a test."""\n')
    (folder / "parts.py").write_text(textwrap.dedent(PLUGIN))
    sys.path.insert(0, str(tmp_path))
    yield "spare_parts"
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("spare_parts")]:
        del sys.modules[name]


def settings(tmp_path: Path, package: str, **more: str) -> Settings:
    estates = tmp_path / "no_estates"
    estates.mkdir(exist_ok=True)
    return Settings.load(data_dir=tmp_path / "data", estates_dir=estates, plugins=package, secret="s" * 40, **more)


def test_the_settings_choose_the_parts_that_a_plugin_brings(tmp_path: Path, package: str) -> None:
    office = build_office(settings(tmp_path, package, pdf_converter="other_office", sealer="national",
                                   blob_store="shelf", identity_provider="directory"))
    assert office.papers.converter.convert({"a": b""}) == {"a": b"%PDF-"}
    assert office.papers.seals.of("翠微").seal(b"pdf:") == "pdf:翠微".encode()  # type: ignore[call-arg]
    assert office.identity.check("wang", "from elsewhere") and not office.identity.check("wang", "other")
    sha256 = office.blobs.put(b"kept on the shelf")
    assert (tmp_path / "data" / "shelf" / sha256[:2]).is_dir()
    assert office.template_filters["shout"]("门") == "门!"


def test_without_a_choice_the_house_uses_its_own_parts(tmp_path: Path, package: str) -> None:
    office = build_office(settings(tmp_path, package))
    assert office.identity is None
    assert isinstance(office.blobs, FolderBlobs)
    assert (tmp_path / "data" / "shelf").exists() is False


@pytest.mark.parametrize("setting", ["pdf_converter", "sealer", "blob_store", "identity_provider"])
def test_a_part_that_nobody_brings_is_named(tmp_path: Path, package: str, setting: str) -> None:
    with pytest.raises(SettingsError, match=f"{setting} = nobody") as refused:
        office = build_office(settings(tmp_path, package, **{setting: "nobody"}))
        assert office.papers.converter and office.papers.seals.of("翠微")
    assert refused.value.remedy.startswith("已有:")


def test_a_plugins_check_by_type_names_the_field_or_cell(tmp_path: Path, package: str) -> None:
    office = build_office(settings(tmp_path, package))
    form = Form.model_validate({"form": "contact", "title": "联系", "fields": [
        {"name": "phone", "title": "电话", "type": "phone"},
        {"name": "family", "title": "家人", "type": "table", "columns": [{"name": "phone", "title": "电话", "type": "phone"}]}]})

    class File:
        class desk:
            office = None

    File.desk.office = office  # type: ignore[assignment]
    problems = list(_further(File, form, {"phone": "13800138000", "family": [{"phone": "010"}, {"phone": None}]}))  # type: ignore[arg-type]
    assert [(problem.field, problem.message) for problem in problems] == [("family-0-phone", "只接受移动电话")]
