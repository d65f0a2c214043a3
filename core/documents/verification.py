"""Is this file what was issued? Unchanged, changed, appended to, unsigned and foreign papers are told apart.

Two proofs are used together: the signatures inside the PDF, and the SHA-256 recorded when it was issued.
A signature proves who and what; only the record knows whether the paper was voided or superseded since.
"""

from __future__ import annotations

import asyncio
import binascii
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from asn1crypto import cms, x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from core.documents.certificates import common_name
from core.documents.cms_form import as_asn1, as_x509, one_form
from core.documents.pdf_bombs import is_bomb
from core.documents.seal import STAMPED

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+\d{1,10}\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_LARGEST = 64 * 1024 * 1024


class State(StrEnum):
    """What a file turned out to be. Only `unchanged` is accepted."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    APPENDED = "appended"
    UNSIGNED = "unsigned"
    UNTRUSTED = "untrusted"
    VOID = "void"
    SUPERSEDED = "superseded"


_SENTENCES = {
    State.UNCHANGED: "文件与签发时一致 (unchanged since it was issued)",
    State.CHANGED: "文件内容已被改动 (the file was changed)",
    State.APPENDED: "签章之后又追加了内容 (something was appended after the seal)",
    State.UNSIGNED: "文件没有电子签章，无法确认来源 (no signature: unknown paper)",
    State.UNTRUSTED: "签章证书不受信任 (the signer is not trusted)",
    State.VOID: "文件属实，但已作废 (genuine, but void)",
    State.SUPERSEDED: "文件属实，但已被新版取代 (genuine, but superseded)",
}


@dataclass(frozen=True)
class Signature:
    """One signature: the signer's name, the claimed time, and how much of the file it covers.

    `stamped_at`: when a time-stamp authority saw it, `stamped_by`: which; None and nothing without a time-stamp.
    """

    signer: str
    at: datetime | None
    coverage: str
    intact: bool
    trusted: bool
    stamped_at: datetime | None = None
    stamped_by: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer about one file: state, reasons (Chinese with English), SHA-256, signatures in order."""

    state: State
    reasons: tuple[str, ...]
    sha256: str
    signatures: tuple[Signature, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.state is State.UNCHANGED

    @property
    def signer(self) -> str:
        """The name of the last signer, or nothing."""
        return self.signatures[-1].signer if self.signatures else ""

    @property
    def at(self) -> datetime | None:
        """The time that the last signer claims."""
        return self.signatures[-1].at if self.signatures else None

    @property
    def stamped_at(self) -> datetime | None:
        """The time that an authority put on the last signature."""
        return self.signatures[-1].stamped_at if self.signatures else None

    @property
    def coverage(self) -> str:
        """How much of the file the last signature covers."""
        return self.signatures[-1].coverage if self.signatures else ""


@runtime_checkable
class Judging(Protocol):
    """A sealer whose signatures the house cannot check itself (SM2, a service's own format): it judges its own."""

    def judge(self, pdf: bytes, at: datetime) -> Verdict | None:
        """The verdict on a file that it sealed or should have, asked at `at`; None when its seal is not on it."""
        ...


def verify_pdf(
    data: bytes,
    *,
    trust_roots: Sequence[x509.Certificate],
    stamp_roots: Sequence[x509.Certificate] | None = None,
    known_sha256: str | None = None,
    record_state: str | None = None,
    at: datetime | None = None,
) -> Verdict:
    """Judge a file; never raises on account of its content.

    `stamp_roots` are those of the time-stamp authorities (default: `trust_roots`). `known_sha256` is
    the recorded hash (hex) and decides when it differs; `record_state` ("void" or "superseded") takes effect
    on genuine files only; `at` is the time of the check (default: now).
    """
    digest = hashlib.sha256(data).hexdigest()
    trust = _Trust.of(trust_roots, trust_roots if stamp_roots is None else stamp_roots, at or datetime.now(UTC))
    verdict = _judge_signatures(data, digest, trust)
    if verdict.state is State.CHANGED:
        verdict = _look_before_the_end(verdict, data, trust)
    return against_record(verdict, known_sha256, record_state)


def against_record(verdict: Verdict, known_sha256: str | None, record_state: str | None = None) -> Verdict:
    """What a verdict on the signatures becomes when the record is looked at; see `verify_pdf`."""
    if known_sha256 is not None:
        verdict = _compare(verdict, known_sha256.lower())
    if verdict.accepted and record_state in (State.VOID, State.SUPERSEDED):
        state = State(record_state)
        verdict = replace(verdict, state=state, reasons=(_SENTENCES[state], *verdict.reasons))
    return verdict


@dataclass(frozen=True)
class _Trust:
    """Whom we believe, and at which moment we ask."""

    signers: list[asn1_x509.Certificate]
    stamps: list[asn1_x509.Certificate]
    now: datetime

    @classmethod
    def of(cls, signers: Sequence[x509.Certificate], stamps: Sequence[x509.Certificate], now: datetime) -> _Trust:
        return cls([as_asn1(root) for root in signers], [as_asn1(root) for root in stamps], now)

    async def status(self, one: EmbeddedPdfSignature, moment: datetime) -> PdfSignatureStatus:
        """What pyHanko finds when it is asked at `moment`."""
        signer, stamp = (
            ValidationContext(trust_roots=list(roots), allow_fetching=False, moment=moment)
            for roots in (self.signers, self.stamps)
        )
        return await async_validate_pdf_signature(one, signer_validation_context=signer, ts_validation_context=stamp)


def _look_before_the_end(verdict: Verdict, data: bytes, trust: _Trust) -> Verdict:
    """What was appended may hide the signature from the reader: is the file good up to a signature's end?"""
    ends = [int(start) + int(length) for start, length in _BYTE_RANGE.findall(data)]
    end = max((end for end in ends if end < len(data)), default=0)
    if not end or end < max(ends):
        return verdict
    before = _judge_signatures(data[:end], verdict.sha256, trust)
    if before.state in (State.UNCHANGED, State.UNTRUSTED):
        return _verdict(State.APPENDED, verdict.sha256, *before.reasons[1:], signatures=before.signatures)
    return verdict


def _compare(verdict: Verdict, known: str) -> Verdict:
    if verdict.sha256 == known:
        note = "文件指纹与登记一致 (the SHA-256 is the recorded one)"
        if verdict.state in (State.UNCHANGED, State.UNSIGNED):  # a paper may be issued without a seal
            return replace(verdict, state=State.UNCHANGED, reasons=(_SENTENCES[State.UNCHANGED], note))
        return replace(verdict, reasons=(*verdict.reasons, note))
    note = "文件指纹与登记不符 (the SHA-256 differs from the recorded one)"
    if verdict.state in (State.UNCHANGED, State.UNSIGNED):
        return replace(verdict, state=State.CHANGED, reasons=(_SENTENCES[State.CHANGED], note))
    return replace(verdict, reasons=(*verdict.reasons, note))


def _judge_signatures(data: bytes, digest: str, trust: _Trust) -> Verdict:
    if len(data) > _LARGEST:
        return _verdict(State.UNSIGNED, digest, "文件过大 (larger than 64 MB)")
    if is_bomb(data):
        return _verdict(State.UNSIGNED, digest, "PDF 展开后过大，未读取 (it unpacks to more than is read)")
    # The parser meets hostile bytes: whatever it raises means that the file cannot be what was issued.
    try:
        embedded = list(PdfFileReader(io.BytesIO(data)).embedded_signatures)
        if embedded:
            return _judge(data, digest, embedded, trust)
    except Exception as error:
        state = State.CHANGED if b"/ByteRange" in data else State.UNSIGNED
        return _verdict(state, digest, f"PDF 结构无法读取 (unreadable): {type(error).__name__}")
    if b"/ByteRange" in data:  # a signature was there, and the file no longer leads to it
        return _verdict(State.CHANGED, digest, "签章已失效 (the signature is no longer reachable)")
    return _verdict(State.UNSIGNED, digest)


def _judge(data: bytes, digest: str, embedded: list[EmbeddedPdfSignature], trust: _Trust) -> Verdict:
    checked = asyncio.run(_check_all(embedded, trust))
    rows = tuple(row for row, _ in checked)
    reasons = [reason for _, reason in checked if reason]
    if not all(row.intact for row in rows) or not all(_is_canonical(data, one) for one in embedded):
        return _verdict(State.CHANGED, digest, *reasons, signatures=rows)
    if rows[-1].coverage != "ENTIRE_FILE":
        return _verdict(State.APPENDED, digest, *reasons, signatures=rows)
    if not all(row.trusted for row in rows):
        return _verdict(State.UNTRUSTED, digest, *reasons, signatures=rows)
    return _verdict(State.UNCHANGED, digest, *reasons, signatures=rows)


def _verdict(state: State, digest: str, *reasons: str, signatures: tuple[Signature, ...] = ()) -> Verdict:
    return Verdict(state, (_SENTENCES[state], *reasons), digest, signatures)


async def _check_all(embedded: list[EmbeddedPdfSignature], trust: _Trust) -> list[tuple[Signature, str]]:
    return [await _check(one, trust, last=one is embedded[-1]) for one in embedded]


async def _check(one: EmbeddedPdfSignature, trust: _Trust, *, last: bool) -> tuple[Signature, str]:
    """One signature and, when something is to be said of it, the sentence."""
    status = await trust.status(one, trust.now)
    stamp, note = status.timestamp_validity, ""
    trusted = status.trusted and (stamp is None or stamp.trusted)
    moment = stamp.timestamp if stamp is not None else status.signer_reported_dt
    if not trusted and moment is not None and moment < trust.now:
        # Certificates end after a few years, papers are kept longer.
        then = await trust.status(one, moment)
        trusted = then.trusted and (then.timestamp_validity is None or then.timestamp_validity.trusted)
        note = "证书现已过期，签章时有效 (the certificate has ended since)" if trusted else ""
    name = _name(one.signer_cert)
    coverage = status.coverage.name if status.coverage else "UNCLEAR"
    # What later signers appended to an earlier signature's revision must be signatures only.
    level = status.modification_level
    kept = last or (level is not None and level <= ModificationLevel.FORM_FILLING)
    intact = status.intact and status.valid and kept and (stamp is None or (stamp.intact and stamp.valid))
    row = Signature(name, status.signer_reported_dt, coverage, intact, trusted)
    if stamp is not None:
        row = replace(row, stamped_at=stamp.timestamp, stamped_by=_name(stamp.signing_cert))
    if not intact:
        return row, f"签章无效：{name} (the signature does not match the content)"
    if not trusted and status.trusted and stamp is not None:
        return row, f"时间戳机构不受信任：{row.stamped_by} (the time-stamp authority is not trusted)"
    if not trusted:
        return row, f"不受信任的签章人：{name} (not issued by a trusted authority)"
    return row, note


def _name(certificate: asn1_x509.Certificate | None) -> str:
    return common_name(as_x509(certificate)) if certificate else ""


def _is_canonical(data: bytes, one: EmbeddedPdfSignature) -> bool:
    """The signature's own place in the file, which no signature covers, holds nothing but the signature.

    Hexadecimal digits of one case, the CMS in its one form (with its time-stamp, where it says that it has one),
    zeros after it: otherwise bytes could be changed there without a trace.
    """
    _, first, second, _ = (int(part) for part in one.byte_range)  # pyright: ignore[reportGeneralTypeIssues]
    hole = data[first:second]
    if hole[:1] != b"<" or hole[-1:] != b">":
        return False
    digits = hole[1:-1]
    if digits not in (digits.lower(), digits.upper()):
        return False
    try:
        content = binascii.unhexlify(digits)
        message = cms.ContentInfo.load(content)
        encoded = one_form(message)
    except (ValueError, TypeError, KeyError, StopIteration):
        return False
    (info,) = message["content"]["signer_infos"]
    stamped = bool(info["unsigned_attrs"].native)
    return content.startswith(encoded) and not content[len(encoded) :].strip(b"\0") and stamped == _says_stamped(one)


def _says_stamped(one: EmbeddedPdfSignature) -> bool:
    """Whether the signed part of the file says that a time-stamp belongs to the signature."""
    said: Any = one.sig_object.get("/Prop_Build", {})
    return str(said.get("/App", {}).get("/REx", "")) == STAMPED
