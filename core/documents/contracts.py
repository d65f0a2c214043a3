"""What every PDF converter and every sealer must do, as test classes to inherit from.

A plugin that brings its own converter writes `class TestMine(PdfConverterContract)` with a fixture
`converter`; one that brings a sealer does the same with `SealerContract` and a fixture `sealer`.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import docx

from core.documents.certificates import common_name
from core.documents.pdf import PdfConverter
from core.documents.pdf_content import page_texts, squeeze
from core.documents.seal import Certified, Sealer
from core.documents.stamp import SealFace
from core.documents.verification import Judging, State, Verdict, verify_pdf
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
    """A sealer appends a signature that covers the whole file, or refuses with a number; what is changed later shows.

    Wants the fixtures `sealer` and `sealable` (an unsealed PDF of one page or more).
    """

    face = SealFace("玉兰花园物业服务有限公司", "合同专用章")
    at = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)

    def test_it_says_whether_it_can_seal(self, sealer: Sealer, sealable: bytes) -> None:
        reason = sealer.available()
        if reason is None:
            sealed = sealer.seal(sealable, seal_text=self.face, reason="签发", at=self.at)
            assert sealed.startswith(sealable) and len(sealed) > len(sealable)
            verdict = self.judged(sealer, sealed)  # the house knows no root here
            assert verdict.state is (State.UNTRUSTED if self.own(sealer, sealed) is None else State.UNCHANGED)
            assert verdict.coverage == "ENTIRE_FILE" and verdict.at == self.at
            if isinstance(sealer, Certified):
                assert verdict.signer == common_name(sealer.chain[0])
        else:
            assert _refused(sealer, sealable, self.face, self.at) == 3402

    def test_what_is_changed_after_its_seal_shows(self, sealer: Sealer, sealable: bytes) -> None:
        if sealer.available() is None:
            sealed = sealer.seal(sealable, seal_text=self.face, reason="签发", at=self.at)
            middle = len(sealable) // 2
            changed = sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :]
            assert self.judged(sealer, changed).state is State.CHANGED
            assert self.judged(sealer, sealed + b"\n% more\n").state in (State.APPENDED, State.CHANGED)

    def test_many_may_seal_at_once(self, sealer: Sealer, sealable: bytes) -> None:
        if sealer.available() is None:
            with ThreadPoolExecutor(3) as hands:
                made = list(hands.map(lambda _: sealer.seal(sealable, seal_text=self.face, at=self.at), range(6)))
            assert {self.judged(sealer, sealed).coverage for sealed in made} == {"ENTIRE_FILE"}

    def judged(self, sealer: Sealer, pdf: bytes) -> Verdict:
        """The sealer's own verdict where it judges its seals, else that of the house."""
        return self.own(sealer, pdf) or verify_pdf(pdf, trust_roots=())

    def own(self, sealer: Sealer, pdf: bytes) -> Verdict | None:
        """The verdict of a sealer that judges its own seals."""
        return sealer.judge(pdf, self.at) if isinstance(sealer, Judging) else None

    def test_what_is_no_pdf_is_refused(self, sealer: Sealer) -> None:
        assert 3400 <= _refused(sealer, b"no PDF at all", self.face, self.at) <= 3499


def _refused(sealer: Sealer, pdf: bytes, face: SealFace, at: datetime) -> int:
    try:
        sealer.seal(pdf, seal_text=face, at=at)
    except SealFailed as refusal:
        return refusal.number
    raise AssertionError("the sealer took what it must refuse")
