"""Time-stamps on seals (PAdES B-T): a real authority on this machine, in all its moods."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, cms, core as asn1, tsp
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.documents.certificates import SigningIdentity
from core.documents.cms_form import as_asn1, one_form
from core.documents.contracts import SealerContract
from core.documents.seal import PyHankoSealer
from core.documents.stamp import SealFace
from core.documents.timestamps import TimestampAuthority
from core.documents.verification import State, Verdict, verify_pdf
from core.errors import SealFailed
from tests.sealing_kit import BEGIN, YEARS, Authority, blank_pdf, drip, hang, issued, pem, say

COMPANY = "玉兰花园物业服务有限公司"
FACE = SealFace(COMPANY)
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
STAMPED = AT + timedelta(minutes=2)
LATE = AT + timedelta(days=8 * 365)


@pytest.fixture(scope="module")
def identity() -> SigningIdentity:
    middle = issued("中级 Issuer", issued("印章根 Seal root", authority=True), authority=True)
    return issued(COMPANY, middle)


@pytest.fixture(scope="module")
def root(identity: SigningIdentity) -> list[Any]:
    return list(identity.trust_roots)


@pytest.fixture(scope="module")
def sealable() -> bytes:
    return blank_pdf()


@pytest.fixture(scope="module")
def shared() -> Iterator[Authority]:
    """An authority that behaves."""
    authority = Authority.new()
    authority.at = STAMPED
    with authority.serving():
        yield authority


@pytest.fixture
def authority(shared: Authority) -> Iterator[Authority]:
    """An authority that the test may change."""
    own = replace(shared, url="", asked=0)
    with own.serving():
        yield own


def sealer(identity: SigningIdentity, authority: Authority, **more: Any) -> PyHankoSealer:
    timeout = more.pop("timeout", 10)
    asked = TimestampAuthority(authority.url, [authority.root.certificate], timeout=timeout)
    return PyHankoSealer(identity, authority=asked, **more)


def refusal(made: PyHankoSealer, pdf: bytes) -> SealFailed:
    with pytest.raises(SealFailed) as caught:
        made.seal(pdf, seal_text=FACE, at=AT)
    return caught.value


@pytest.fixture(scope="module")
def sealed(identity: SigningIdentity, shared: Authority, sealable: bytes) -> bytes:
    return sealer(identity, shared).seal(sealable, seal_text=FACE, reason="签发", at=AT)


@pytest.fixture
def judge(root: list[Any], shared: Authority) -> Callable[..., Verdict]:
    def judged(pdf: bytes, **more: Any) -> Verdict:
        return verify_pdf(pdf, **{"trust_roots": root, "stamp_roots": [shared.root.certificate], **more})

    return judged


class TestStamped(SealerContract):
    @pytest.fixture
    def sealer(self, identity: SigningIdentity, shared: Authority) -> PyHankoSealer:
        return sealer(identity, shared)


# ---------------------------------------------------------------- what a time-stamp is good for


def test_a_time_stamp_is_shown_beside_the_claimed_time(sealed: bytes, judge: Callable[..., Verdict]) -> None:
    verdict = judge(sealed)
    assert verdict.accepted and verdict.coverage == "ENTIRE_FILE"
    assert (verdict.at, verdict.stamped_at) == (AT, STAMPED)
    assert verdict.signatures[0].stamped_by == "本地时间戳 Local stamps"


def test_pdfsig_finds_it_valid(sealed: bytes, pdfsig: str, tmp_path: Path) -> None:
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    done = subprocess.run([pdfsig, "-no-ocsp", str(tmp_path / "sealed.pdf")], capture_output=True, text=True, check=False,
                          env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert done.stdout.count("Signature is Valid.") == 1 and "Total document signed" in done.stdout


def test_a_stamped_paper_outlives_every_certificate(sealed: bytes, judge: Callable[..., Verdict]) -> None:
    verdict = judge(sealed, at=LATE)
    assert verdict.accepted and any("ended" in reason for reason in verdict.reasons)


def test_the_stamp_decides_when_the_claimed_time_is_a_lie(shared: Authority, sealable: bytes) -> None:
    """Sealed after the certificate had ended, with the clock turned back: the authority's clock was not."""
    short = issued(COMPANY, issued("根", authority=True), length=timedelta(days=30))
    honest = sealer(short, shared).seal(sealable, seal_text=FACE, at=BEGIN + timedelta(days=3))
    roots = list(short.trust_roots)
    verdict = verify_pdf(honest, trust_roots=roots, stamp_roots=[shared.root.certificate], at=LATE)
    assert verdict.state is State.UNTRUSTED
    plain = PyHankoSealer(short).seal(sealable, seal_text=FACE, at=BEGIN + timedelta(days=3))
    assert verify_pdf(plain, trust_roots=roots, at=LATE).accepted  # without a stamp nobody can tell


def test_a_stamp_of_a_stranger_is_not_trusted(sealed: bytes, judge: Callable[..., Verdict], root: list[Any]) -> None:
    for stamps in ([], root):
        verdict = judge(sealed, stamp_roots=stamps)
        assert verdict.state is State.UNTRUSTED
        assert any("时间戳机构不受信任" in reason for reason in verdict.reasons)


def test_seals_with_and_without_stamps_stand_in_turn(identity: SigningIdentity, authority: Authority, sealable: bytes) -> None:
    """Three companies seal one paper in order: with a stamp, without, with the key of an elliptic curve and a stamp."""
    others = [issued("金桂装饰工程有限公司", kind="ec"), issued("银杏电梯有限公司", kind="ec")]
    first = sealer(identity, authority).seal(sealable, seal_text=FACE, at=AT)
    second = PyHankoSealer(others[0]).seal(first, seal_text=SealFace(others[0].name), at=AT + timedelta(days=1))
    third = sealer(others[1], authority).seal(second, seal_text=SealFace(others[1].name), at=AT + timedelta(days=2))
    assert third.startswith(second) and second.startswith(first)
    roots = [*identity.trust_roots, *(other.certificate for other in others)]
    verdict = verify_pdf(third, trust_roots=roots, stamp_roots=[authority.root.certificate])
    assert verdict.accepted
    assert [(row.signer, row.stamped_at) for row in verdict.signatures] == [
        (COMPANY, STAMPED), ("金桂装饰工程有限公司", None), ("银杏电梯有限公司", STAMPED)]


def test_the_authority_of_openssl_is_understood(identity: SigningIdentity, shared: Authority, sealable: bytes, tmp_path: Path,
                                                ) -> None:
    """Another program's tokens: OpenSSL signs the answers."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is not on this machine"
    own: Any = shared.own
    (tmp_path / "key.pem").write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "own.pem").write_bytes(pem(own.certificate))
    (tmp_path / "chain.pem").write_bytes(pem(*own.issuers))
    (tmp_path / "serial").write_text("01")
    (tmp_path / "ts.cnf").write_text(
        "[tsa]\ndefault_tsa = own\n[own]\n" f"dir = {tmp_path}\nserial = $dir/serial\n"
        "signer_cert = $dir/own.pem\ncerts = $dir/chain.pem\nsigner_key = $dir/key.pem\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n")

    def answered(query: bytes) -> bytes:
        (tmp_path / "question.tsq").write_bytes(query)
        subprocess.run([openssl, "ts", "-reply", "-config", str(tmp_path / "ts.cnf"), "-queryfile",
                        str(tmp_path / "question.tsq"), "-out", str(tmp_path / "answer.tsr")], check=True, capture_output=True)
        return (tmp_path / "answer.tsr").read_bytes()

    other = replace(shared, url="")
    other.answer = answered  # type: ignore[method-assign]
    begin = datetime.now(UTC) - timedelta(seconds=2)
    with other.serving():
        sealed = sealer(identity, other).seal(sealable, seal_text=FACE, at=AT)
    verdict = verify_pdf(sealed, trust_roots=identity.trust_roots, stamp_roots=[shared.root.certificate])
    assert verdict.accepted and begin <= (verdict.stamped_at or AT) <= datetime.now(UTC)


# ---------------------------------------------------------------- the authority is away, refuses, or lies


@pytest.mark.parametrize("act", [hang(3), drip, say(500, "text/html", b"<h1>Oops</h1>"), say(200, "text/html", b"login"),
                                 say(200, "application/timestamp-reply", b"0" * 300_000)],
                         ids=["hangs", "drips", "500", "a page", "endless"])
def test_an_authority_that_does_not_answer_is_named_in_time(
    identity: SigningIdentity, authority: Authority, sealable: bytes, act: Any
) -> None:
    authority.act = act
    made = sealer(identity, authority, timeout=1)
    begin = time.monotonic()
    error = refusal(made, sealable)
    assert time.monotonic() - begin < 1 + 1
    assert error.number == 3410 and authority.url[7:] in error.what and error.remedy
    # the next paper of the batch does not wait for it again
    begin = time.monotonic()
    assert refusal(made, sealable).number == 3410
    assert time.monotonic() - begin < 0.5 and authority.asked == 1
    authority.act = lambda handler: False
    time.sleep(1.05)
    assert made.seal(sealable, seal_text=FACE, at=AT)


def test_nobody_at_the_address(identity: SigningIdentity, authority: Authority, sealable: bytes) -> None:
    gone = replace(authority, url="http://127.0.0.1:9")
    assert refusal(sealer(identity, gone), sealable).number == 3410


def test_only_where_the_settings_say_so_a_seal_goes_without(
    identity: SigningIdentity, root: list[Any], sealable: bytes, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    away = TimestampAuthority("http://127.0.0.1:9", root)
    made = PyHankoSealer(identity, authority=away, stamp_required=False).seal(sealable, seal_text=FACE, reason="甲 1", at=AT)
    verdict = verify_pdf(made, trust_roots=root)
    assert verdict.accepted and verdict.stamped_at is None
    assert "sealed_without_time_stamp" in capsys.readouterr().out + caplog.text


def _changed_token(change: Callable[[Any], None]) -> Callable[[tsp.TimeStampResp], bytes]:
    def spoil(response: Any) -> bytes:
        change(response["time_stamp_token"]["content"])
        return response.dump(force=True)

    return spoil


def _other_words(signed: Any) -> None:
    """Another digest in the words that the authority signs."""
    words = signed["encap_content_info"]["content"].parsed
    words["message_imprint"]["hashed_message"] = bytes(32)
    signed["encap_content_info"]["content"] = cms.ParsableOctetString(words.dump(force=True))


def _other_signature(signed: Any) -> None:
    signed["signer_infos"][0]["signature"] = bytes(256)


def _rejected(response: Any) -> bytes:
    del response
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["quota exceeded"], "fail_info": {"bad_request"}})
    body = status.dump()  # asn1crypto would ask for a token, which a refusal has not (RFC 3161 §2.4.2)
    return bytes([0x30, len(body)]) + body


def _stale(response: Any) -> bytes:
    words = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    words["nonce"] = asn1.Integer(7)
    return _changed_token(lambda signed: signed["encap_content_info"].__setitem__(
        "content", cms.ParsableOctetString(words.dump(force=True))))(response)


@pytest.mark.parametrize("spoil", [_changed_token(_other_words), _changed_token(_other_signature), _rejected, _stale,
                                   lambda response: response.dump()[:-20], lambda response: b"", lambda response: b"0\x03\x02\x01\x00"],
                         ids=["other words", "other signature", "rejected", "stale", "cut", "empty", "no token"])
def test_an_answer_that_proves_nothing_is_refused(
    identity: SigningIdentity, authority: Authority, sealable: bytes, spoil: Any
) -> None:
    authority.spoil = spoil
    error = refusal(sealer(identity, authority), sealable)
    assert error.number == 3411 and authority.url[7:] in error.what
    assert spoil is not _rejected or "quota exceeded" in error.what


@pytest.mark.parametrize("kind", [{"stamps": False}, {"length": timedelta(days=30)}], ids=["not for stamps", "ended"])
def test_a_certificate_that_may_not_stamp_is_refused(identity: SigningIdentity, sealable: bytes, kind: dict[str, Any]) -> None:
    unfit = Authority.new(**kind)
    with unfit.serving():
        assert refusal(sealer(identity, unfit), sealable).number in (3411, 3412)


def test_an_authority_without_its_root_is_refused_before_anything_is_sealed(
    identity: SigningIdentity, authority: Authority, root: list[Any], sealable: bytes
) -> None:
    error = refusal(PyHankoSealer(identity, authority=TimestampAuthority(authority.url, root)), sealable)
    assert error.number == 3412 and "seal_timestamp_roots" in error.remedy


def test_what_an_authority_sends_too_much_is_left_out(
    identity: SigningIdentity, authority: Authority, root: list[Any], sealable: bytes
) -> None:
    """Certificates that belong to nobody, roots, unsigned attributes: nothing that could be exchanged unseen."""
    stranger = as_asn1(issued("外人").certificate)

    def more(signed: Any) -> None:
        signed["certificates"].append(cms.CertificateChoices("certificate", stranger))
        note = cms.CMSAttribute({"type": "1.2.3.4", "values": [asn1.OctetString(b"note")]})
        signed["signer_infos"][0]["unsigned_attrs"] = [note]

    authority.spoil = _changed_token(more)
    made = sealer(identity, authority).seal(sealable, seal_text=FACE, at=AT)
    assert verify_pdf(made, trust_roots=root, stamp_roots=[authority.root.certificate]).accepted
    (info,) = _message(made)["content"]["signer_infos"]
    token = info["unsigned_attrs"][0]["values"][0]["content"]
    assert sorted(one.chosen.subject.native["common_name"] for one in token["certificates"]) == [
        "时间戳中级 Stamp issuer", "本地时间戳 Local stamps"]


# ---------------------------------------------------------------- no byte can be changed


def _hole(pdf: bytes) -> tuple[int, int]:
    begin = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return begin, pdf.index(b">", begin)


def _message(pdf: bytes) -> Any:
    begin, end = _hole(pdf)
    return cms.ContentInfo.load(bytes.fromhex(pdf[begin:end].decode()))


def _with(pdf: bytes, message: bytes) -> bytes:
    """The file with another signature in the same place."""
    begin, end = _hole(pdf)
    assert len(message) * 2 <= end - begin
    return pdf[:begin] + message.hex().encode().ljust(end - begin, b"0") + pdf[end:]


def test_a_flipped_bit_anywhere_in_the_signature_is_refused(sealed: bytes, judge: Callable[..., Verdict]) -> None:
    chance = random.Random(20261122)
    begin, end = _hole(sealed)
    used = len(_message(sealed).dump()) * 2
    places = [begin + chance.randrange(used) for _ in range(150)]
    places += [chance.randrange(len(sealed)) for _ in range(40)] + [begin + used + 1, end - 1, end]
    for place in places:
        changed = bytearray(sealed)
        changed[place] ^= 1 << chance.randrange(8)
        assert judge(bytes(changed)).state is not State.UNCHANGED, place


def test_the_stamp_cannot_be_taken_away_exchanged_or_doubled(
    sealed: bytes, identity: SigningIdentity, shared: Authority, sealable: bytes, judge: Callable[..., Verdict]
) -> None:
    def changed(change: Callable[[Any], None]) -> State:
        message = _message(sealed)
        change(message["content"]["signer_infos"][0])
        return judge(_with(sealed, message.dump(force=True))).state

    assert judge(_with(sealed, one_form(_message(sealed)))).accepted  # the way of changing is a good one
    other = _message(sealer(identity, shared).seal(sealable, seal_text=FACE, reason="另一份", at=AT))
    stamp = other["content"]["signer_infos"][0]["unsigned_attrs"]
    assert changed(lambda info: info.__setitem__("unsigned_attrs", stamp)) is State.CHANGED
    assert changed(lambda info: info.__setitem__("unsigned_attrs", [])) is State.CHANGED
    message: Any = _message(sealed)
    info = message["content"]["signer_infos"][0]
    bare = cms.SignerInfo({name: info[name] for name in ("version", "sid", "digest_algorithm", "signed_attrs",
                                                         "signature_algorithm", "signature")})
    message["content"]["signer_infos"] = [bare]
    assert judge(_with(sealed, message.dump(force=True))).state is State.CHANGED
    own = info["unsigned_attrs"][0]

    def twice(info: Any) -> None:
        info["unsigned_attrs"][0]["values"].append(own["values"][0])

    def noted(info: Any) -> None:
        info["unsigned_attrs"].append(cms.CMSAttribute({"type": "1.2.3.4", "values": [asn1.OctetString(b"x")]}))

    assert changed(twice) is State.CHANGED
    assert changed(noted) is State.CHANGED


def _root_added(message: Any, identity: SigningIdentity) -> None:
    message["content"]["certificates"].append(cms.CertificateChoices("certificate", as_asn1(identity.trust_roots[0])))


def _short_name(message: Any, identity: SigningIdentity) -> None:
    del identity
    message["content"]["signer_infos"][0]["signature_algorithm"]["algorithm"] = "rsassa_pkcs1v15"


def _no_parameters(message: Any, identity: SigningIdentity) -> None:
    del identity
    bare = algos.DigestAlgorithm.load(bytes.fromhex("300b0609608648016503040201"))
    message["content"]["digest_algorithms"] = [bare]
    message["content"]["signer_infos"][0]["digest_algorithm"] = bare


@pytest.mark.parametrize("change", [_root_added, _short_name, _no_parameters])
def test_another_way_to_say_the_same_is_refused(
    identity: SigningIdentity, root: list[Any], sealable: bytes, change: Callable[[Any, SigningIdentity], None]
) -> None:
    made = PyHankoSealer(identity).seal(sealable, seal_text=FACE, at=AT)
    message = _message(made)
    change(message, identity)
    other = _with(made, message.dump(force=True))
    assert other != made and verify_pdf(made, trust_roots=root).accepted
    assert verify_pdf(other, trust_roots=root).state is State.CHANGED


def test_the_twin_of_an_elliptic_signature_is_refused(sealable: bytes) -> None:
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    own = issued(COMPANY, kind="ec")
    for _ in range(6):  # every other value would have been the higher one
        made = PyHankoSealer(own).seal(sealable, seal_text=FACE, at=AT)
        assert verify_pdf(made, trust_roots=[own.certificate]).accepted
    message: Any = _message(made)
    info = message["content"]["signer_infos"][0]
    r, s = decode_dss_signature(info["signature"].native)
    info["signature"] = encode_dss_signature(r, order - s)
    assert verify_pdf(_with(made, message.dump(force=True)), trust_roots=[own.certificate]).state is State.CHANGED


def test_the_certificates_of_the_kit_are_good_for_the_tests() -> None:
    assert datetime.now(UTC) < BEGIN + YEARS, "the tests need certificates that are valid today"
