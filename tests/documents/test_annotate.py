"""The annotated copy of a faulty template: real Word comments at the faulty paragraphs, in a file that Word and LibreOffice open."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import docx
import pytest
from lxml import etree

from core.documents.annotate import annotated
from core.documents.engine import Template
from core.documents.pdf import LibreOfficeConverter
from core.documents.pdf_content import page_texts, squeeze
from core.documents.template_check import TemplateProblem, check_template
from core.settings import SHIPPED, Settings
from core.walkthroughs.rehearsal import examine
from tests.documents.word_templates import W, changed, paragraphs, saved, unzipped, with_footnote, with_table, with_text
from tests.remembered_kit import remembering

DECLARED = {"name": "", "rows": [{"room": ""}]}
BODY = "word/document.xml"


def faults(data: bytes) -> list[TemplateProblem]:
    return [problem for problem in check_template(data, DECLARED, {"name": "甲", "rows": [{"room": "乙"}]}) if problem.level == "error"]


def marked(data: bytes) -> dict[str, str]:
    """The words of the paragraphs that a comment embraces, by the comment's text."""
    document = docx.Document(io.BytesIO(data))
    comments = {str(comment.comment_id): comment.text for comment in document.comments}
    assert {(comment.author, comment.initials) for comment in document.comments} == {("手续", "手续")}
    found = {}
    for paragraph in document._body._element.iter(f"{{{W}}}p"):
        ids = {kind: [str(node.get(f"{{{W}}}id")) for node in paragraph.iter(f"{{{W}}}comment{kind}")]
               for kind in ("RangeStart", "RangeEnd", "Reference")}
        assert ids["RangeStart"] == ids["RangeEnd"] == ids["Reference"]
        words = "".join(node.text or "" for node in paragraph.iter(f"{{{W}}}t"))
        found |= {comments.pop(number): words for number in ids["RangeStart"]}
    assert comments == {}, "each comment stands somewhere"
    return found


def test_each_fault_gets_its_comment_at_its_paragraph() -> None:
    data = with_table(("甲", "{{ rows[0].rom }}"), before=("一", "致 {{ nmae }}:", "{{ name }}"))
    copy = annotated(data, faults(data))
    assert copy is not None
    assert marked(copy) == {
        "没有声明 nmae(nmae 未知)\n是否指 name?\nSX-3120": "致 {{ nmae }}:",
        "没有声明 rows[].rom(rom 未知)\n是否指 room?\nSX-3120": "{{ rows[0].rom }}",
    }
    assert paragraphs(copy) == paragraphs(data)
    assert copy == annotated(data, faults(data)), "the same bytes each time"


def test_faults_outside_of_the_body_are_told_at_the_first_paragraph() -> None:
    data = with_text("一", "二", header="{{ x }}", footer="{{ y }}")
    copy = annotated(data, faults(data))
    assert copy is not None
    assert set(marked(copy).values()) == {"一"}
    assert [text.splitlines()[0] for text in marked(copy)] == ["word/header1.xml:没有声明 x(x 未知)", "word/footer1.xml:没有声明 y(y 未知)"]
    assert annotated(with_footnote("{{ z }}"), faults(with_footnote("{{ z }}"))) is not None


def test_a_tag_without_its_end_is_marked_too() -> None:
    data = with_text("一", "{% if name %}二", "三")
    [problem] = faults(data)
    copy = annotated(data, [problem])
    assert copy is not None and len(marked(copy)) == 1


def test_comments_that_are_there_already_stay() -> None:
    document = docx.Document(io.BytesIO(with_text("一", "{{ nobody }}")))
    document.add_comment(document.paragraphs[0].runs, text="请核对", author="周维", initials="周")
    data = saved(document)
    copy = annotated(data, faults(data))
    assert copy is not None
    both = list(docx.Document(io.BytesIO(copy)).comments)
    assert [comment.author for comment in both] == ["周维", "手续"] and both[0].text == "请核对"
    assert len({comment.comment_id for comment in both}) == 2


def test_a_paragraph_in_a_text_box_is_marked_from_outside() -> None:
    box = (
        '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>{{ nobody }}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    data = changed(with_text("一"), word__document=lambda xml: xml.replace(b"<w:body>", b"<w:body>" + box.encode()))
    copy = annotated(data, faults(data))
    assert copy is not None
    body = etree.fromstring(unzipped(copy)[BODY])
    [start] = body.iter(f"{{{W}}}commentRangeStart")
    assert start.getparent().getparent().tag == f"{{{W}}}body"  # type: ignore[union-attr]


def test_the_copy_is_no_template_until_its_comments_are_gone() -> None:
    data = with_text("{{ nobody }}")
    copy = annotated(data, faults(data))
    assert copy is not None
    mended = changed(copy, word__document=lambda xml: xml.replace(b"nobody", b"name"))
    [problem] = faults(mended)
    assert (problem.number, problem.part) == (3124, "word/shouxu_comments.xml") and "批注" in problem.remedy
    assert Template.compile(copy), "its comments hold no tags"
    members = unzipped(mended)
    members["word/shouxu_comments.xml"] = f'<w:comments xmlns:w="{W}"/>'.encode()  # as Word leaves it once they are deleted
    with zipfile.ZipFile(io.BytesIO(mended)) as archive:
        assert archive.testzip() is None
    from tests.documents.word_templates import zipped

    assert faults(zipped(members)) == []


def test_what_does_not_pass_the_gate_is_not_opened_again() -> None:
    bomb = changed(with_text("x"), word__styles=lambda xml: xml.replace(b"?>", b"?><!DOCTYPE x>", 1))
    assert annotated(bomb, faults(bomb)) is None
    assert annotated(b"junk", [TemplateProblem("error", 3101, "x")]) is None


def test_libreoffice_opens_the_copy(soffice: str, tmp_path: Path) -> None:
    data = with_table(("甲", "{{ rows[0].rom }}"), before=("验房交接表 {{ nmae }}",))
    copy = annotated(data, faults(data))
    assert copy is not None
    pdf = LibreOfficeConverter(soffice, work_dir=tmp_path).convert({"copy": copy})["copy"]
    assert isinstance(pdf, bytes), pdf
    assert squeeze("验房交接表 {{ nmae }}") in squeeze("".join(page_texts(pdf)))


def test_check_writes_the_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = tmp_path / "estates" / "cuiwei"
    own = company / "jade_garden" / "document_templates" / "move_in"
    shutil.copytree(SHIPPED / "estates" / "cuiwei" / "jade_garden", company / "jade_garden")
    shutil.copy(SHIPPED / "estates" / "cuiwei" / "company.yaml", company)
    own.mkdir(parents=True, exist_ok=True)
    document = docx.Document(str(SHIPPED / "document_templates" / "move_in" / "key_custody.docx"))
    document.add_paragraph("{{ parties.owner.nmae }}")
    document.save(str(own / "key_custody.docx"))
    settings = Settings.load(None, estates_dir=tmp_path / "estates", data_dir=remembering(tmp_path / "var"), secret="0" * 64)
    monkeypatch.chdir(tmp_path)
    found = examine(settings, tmp_path / "out")
    [problem] = [problem for problem in found.problems if problem.number == 3120]
    assert "没有声明 parties.owner.nmae" in problem.what and "parties.owner.nmae is not declared" in problem.what
    assert "是否指 name?" in problem.remedy and "name perhaps?" in problem.remedy
    place = "estates/cuiwei/jade_garden/document_templates/move_in/key_custody.docx"
    assert [path.relative_to(tmp_path / "out").as_posix() for path in found.annotated] == [place]
    assert "{{ parties.owner.nmae }}" in marked((tmp_path / "out" / place).read_bytes()).values()
    assert found.as_data()["annotated"] == [str(tmp_path / "out" / place)]
