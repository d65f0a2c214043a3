"""Verdicts over sealed files: every changed, added or missing byte shows."""

from __future__ import annotations

import hashlib
import random
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from core.documents import certificates
from core.documents.certificates import SigningIdentity, development_identity
from core.documents.contracts import sample_word
from core.documents.pdf import LibreOfficeConverter
from core.documents.pdf_bombs import is_bomb
from core.documents.seal import PyHankoSealer
from core.documents.stamp import SealFace
from core.documents.verification import State, verify_pdf

COMPANY = "玉兰花园物业服务有限公司"
FACE = SealFace(COMPANY)
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return development_identity(tmp_path_factory.mktemp("data"), COMPANY)


@pytest.fixture(scope="module")
def paper(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    converter = LibreOfficeConverter(soffice, work_dir=tmp_path_factory.mktemp("pdf"))
    result = converter.convert({"x": sample_word("入伙通知书", f"{COMPANY}（盖章）", "2026年3月1日")})["x"]
    assert isinstance(result, bytes)
    return result


@pytest.fixture(scope="module")
def sealed(identity: SigningIdentity, paper: bytes) -> bytes:
    return PyHankoSealer(identity).seal(paper, seal_text=FACE, reason="签发", at=AT)


def test_a_sealed_file_is_unchanged(sealed: bytes, identity: SigningIdentity) -> None:
    verdict = verify_pdf(sealed, trust_roots=identity.trust_roots)
    assert verdict.state is State.UNCHANGED and verdict.accepted
    assert (verdict.signer, verdict.at, verdict.coverage) == (COMPANY, AT, "ENTIRE_FILE")
    assert verdict.sha256 == hashlib.sha256(sealed).hexdigest()
    assert "unchanged" in verdict.reasons[0] and "一致" in verdict.reasons[0]


def test_the_record_decides_beside_the_seal(sealed: bytes, paper: bytes, identity: SigningIdentity) -> None:
    roots, digest = identity.trust_roots, hashlib.sha256(sealed).hexdigest()
    assert verify_pdf(sealed, trust_roots=roots, known_sha256=digest.upper()).accepted
    other = verify_pdf(sealed, trust_roots=roots, known_sha256="0" * 64)
    assert other.state is State.CHANGED and "SHA-256" in other.reasons[-1]
    # A paper issued without a seal is known by its hash alone.
    known = hashlib.sha256(paper).hexdigest()
    assert verify_pdf(paper, trust_roots=roots).state is State.UNSIGNED
    assert verify_pdf(paper, trust_roots=roots, known_sha256=known).accepted
    assert verify_pdf(paper + b"\n", trust_roots=roots, known_sha256=known).state is State.CHANGED


@pytest.mark.parametrize("record", ["void", "superseded"])
def test_a_genuine_file_can_be_void(sealed: bytes, identity: SigningIdentity, record: str) -> None:
    verdict = verify_pdf(sealed, trust_roots=identity.trust_roots, record_state=record)
    assert verdict.state == record and not verdict.accepted
    changed = verify_pdf(sealed + b"x", trust_roots=identity.trust_roots, record_state=record)
    assert changed.state is State.APPENDED


def test_a_strange_signer_is_not_trusted(sealed: bytes) -> None:
    stranger = certificates._make_authority(AT).certificate
    assert verify_pdf(sealed, trust_roots=[stranger]).state is State.UNTRUSTED
    assert verify_pdf(sealed, trust_roots=[]).state is State.UNTRUSTED


def test_a_paper_outlives_its_certificate(sealed: bytes, identity: SigningIdentity, paper: bytes) -> None:
    late = AT + timedelta(days=365 * 8)
    now = datetime.now(UTC)
    fresh = PyHankoSealer(identity).seal(paper, seal_text=FACE, at=now)
    verdict = verify_pdf(fresh, trust_roots=identity.trust_roots, at=late)
    assert verdict.accepted and any("ended" in reason for reason in verdict.reasons)


def _flipped(data: bytes, position: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[position] ^= 1 << bit
    return bytes(changed)


def test_a_flipped_bit_anywhere_is_refused(sealed: bytes, identity: SigningIdentity) -> None:
    chance = random.Random(20260301)
    begin = sealed.index(b"/Contents <")
    end = sealed.index(b">", begin)
    tail = range(len(sealed) - 12, len(sealed))
    places = [chance.randrange(len(sealed)) for _ in range(80)]
    places += [chance.randrange(begin, begin + 4200) for _ in range(80)]  # the CMS, which no signature covers
    places += [chance.randrange(begin + 4200, end + 2) for _ in range(20)]  # the zeros after it
    for place in (*places, *tail):
        bit = chance.randrange(8)
        verdict = verify_pdf(_flipped(sealed, place, bit), trust_roots=identity.trust_roots)
        assert verdict.state is not State.UNCHANGED, (place, bit)


def test_digits_of_mixed_case_in_the_signature_are_refused(sealed: bytes, identity: SigningIdentity) -> None:
    begin = sealed.index(b"/Contents <") + 11
    place = next(n for n in range(begin, begin + 400) if sealed[n : n + 1] in b"ABCDEF")
    assert verify_pdf(_flipped(sealed, place, 5), trust_roots=identity.trust_roots).state is State.CHANGED


@pytest.mark.parametrize("tail", [b"\n", b"x", b"\0" * 100, b"%%EOF\n", b"1 0 obj\n<<>>\nendobj\n"])
def test_appended_bytes_are_told_apart(sealed: bytes, identity: SigningIdentity, tail: bytes) -> None:
    assert verify_pdf(sealed + tail, trust_roots=identity.trust_roots).state is State.APPENDED


def test_an_update_after_the_seal_is_refused(sealed: bytes, identity: SigningIdentity) -> None:
    import io

    from pyhanko.pdf_utils.generic import TextStringObject, pdf_name
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    page = writer.find_page_for_modification(0)[0].get_object()
    page[pdf_name("/Note")] = TextStringObject("另付一万元")  # pyright: ignore[reportIndexIssue]
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    verdict = verify_pdf(out.getvalue(), trust_roots=identity.trust_roots)
    assert verdict.state is State.APPENDED
    # Sealing over it does not make it good.
    again = PyHankoSealer(identity).seal(out.getvalue(), seal_text=FACE, at=AT)
    assert not verify_pdf(again, trust_roots=identity.trust_roots).accepted


@pytest.mark.parametrize("missing", [1, 2, 7, 100, 5000])
def test_missing_bytes_are_refused(sealed: bytes, identity: SigningIdentity, missing: int) -> None:
    assert not verify_pdf(sealed[:-missing], trust_roots=identity.trust_roots).accepted
    assert not verify_pdf(sealed[missing:], trust_roots=identity.trust_roots).accepted


@pytest.mark.parametrize(
    "junk", [b"", b"%PDF-1.7", b"PK\3\4", b"\0" * 1000, b"%PDF-1.7\n/ByteRange [0 1 2 3]"]
)
def test_junk_never_raises(junk: bytes) -> None:
    assert verify_pdf(junk, trust_roots=[]).state in (State.UNSIGNED, State.CHANGED)


# ---------------------------------------------------------------- bombs


def _with_stream(content: bytes, extra: bytes = b"/Filter/FlateDecode") -> bytes:
    """A PDF whose cross references are the stream `content`: what a reader unpacks before anything else."""
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    entries = b"/Type/XRef/Size 2/W[1 2 1]/Index[0 2]/Root 1 0 R" + extra
    body = b"2 0 obj\n<<%s/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (entries, len(content), content)
    return head + body + b"startxref\n%d\n%%%%EOF\n" % len(head)


@pytest.mark.parametrize("kind", ["plain", "behind a blank", "layers", "many"])
def test_a_file_that_would_fill_the_memory_is_not_opened(kind: str) -> None:
    huge = zlib.compress(bytes(200 << 20), 9)
    bomb = {
        "plain": lambda: _with_stream(huge),
        "behind a blank": lambda: _with_stream(b"\r\n" + huge),
        "layers": lambda: _with_stream(zlib.compress(huge, 9), b"/Filter[/FlateDecode/FlateDecode]"),
        "many": lambda: _with_stream(zlib.compress(bytes(60 << 20), 9)) * 12,
    }[kind]()
    assert len(bomb) < 2 << 20
    tracemalloc.start()
    try:
        verdict = verify_pdf(bomb, trust_roots=())
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()
    assert not verdict.accepted and any("展开后过大" in reason for reason in verdict.reasons)


def test_what_we_seal_is_no_bomb(sealed: bytes) -> None:
    assert not is_bomb(sealed)
    assert not is_bomb(_with_stream(zlib.compress(bytes(8))))
