"""Word to PDF: the interface, LibreOffice behind it, and the converter of a machine that has none.

A PDF is accepted only when it was freshly written and shows the text and the pictures of its Word file
(pdf_check); LibreOffice reports success in other cases too.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from core.documents import soffice as office
from core.documents.fonts import installed
from core.documents.pdf_check import WordContent, check_pdf, read_word
from core.documents.warm import WarmOffices
from core.errors import ConversionFailed

PdfResult = bytes | ConversionFailed

_MISSING = "这台机器没有安装 LibreOffice，PDF 暂不能生成 (LibreOffice is not installed)"
_TOO_LONG = "LibreOffice 没有在规定时间内完成 (LibreOffice timed out)"
_INSTALL = "安装 libreoffice-writer-nogui 与 fonts-noto-cjk，排队的 PDF 会自动补做"


class PdfConverter(Protocol):
    """Turns Word files into PDF files."""

    def available(self) -> str | None:
        """None when it can work, else one line that says why not."""
        ...

    def convert(self, files: Mapping[str, bytes]) -> dict[str, PdfResult]:
        """The PDF, or the reason why there is none, for each name of `files` (docx bytes by any name)."""
        ...


class NullConverter:
    """The converter of a machine without LibreOffice: it refuses every file with SX-3301."""

    def available(self) -> str | None:
        return _MISSING

    def convert(self, files: Mapping[str, bytes]) -> dict[str, PdfResult]:
        return {name: ConversionFailed(_MISSING, remedy=_INSTALL, number=3301) for name in files}


class LibreOfficeConverter:
    """LibreOffice on this machine: many files in one call, one call at a time per work folder.

    `warm`: so many LibreOffices stay open between calls (warm.py), each for `recycle` files; what they cannot do is
    done in a call. `timeout` in seconds covers waiting for the work folder and the whole call. `work_dir` keeps profile, font
    map and drafts (default: a private folder that lives as long as the converter). Failures per file: SX-3301
    missing, 3302 timeout, 3303 no PDF, 3304 text missing, 3305 picture missing, 3306 crashed, 3307 not Word.
    """

    def __init__(
        self,
        soffice: str | Path | None = None,
        timeout: float = 120.0,
        work_dir: str | Path | None = None,
        *,
        confine: bool = True,
        warm: int = 0,
        recycle: int = 200,
    ) -> None:
        self._soffice = Path(soffice) if soffice else office.find_soffice()
        self._timeout = timeout
        self._confine = confine
        if work_dir is None:
            self._own_folder = tempfile.TemporaryDirectory(
                prefix="shouxu-pdf-"
            )  # kept: removed with the converter
            work_dir = self._own_folder.name
        self._work = Path(work_dir).resolve()
        self._warm = None
        if warm and self._soffice:
            self._warm = WarmOffices(self._soffice, self._work, _environment, warm, confine=confine, recycle=recycle)

    def available(self) -> str | None:
        if self._soffice is None or not self._soffice.is_file():
            return _MISSING
        return installed().missing()

    def convert(self, files: Mapping[str, bytes]) -> dict[str, PdfResult]:
        if self._soffice is None or not self._soffice.is_file():
            return NullConverter().convert(files)
        results: dict[str, PdfResult] = {}
        contents: dict[str, WordContent] = {}
        for name, docx in files.items():
            try:
                contents[name] = read_word(docx)
            except ConversionFailed as refusal:
                results[name] = refusal
        if contents:
            wanted = {name: files[name] for name in contents}
            for name, outcome in self._make(wanted, contents).items():
                results[name] = _accepted(contents[name], outcome)
        return {name: results[name] for name in files}

    def _make(self, files: Mapping[str, bytes], contents: Mapping[str, WordContent]) -> dict[str, PdfResult]:
        deadline = time.monotonic() + self._timeout
        self._work.mkdir(parents=True, exist_ok=True, mode=0o700)
        results: dict[str, PdfResult] = {}
        try:
            if self._warm is not None:
                results.update(self._warm.convert(files, deadline, lambda name, pdf: _shows(contents[name], pdf)))
            left = {name: docx for name, docx in files.items() if name not in results}
            if left:
                with office.exclusive(self._work, deadline):
                    results.update(self._make_alone(left, deadline))
        except office.Busy:
            return results | _all_late(files, results, self._timeout, "转换程序忙 (converter busy)")
        except office.Timeout:
            return results | _all_late(files, results, self._timeout, _TOO_LONG)
        return results

    def _make_alone(self, files: Mapping[str, bytes], deadline: float) -> dict[str, PdfResult]:
        results = self._call(files, deadline)
        crashed = [name for name, result in results.items() if _number(result) == 3306]
        if len(files) > 1:
            # One file that kills LibreOffice must not take its neighbours with it.
            for name in crashed:
                results.update(self._call({name: files[name]}, deadline))
        elif crashed:
            results = self._call(files, deadline)
        return results

    def _call(self, files: Mapping[str, bytes], deadline: float) -> dict[str, PdfResult]:
        """One LibreOffice call; a file without result gets the reason of the call."""
        drafts = Path(tempfile.mkdtemp(prefix="call-", dir=self._work))
        try:
            (drafts / "in").mkdir()
            (drafts / "out").mkdir()
            stems = {name: f"{position:04d}" for position, name in enumerate(files)}
            for name, stem in stems.items():
                (drafts / "in" / f"{stem}.docx").write_bytes(files[name])
            failure = self._run(drafts, sorted(stems.values()), deadline)
            return {name: _output(drafts / "out" / f"{stem}.pdf", failure) for name, stem in stems.items()}
        finally:
            shutil.rmtree(drafts, ignore_errors=True)

    def _run(self, drafts: Path, stems: list[str], deadline: float) -> ConversionFailed:
        """Run LibreOffice over the drafts; the failure that a file without output has."""
        profile = office.make_profile(self._work)
        command = [
            str(self._soffice),
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
            "--nolockcheck",
            "--infilter=MS Word 2007 XML",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            str(drafts / "out"),
            *(str(drafts / "in" / f"{stem}.docx") for stem in stems),
        ]
        try:
            status = office.run(command, self._work, _environment(self._work), deadline, confine=self._confine)
        except office.Timeout:
            office.drop_profile(self._work)
            return _late(self._timeout, _TOO_LONG)
        except OSError as error:
            return ConversionFailed(
                f"LibreOffice 无法启动 (cannot start): {error}", remedy=_INSTALL, number=3301
            )
        if status != 0:
            office.drop_profile(self._work)
            return ConversionFailed(
                f"LibreOffice 中途退出，状态 {status} (LibreOffice crashed)",
                remedy="稍后会自动重试",
                number=3306,
            )
        return ConversionFailed("LibreOffice 没有写出 PDF (LibreOffice wrote no PDF)", number=3303)


def _environment(work: Path) -> dict[str, str]:
    home = work / "home"
    home.mkdir(exist_ok=True)
    return office.bare_environment(home) | {"FONTCONFIG_FILE": str(installed().write_config(work))}


def _output(path: Path, failure: ConversionFailed) -> PdfResult:
    """The freshly written file (the folder was empty before the call), or the failure."""
    try:
        pdf = path.read_bytes()
    except OSError:
        return failure
    # Killed or crashed while writing: the tail tells.
    return failure if failure.number != 3303 and b"%%EOF" not in pdf[-1024:] else pdf


def _accepted(word: WordContent, outcome: PdfResult) -> PdfResult:
    if isinstance(outcome, ConversionFailed):
        return outcome
    try:
        check_pdf(word, outcome)
    except ConversionFailed as refusal:
        return refusal
    return outcome


def _shows(word: WordContent, pdf: bytes) -> bool:
    try:
        check_pdf(word, pdf)
    except ConversionFailed:
        return False
    return True


def _all_late(
    files: Mapping[str, bytes], done: Mapping[str, PdfResult], timeout: float, what: str
) -> dict[str, PdfResult]:
    return {name: _late(timeout, what) for name in files if name not in done}


def _number(result: PdfResult) -> int:
    return result.number if isinstance(result, ConversionFailed) else 0


def _late(timeout: float, what: str) -> ConversionFailed:
    return ConversionFailed(f"{what}: {timeout:g} s", remedy="稍后会自动重试", number=3302)
