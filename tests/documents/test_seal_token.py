"""A seal whose key stays in a token: PKCS#11 with the real SoftHSM, checked by pdfsig as well."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.cases.seals import Seals
from core.documents.certificates import SigningIdentity, ending
from core.documents.contracts import SealerContract
from core.documents.seal import PyHankoSealer
from core.documents.stamp import SealFace
from core.documents.token import token_identity
from core.documents.verification import verify_pdf
from core.errors import SealFailed, SettingsError
from core.settings import Settings
from tests.sealing_kit import blank_pdf, issued, pem

COMPANY = "玉兰花园物业服务有限公司"
FACE = SealFace(COMPANY)
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
TOKEN, PIN = "玉兰印章", "246810"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so",
           "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Token:
    """A token on this machine: its module, and the identities whose keys lie in it by label."""

    module: str
    identities: dict[str, SigningIdentity]

    def identity(self, label: str = "rsa", pin: str = PIN) -> SigningIdentity:
        return token_identity(self.module, TOKEN, label, pin)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    """A fresh SoftHSM token with an RSA and an EC key, their certificates and those above."""
    module = next((str(Path(path).resolve()) for path in MODULES if Path(path).is_file()), None)
    tool = shutil.which("softhsm2-util")
    if module is None or tool is None:
        pytest.skip("softhsm2 is not on this machine; `install/parts.sh test` fetches it")
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed; `pip install -e '.[pkcs11]'` fetches it")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    _run(tool, "--init-token", "--free", "--label", TOKEN, "--so-pin", "12345678", "--pin", PIN)
    middle = issued("中级 Issuer", issued("印章根 Seal root", authority=True), authority=True)
    identities = {kind: issued(COMPANY, middle, kind=kind) for kind in ("rsa", "ec")}
    identities["mixed"] = issued(COMPANY, middle)
    for number, (label, identity) in enumerate(identities.items()):
        key: Any = issued("另一把").key if label == "mixed" else identity.key
        (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _run(tool, "--import", str(folder / "key.pem"), "--token", TOKEN, "--label", label, "--id", f"a{number}", "--pin", PIN)
    with pkcs11.lib(module).get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        for label, certificate in [*((label, one.certificate) for label, one in identities.items()),
                                   ("issuer", middle.certificate)]:
            session.create_object({
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509, pkcs11.Attribute.LABEL: label,
                pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER)})
    yield Token(module, identities)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def sealable() -> bytes:
    return blank_pdf()


class TestToken(SealerContract):
    @pytest.fixture
    def sealer(self, token: Token) -> PyHankoSealer:
        return PyHankoSealer(token.identity())


@pytest.mark.parametrize("label", ["rsa", "ec"])
def test_a_key_in_a_token_seals(token: Token, sealable: bytes, label: str, pdfsig: str, tmp_path: Path) -> None:
    identity = token.identity(label)
    assert identity.name == COMPANY
    assert [one.subject.rfc4514_string() for one in identity.issuers] == ["CN=中级 Issuer"]
    sealed = PyHankoSealer(identity).seal(sealable, seal_text=FACE, at=AT)
    verdict = verify_pdf(sealed, trust_roots=token.identities[label].trust_roots)
    assert verdict.accepted and verdict.signer == COMPANY and verdict.coverage == "ENTIRE_FILE"
    assert not verify_pdf(sealed.replace(b"/Shouxu", b"/Shuoxu"), trust_roots=token.identities[label].trust_roots).accepted
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    said = subprocess.run([pdfsig, "-no-ocsp", str(tmp_path / "sealed.pdf")], capture_output=True, text=True, check=False,
                          env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}).stdout
    assert said.count("Signature is Valid.") == 1 and "Total document signed" in said


def test_the_settings_lead_to_the_token(token: Token, sealable: bytes, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(pem(*token.identities["rsa"].trust_roots))
    seals = Seals(Settings.load(data_dir=tmp_path, secret="s" * 40, seal_pkcs11_module=token.module, seal_pkcs11_token=TOKEN,
                                seal_pkcs11_key="rsa", seal_pkcs11_pin=PIN, seal_roots=tmp_path / "root.pem"))
    sealed = seals.of(COMPANY).seal(sealable, seal_text=FACE, at=AT)
    assert verify_pdf(sealed, trust_roots=seals.roots([COMPANY])).accepted
    assert seals.warnings([COMPANY], AT) == []
    assert [one.number for one in seals.warnings([COMPANY], AT.replace(year=2027, month=12, day=20))] == [3409]
    assert ending(PyHankoSealer(token.identity()).chain, AT) is None
    assert not (tmp_path / "certificates").exists()  # no seal of the development CA was made


def test_threads_share_one_session(token: Token, sealable: bytes) -> None:
    sealer, results = PyHankoSealer(token.identity()), []
    work = [threading.Thread(target=lambda: results.append(sealer.seal(sealable, seal_text=FACE, at=AT))) for _ in range(6)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(results) == 6
    assert all(verify_pdf(one, trust_roots=token.identities["rsa"].trust_roots).accepted for one in results)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pkcs11 looks once more at what ended
def test_a_session_that_ended_is_opened_again(token: Token) -> None:
    identity = token.identity()
    first = identity.sign(b"words", "sha256")
    identity.key._session.close()  # type: ignore[union-attr]
    assert identity.sign(b"words", "sha256") == first


@pytest.mark.parametrize(("token_label", "label"), [("别的令牌", "rsa"), (TOKEN, "none")])
def test_what_is_not_there_is_named(token: Token, token_label: str, label: str) -> None:
    with pytest.raises(SealFailed) as caught:
        token_identity(token.module, token_label, label, PIN)
    assert caught.value.number == 3407 and (label in caught.value.what or token_label in caught.value.what)
    assert "seal_pkcs11_token" in caught.value.remedy


def test_a_module_that_is_none_is_named(token: Token, tmp_path: Path) -> None:
    (tmp_path / "module.so").write_bytes(b"not a module")
    with pytest.raises(SealFailed) as caught:
        token_identity(tmp_path / "module.so", TOKEN, "rsa", PIN)
    assert caught.value.number == 3407


def test_a_key_that_is_not_the_certificate_s_seals_nothing(token: Token, sealable: bytes) -> None:
    with pytest.raises(SealFailed, match="不相符") as caught:
        PyHankoSealer(token.identity("mixed")).seal(sealable, seal_text=FACE, at=AT)
    assert caught.value.number == 3407


def test_a_wrong_pin_is_tried_once_only(token: Token) -> None:
    """In a process of its own: a process logs in once for all its sessions."""
    script = (
        "import sys\nfrom core.documents.token import token_identity\nfrom core.errors import SealFailed\n"
        "identity = token_identity(*sys.argv[1:])\nopened = []\nfound = identity.key._found\n"
        "identity.key._found = lambda: opened.append(1) or found()\n"
        "for _ in range(3):\n    try:\n        identity.sign(b'words', 'sha256')\n"
        "    except SealFailed as error:\n        print(error.number)\nprint('opened', len(opened))\n")
    done = subprocess.run([sys.executable, "-c", script, token.module, TOKEN, "rsa", "135791"], cwd=ROOT, text=True,
                          capture_output=True, check=True)
    assert done.stdout.split() == ["3408", "3408", "3408", "opened", "1"]


def test_half_a_token_is_no_setting(tmp_path: Path, token: Token) -> None:
    with pytest.raises(SettingsError, match="seal_pkcs11_token"):
        Settings.load(data_dir=tmp_path, secret="s" * 40, seal_pkcs11_module=token.module)
    (tmp_path / "seal.p12").touch()
    with pytest.raises(SettingsError, match="two seals"):
        Settings.load(data_dir=tmp_path, secret="s" * 40, seal_pkcs11_module=token.module, seal_pkcs11_token=TOKEN,
                      seal_pkcs11_key="rsa", seal_pkcs12=tmp_path / "seal.p12")
