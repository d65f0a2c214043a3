"""What every PDF converter and every sealer must do, as test classes to inherit from.

A plugin that brings its own converter writes `class TestMine(PdfConverterContract)` with a fixture
`converter`; one that brings a sealer does the same with `SealerContract` and a fixture `sealer`.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime

import docx

from core.documents.pdf import PdfConverter
from core.documents.pdf_content import page_texts, squeeze
from core.documents.seal import Sealer
from core.documents.stamp import SealFace
from core.documents.verification import State, verify_pdf
from core.errors import ConversionFailed, SealFailed


def sample_word(*paragraphs: str) -> bytes:
    """A small Word file that says the given paragraphs."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


class PdfConverterContract:
    """A converter answers for every file, never with a PDF that says something else."""

    def test_every_file_gets_its_own_answer(self, converter: PdfConverter) -> None:
        words = {"甲/1": "业主临时管理规约", "b": "验房交接表"}
        results = converter.convert({name: sample_word(text) for name, text in words.items()})
        assert list(results) == list(words)
        for name, text in words.items():
            result = results[name]
            if isinstance(result, bytes):
                assert squeeze(text) in squeeze("".join(page_texts(result)))
            else:
                assert isinstance(result, ConversionFailed)
                assert 3301 <= result.number <= 3399
                assert converter.available() is not None

    def test_a_file_that_is_not_word_is_refused_alone(self, converter: PdfConverter) -> None:
        results = converter.convert({"bad": b"not a Word file", "good": sample_word("施工许可证")})
        assert isinstance(results["bad"], ConversionFailed)
        assert isinstance(results["good"], bytes) == (converter.available() is None)

    def test_nothing_in_nothing_out(self, converter: PdfConverter) -> None:
        assert converter.convert({}) == {}


class SealerContract:
    """A sealer appends a signature that covers the whole file, or refuses with a number.

    Wants the fixtures `sealer` and `sealable` (an unsealed PDF of one page or more).
    """

    face = SealFace("玉兰花园物业服务有限公司", "合同专用章")
    at = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)

    def test_it_says_whether_it_can_seal(self, sealer: Sealer, sealable: bytes) -> None:
        reason = sealer.available()
        if reason is None:
            sealed = sealer.seal(sealable, seal_text=self.face, reason="签发", at=self.at)
            assert sealed.startswith(sealable) and len(sealed) > len(sealable)
            verdict = verify_pdf(sealed, trust_roots=())
            assert verdict.state is State.UNTRUSTED
            assert verdict.coverage == "ENTIRE_FILE" and verdict.at == self.at
        else:
            assert _refused(sealer, sealable, self.face, self.at) == 3402

    def test_what_is_no_pdf_is_refused(self, sealer: Sealer) -> None:
        assert 3400 <= _refused(sealer, b"no PDF at all", self.face, self.at) <= 3499


def _refused(sealer: Sealer, pdf: bytes, face: SealFace, at: datetime) -> int:
    try:
        sealer.seal(pdf, seal_text=face, at=at)
    except SealFailed as refusal:
        return refusal.number
    raise AssertionError("the sealer took what it must refuse")
