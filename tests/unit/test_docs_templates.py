"""The guide for authors of templates is true: every example is printed, every mistake is made, in Chinese and English alike."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from core.cases.definitions import FILTERS, load_definitions
from core.cases.printing import PICTURES, with_images
from core.cli.installation import bare_settings
from core.cli.new import STARTER
from core.cli.program import shouxu
from core.definitions.library import Library
from core.documents.annotate import annotated
from core.documents.engine import Template
from core.documents.environment import Cage
from core.documents.faults import RenderFault, TemplateFault
from core.documents.images import Image
from core.documents.stamp import SEAL_MM
from core.documents.template_check import check_compiled, check_template
from core.walkthroughs.longest import longest
from document_templates import starter
from tests.documents.word_templates import FOOTNOTES, saved, unzipped, zipped

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs/how-to/write-a-template.md", ROOT / "docs/how-to/write-a-template.en.md"]
SHIPPED = ROOT / "document_templates"
BLOCK = re.compile(r"^```text (shows|word|printed|fails)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ARROW = "  →  "
PLACED = re.compile(r"(header|footer|footnote|title)> (.*)")
WRONG = re.compile(r"^\| SX-(3[12]\d\d) \| (?:`(.+?)`)? ?\|", re.MULTILINE)
NAMES = re.compile(r"^\| `(\w+)` \| (.+?) \|", re.MULTILINE)

of_each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def examples(page: Path) -> list[tuple[str, str]]:
    """What is written in the template and what it prints."""
    found: list[tuple[str, str]] = []
    waiting = ""
    for kind, body in BLOCK.findall(text_of(page)):
        pairs = [(said, meant) for said, _, meant in (line.partition(ARROW) for line in body.splitlines())]
        if kind == "shows":  # the lines of a block are the paragraphs of one file
            found.append(("\n".join(said for said, _ in pairs), "\n".join(meant for _, meant in pairs)))
        elif kind == "fails":
            found += pairs
        elif kind == "word":
            waiting = body.rstrip("\n")
        else:
            found.append((waiting, body.rstrip("\n")))
    return found


# ---------------------------------------------------------------- Word files, written as the guide writes them


def _write(paragraph: Any, line: str) -> None:
    """`**bold**`, and `‖` where Word has cut the text."""
    for at, piece in enumerate(re.split(r"\*\*(.+?)\*\*", line)):
        for words in piece.split("‖"):
            if words:
                paragraph.add_run(words).bold = True if at % 2 else None


def word_of(text: str) -> bytes:
    """A Word file with a paragraph for each line, a table for lines like `| a | b |`."""
    document, table, note = Document(), list[list[str]](), ""
    for line in [*text.splitlines(), None]:
        if line is not None and line.startswith("| "):
            table.append(re.split(r"\s\|\s", line.removeprefix("| ").removesuffix(" |")))
            continue
        if table:
            made = document.add_table(rows=len(table), cols=max(map(len, table)))
            for row, words in zip(made.rows, table, strict=True):
                for spare in row.cells[len(words):]:
                    row._tr.remove(spare._tc)
                for cell, said in zip(row.cells, words, strict=False):
                    for at, part in enumerate(said.split(" / ")):
                        _write(cell.paragraphs[0] if not at else cell.add_paragraph(), part)
            table = []
        placed = PLACED.fullmatch(line or "")
        if placed is None:
            if line is not None:
                _write(document.add_paragraph(), line)
        elif placed[1] == "title":
            document.core_properties.title = placed[2]
        elif placed[1] == "footnote":
            note = placed[2]
        else:
            _write(getattr(document.sections[0], placed[1]).paragraphs[0], placed[2])
    return _with_footnote(saved(document), note) if note else saved(document)


def _with_footnote(data: bytes, words: str) -> bytes:
    members = unzipped(data)
    kind = "officedocument.wordprocessingml.footnotes+xml"
    members["word/footnotes.xml"] = (FOOTNOTES % words).encode()
    for name, end, added in (
            ("[Content_Types].xml", "</Types>",
             f'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-{kind}"/>'),
            ("word/_rels/document.xml.rels", "</Relationships>",
             '<Relationship Id="rIdNote" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" '
             'Target="footnotes.xml"/>')):
        members[name] = members[name].replace(end.encode(), (added + end).encode())
    return zipped(members)


_SHOWN = {qn("w:tab"): "⇥", qn("w:drawing"): "▣"}


def _words(paragraph: Any) -> str:
    """The text of a paragraph, `**bold**`, `↵` a line break, `⇥` a tab, `▣` a picture."""
    pieces: list[tuple[bool, str]] = []
    for run in paragraph.iter(qn("w:r")):
        bold = run.find(f"{qn('w:rPr')}/{qn('w:b')}") is not None
        for child in run:
            kind = "⤓" if child.get(qn("w:type")) == "page" else "↵"
            words = child.text or "" if child.tag == qn("w:t") else kind if child.tag == qn("w:br") else _SHOWN.get(child.tag, "")
            if words and pieces and pieces[-1][0] is bold:
                pieces[-1] = bold, pieces[-1][1] + words
            elif words:
                pieces.append((bold, words))
    return "".join(f"**{words}**" if bold else words for bold, words in pieces)


def _row(row: Any) -> str:
    """`<`: the cell on the left goes on here; `^`: the one above; `(FFCC00)`: its colour."""
    found = []
    for cell in row.findall(qn("w:tc")):
        said = " / ".join(_words(paragraph) for paragraph in cell.findall(qn("w:p")))
        span, merge, shade = (cell.find(f"{qn('w:tcPr')}/{qn(name)}") for name in ("w:gridSpan", "w:vMerge", "w:shd"))
        colour = "" if shade is None else shade.get(qn("w:fill"))
        said = f"({colour}) {said}" if colour not in ("", "FFFFFF") else said
        goes_on = merge is not None and merge.get(qn("w:val")) != "restart"
        found += ["^" if goes_on else said, *["<"] * (int(span.get(qn("w:val"))) - 1 if span is not None else 0)]
    return f"| {' | '.join(found)} |"


def printed_in(data: bytes) -> str:
    """What a Word file shows, written as the guide writes it."""
    document: Any = Document(io.BytesIO(data))
    found = []
    for block in document.element.body:
        if block.tag == qn("w:p"):
            found.append(_words(block))
        elif block.tag == qn("w:tbl"):
            found += map(_row, block.findall(qn("w:tr")))
    for name in ("header", "footer"):
        found += [f"{name}> {_words(paragraph._p)}" for paragraph in getattr(document.sections[0], name).paragraphs if paragraph.text]
    for part in (part for part in document.part.package.parts if str(part.partname) == "/word/footnotes.xml"):
        found += [f"footnote> {words}" for paragraph in etree.fromstring(part.blob).iter(qn("w:p")) if (words := _words(paragraph))]
    if document.core_properties.title not in ("", "Word Document"):
        found.append(f"title> {document.core_properties.title}")
    return "\n".join(found)


# ---------------------------------------------------------------- what may be printed


class _Folder:
    def get(self, name: str) -> bytes:
        return (SHIPPED / name).read_bytes()


@cache
def values() -> dict[str, Any]:
    """The values that every example prints: those beside the Word file to start from."""
    return with_images(json.loads((SHIPPED / "starter.json").read_text(encoding="utf-8")), _Folder())


@cache
def library() -> Library:
    return load_definitions(bare_settings())[1]


@cache
def declared() -> dict[str, Any]:
    """Every name that 房屋验收交接表 of 入伙 may print."""
    bundle = library().bundle("jade_garden", "move_in")
    return longest(bundle, library().estate("jade_garden"), bundle.document("inspection"))


def compiled(text: str) -> Template:
    return Template.compile(word_of(text), filters=FILTERS)


# ---------------------------------------------------------------- the examples


def test_both_languages_show_the_same() -> None:
    chinese, english = map(examples, PAGES)
    assert chinese == english and sum(said.count("\n") + 1 for said, _ in chinese) > 120
    assert WRONG.findall(text_of(PAGES[0])) == WRONG.findall(text_of(PAGES[1]))
    assert [(name, set(re.findall(r"`([\w.]+)`", said))) for name, said in NAMES.findall(text_of(PAGES[0]))] \
        == [(name, set(re.findall(r"`([\w.]+)`", said))) for name, said in NAMES.findall(text_of(PAGES[1]))]
    levels = [re.findall(r"^(#+) ", BLOCK.sub("", text_of(page)), re.MULTILINE) for page in PAGES]
    assert levels[0] == levels[1], "a section is missing in one of the languages"


@pytest.mark.parametrize(("said", "meant"), examples(PAGES[0]))
def test_an_example_prints_what_the_guide_says(said: str, meant: str) -> None:
    found = check_template(word_of(said), declared(), declared(), filters=FILTERS)
    problems = [str(problem) for problem in found if problem.level == "error"]
    if meant.startswith("SX-"):
        assert problems == [meant]
    else:
        assert problems == []
        assert printed_in(compiled(said).render(values())) == meant


# ---------------------------------------------------------------- what it lists


@of_each_page
def test_every_name_is_listed(page: Path) -> None:
    listed = {name: set(re.findall(r"`([\w.]+)`", said)) for name, said in NAMES.findall(text_of(page))}
    known = declared()
    assert listed.keys() == known.keys()
    for name, fields in listed.items():
        assert fields == set(_below(name, known[name])), name


_BY_NAME = {"parties": "owner", "forms": "", "texts": "", "steps": "verify", "signatures": "owner", "price_lists": "", "children": "",
            "rounds": "", "extra": ""}
"""Groups whose names are the procedure's own, and one of them to show what stands below."""


def _below(name: str, value: Any) -> Iterator[str]:
    if name in _BY_NAME:
        value = value[_BY_NAME[name]] if _BY_NAME[name] else {}
    if isinstance(value, list):
        value = value[0]
    if isinstance(value, dict):
        own = {"deposit_held_fen"} if name == "unit" else set()  # a fact of the procedure
        yield from value.keys() - own


@of_each_page
def test_every_filter_is_shown(page: Path) -> None:
    known = {name for name in Cage(FILTERS).filters if not name.startswith("@")}
    used = set(re.findall(r"\|(\w+)", "".join(said for said, _ in examples(page))))
    assert known - used == set()


@of_each_page
def test_the_heights_of_pictures_are_those_of_the_code(page: Path) -> None:
    rows = [row for row in text_of(page).splitlines() if re.search(r"\d (毫米|mm) \|$", row)]
    heights = [int(re.findall(r"(\d+) (?:毫米|mm) \|$", row)[0]) for row in rows]
    assert heights == [PICTURES["ink"], declared()["document"]["qr"].height_mm, PICTURES["photo"], SEAL_MM]


def test_tags_stand_in_text_boxes_too_and_comments_stay_as_they_are() -> None:
    document: Any = Document(io.BytesIO(word_of("正文 {{ unit.code }}")))
    document.add_comment(document.paragraphs[0].runs, "{{ unit.code }}", "审阅")
    box = (f'<w:r xmlns:w="{qn("w:r")[1:-2]}"><w:pict><w:txbxContent><w:p><w:r><w:t>框 {{{{ unit.room }}}}</w:t></w:r></w:p>'
           "</w:txbxContent></w:pict></w:r>")
    document.paragraphs[0]._p.append(etree.fromstring(box))
    printed = unzipped(Template.compile(saved(document), filters=FILTERS).render(values()))
    assert "框 501" in printed["word/document.xml"].decode() and "{{ unit.code }}" in printed["word/comments.xml"].decode()


# ---------------------------------------------------------------- the mistakes


def mistakes() -> list[tuple[int, str]]:
    return [(int(number), tag) for number, tag in WRONG.findall(text_of(PAGES[0]))]


@pytest.mark.parametrize(("number", "tag"), [one for one in mistakes() if one[1]])
def test_a_mistake_gets_the_number_of_the_guide(number: int, tag: str) -> None:
    try:
        template = compiled(tag.replace("\\|", "|").replace("↵", "\n"))
        found = []
        if number < 3200:
            found = [problem.number for problem in check_compiled(template, declared(), declared()) if problem.level == "error"]
        else:  # what only shows when a paper is printed
            template.render(values())
    except (TemplateFault, RenderFault) as fault:
        found = [fault.number]
    assert found == [number]


def _with(name: str, body: bytes, rels: str = "") -> bytes:
    """A harmless Word file with one member more, or another one, and relationships of its body."""
    members = unzipped(word_of("正文 {{ unit.code }}"))
    at = "word/_rels/document.xml.rels"
    return zipped({**members, name: body, at: members[at].replace(b"</Relationships>", f"{rels}</Relationships>".encode())})


def _body(old: str, new: str) -> bytes:
    body = unzipped(word_of("正文 {{ unit.code }}"))["word/document.xml"]
    return _with("word/document.xml", body.replace(old.encode(), new.encode(), 1))


LINKED = ('<Relationship Id="rIdFar" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
          'Target="https://example.org/logo.png" TargetMode="External"/>')
FIELD = '<w:p><w:fldSimple w:instr=" INCLUDEPICTURE https://example.org/logo.png "/></w:p><w:sectPr'
FILES: dict[int, Callable[[], bytes]] = {
    3101: lambda: b"no zip", 3102: lambda: _with("word/media/image1.png", bytes(5_000_000)), 3103: lambda: _with("../x.xml", b"<x/>"),
    3104: lambda: _body("<w:document", "<!DOCTYPE w:document><w:document"), 3105: lambda: _with("word/x.xml", b"<x/>", LINKED),
    3106: lambda: _with("word/vbaProject.bin", b"macro"), 3107: lambda: _body("<w:sectPr", FIELD)}
NOTES = {3121: "{{ unit.code }}", 3123: "{{p unit.code }}"}
ELSEWHERE = {3100, 3130, 3131, 3132, 3133, 3140, 3141, 3200, 3207}
"""What carries a sentence of its own, and what only others meet: a template tried by itself or put at words, a long document."""


@pytest.mark.parametrize("number", FILES)
def test_a_file_that_is_refused_gets_the_number_of_the_guide(number: int) -> None:
    with pytest.raises(TemplateFault) as caught:
        Template.compile(FILES[number](), filters=FILTERS)
    assert caught.value.number == number


@pytest.mark.parametrize("number", NOTES)
def test_a_note_gets_the_number_of_the_guide(number: int) -> None:
    found = check_template(word_of(NOTES[number]), declared(), filters=FILTERS)
    assert number in {one.number for one in found if one.level == "note"} and all(one.level == "note" for one in found)


def test_comments_left_and_wrong_pictures_get_the_numbers_of_the_guide() -> None:
    data = word_of("{{ unit.cod }}")
    marked = annotated(data, check_template(data, declared(), filters=FILTERS))
    assert marked is not None
    assert 3124 in {one.number for one in check_template(marked, declared(), filters=FILTERS)}
    with pytest.raises(RenderFault) as caught:
        compiled("{{ signatures.owner.ink }}").render(values() | {"signatures": {"owner": {"ink": Image(b"GIF89a")}}})
    assert caught.value.number == 3204


def test_every_number_without_an_example_is_made_too() -> None:
    bare = {int(number) for number, tag in WRONG.findall(text_of(PAGES[0])) if not tag}
    assert bare == FILES.keys() | NOTES.keys() | ELSEWHERE | {3124, 3204}


@of_each_page
def test_every_number_stands_in_the_guide(page: Path) -> None:
    known = set(re.findall(r"^\| SX-(3[12]\d\d) \|", (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert known - set(re.findall(r"^\| SX-(3[12]\d\d) \|", text_of(page), re.MULTILINE)) == set()


# ---------------------------------------------------------------- the Word file to start from


def test_the_file_to_start_from_can_be_made_again(tmp_path: Path) -> None:
    assert starter.write(tmp_path).read_bytes() == (SHIPPED / "starter.docx").read_bytes()


def test_it_fits_the_inspection_sheet_and_prints_its_values() -> None:
    template = Template.compile((SHIPPED / "starter.docx").read_bytes(), filters=FILTERS)
    assert [str(one) for one in check_compiled(template, declared(), declared()) if one.level == "error"] == []
    shown = printed_in(template.render(values())).replace("(EFEFEF) ", "")
    assert "{#" not in shown and "起步模板" not in shown
    for wanted in ("| 房　　屋 | 3 栋 2 单元 501 室 | 面　　积 | 89.50 平方米 |", "| 代理人 | 无 |", "☑ 自住　☐ 出租　☐ 办公",
                   "本次由业主本人办理。",
                   "| 家庭成员 | 欧阳清风 | 配偶 | 320199197006172284 |", "| ^ | 欧阳小雨 | 子女 |", "| ^ |  |  |  |",
                   "| 2 | 厨房 | 水嘴、给水管 | (F8CBAD) 不合格 | 水嘴渗水 |", "合计（大写）壹仟玖佰伍拾壹元捌角整 | < | 1,951.80 |",
                   "各项金额（元） | < |", "物业服务费 | 装修保证金 |", "排水慢。↵水压 < 0.2 MPa，物业 & 施工单位", "{{ unit.room }}", "▣",
                   "footnote>  电梯房，三室两厅。", "title> 房屋验收交接表 RH-2026-00042-03"):
        assert wanted in shown, wanted


def test_its_values_are_declared_ones() -> None:
    def unknown(value: Any, known: Any, path: str) -> Iterator[str]:
        if isinstance(value, dict) and not ("$image" in value or "$qr" in value):
            for name, below in value.items():
                if not isinstance(known, dict) or name not in known:
                    yield f"{path}.{name}"
                else:
                    yield from unknown(below, known[name], f"{path}.{name}")
        elif isinstance(value, list) and value:
            yield from unknown(value[0], known[0], f"{path}[]")

    said = json.loads((SHIPPED / "starter.json").read_text(encoding="utf-8"))
    assert list(unknown(said, declared(), "")) == []


def test_the_command_writes_it_and_what_it_wrote_can_be_filled(tmp_path: Path) -> None:
    home = tmp_path / "mine"
    said = CliRunner().invoke(shouxu, ["new", "template", str(home), "--json"], catch_exceptions=False)
    assert json.loads(said.stdout) == {"written": [str(home / name) for name in STARTER]}
    out = tmp_path / "out.docx"
    CliRunner().invoke(shouxu, ["render", str(home / "starter.docx"), str(home / "starter.json"), "-o", str(out)], catch_exceptions=False)
    assert "欧阳明月" in printed_in(out.read_bytes())
    (home / "starter.docx").write_bytes(b"mine")
    (home / "starter.json").unlink()
    again = CliRunner().invoke(shouxu, ["new", "template", str(home), "--json"])
    assert again.exit_code == 1 and (home / "starter.docx").read_bytes() == b"mine" and not (home / "starter.json").exists()
