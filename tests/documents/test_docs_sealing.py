"""docs/how-to/sealing.md, done as it is written: every command run, and every seal that comes of it put on a paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.cases.seals import Seals
from core.documents.certificates import load_roots
from core.documents.stamp import SealFace
from core.documents.verification import State, verify_pdf
from core.settings import Settings
from tests.documents.test_seal_token import MODULES
from tests.sealing_kit import blank_pdf

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "sealing.md").read_text(encoding="utf-8")
COMPANY = "翠微物业服务有限公司"
FACE = SealFace(COMPANY)
NOW = datetime.now(UTC)
TITLES = ("自建 CA，做成 PKCS#12", "私钥放在令牌里（PKCS#11）", "证书到期与更换")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def block(kind: str, title: str) -> str:
    return "\n".join(re.findall(rf"```{kind}\n(.*?)```", section(title), re.DOTALL))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the commands of the page were run, one section after the other."""
    home = tmp_path_factory.mktemp("sealing")
    module = next((path for path in MODULES if Path(path).is_file()), None)
    for program in ("openssl", "softhsm2-util", "pkcs11-tool"):
        if shutil.which(program) is None or module is None:
            pytest.skip(f"{program} is not on this machine; `install/parts.sh test` fetches it")
    (home / "tokens").mkdir()
    (home / "softhsm2.conf").write_text(f"directories.tokendir = {home / 'tokens'}\n")
    script = "set -eu\n" + "\n".join(block("sh", title) for title in TITLES)
    done = subprocess.run(["sh", "-c", script + "\nenv > environment\n"], cwd=home, text=True, capture_output=True, check=False,
                          env={"PATH": os.environ["PATH"], "MODULE": str(module), "SOFTHSM2_CONF": str(home / "softhsm2.conf")})
    assert done.returncode == 0, done.stderr
    assert "seal.pem: OK" in done.stdout
    assert re.search(r"Certificate Object.*\n\s+label:\s+seal", done.stdout)
    return home


def settings(folder: Path, title: str, data: Path) -> Settings:
    """The settings of the ini blocks of a section, with the secrets that its commands chose."""
    ini = dict(re.findall(r"^(shouxu\.\w+) = (\S+)$", block("ini", title), re.MULTILINE))
    ini = {name: value.replace("/srv/shouxu/", f"{folder}/") for name, value in ini.items() if name != "shouxu.seal_image"}
    chosen = dict(line.partition("=")[::2] for line in (folder / "environment").read_text().splitlines() if "=" in line)
    secrets = {f"shouxu.{name.lower()[7:]}": value for name, value in chosen.items() if name.startswith("SHOUXU_SEAL")}
    wanted = {name: value for name, value in secrets.items() if any(name.rpartition("_")[0] in given for given in ini)}
    return Settings.load({**ini, **wanted}, data_dir=data, secret="s" * 40)


@pytest.fixture(scope="module")
def sealable() -> bytes:
    return blank_pdf()


def test_the_pkcs12_of_the_page_seals(folder: Path, sealable: bytes, tmp_path: Path) -> None:
    seals = Seals(settings(folder, TITLES[0], tmp_path))
    sealed = seals.of(COMPANY).seal(sealable, seal_text=FACE, at=NOW)
    verdict = seals.judge([COMPANY], sealed, NOW, None)
    assert verdict.accepted and verdict.signer == COMPANY
    assert seals.warnings([COMPANY], NOW) == []
    assert (folder / "seal.p12").stat().st_mode & 0o777 == 0o600


def test_the_token_of_the_page_seals(folder: Path, sealable: bytes, tmp_path: Path) -> None:
    """In a process of its own: SoftHSM reads where its tokens are once."""
    given = settings(folder, TITLES[1], tmp_path)
    (tmp_path / "paper.pdf").write_bytes(sealable)
    script = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\nfrom core.cases.seals import Seals\n"
        "from core.documents.stamp import SealFace\nfrom core.settings import Settings\n"
        "folder = Path(sys.argv[1])\nseals = Seals(Settings.load())\nnow = datetime.now(UTC)\n"
        f"sealed = seals.of('{COMPANY}').seal((folder / 'paper.pdf').read_bytes(), seal_text=SealFace('{COMPANY}'), at=now)\n"
        f"assert seals.judge(['{COMPANY}'], sealed, now, None).accepted\n(folder / 'sealed.pdf').write_bytes(sealed)\n")
    environment = {"PATH": os.environ["PATH"], "SOFTHSM2_CONF": str(folder / "softhsm2.conf"), "PYTHONPATH": str(ROOT),
                   "SHOUXU_SECRET": "s" * 40, "SHOUXU_DATA_DIR": str(tmp_path)}
    for name in ("seal_pkcs11_module", "seal_pkcs11_token", "seal_pkcs11_key", "seal_roots"):
        environment[f"SHOUXU_{name.upper()}"] = str(getattr(given, name))
    environment["SHOUXU_SEAL_PKCS11_PIN"] = given.seal_pkcs11_pin.get_secret_value()
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, cwd=tmp_path, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert verify_pdf((tmp_path / "sealed.pdf").read_bytes(), trust_roots=load_roots(folder / "ca.pem")).accepted


def test_after_the_change_both_seals_are_trusted(folder: Path, sealable: bytes, tmp_path: Path) -> None:
    old = Seals(settings(folder, TITLES[0], tmp_path)).of(COMPANY).seal(sealable, seal_text=FACE, at=NOW)
    changed = settings(folder, TITLES[2], tmp_path)
    seals = Seals(changed)
    new = seals.of(COMPANY).seal(sealable, seal_text=FACE, at=NOW)
    assert seals.judge([COMPANY], new, NOW, None).accepted and seals.judge([COMPANY], old, NOW, None).accepted
    forgotten = Seals(changed.model_copy(update={"seal_roots": None}))
    assert forgotten.judge([COMPANY], old, NOW, None).state is State.UNTRUSTED


def test_every_word_of_verify_is_explained() -> None:
    said = set(re.findall(r"`(\w+)`", "\n".join(
        line.split("|")[1] for line in section("验证结果怎么读").splitlines() if line.startswith("| `"))))
    assert said - {"status"} == {"ours", "sealed", "changed", "appended", "void", "superseded", "outdated", "untrusted", "unknown"}


def test_every_setting_of_the_page_exists_and_every_one_of_the_seal_is_on_it() -> None:
    named = set(re.findall(r"`?(?:shouxu\.)?(seal\w*_\w+|sealer)\b", PAGE))
    own = {name for name in Settings.model_fields if name.startswith("seal_") or name == "sealer"}
    assert own - {"seal_pkcs12_password", "seal_pkcs11_pin"} <= named
    assert "SHOUXU_SEAL_PKCS12_PASSWORD" in PAGE and "SHOUXU_SEAL_PKCS11_PIN" in PAGE
    assert set(re.findall(r"shouxu\.(\w+) = ", PAGE)) <= set(Settings.model_fields)
