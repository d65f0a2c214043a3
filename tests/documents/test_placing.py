"""Tags put at words of a template that nobody may change: found as people read, printed like tags that were typed in."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.shared import RGBColor
from lxml import etree

from core.cases.printing import with_images
from core.definitions.library import Library
from core.documents.engine import Template
from core.documents.faults import TemplateFault
from core.documents.images import Image
from core.documents.package import W
from core.documents.placing import placed
from core.documents.qr import qr_png
from core.domain.sources import ProcedureSource
from core.errors import DefinitionErrors
from core.walkthroughs.template_rehearsal import faulty_templates, rehearsed
from tests.documents.word_templates import saved, unzipped, zipped
from tests.language_kit import procedures

INK = (Path(__file__).resolve().parents[2] / "document_templates" / "starter-ink.png").read_bytes()


@dataclass(frozen=True)
class Put:
    at: str
    put: str = "value"
    where: str = "after"
    which: int | None = None


def form(*paragraphs: str) -> bytes:
    document = docx.Document()
    for said in paragraphs:
        document.add_paragraph(said)
    return saved(document)


def printed(data: bytes, *puts: Put, **values: Any) -> Document:
    return docx.Document(io.BytesIO(Template.compile(placed(data, puts)).render(values or {"value": "■"})))


def lines(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


# ---------------------------------------------------------------- where


@pytest.mark.parametrize(("where", "meant"), [("after", "请业主签字■，谢谢"), ("before", "请■业主签字，谢谢"), ("instead", "请■，谢谢")])
def test_a_value_stands_after_before_or_instead_of_the_words(where: str, meant: str) -> None:
    assert lines(printed(form("第一段", "请业主签字，谢谢"), Put("业主签字", where=where))) == ["第一段", meant]


@pytest.mark.parametrize("said", ["业主签字（盖章）：", "业 主 签 字（盖章）:", "业\u3000主签字(盖章)："])
def test_blanks_and_the_width_of_characters_do_not_count(said: str) -> None:
    assert lines(printed(form(said), Put("业主签字(盖章)："))) == [f"{said}■"]


def test_words_that_word_cut_into_runs_are_found_and_every_run_keeps_its_look() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("甲方")
    for at, said in enumerate(("业", "主签", "字：此处")):
        run = paragraph.add_run(said)
        run.bold, run.font.color.rgb = at == 1, RGBColor(at, at, at)
    for where, meant in (("after", ["甲方", "业", "主签", "字", "■", "：此处"]), ("before", ["甲方", "■", "业", "主签", "字：此处"]),
                         ("instead", ["甲方", "■", "：此处"])):
        runs = [run for run in printed(saved(document), Put("业主签字", where=where)).paragraphs[0].runs if run.text]
        assert [run.text for run in runs] == meant
        assert {run.text: (run.bold, run.font.color.rgb) for run in runs if run.text in ("主签", "：此处")}.items() <= {
            "主签": (True, RGBColor(1, 1, 1)), "：此处": (False, RGBColor(2, 2, 2))}.items()
        beside = {"after": RGBColor(2, 2, 2), "before": RGBColor(0, 0, 0), "instead": RGBColor(2, 2, 2)}[where]
        assert next(run for run in runs if run.text == "■").font.color.rgb == beside


def test_tables_headers_footers_and_text_boxes_are_looked_through() -> None:
    document = docx.Document()
    document.add_table(1, 2).cell(0, 1).text = "格中签字"
    document.sections[0].header.paragraphs[0].text = "页眉编号"
    document.sections[0].footer.paragraphs[0].text = "页脚编号"
    box = (f'<w:r xmlns:w="{W[1:-1]}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
           '<mc:Choice Requires="wps"><w:txbxContent><w:p><w:r><w:t>框里盖章</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback>'
           "<w:pict><w:txbxContent><w:p><w:r><w:t>框里盖章</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback>"
           "</mc:AlternateContent></w:r>")
    document.add_paragraph("外面")._p.append(etree.fromstring(box))
    puts = [Put(words) for words in ("格中签字", "页眉编号", "页脚编号", "框里盖章", "外面")]
    members = unzipped(Template.compile(placed(saved(document), puts)).render({"value": "■"}))
    parts = ("word/document.xml", "word/header1.xml", "word/footer1.xml")
    said = "".join("".join(etree.fromstring(members[name]).itertext()) for name in parts)
    for words in ("格中签字■", "页眉编号■", "页脚编号■", "框里盖章■", "外面■"):
        assert said.count(words) == 1, words


def test_words_inside_tags_are_no_place() -> None:
    data = form("{% if value == '签字' %}{{ value }}{% endif %}签{# 签字 #}字", "签字")
    assert lines(printed(data, Put("签字"))) == ["签字", "签字■"]


def test_nothing_else_changes() -> None:
    """Random words in random runs: what is printed is what was there, with the value at the place."""
    dice = random.Random(7)
    document, puts, meant = docx.Document(), list[Put](), list[str]()
    for number in range(300):
        pieces = ["".join(dice.choice("甲乙丙 丁（）：_") for _ in range(dice.randint(0, 5))) for _ in range(dice.randint(0, 6))]
        words = list(f"签{number}字")
        at = sorted(dice.choices(range(len(pieces) + 1), k=1) * len(words))
        for place, letter in zip(reversed(at), reversed(words), strict=True):
            pieces.insert(place, dice.choice(["", " "]) + letter if letter != words[0] else letter)
        paragraph = document.add_paragraph()
        for piece in pieces:
            paragraph.add_run(piece)
        whole, where = "".join(pieces), dice.choice(["after", "before", "instead"])
        start, end = whole.index("签"), whole.index("字") + 1
        puts.append(Put("".join(words), where=where))
        meant.append(whole[: end if where == "after" else start] + "■" + whole[start if where == "before" else end :])
    assert lines(printed(saved(document), *puts)) == meant


# ---------------------------------------------------------------- what


def test_ink_codes_photos_and_reckoned_values_are_put_like_typed_tags() -> None:
    data = form("业主签字：", "此处贴二维码", "照片", "合计")
    puts = [Put("业主签字：", "ink"), Put("此处贴二维码", "qr", "instead"), Put("照片", "photo"), Put("合计", "(fee + 1)|string")]
    values = {"ink": Image(INK, 15), "qr": Image(qr_png("https://example.org/1"), 18), "photo": Image(INK, 40), "fee": 41}
    typed = form("业主签字：{{ ink }}", "{{ qr }}", "照片{{ photo }}", "合计{{ (fee + 1)|string }}")
    ours, theirs = printed(data, *puts, **values), docx.Document(io.BytesIO(Template.compile(typed).render(values)))
    assert lines(ours) == lines(theirs) == ["业主签字：", "", "照片", "合计42"]
    heights = [[shape.height for shape in document.inline_shapes] for document in (ours, theirs)]
    assert heights[0] == heights[1] and len(heights[0]) == 3


def test_the_same_template_gives_the_same_bytes_and_without_placements_itself() -> None:
    data = form("业主签字")
    assert placed(data, []) is data
    assert placed(data, [Put("业主签字")]) == placed(data, [Put("业主签字")]) != data


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(("put", "number", "says"), [
    (Put("监护人签字"), 3140, "没有文字「监护人签字」"), (Put("　 "), 3140, "没有文字"), (Put("签字乙方"), 3140, "没有文字"),
    (Put("签字"), 3141, "第 2 段「乙方签字」:文字「签字」出现 2 次"), (Put("签字", which=3), 3140, "只出现 2 次，没有第 3 处")])
def test_a_place_that_is_not_the_one_is_refused(put: Put, number: int, says: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        placed(form("甲方签字", "乙方签字"), [put])
    assert caught.value.number == number and says in caught.value.what and caught.value.remedy
    assert lines(printed(form("甲方签字", "乙方签字"), Put("签字", which=2))) == ["甲方签字", "乙方签字■"]


def test_the_gate_stands_before_it() -> None:
    members = unzipped(form("业主签字"))
    for hostile, number in ((b"no Word file", 3101), (zipped({**members, "word/vbaProject.bin": b"macro"}), 3106)):
        with pytest.raises(TemplateFault) as caught:
            placed(hostile, [Put("业主签字")])
        assert caught.value.number == number


def test_words_that_stand_in_no_run_are_no_place() -> None:
    members = unzipped(form("外面", "业主签字"))
    body = members["word/document.xml"].replace("<w:r><w:t>业主签字</w:t></w:r>".encode(), "<w:t>业主签字</w:t>".encode())
    assert body != members["word/document.xml"]
    with pytest.raises(TemplateFault, match="没有文字"):
        placed(zipped({**members, "word/document.xml": body}), [Put("业主签字")])


# ---------------------------------------------------------------- in the definitions

PROCEDURE = """
parties: {owner: {title: 业主, kind: either, from: unit.owners}}
steps: [{name: give, title: 发放, role: service, documents: [slip]}]
"""
DOCUMENTS = """
documents: [{name: slip, title: 领取单, template: official.docx, sign: {parties: [owner]}}]
placements:
  - {name: owner, template: official.docx, at: 业主签字, put: signatures.owner.ink}
"""


def house(folder: Path, documents: str = DOCUMENTS, *paragraphs: str) -> Any:
    home = folder / "document_templates" / "keys"
    home.mkdir(parents=True, exist_ok=True)
    (home / "official.docx").write_bytes(form(*(paragraphs or ("领取单", "业主签字："))))
    return procedures(folder, {"keys": {"procedure.yaml": PROCEDURE, "documents.yaml": documents}})


def test_cases_are_pinned_with_the_template_as_it_is_printed(tmp_path: Path) -> None:
    library = house(tmp_path / "with")
    bare = house(tmp_path / "without", DOCUMENTS.partition("placements")[0])
    sha256 = library.bundle("elm_court", "keys").templates["official.docx"]
    assert Template.compile(library.template(sha256)).variables == {"word/document.xml": ("signatures.owner.ink",)}
    assert library.bundle("elm_court", "keys").pin != bare.bundle("elm_court", "keys").pin
    assert library.templates()[sha256] == tmp_path / "with/document_templates/keys/official.docx"
    assert not list(faulty_templates(library, {}, tmp_path))


def test_an_estate_moves_and_removes_what_is_put(tmp_path: Path) -> None:
    house(tmp_path)
    own = tmp_path / "estates/acme/elm_court/form_definitions/keys/documents.yaml"
    own.parent.mkdir(parents=True)
    for said, meant in (("{name: owner, at: 领取单, where: before}", "{{ signatures.owner.ink }}领取单"),
                        ("{name: owner, remove: true}", "领取单")):
        own.write_text(f"placements: [{said}]\n", encoding="utf-8")
        library = _again(tmp_path)
        data = library.template(library.bundle("elm_court", "keys").templates["official.docx"])
        assert lines(docx.Document(io.BytesIO(data))) == [meant, "业主签字："]


def _again(folder: Path) -> Any:
    source = ProcedureSource("keys", folder / "form_definitions/keys", folder / "document_templates/keys", "1")
    return Library.load([source], folder / "estates", put=placed)


def test_a_file_changed_on_the_disk_counts_when_the_definitions_are_read_again(tmp_path: Path) -> None:
    library = house(tmp_path)
    (tmp_path / "document_templates/keys/official.docx").write_bytes(form("别的"))
    sha256 = library.bundle("elm_court", "keys").templates["official.docx"]
    assert lines(docx.Document(io.BytesIO(library.template(sha256)))) == ["领取单", "业主签字{{ signatures.owner.ink }}："]
    with pytest.raises(DefinitionErrors, match="没有文字"):
        _again(tmp_path)


def test_words_that_are_gone_are_told_at_their_line(tmp_path: Path) -> None:
    with pytest.raises(DefinitionErrors) as caught:
        house(tmp_path, DOCUMENTS, "领取单", "住户签字：")
    (problem,) = caught.value.problems
    assert problem.number == 3140 and str(problem.mark).endswith("keys/documents.yaml:4:48")
    assert "official.docx: 没有文字「业主签字」" in problem.what and "at:" in problem.remedy


def test_of_two_instead_of_the_same_words_the_second_is_told(tmp_path: Path) -> None:
    instead = DOCUMENTS.rstrip().removesuffix("}") + ", where: instead}\n"
    with pytest.raises(DefinitionErrors) as caught:
        house(tmp_path, instead + "  - {name: other, template: official.docx, at: 签字, put: unit.code}\n")
    assert [(one.number, one.mark.line) for one in caught.value.problems if one.mark] == [(3140, 5)]


def test_a_name_that_is_not_declared_is_told_at_its_paragraph(tmp_path: Path) -> None:
    library = house(tmp_path, DOCUMENTS.replace("owner.ink", "owner.inc"))
    (faulty,) = faulty_templates(library, {}, tmp_path)
    assert [(one.number, one.paragraph, one.words) for one in faulty.problems] == [(3120, 2, "业主签字{{ signatures.owner.inc }}：")]


def test_a_template_from_outside_is_tried_with_what_will_be_put_into_it(tmp_path: Path) -> None:
    library = house(tmp_path)
    assert not rehearsed(library, {}, "elm_court", "keys", "official.docx", form("新的领取单", "业主签字：")).problems
    found = rehearsed(library, {}, "elm_court", "keys", "official.docx", form("新的领取单"))
    assert [one.number for one in found.problems] == [3140]


def test_a_missing_signature_prints_nothing_where_it_will_stand(tmp_path: Path) -> None:
    library = house(tmp_path)
    template = Template.compile(library.template(library.bundle("elm_court", "keys").templates["official.docx"]))
    blank = template.render(with_images({"signatures": {"owner": {"name": "", "ink": None, "date": ""}}}, lambda _: b""))
    assert lines(docx.Document(io.BytesIO(blank))) == ["领取单", "业主签字："]
