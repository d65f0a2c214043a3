"""What the house adds to docxtpl's language, seen on finished pages: stamps, struck rows, boxes, pages, clauses, seals."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from docx import Document as WordFile
from lxml import etree

from core.cases.definitions import FILTERS
from core.documents.blank_paper import blank_filters, blank_paper, line
from core.documents.certificates import development_identity
from core.documents.engine import Template
from core.documents.pdf import LibreOfficeConverter
from core.documents.pdf_content import find_text, page_texts
from core.documents.seal import PyHankoSealer
from core.documents.stamp import SealFace
from core.walkthroughs.blank_papers import blank_word
from document_templates import gallery

LIBRARY = gallery.library()
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
AT = datetime(2026, 3, 1, 1, tzinfo=UTC)


def made(name: str, kind: str, procedure: str = "move_in") -> bytes:
    estate, bundle, rule = next(row for row in gallery.documents(LIBRARY)
                                if row[1].procedure.name == procedure and row[2].name == name)
    return next(one.word for one in gallery.prints(LIBRARY, estate, bundle, rule) if one.kind == kind)


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The finished pages of a few papers, in one call of LibreOffice."""
    converter = LibreOfficeConverter(work_dir=tmp_path_factory.mktemp("pdf"))
    if converter.available():
        pytest.skip("LibreOffice is not installed")
    files = {"covenant": made("covenant", "filled"), "void": made("covenant", "void"), "keys": made("key_receipt", "filled"),
             "blank": made("key_receipt", "blank")}
    results = converter.convert(files)
    assert all(isinstance(pdf, bytes) for pdf in results.values()), results
    return {name: pdf for name, pdf in results.items() if isinstance(pdf, bytes)}


def body(word: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(word)) as packed:
        return etree.fromstring(packed.read("word/document.xml"))


def words(word: bytes) -> str:
    return "".join(text.text or "" for text in body(word).iter(f"{W}t"))


def drawn(pdf: bytes, page: int = 0, scale: int = 2):  # type: ignore[no-untyped-def]
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return document[page].render(scale=scale).to_pil().convert("RGB")


# ---------------------------------------------------------------- on the page


def test_pages_say_which_they_are_and_of_how_many(pdfs: dict[str, bytes]) -> None:
    texts = [re.sub(r"\s", "", text) for text in page_texts(pdfs["covenant"])]
    assert [re.findall(r"第\d页共\d页", text) for text in texts] == [["第1页共2页"], ["第2页共2页"]]


def test_the_clauses_of_texts_yaml_are_printed_in_order(pdfs: dict[str, bytes]) -> None:
    bundle = LIBRARY.bundle("jade_garden", "move_in")
    clauses = {clause.name: clause.text.zh for clause in bundle.texts}
    said = words(made("covenant", "filled"))
    printed = [text for text in clauses.values() if text in said]
    assert len(printed) >= 12 and sorted(printed, key=said.index) == printed
    assert len(re.findall(r"第[一二三四五六七八九十]+条", said)) == 12


def test_a_void_paper_is_stamped_on_every_page_and_can_still_be_read(pdfs: dict[str, bytes]) -> None:
    assert page_texts(pdfs["void"])[0].replace("作废", "").split() == page_texts(pdfs["covenant"])[0].split()
    for page in range(2):
        plain, stamped = drawn(pdfs["covenant"], page), drawn(pdfs["void"], page)
        changed = [(before, after) for before, after in zip(plain.get_flattened_data(), stamped.get_flattened_data(), strict=True)
                   if before == (255, 255, 255) and after != before]
        assert len(changed) > 40_000  # a word across the whole sheet
        assert min(sum(after) for _, after in changed) > 3 * 180  # lighter than any letter


def test_a_table_is_closed_by_a_diagonal_line(pdfs: dict[str, bytes]) -> None:
    (spot,), = find_text(pdfs["keys"], "以下空白")
    document = pypdfium2.PdfDocument(pdfs["keys"])
    high, scale = document[0].get_height(), 3
    picture = drawn(pdfs["keys"], scale=scale).convert("L")
    middle = (high - spot.box.centre[1]) * scale
    # The line rises from the left edge of the table to its right edge: it is met lower on the left than on the right.
    met = []
    for x in (150, 440):
        column = [y for y in range(round(middle - 16 * scale), round(middle + 16 * scale)) if picture.getpixel((x * scale, y)) < 160]
        met.append([y for y in column if all(abs(y - border) > 2 * scale for border in (column[0], column[-1]))])
    assert met[0] and met[1] and min(met[0]) > max(met[1])


def test_a_blank_form_has_lines_boxes_and_spare_rows(pdfs: dict[str, bytes]) -> None:
    text = "".join(page_texts(pdfs["blank"]))
    assert "以下空白" not in text and "☐" in text and "☑" not in text and "None" not in text
    spare = [row for row in body(made("key_receipt", "blank")).iter(f"{W}tr")
             if re.fullmatch(r"\d", "".join(text.text or "" for text in row.iter(f"{W}t")))]
    assert len(spare) == 5
    heights = [height for row in spare for height in row.iter(f"{W}trHeight")]
    assert len(heights) == 5 and all(int(height.get(f"{W}val", "0")) >= 453 for height in heights)


def test_words_stay_black_under_the_seal(pdfs: dict[str, bytes], tmp_path: Path) -> None:
    company = LIBRARY.estate("jade_garden").company.title.zh
    sealed = PyHankoSealer(development_identity(tmp_path, company, at=AT)).seal(pdfs["covenant"], seal_text=SealFace(company), at=AT)
    before, after = (drawn(pdf, 1, 3) for pdf in (pdfs["covenant"], sealed))
    pairs = list(zip(before.get_flattened_data(), after.get_flattened_data(), strict=True))
    under = [new for old, new in pairs if sum(old) < 60 and new != old]
    assert sum(1 for _, (r, g, b) in pairs if r > 150 and g < 120 and b < 120) > 1000  # it is there
    assert all(sum(new) < 150 for new in under)  # and hides nothing


# ---------------------------------------------------------------- boxes and blanks


def test_all_choices_are_printed_and_the_chosen_one_is_ticked() -> None:
    said = words(made("registration", "filled"))
    assert re.search(r"☑ 个人\s*☐ 单位", said) and re.search(r"☑ 自住\s*☐ 出租\s*☐ 办公\s*☐ 暂不入住", said)
    blank = words(made("registration", "blank"))
    assert re.search(r"☐ 个人\s*☐ 单位", blank) and re.search(r"☐ 自住\s*☐ 出租\s*☐ 办公\s*☐ 暂不入住", blank)


def test_amounts_stand_in_digits_and_in_capitals() -> None:
    said = words(made("receipt", "filled"))
    assert said.count("人民币（大写）壹仟贰佰叁拾肆元伍角整") == said.count("¥1,234.50") == 3


def template(*paragraphs: str) -> Template:
    file = WordFile()
    table = file.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "业主", paragraphs[0]
    for paragraph in paragraphs[1:]:
        file.add_paragraph(paragraph)
    out = io.BytesIO()
    file.save(out)
    return Template.compile(out.getvalue(), filters=blank_filters(FILTERS))


def test_what_a_blank_looks_like_depends_on_where_it_stands() -> None:
    context = {"owner": line(4), "amount": line(5), "rows": [{"name": line(3)}] * 3}
    word = blank_paper(template("{{ owner }}", "甲方：{{ owner }}", "{{ amount|money }} 元，大写 {{ amount|capitals }}",
                                "共 {{ rows|count }} 项{% if rows|count > 2 %}，附表{% endif %} {{ owner|tick }}"), context)
    paragraphs = ["".join(text.text or "" for text in paragraph.iter(f"{W}t")) for paragraph in body(word).iter(f"{W}p")]
    assert paragraphs == ["业主", "", "甲方：＿＿＿＿", "＿＿＿＿＿ 元，大写 ＿＿＿＿＿", "共 ＿＿＿ 项，附表 ☐"]
    height = next(body(word).iter(f"{W}trHeight"))
    assert (int(height.get(f"{W}val", "0")), height.get(f"{W}hRule")) == (454, "atLeast")


def test_a_blank_form_is_the_same_bytes_each_time_and_strangers_get_none() -> None:
    first, second = (blank_word(LIBRARY, FILTERS, "jade_garden", "move_in", "covenant") for _ in range(2))
    assert first == second and first[0] == "业主公约"
    from core.errors import NotFound

    for estate, procedure, name in (("mars", "move_in", "covenant"), ("jade_garden", "moving", "covenant"),
                                    ("jade_garden", "move_in", "treaty")):
        with pytest.raises(NotFound):
            blank_word(LIBRARY, FILTERS, estate, procedure, name)


def test_the_command_writes_blank_forms(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from core.cli.program import shouxu

    done = CliRunner().invoke(shouxu, ["blank", "move_in", "covenant", "--estate", "jade_garden", "--out", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    assert "业主公约" in words((tmp_path / "covenant.docx").read_bytes())
