"""Time-stamps (RFC 3161): an authority says when a signature existed, so that it outlives its certificate (PAdES B-T).

What comes back is checked before it goes into a paper: it answers this question, its signature is right, the
authority is one that we trust, and it is kept in its one form (cms_form).
"""

from __future__ import annotations

import http.client
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from asn1crypto import cms, core as asn1, tsp, x509 as asn1_x509
from cryptography import x509
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from core.documents.cms_form import as_asn1, one_form
from core.errors import SealFailed

AWAY = 3410
"""Nobody answered: the paper waits, or goes without time-stamp where the settings say so."""

_MOST_BYTES = 200_000
_LATER = "稍后会自动重试；若一直不行，请核对 seal_timestamp_url 与网络"


class TimestampAuthority(TimeStamper):
    """Asks one authority by HTTP. Threads may share it.

    `timeout`: seconds for a whole answer; for as long after a failure nobody is asked again, so that a batch does not
    wait once a paper. Failures (SealFailed): SX-3410 no answer, 3411 refused or no usable answer, 3412 not trusted.
    """

    def __init__(self, url: str, roots: Sequence[x509.Certificate], *, timeout: float = 10.0) -> None:
        super().__init__()
        self._url = urlsplit(url)
        self._roots = [as_asn1(root) for root in roots]
        self._timeout = timeout
        self._asked_again_at = 0.0

    @property
    def name(self) -> str:
        """Where it is asked: host and port."""
        return self._url.netloc.rpartition("@")[2]

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """The token over a digest, in its one form and checked; raises SealFailed."""
        nonce = secrets.randbits(63) | 1 << 62  # of one length
        _, request = self.request_cms(message_digest, md_algorithm)
        request["nonce"] = cms.Integer(nonce)
        answer = self._answer(request.dump())
        try:
            token = _granted(answer, nonce)
            token = cms.ContentInfo.load(one_form(token))
            checked = await _check(token, message_digest, self._roots)
        except SealFailed as refusal:
            raise SealFailed(f"{refusal.what}: {self.name}", remedy=refusal.remedy, number=refusal.number) from None
        except (ValueError, TypeError, KeyError, StopIteration, SignatureValidationError) as error:
            raise SealFailed(
                f"时间戳机构的答复无法使用 (unusable answer of the time-stamp authority) {self.name}: {error}",
                remedy="请联系时间戳机构",
                number=3411,
            ) from error
        if not checked.trusted:
            raise SealFailed(
                f"时间戳机构不受信任 (the time-stamp authority is not trusted): {self.name}",
                remedy="在 seal_timestamp_roots 中给出该机构的根证书 (PEM)",
                number=3412,
            )
        return token

    def _answer(self, request: bytes) -> bytes:
        if time.monotonic() < self._asked_again_at:
            self._away("刚才没有应答 (no answer a moment ago)")
        try:
            return self._exchange(request)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._asked_again_at = time.monotonic() + self._timeout
            self._away(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__, error)

    def _away(self, why: str, cause: Exception | None = None) -> NoReturn:
        raise SealFailed(
            f"时间戳机构没有应答，文书暂不能盖章 (the time-stamp authority does not answer) {self.name}: {why}",
            remedy=_LATER,
            number=AWAY,
        ) from cause

    def _exchange(self, request: bytes) -> bytes:
        """One question and its answer, whole before the deadline however slowly it drips."""
        deadline = time.monotonic() + self._timeout
        connection = self._connection()
        connection.connect()
        guard = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [connection.sock])
        guard.daemon = True
        guard.start()
        try:
            path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
            kinds = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
            connection.request("POST", path, request, kinds)
            response = connection.getresponse()
            answer = response.read(_MOST_BYTES + 1)
            if time.monotonic() >= deadline:
                raise TimeoutError(f"not within {self._timeout:g} s")
            if response.status != http.client.OK or response.getheader("Content-Type") != kinds["Accept"]:
                raise http.client.HTTPException(f"HTTP {response.status}, {response.getheader('Content-Type')}")
            if len(answer) > _MOST_BYTES:
                raise http.client.HTTPException(f"more than {_MOST_BYTES} bytes")
            return answer
        finally:
            guard.cancel()
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=self._timeout)


def stamped_at(token: cms.ContentInfo) -> datetime:
    """The time that a time-stamp says, with time zone."""
    content: Any = token["content"]
    return content["encap_content_info"]["content"].parsed["gen_time"].native


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # it ended by itself
        connection.shutdown(socket.SHUT_RDWR)


def _granted(answer: bytes, nonce: int) -> cms.ContentInfo:
    # asn1crypto takes the token for granted, which a refusal has not
    status: Any = tsp.PKIStatusInfo.load(asn1.Sequence.load(answer, strict=True)[0].dump())
    if status["status"].native not in ("granted", "granted_with_mods"):
        said = "; ".join(str(word) for word in status["status_string"].native or ())
        why = "、".join(sorted(status["fail_info"].native or ()))
        raise SealFailed(
            f"时间戳机构拒绝了请求 (the time-stamp authority refused: {' '.join(filter(None, (said, why)))})",
            remedy="请联系时间戳机构",
            number=3411,
        )
    response: Any = tsp.TimeStampResp.load(answer, strict=True)
    token = response["time_stamp_token"]
    if token["content"]["encap_content_info"]["content"].parsed["nonce"].native != nonce:
        raise ValueError("the answer to another question")
    return token


async def _check(token: Any, digest: bytes, roots: list[asn1_x509.Certificate]) -> TimestampSignatureStatus:
    """What pyHanko finds of the token; ValueError unless it stands over `digest` and its signature is right."""
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    found = TimestampSignatureStatus(**await validate_tst_signed_data(token["content"], context, lambda _: digest))
    if not (found.intact and found.valid):
        raise ValueError("its signature is not over this paper")
    return found
