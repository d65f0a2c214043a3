"""LibreOffices that stay open: what they make is what a cold one makes, and whatever goes wrong the cold way is taken."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.cases.paperworks import PaperWorks
from core.documents import soffice as office, warm as warming
from core.documents.contracts import sample_word
from core.documents.pdf import LibreOfficeConverter
from core.documents.pdf_content import count_images, draw_page, page_texts
from core.documents.warm import WarmOffices, uno_python
from core.errors import ConversionFailed
from core.settings import Settings
from tests.documents.test_pdf import inspection_form


@pytest.fixture(autouse=True)
def _needs_uno() -> None:
    if uno_python() is None:
        pytest.skip("python3-uno is not on this machine; `install/parts.sh test` fetches it")


class Watched(LibreOfficeConverter):
    """Counts the calls of the cold way."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.cold = 0

    def _call(self, files: Any, deadline: float) -> Any:
        self.cold += len(files)
        return super()._call(files, deadline)


def started(work: Path) -> set[int]:
    """The leaders of the open offices below a work folder."""
    return {int(marker.read_text()) for marker in work.glob("warm-*/running.pid")}


def test_a_warm_one_makes_what_a_cold_one_makes(soffice: str, tmp_path: Path) -> None:
    converter = Watched(soffice, work_dir=tmp_path / "warm", warm=1)
    forms = {str(number): inspection_form(number) for number in range(3)}
    warm = [converter.convert({name: form})[name] for name, form in forms.items()]
    assert converter.cold == 0
    cold = LibreOfficeConverter(soffice, work_dir=tmp_path / "cold").convert(forms)
    for one, other in zip(warm, cold.values(), strict=True):
        assert isinstance(one, bytes) and isinstance(other, bytes)
        assert page_texts(one) == page_texts(other) and count_images(one) == count_images(other) == 2
        assert [draw_page(one, page) for page in (0, 1)] == [draw_page(other, page) for page in (0, 1)]


def test_it_stays_open_and_is_renewed(soffice: str, tmp_path: Path) -> None:
    converter = Watched(soffice, work_dir=tmp_path, warm=1, recycle=2)
    seen = []
    for number in range(5):
        assert isinstance(converter.convert({"x": sample_word(f"第 {number} 份")})["x"], bytes)
        seen.append(frozenset(started(tmp_path)))
    assert seen[0] and seen[1] == seen[3] == frozenset()  # ended after its second file
    assert seen[2] and seen[2] != seen[0] and converter.cold == 0
    assert list((tmp_path / "warm-0").glob("call-*")) == []  # nothing of the papers stays behind


def test_two_of_them_share_the_work_of_threads(soffice: str, tmp_path: Path) -> None:
    converter = Watched(soffice, work_dir=tmp_path, warm=2)
    results: list[object] = []

    def convert(number: int) -> None:
        words = f"第 {number} 位同事的文书"
        pdf = converter.convert({"x": sample_word(words)})["x"]
        results.append(isinstance(pdf, bytes) and words.replace(" ", "") in "".join(page_texts(pdf)).replace(" ", ""))

    threads = [threading.Thread(target=convert, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 6 and converter.cold == 0
    assert len(started(tmp_path)) == 2


def test_two_processes_never_share_one(soffice: str, tmp_path: Path) -> None:
    first, second = (LibreOfficeConverter(soffice, work_dir=tmp_path, warm=1) for _ in range(2))
    for converter in (first, second, first):
        assert isinstance(converter.convert({"x": sample_word("同一文件夹")})["x"], bytes)
    assert len(started(tmp_path)) == 2


def test_with_its_converter_it_ends(soffice: str, tmp_path: Path) -> None:
    converter = LibreOfficeConverter(soffice, work_dir=tmp_path, warm=1)
    assert isinstance(converter.convert({"x": sample_word("最后一份")})["x"], bytes)
    (leader,) = started(tmp_path)
    del converter
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _alive(leader):
        time.sleep(0.05)
    assert not _alive(leader)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_file_it_cannot_read_is_judged_by_the_cold_way(soffice: str, tmp_path: Path) -> None:
    converter = Watched(soffice, work_dir=tmp_path, warm=1)
    broken = sample_word("坏").replace(b"word/styles.xml", b"word/stylex.xml")
    results = converter.convert({"a": sample_word("甲"), "broken": broken, "b": sample_word("乙")})
    assert isinstance(results["a"], bytes) and isinstance(results["b"], bytes)
    assert isinstance(results["broken"], bytes | ConversionFailed)


def test_a_pdf_that_lost_something_is_not_taken_and_its_office_is_ended(soffice: str, tmp_path: Path) -> None:
    """The office answers with the PDF of another file, as a confused one might."""
    converter = Watched(soffice, work_dir=tmp_path, warm=1)
    assert isinstance(converter.convert({"x": sample_word("甲")})["x"], bytes)
    before = started(tmp_path)
    running = converter._warm._free.queue[0]._running  # type: ignore[union-attr]
    assert running is not None
    true_way = running.convert
    running.convert = lambda docx, deadline: true_way(sample_word("别的文字"), deadline)
    pdf = converter.convert({"x": sample_word("应收物业服务费 827.40 元")})["x"]
    assert isinstance(pdf, bytes) and "827.40" in "".join(page_texts(pdf))
    assert converter.cold == 1 and started(tmp_path) == set() and before


def test_without_uno_the_cold_way_is_taken_and_the_log_says_why(soffice: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(warming, "uno_python", lambda: None)
    converter = Watched(soffice, work_dir=tmp_path, warm=1)
    with capture_logs() as said:
        for _ in range(2):
            assert isinstance(converter.convert({"x": sample_word("没有 uno")})["x"], bytes)
    assert converter.cold == 2
    assert [row["event"] for row in said] == ["no_warm_office"] and "python3-uno" in said[0]["why"]  # once a minute


def test_a_busy_one_is_answered_in_time(soffice: str, tmp_path: Path) -> None:
    offices = WarmOffices(Path(soffice), tmp_path, lambda work: {}, 1)
    one = offices._free.get()
    with pytest.raises(office.Busy):
        offices.convert({"x": b""}, time.monotonic() + 0.2, lambda name, pdf: True)
    offices._free.put(one)


def test_the_setting_opens_them(soffice: str, tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path, secret="s" * 40, soffice=soffice, pdf_warm_workers=1)
    converter = PaperWorks(settings).converter
    assert isinstance(converter.convert({"x": sample_word("按设置")})["x"], bytes)
    assert len(started(tmp_path / "soffice")) == 1
