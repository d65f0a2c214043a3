"""Who seals for a company, whom a seal may lead to, and when its certificate ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import structlog
from cryptography import x509

from core.documents.certificates import (
    SigningIdentity,
    development_identity,
    ending,
    load_pkcs12,
    load_roots,
)
from core.documents.stamp import read_stamp
from core.errors import SealFailed, ShouxuError
from core.settings import Settings

if TYPE_CHECKING:
    from core.cases.desk import Office
    from core.definitions.library import Library
    from core.documents.seal import Sealer
    from core.documents.timestamps import TimestampAuthority
    from core.documents.verification import Verdict

# Certificates made for development begin here, so that a walkthrough of the past can be sealed as of its own day.
DEVELOPMENT_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
log = structlog.get_logger("shouxu.seal")
_LOOK_AGAIN = timedelta(minutes=10)


@dataclass
class Seals:
    """The sealers of one process, made when first needed.

    `brought`: makes the sealer of a company with what a plugin brings; None when the settings choose none.
    """

    settings: Settings
    brought: Callable[[str], Any] | None = None
    _made: dict[str, Sealer] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)
    _warned: tuple[object, datetime, list[ShouxuError]] | None = None
    _announced: dict[str, date] = field(default_factory=dict)

    def of(self, company: str) -> Sealer:
        """The sealer of a company: a plugin's, that of its token or PKCS#12, else one of this machine's development CA."""
        with self._lock:
            if company not in self._made:
                self._made[company] = self.brought(company) if self.brought else self._own(company)
            return self._made[company]

    def roots(self, companies: Iterable[str]) -> list[x509.Certificate]:
        """The certificates that seals of these companies lead to, earlier ones too. A seal that cannot be had just now
        does not keep anybody from checking a paper."""
        found = list(self._further)
        for company in companies:
            try:
                found += [one for one in _chain(self.of(company)) if one.issuer == one.subject]
            except SealFailed:
                continue
        return list(dict.fromkeys(found))

    def stamp_roots(self, companies: Iterable[str]) -> list[x509.Certificate]:
        """The certificates that time-stamps lead to."""
        return list(self._stamp_roots) or self.roots(companies)

    def judge(self, companies: Iterable[str], pdf: bytes, at: datetime, known_sha256: str | None) -> Verdict:
        """What the seals on a PDF say: of those that judge their own the one whose seal it is, else what the house finds."""
        from core.documents.verification import (  # longer to import than all of the pages
            Judging,
            against_record,
            verify_pdf,
        )

        companies = list(companies)
        if self.brought:
            for sealer in map(self.of, companies):
                verdict = sealer.judge(pdf, at) if isinstance(sealer, Judging) else None
                if verdict is not None:
                    return against_record(verdict, known_sha256)
        return verify_pdf(pdf, trust_roots=self.roots(companies), stamp_roots=self.stamp_roots(companies),
                          known_sha256=known_sha256)

    def warnings(self, companies: Iterable[str], at: datetime) -> list[ShouxuError]:
        """What is wrong with the seals, or will be within thirty days: SX-3405 over, 3409 ends soon, others unusable.

        Looked up again every ten minutes. A seal of the development CA counts once it was used: making one for nothing
        takes a while.
        """
        asked = (tuple(companies), len(self._made))
        with self._lock:
            if self._warned is None or self._warned[0] != asked or abs(at - self._warned[1]) >= _LOOK_AGAIN:
                self._warned = asked, at, self._found_wrong(asked[0], at)
            return list(self._warned[2])

    def announce(self, companies: Iterable[str], at: datetime) -> int:
        """Say in the log what is wrong with the seals, each thing once a day; returns how much was said."""
        new = [one for one in self.warnings(companies, at) if self._announced.get(str(one)) != at.date()]
        for problem in new:
            self._announced[str(problem)] = at.date()
            log.warning("seal", code=problem.code, what=problem.what, remedy=problem.remedy)
        return len(new)

    def _found_wrong(self, companies: Iterable[str], at: datetime) -> list[ShouxuError]:
        given = self.brought or self.settings.seal_pkcs12 or self.settings.seal_pkcs11_module
        found: dict[str, ShouxuError] = {}
        for company in companies:
            if not (given or company in self._made):
                continue
            try:
                problem = ending(_chain(self.of(company)), at)
            except ShouxuError as error:
                problem = error
            if problem is not None:
                found[str(problem)] = problem
        return list(found.values())

    def _own(self, company: str) -> Sealer:
        from core.documents.seal import PyHankoSealer  # a quarter of a second that only sealing needs

        settings = self.settings
        identity = self._given or development_identity(settings.data_dir, company, at=DEVELOPMENT_EPOCH)
        image = read_stamp(settings.seal_image.read_bytes()) if settings.seal_image else None
        return PyHankoSealer(identity, stamp_png=image, authority=self._authority(identity),
                             stamp_required=settings.seal_timestamp_required)

    @cached_property
    def _given(self) -> SigningIdentity | None:
        settings = self.settings
        if settings.seal_pkcs12:
            return load_pkcs12(settings.seal_pkcs12, settings.seal_pkcs12_password.get_secret_value(), self._further)
        if settings.seal_pkcs11_module:
            from core.documents.token import token_identity

            return token_identity(settings.seal_pkcs11_module, settings.seal_pkcs11_token, settings.seal_pkcs11_key,
                                  settings.seal_pkcs11_pin.get_secret_value(), issuers=self._further)
        return None

    def _authority(self, identity: SigningIdentity) -> TimestampAuthority | None:
        settings = self.settings
        if not settings.seal_timestamp_url:
            return None
        from core.documents.timestamps import TimestampAuthority

        roots = self._stamp_roots or (*self._further, *identity.trust_roots)
        return TimestampAuthority(settings.seal_timestamp_url, roots, timeout=settings.seal_timestamp_timeout)

    @cached_property
    def _further(self) -> tuple[x509.Certificate, ...]:
        return _read(self.settings.seal_roots)

    @cached_property
    def _stamp_roots(self) -> tuple[x509.Certificate, ...]:
        return _read(self.settings.seal_timestamp_roots)


def companies_of(library: Library) -> list[str]:
    """The companies whose seals are wanted, by the name that stands on them."""
    return sorted({said.company.title.zh for said in library.estates.values()})


def seal_warnings(office: Office) -> list[ShouxuError]:
    """What is wrong with the seals of the house now, or will be soon."""
    return office.papers.seals.warnings(companies_of(office.library), office.clock.now())


def watch_seals(office: Office) -> int:
    """Say in the log what is wrong with the seals; returns how much was said."""
    return office.papers.seals.announce(companies_of(office.library), office.clock.now())


def _read(path: Path | None) -> tuple[x509.Certificate, ...]:
    return load_roots(path) if path else ()


def _chain(sealer: Sealer) -> tuple[x509.Certificate, ...]:
    """The certificates of a sealer that says which it has; a plugin's need not."""
    return tuple(getattr(sealer, "chain", ()))
