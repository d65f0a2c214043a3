"""Authorities for the tests of seals: certificates of every kind, and a real time-stamp authority on this machine."""

from __future__ import annotations

import http.server
import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf
from asn1crypto import keys, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from core.documents.certificates import SigningIdentity, SigningKey
from core.documents.cms_form import as_asn1

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)
KINDS: dict[str, Callable[[], SigningKey]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
}


def issued(name: str, by: SigningIdentity | None = None, *, authority: bool = False, stamps: bool = False, kind: str = "rsa",
           begin: datetime = BEGIN, length: timedelta = YEARS) -> SigningIdentity:
    """A key and its certificate, signed by `by` (default: by itself). `stamps`: for a time-stamp authority."""
    key = KINDS[kind]()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    parent = by.certificate if by else None
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(parent.subject if parent else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(begin).not_valid_after(begin + length)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.KeyUsage(not authority, not authority, False, False, False, authority, authority, False, False),
                       critical=True))
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    signer: Any = by.key if by else key
    above = (parent, *by.issuers) if by and parent else ()
    return SigningIdentity(key, builder.sign(signer, hashes.SHA256()), above)


def pem(*certificates: x509.Certificate) -> bytes:
    """The certificates one after another, as a PEM file has them."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def blank_pdf() -> bytes:
    """A PDF of one empty page, to be sealed."""
    paper, out = pikepdf.new(), io.BytesIO()
    paper.add_blank_page(page_size=(595, 842))
    paper.save(out)
    return out.getvalue()


@dataclass
class Authority:
    """A time-stamp authority: its own root, an issuer below it, and the certificate that stamps.

    `at`: which time it says (default: the true one). `spoil`: what it does to its answer. `asked`: how often it was.
    """

    root: SigningIdentity
    own: SigningIdentity
    at: datetime | None = None
    spoil: Callable[[tsp.TimeStampResp], bytes] = field(default=lambda response: response.dump())
    act: Callable[[http.server.BaseHTTPRequestHandler], bool] = field(default=lambda handler: False)
    asked: int = 0
    url: str = ""

    @classmethod
    def new(cls, **own: Any) -> Authority:
        root = issued("时间戳根 Stamp root", authority=True)
        middle = issued("时间戳中级 Stamp issuer", root, authority=True)
        return cls(root, issued("本地时间戳 Local stamps", middle, **{"stamps": True, **own}))

    def answer(self, query: bytes) -> bytes:
        """The answer to a question as RFC 3161 says, signed with the authority's key."""
        assert isinstance(self.own.key, rsa.RSAPrivateKey)
        encoded = self.own.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        stamper = DummyTimeStamper(as_asn1(self.own.certificate), keys.PrivateKeyInfo.load(encoded),
                                   [as_asn1(one) for one in self.own.issuers], self.at)  # type: ignore[arg-type]
        return self.spoil(stamper.request_tsa_response(tsp.TimeStampReq.load(query)))

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """The authority behind HTTP on the loopback; its address, which is a new one unless `port` says it."""
        said = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                said.asked += 1
                if said.act(self):
                    return
                body = said.answer(query)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self.url
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def hang(seconds: float) -> Callable[[http.server.BaseHTTPRequestHandler], bool]:
    """An authority that takes the question and says nothing for so long."""
    def act(handler: http.server.BaseHTTPRequestHandler) -> bool:
        time.sleep(seconds)
        return True

    return act


def drip(handler: http.server.BaseHTTPRequestHandler) -> bool:
    """An authority that answers one byte at a time: each in time, the whole never."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 5000\r\n\r\n")
    try:
        for _ in range(200):
            handler.wfile.write(b"0")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
    return True


def say(status: int, kind: str, body: bytes) -> Callable[[http.server.BaseHTTPRequestHandler], bool]:
    """An authority that answers every question with the same."""
    def act(handler: http.server.BaseHTTPRequestHandler) -> bool:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(body)
        return True

    return act
