"""Company seals on real PDFs, checked by pdfsig as well."""

from __future__ import annotations

import io
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from PIL import Image

from core.documents import certificates
from core.documents.certificates import SigningIdentity, development_identity, ending, load_pkcs12
from core.documents.contracts import SealerContract, sample_word
from core.documents.pdf import LibreOfficeConverter
from core.documents.pdf_content import Box, find_text
from core.documents.seal import NullSealer, PyHankoSealer
from core.documents.seal_place import Place, find_spot
from core.documents.stamp import SealFace, draw_seal, read_stamp
from core.documents.verification import verify_pdf
from core.errors import SealFailed

COMPANY = "玉兰花园物业服务有限公司"
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
FACE = SealFace(COMPANY, "合同专用章")
MM = 72 / 25.4


@pytest.fixture(scope="module")
def papers(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Three kinds of last page: company over date, two parties, nothing to hold on to."""
    lines = ["约定事项，双方遵守。"] * 60
    words = {
        "contract": sample_word(COMPANY, *lines, f"{COMPANY}（盖章）", "日期：2026 年 3 月 1 日"),
        "parties": sample_word(
            *lines[:10], "甲方（盖章）：", "日期：", "", "", "", "", "", "乙方（盖章）：", "日期："
        ),
        "plain": sample_word("温馨提示：请勿高空抛物。"),
    }
    results = LibreOfficeConverter(soffice, work_dir=tmp_path_factory.mktemp("pdf")).convert(words)
    return {name: result for name, result in results.items() if isinstance(result, bytes)}


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return development_identity(tmp_path_factory.mktemp("data"), COMPANY, at=AT)


@pytest.fixture(scope="module")
def sealable(papers: dict[str, bytes]) -> bytes:
    return papers["contract"]


class TestPyHanko(SealerContract):
    @pytest.fixture
    def sealer(self, identity: SigningIdentity) -> PyHankoSealer:
        return PyHankoSealer(identity)


class TestNull(SealerContract):
    @pytest.fixture
    def sealer(self) -> NullSealer:
        return NullSealer()


def _pdfsig(program: str, pdf: bytes, folder: Path) -> str:
    """What poppler's checker prints; HOME is empty so that it makes its own certificate store."""
    (folder / "sealed.pdf").write_bytes(pdf)
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [program, "-no-ocsp", str(folder / "sealed.pdf")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_pdfsig_finds_the_seal_valid(
    identity: SigningIdentity, sealable: bytes, pdfsig: str, tmp_path: Path
) -> None:
    sealed = PyHankoSealer(identity).seal(sealable, seal_text=FACE, reason="签发", at=AT)
    said = _pdfsig(pdfsig, sealed, tmp_path)
    assert said.count("Signature is Valid.") == 1
    assert "Total document signed" in said and COMPANY in said
    assert "ETSI.CAdES.detached" in said and "SHA-256" in said
    broken = sealed.replace(b"/Producer", b"/Produced", 1)
    assert "Signature is Valid." not in _pdfsig(pdfsig, broken, tmp_path)


def test_two_companies_seal_in_turn(
    identity: SigningIdentity, papers: dict[str, bytes], pdfsig: str, tmp_path: Path
) -> None:
    other = development_identity(tmp_path / "data", "金桂装饰工程有限公司", at=AT)
    first = PyHankoSealer(identity).seal(
        papers["parties"], seal_text=FACE, where=Place(("甲方（盖章）",)), at=AT
    )
    later = AT + timedelta(days=1)
    both = PyHankoSealer(other).seal(
        first, seal_text=SealFace(other.name), where=Place(("乙方（盖章）",)), at=later
    )
    assert both.startswith(first)
    assert _pdfsig(pdfsig, both, tmp_path).count("Signature is Valid.") == 2
    verdict = verify_pdf(both, trust_roots=(*identity.trust_roots, *other.trust_roots))
    assert verdict.accepted
    assert [row.signer for row in verdict.signatures] == [COMPANY, "金桂装饰工程有限公司"]
    assert verdict.at == later
    boxes = [box for _, box in _seal_boxes(both)]
    assert boxes[0].bottom > boxes[1].top - 20 * MM


def _seal_boxes(pdf: bytes) -> list[tuple[int, Box]]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = []
        for number, page in enumerate(document.pages):
            for note in page.obj.get("/Annots", []):  # pyright: ignore[reportGeneralTypeIssues]
                found.append((number, Box(*(float(edge) for edge in note["/Rect"]))))  # type: ignore[arg-type]
        return found


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.bottom < other.top
        and other.bottom < one.top
    )


def test_the_seal_lies_over_name_and_date(identity: SigningIdentity, sealable: bytes) -> None:
    sealed = PyHankoSealer(identity).seal(sealable, seal_text=FACE, at=AT)
    ((page, box),) = _seal_boxes(sealed)
    names, dates = find_text(sealable, COMPANY, r"2026年3月1日")
    assert (page, names[0].page) == (2, 0)  # the last page, though the name stands on the first one too
    assert box.right - box.left == pytest.approx(40 * MM, abs=0.1)
    assert box.top - box.bottom == pytest.approx(40 * MM, abs=0.1)
    assert _overlap(box, names[-1].box) and _overlap(box, dates[-1].box)


def test_without_an_anchor_it_stands_at_the_lower_right(papers: dict[str, bytes]) -> None:
    spot = find_spot(papers["plain"], COMPANY, Place())
    x, y = spot.box.centre
    assert spot.page == 0
    assert x > 595 * 0.6 and y < 842 * 0.3


def test_brackets_of_either_width_and_spaces_do_not_matter(papers: dict[str, bytes]) -> None:
    wide = find_spot(papers["parties"], "", Place(("乙方（盖章）",)))
    narrow = find_spot(papers["parties"], "", Place(("乙 方 (盖章)",)))
    assert wide == narrow
    assert wide.box.centre[1] < find_spot(papers["parties"], "", Place(("甲方（盖章）",))).box.centre[1]


def test_fifteen_seals_are_quick(identity: SigningIdentity, sealable: bytes) -> None:
    sealer = PyHankoSealer(identity)
    sealer.seal(sealable, seal_text=FACE, at=AT)
    begin = time.monotonic()
    for _ in range(15):
        sealer.seal(sealable, seal_text=FACE, at=AT)
    assert time.monotonic() - begin < 5  # 0.4 s on an idle machine


def test_threads_share_one_sealer(identity: SigningIdentity, sealable: bytes) -> None:
    sealer = PyHankoSealer(identity)
    results: list[bytes] = []
    work = [
        threading.Thread(target=lambda: results.append(sealer.seal(sealable, seal_text=FACE, at=AT)))
        for _ in range(6)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(results) == 6
    assert all(verify_pdf(one, trust_roots=identity.trust_roots).accepted for one in results)


def test_a_time_without_zone_and_an_ended_certificate_are_refused(
    identity: SigningIdentity, sealable: bytes
) -> None:
    sealer = PyHankoSealer(identity)
    with pytest.raises(ValueError, match="time zone"):
        sealer.seal(sealable, seal_text=FACE, at=datetime(2026, 3, 1))
    with pytest.raises(SealFailed) as caught:
        sealer.seal(sealable, seal_text=FACE, at=AT + timedelta(days=4 * 365))
    assert caught.value.number == 3405


# ---------------------------------------------------------------- the drawn seal


@pytest.mark.parametrize(
    "company", ["金桂物业", COMPANY, "深圳市玉兰花园物业服务管理（集团）有限责任公司第三分公司"]
)
def test_the_seal_is_round_red_and_lets_the_text_through(company: str) -> None:
    image = Image.open(io.BytesIO(draw_seal(SealFace(company, "合同专用章"))))
    assert image.mode == "RGBA" and image.size == (472, 472)
    assert image.getpixel((0, 0))[3] == 0  # type: ignore[index]
    red, green, blue, alpha = image.getpixel((236, 236))  # type: ignore[misc]
    assert red > 180 and green < 60 and blue < 60 and 150 < alpha < 255
    ink = image.getchannel("A").point([0] * 101 + [255] * 155)
    left, top, right, bottom = ink.getbbox() or (0, 0, 0, 0)
    assert abs(left - (472 - right)) <= 2 and abs(top - (472 - bottom)) <= 2
    halves = [sum(ink.crop(box).histogram()[255:]) for box in ((0, 0, 236, 472), (236, 0, 472, 472))]
    assert max(halves) / min(halves) < 1.15  # characters evenly on both sides


def test_the_same_words_give_the_same_bytes() -> None:
    first = draw_seal(FACE)
    draw_seal.cache_clear()
    assert draw_seal(FACE) == first


def test_a_scanned_seal_loses_its_paper(identity: SigningIdentity, sealable: bytes) -> None:
    scan = Image.new("RGB", (200, 200), "white")
    scan.paste((200, 20, 30), (50, 50, 150, 150))
    out = io.BytesIO()
    scan.save(out, "JPEG")
    stamp = read_stamp(out.getvalue())
    image = Image.open(io.BytesIO(stamp))
    assert image.getpixel((5, 5))[3] < 10 and image.getpixel((100, 100))[3] > 200  # type: ignore[index]
    sealed = PyHankoSealer(identity, stamp_png=stamp).seal(sealable, seal_text=FACE, at=AT)
    assert verify_pdf(sealed, trust_roots=identity.trust_roots).accepted
    with pytest.raises(SealFailed) as caught:
        read_stamp(b"GIF89a")
    assert caught.value.number == 3406


# ---------------------------------------------------------------- certificates


def test_the_development_identity_is_made_once_and_private(tmp_path: Path) -> None:
    made: list[SigningIdentity] = []
    threads = [
        threading.Thread(target=lambda: made.append(development_identity(tmp_path, COMPANY)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.certificate.fingerprint(_sha256()) for one in made}) == 1
    assert development_identity(tmp_path, "别的公司").issuers == made[0].issuers
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    usage = made[0].certificate.extensions.get_extension_for_class(certificates.x509.KeyUsage).value
    assert usage.digital_signature and usage.content_commitment and not usage.key_cert_sign
    assert "PRIVATE" not in repr(made[0]) and "key=" not in repr(made[0])


def _sha256():
    return certificates.hashes.SHA256()


def test_the_end_of_a_certificate_is_announced(identity: SigningIdentity) -> None:
    assert identity.days_left(AT) == 3 * 365
    chain = (identity.certificate, *identity.issuers)
    assert ending(chain, AT) is None and ending((), AT) is None
    soon, over = (ending(chain, AT + timedelta(days=3 * 365 + more)) for more in (-20, 2))
    assert soon and soon.number == 3409 and "20" in soon.what
    assert over and over.number == 3405 and "过期" in over.what
    # an issuer that ends before the certificate is announced as well
    short = certificates._builder(identity.issuers[0].subject, identity.issuers[0].subject, certificates._new_key(), AT,
                                  timedelta(days=9))
    early = ending((identity.certificate, short.sign(certificates._new_key(), certificates.hashes.SHA256())), AT)
    assert early and early.number == 3409 and "9" in early.what


def test_a_pkcs12_file_seals_with_its_whole_chain(tmp_path: Path, sealable: bytes) -> None:
    root = certificates._make_authority(AT)
    own = certificates._make_company(COMPANY, root, AT)
    packed = pkcs12.serialize_key_and_certificates(
        b"seal",
        own.key,  # type: ignore[arg-type]
        own.certificate,
        [root.certificate],
        serialization.BestAvailableEncryption(b"secret"),
    )
    path = tmp_path / "seal.p12"
    path.write_bytes(packed)
    loaded = load_pkcs12(path, "secret")
    assert loaded.name == COMPANY and loaded.trust_roots == (root.certificate,)
    sealed = PyHankoSealer(loaded).seal(sealable, seal_text=FACE, at=AT)
    assert verify_pdf(sealed, trust_roots=[root.certificate]).accepted
    for wrong in (lambda: load_pkcs12(path, "guess"), lambda: load_pkcs12(tmp_path / "none.p12", "secret")):
        with pytest.raises(SealFailed) as caught:
            wrong()
        assert caught.value.number == 3401
