"""A sealing service of somebody else, plugged in by the hook `sealers`: over HTTP, as national-algorithm services are used.

Two stand here on the loopback: one that seals as PAdES says, and one in a format of its own that the house cannot check.
The plugin is the one that docs/how-to/sealing.md prints.
"""

from __future__ import annotations

import base64
import http.server
import json
import re
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.cases.building import build_office
from core.cases.desk import Office
from core.cases.verifying import verify_file
from core.documents.certificates import SigningIdentity
from core.documents.seal import PyHankoSealer, Sealer
from core.documents.verification import State
from core.errors import SealFailed
from core.settings import Settings
from shouxu.sealing import SealFace
from shouxu.testing import SealerContract
from tests.sealing_kit import blank_pdf, issued, pem

ROOT = Path(__file__).resolve().parents[2]
COMPANY = "玉兰花园物业服务有限公司"
PAGE = (ROOT / "docs" / "how-to" / "sealing.md").read_text(encoding="utf-8")
(PLUGIN,) = re.findall(r"```python\n# plugins/(?:\w+)\.py\n(.*?)```", PAGE, re.DOTALL)
MARK = b"\n%SM2 "


class Service:
    """A sealing service: `/seal` puts a seal on a PDF, `/verify` says whether it is good."""

    def __init__(self, identity: SigningIdentity) -> None:
        self.identity, self.away = identity, False
        self._key = Ed25519PrivateKey.generate()  # stands for the key of a national algorithm
        self._pades = PyHankoSealer(identity)

    def seal(self, said: dict[str, str], *, own_format: bool) -> dict[str, str]:
        pdf = base64.b64decode(said["pdf"])
        if not pdf.startswith(b"%PDF-"):
            return {"error": "not a PDF"}
        if own_format:
            body = pdf + MARK + json.dumps({"name": said["company"], "at": said["at"]}).encode()
            sealed = body + b" " + base64.b64encode(self._key.sign(body)) + b"\n"
        else:
            sealed = self._pades.seal(pdf, seal_text=SealFace(said["company"]), at=datetime.fromisoformat(said["at"]))
        return {"pdf": base64.b64encode(sealed).decode()}

    def verify(self, said: dict[str, str]) -> dict[str, Any]:
        pdf = base64.b64decode(said["pdf"])
        if MARK not in pdf:
            return {"sealed": False}
        body, _, signature = pdf.rstrip(b"\n").rpartition(b" ")
        try:
            self._key.public_key().verify(base64.b64decode(signature, validate=True), body)
        except (InvalidSignature, ValueError):
            return {"sealed": True, "good": False}
        return {"sealed": True, "good": True, **json.loads(body.rpartition(MARK)[2])}


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Service, str]]:
    made = Service(issued(COMPANY, issued("服务商根证书 Service root", authority=True)))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if made.away:
                self.send_error(503)
                return
            own = self.path.startswith("/own")
            answer = made.verify(said) if self.path.endswith("/verify") else made.seal(said, own_format=own)
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield made, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def sealable() -> bytes:
    return blank_pdf()


@pytest.fixture(params=["/pades", "/own"])
def office(request: pytest.FixtureRequest, service: tuple[Service, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
           ) -> Iterator[Office]:
    """A house whose setting `sealer` names the plugin of the how-to."""
    package = f"services_of_{tmp_path.name}".replace("-", "_")
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text('"""Plugins of a test."""\n')
    (tmp_path / package / "sealing_service.py").write_text(PLUGIN)
    (tmp_path / "estates").mkdir()
    (tmp_path / "roots.pem").write_bytes(pem(*service[0].identity.trust_roots))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("SEALING_SERVICE", service[1] + request.param)
    yield build_office(Settings.load(data_dir=tmp_path / "data", estates_dir=tmp_path / "estates", plugins=package,
                                     secret="s" * 40, sealer="service", seal_roots=tmp_path / "roots.pem"))
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]


class TestService(SealerContract):
    @pytest.fixture
    def sealer(self, office: Office) -> Sealer:
        return office.papers.seals.of(COMPANY)


def test_the_house_believes_what_the_service_sealed(office: Office, sealable: bytes) -> None:
    seals = office.papers.seals
    sealed = seals.of(COMPANY).seal(sealable, seal_text=SealFace(COMPANY), at=SealerContract.at)
    verdict = seals.judge([COMPANY], sealed, SealerContract.at, None)
    assert verdict.state is State.UNCHANGED and verdict.signer == COMPANY and verdict.at == SealerContract.at
    assert seals.judge([COMPANY], sealed[:200] + b"x" + sealed[201:], SealerContract.at, None).state is State.CHANGED
    assert seals.judge([COMPANY], sealable, SealerContract.at, None).state is State.UNSIGNED
    assert seals.judge([COMPANY], sealed, SealerContract.at, "0" * 64).state is State.CHANGED  # the record knows better
    assert verify_file(office, None, sealable).status == "unknown"


def test_a_service_that_is_away_makes_the_seal_wait(office: Office, service: tuple[Service, str], sealable: bytes) -> None:
    service[0].away = True
    try:
        with pytest.raises(SealFailed) as caught:
            office.papers.seals.of(COMPANY).seal(sealable, seal_text=SealFace(COMPANY), at=SealerContract.at)
    finally:
        service[0].away = False
    assert caught.value.number == 3410
