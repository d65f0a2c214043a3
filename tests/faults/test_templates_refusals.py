"""Every refusal of templates, renderings, pictures and PDFs is provoked here, for real; a number that nothing provokes fails."""

from __future__ import annotations

import importlib.util
import io
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image as Pillow

from core.documents import limits, trial
from core.documents.annotate import annotated
from core.documents.contracts import sample_word
from core.documents.engine import Template
from core.documents.images import Image, clean
from core.documents.pdf import LibreOfficeConverter
from core.documents.pdf_check import check_pdf, read_word
from core.documents.placing import placed
from core.documents.qr import qr_png
from core.documents.template_check import check_template
from core.documents.trial import Limits, tried
from core.domain.documents import Placement
from core.errors import InvalidInput, ShouxuError
from tests.documents import hostile_filters
from tests.documents.word_templates import changed, unzipped, with_table, with_text, zipped
from tests.faults.test_soffice import _pretender

ROOT = Path(__file__).resolve().parents[2]
KINDS = {3100, 3200, 3300}
"""Numbers of whole kinds: what is raised has a narrower one."""
GOOD = with_text("{{ x }}")
ROWS = {"rows": [{"a": "甲"}] * 100}


def _numbers() -> ModuleType:
    found = importlib.util.spec_from_file_location("error_numbers_of_the_docs", ROOT / "docs" / "error_numbers.py")
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


# ---------------------------------------------------------------- samples


def _xml(part: str, old: bytes, new: bytes) -> bytes:
    return changed(GOOD, **{part: lambda xml: xml.replace(old, new, 1)})


def _related(kind: str, target: str) -> bytes:
    members = unzipped(GOOD)
    name = "word/_rels/document.xml.rels"
    relation = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    entry = f'<Relationship Id="rIdX" Type="{relation}" Target="{target}" TargetMode="External"/></Relationships>'
    members[name] = members[name].replace(b"</Relationships>", entry.encode())
    return zipped(members)


COMPILED: dict[int, Callable[[], bytes]] = {
    3101: lambda: b"not a file",
    3102: lambda: zipped(unzipped(GOOD) | {"word/media/a.png": bytes(5_000_000)}),
    3103: lambda: zipped(unzipped(GOOD) | {"../evil.xml": b"<x/>"}),
    3104: lambda: _xml("word__styles", b"?>", b"?><!DOCTYPE x>"),
    3105: lambda: _related("image", "http://127.0.0.1/x.png"),
    3106: lambda: zipped(unzipped(GOOD) | {"word/vbaProject.bin": b"x"}),
    3107: lambda: _xml("word__document", b"<w:body>", b'<w:body><w:p><w:fldSimple w:instr=" DDEAUTO c "/></w:p>'),
    3110: lambda: with_text("{% if x %}"),
    3111: lambda: with_text("{{ x.upper() }}"),
    3112: lambda: with_text("{{ x"),
    3113: lambda: with_text("{{ x|nothing }}"),
}
RENDERED: dict[int, tuple[str, dict[str, Any]]] = {
    3201: ("{{ nobody }}", {}),
    3202: ("{{ x }}", {"x": "甲\x07"}),
    3203: ("", {"x": None}),
    3204: ("{{ x }}", {"x": Image(b"no picture")}),
    3205: ("{{ x|money }}", {"x": "many"}),
    3206: ("{% for a in rows %}" * 4 + "{% endfor %}" * 4, ROWS),
    3207: ("{% for a in rows %}{% for b in rows %}{{ long }}{% endfor %}{% endfor %}", ROWS | {"long": "永" * 20_000}),
}
CHECKED: dict[int, Callable[[], bytes]] = {
    3120: lambda: with_text("{{ nobody }}"),
    3121: lambda: with_text("甲"),
    3122: lambda: with_text("{{ x|money }}"),
    3123: lambda: with_text("{{p x }}"),
    3124: lambda: _with_old_comments(),
}
PLACED: dict[int, str] = {3140: "丙方签字", 3141: "签字"}
TRIED: dict[int, str] = {3130: "computes", 3131: "hogs_memory", 3133: "writes_file"}
PDFS: dict[int, str] = {3303: "exit 0", 3306: "kill -SEGV $$", 3302: "sleep 30"}
# what other tests of the same run provoke, where a whole house is needed
IN_A_HOUSE = {3310: "packet"}


def _with_old_comments() -> bytes:
    data = with_text("{{ nobody }}")
    copy = annotated(data, check_template(data, {"x": ""}))
    assert copy is not None
    return changed(copy, word__document=lambda xml: xml.replace(b"nobody", b"x"))


def raised(act: Callable[[], object]) -> ShouxuError:
    with pytest.raises(ShouxuError) as caught:
        act()
    return caught.value


# ---------------------------------------------------------------- provoked


@pytest.mark.parametrize("number", COMPILED)
def test_templates_that_may_not_enter(number: int) -> None:
    error = raised(lambda: Template.compile(COMPILED[number]()))
    assert (error.number, error.status) == (number, 422) and error.what


@pytest.mark.parametrize("number", RENDERED)
def test_renderings_that_give_no_document(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 3.0)
    words, context = RENDERED[number]
    # a condition that leaves out the beginning of a table and not its end
    template = with_table(("乙{% endif %}",), before=("{% if x %}甲",)) if number == 3203 else with_text(words)
    error = raised(lambda: Template.compile(template).render(context))
    assert error.number == number and error.what


@pytest.mark.parametrize("number", CHECKED)
def test_what_a_check_finds(number: int) -> None:
    found = check_template(CHECKED[number](), {"x": ""}, {"x": "甲"})
    assert number in [problem.number for problem in found]


@pytest.mark.parametrize("number", PLACED)
def test_words_at_which_nothing_can_be_put(number: int) -> None:
    template = with_text("甲方签字　乙方签字")
    wanted = Placement(name="x", template="x.docx", at=PLACED[number], put="x")
    error = raised(lambda: placed(template, [wanted]))
    assert (error.number, error.status) == (number, 422) and error.remedy


@pytest.mark.parametrize("number", TRIED)
def test_what_a_trial_stops(number: int) -> None:
    filters = {TRIED[number]: getattr(hostile_filters, TRIED[number])}
    error = raised(lambda: tried(with_text(f"{{{{ x|{TRIED[number]} }}}}"), [{"x": hostile_filters.GO}], filters=filters, limits=Limits(3)))
    assert error.number == number and error.remedy


def test_a_trial_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(trial, "PATIENCE", 0.01)
    with trial._turn():
        error = raised(lambda: tried(GOOD, [{"x": ""}]))
    assert (error.number, error.status) == (3132, 503)


@pytest.mark.parametrize(
    ("number", "make"),
    [(2120, lambda: b"no picture"), (2121, lambda: _picture(6000))],
)
def test_pictures(number: int, make: Callable[[], bytes]) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean(make())
    assert [problem.number for problem in caught.value.problems] == [number]


def _picture(side: int) -> bytes:
    out = io.BytesIO()
    Pillow.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("number", PDFS)
def test_a_libreoffice_that_fails(number: int, tmp_path: Path) -> None:
    converter = LibreOfficeConverter(_pretender(tmp_path, PDFS[number]), timeout=3, work_dir=tmp_path, confine=False)
    error = converter.convert({"x": sample_word("甲")})["x"]
    assert isinstance(error, ShouxuError) and error.number == number


def test_no_libreoffice_and_no_word_file(tmp_path: Path, soffice: str) -> None:
    nowhere = LibreOfficeConverter(tmp_path / "soffice", work_dir=tmp_path).convert({"x": sample_word("甲")})["x"]
    assert isinstance(nowhere, ShouxuError) and nowhere.number == 3301
    assert raised(lambda: read_word(b"no Word file")).number == 3307


def test_a_pdf_that_says_something_else(tmp_path: Path, soffice: str) -> None:
    pdf = LibreOfficeConverter(soffice, work_dir=tmp_path).convert({"x": sample_word("甲乙")})["x"]
    assert isinstance(pdf, bytes)
    assert raised(lambda: check_pdf(read_word(sample_word("丙丁")), pdf)).number == 3304
    with_picture = Template.compile(with_text("甲乙{{ x }}")).render({"x": Image(qr_png("x"), height_mm=15)})
    assert raised(lambda: check_pdf(read_word(with_picture), pdf)).number == 3305


def test_a_packet_whose_pdf_is_not_there_yet(tmp_path: Path, sqlite_template: Path) -> None:
    from tests.http.conftest import fresh_house

    house = fresh_house(tmp_path, sqlite_template)
    case, browser = house.open_case(), house.browser("wang")
    house.form(browser.get(house.case(case, "/steps/verify")), "/steps/verify/papers").submit()
    form = house.form(browser.get(house.case(case, "/steps/verify")), "/form")
    form["f-notice_deadline"] = "2026-03-31"
    form.submit("action", value="submit")
    house.form(browser.get(house.case(case, "/steps/verify/issue")), "/issue").submit()
    assert "SX-3310" in browser.get(house.case(case, "/packet.pdf"), status="*")


# ---------------------------------------------------------------- nothing is left out


def test_every_number_is_provoked() -> None:
    declared = {number for number in _numbers().numbers_in_code() if 2120 <= number < 2130 or 3100 <= number < 3400} - KINDS
    provoked = {*COMPILED, *RENDERED, *CHECKED, *PLACED, *TRIED, *PDFS, *IN_A_HOUSE, 2120, 2121, 3132, 3301, 3304, 3305, 3307}
    assert declared - provoked == set(), "provoke them here"
    assert provoked - declared == set(), "no longer in the code"
