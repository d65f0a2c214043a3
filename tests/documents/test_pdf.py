"""Word to PDF by the real LibreOffice."""

from __future__ import annotations

import http.server
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from PIL import Image

from core.documents.contracts import PdfConverterContract, sample_word
from core.documents.fonts import installed
from core.documents.pdf import LibreOfficeConverter, NullConverter
from core.documents.pdf_check import check_pdf, read_word
from core.documents.pdf_content import count_images, draw_page, page_texts, squeeze
from core.documents.warm import uno_python
from core.errors import ConversionFailed


@pytest.fixture(scope="module")
def libreoffice(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> LibreOfficeConverter:
    return LibreOfficeConverter(soffice, work_dir=tmp_path_factory.mktemp("pdf"))


class TestLibreOffice(PdfConverterContract):
    @pytest.fixture
    def converter(self, libreoffice: LibreOfficeConverter) -> LibreOfficeConverter:
        return libreoffice


@pytest.fixture(scope="module")
def warm(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> LibreOfficeConverter:
    if uno_python() is None:
        pytest.skip("python3-uno is not on this machine; `install/parts.sh test` fetches it")
    return LibreOfficeConverter(soffice, work_dir=tmp_path_factory.mktemp("warm"), warm=1)


class TestWarm(PdfConverterContract):
    @pytest.fixture
    def converter(self, warm: LibreOfficeConverter) -> LibreOfficeConverter:
        return warm


class TestNull(PdfConverterContract):
    @pytest.fixture
    def converter(self) -> NullConverter:
        return NullConverter()


class TestLibreOfficeNotInstalled(PdfConverterContract):
    @pytest.fixture
    def converter(self, tmp_path: Path) -> LibreOfficeConverter:
        return LibreOfficeConverter(tmp_path / "soffice", work_dir=tmp_path)


def _picture(shade: int) -> io.BytesIO:
    out = io.BytesIO()
    Image.effect_noise((120, 60), 40 + shade).convert("RGB").save(out, "PNG")
    out.seek(0)
    return out


def inspection_form(number: int = 1, rows: int = 30) -> bytes:
    """A Chinese form over two pages: 黑体 heading, 宋体 text, a table, a header picture, a body picture."""
    form = docx.Document()
    form.sections[0].header.paragraphs[0].add_run().add_picture(_picture(100), width=Mm(20))
    heading = form.add_paragraph().add_run(f"玉兰花园验房交接表 第 {number} 号")
    heading.font.name = "黑体"
    heading._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "黑体")
    normal = form.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:rFonts')}")
    assert normal is not None
    normal.set(qn("w:eastAsia"), "宋体")
    form.add_paragraph("业主于 2026 年 3 月 1 日办理入伙，建筑面积 98.50 平方米，fi-nal office check ☑。" * 6)
    table = form.add_table(rows=0, cols=3, style="Table Grid")
    for row in range(rows):
        cells = table.add_row().cells
        cells[0].text, cells[1].text, cells[2].text = str(row + 1), "客厅墙面平整、无空鼓开裂", "合格"
    form.add_picture(_picture(number), width=Mm(40))
    form.add_paragraph("玉兰花园物业服务有限公司（盖章）")
    out = io.BytesIO()
    form.save(out)
    return out.getvalue()


def test_a_chinese_form_keeps_text_and_pictures(libreoffice: LibreOfficeConverter) -> None:
    word = inspection_form()
    pdf = libreoffice.convert({"form": word})["form"]
    assert isinstance(pdf, bytes)
    pages = page_texts(pdf)
    assert len(pages) == 2
    assert squeeze("98.50平方米") in squeeze(pages[0])
    assert read_word(word).images == 2
    assert count_images(pdf) == 2
    assert draw_page(pdf, 0).startswith(b"\x89PNG")


def test_fifteen_files_take_one_call(libreoffice: LibreOfficeConverter) -> None:
    files = {str(number): inspection_form(number) for number in range(15)}
    begin = time.monotonic()
    results = libreoffice.convert(files)
    took = time.monotonic() - begin
    assert all(isinstance(result, bytes) for result in results.values()), results
    assert took < 30  # 3.7 s on an idle machine; here others run beside


def test_a_second_process_cannot_share_the_work_folder(libreoffice: LibreOfficeConverter) -> None:
    results: list[object] = []
    word = sample_word("两位同事同时打印")

    def convert() -> None:
        results.append(libreoffice.convert({"x": word})["x"])

    threads = [threading.Thread(target=convert) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(result) for result in results] == [bytes] * 3


def test_missing_text_and_missing_pictures_are_found(libreoffice: LibreOfficeConverter) -> None:
    word = inspection_form()
    other = libreoffice.convert({"x": sample_word("完全不同的文字")})["x"]
    assert isinstance(other, bytes)
    assert _refusal(word, other) == 3304
    drawn = docx.Document()
    drawn.add_paragraph("完全不同的文字")
    drawn.add_picture(_picture(3))
    out = io.BytesIO()
    drawn.save(out)
    assert _refusal(out.getvalue(), other) == 3305
    assert _refusal(word, b"%PDF-1.7 cut") == 3303
    assert _refusal(word, b"%PDF-1.7 nonsense %%EOF") == 3303


def test_one_changed_digit_is_found(libreoffice: LibreOfficeConverter) -> None:
    pdf = libreoffice.convert({"x": sample_word("应收物业服务费 827.40 元")})["x"]
    assert isinstance(pdf, bytes)
    check_pdf(read_word(sample_word("应收物业服务费 827.40 元")), pdf)
    assert _refusal(sample_word("应收物业服务费 827.50 元"), pdf) == 3304


def _refusal(word: bytes, pdf: bytes) -> int:
    with pytest.raises(ConversionFailed) as caught:
        check_pdf(read_word(word), pdf)
    return caught.value.number


class _Listener(http.server.BaseHTTPRequestHandler):
    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_error(404)

    do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []
    handler = type("Handler", (_Listener,), {"seen": seen})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("open_ones", [0, 1], ids=["cold", "warm"])
@pytest.mark.parametrize("confine", [True, False], ids=["caged", "bare"])
def test_linked_pictures_are_not_fetched(
    soffice: str, tmp_path: Path, listener: tuple[str, list[str]], confine: bool, open_ones: int
) -> None:
    address, seen = listener
    converter = LibreOfficeConverter(soffice, work_dir=tmp_path, confine=confine, warm=open_ones)
    result = converter.convert({"x": _with_linked_picture(address + "/pixel.png")})["x"]
    assert isinstance(result, bytes)
    assert "连接的图片" in "".join(page_texts(result))
    assert seen == []


def _with_linked_picture(target: str) -> bytes:
    document = docx.Document()
    document.add_paragraph("连接的图片")
    document.add_picture(_picture(1))
    out = io.BytesIO()
    document.save(out)
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as sink:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/document.xml":
                content = content.replace(b"r:embed=", b"r:link=")
            if name == "word/_rels/document.xml.rels":
                content = content.replace(
                    b'Target="media/image1.png"', f'Target="{target}" TargetMode="External"'.encode()
                )
            sink.writestr(name, content)
    return changed.getvalue()


def test_the_font_map_names_installed_fonts_only(tmp_path: Path) -> None:
    fonts = installed()
    assert fonts.missing() is None
    config = fonts.write_config(tmp_path).read_text("utf-8")
    assert "<string>宋体</string>" in config and "<string>Times New Roman</string>" in config
    assert all(f"<dir>{folder}</dir>" in config for folder in fonts.folders)


def test_missing_fonts_are_named_in_one_line(tmp_path: Path) -> None:
    from core.documents.fonts import Fonts

    line = Fonts.find([tmp_path]).missing()
    assert line is not None and "宋体" in line and "fonts-noto-cjk" in line and "\n" not in line
