"""Files that people hand in: photos, scans, ink; checked, cleaned, kept under their hash."""

from __future__ import annotations

from core.cases.casefile import open_file
from core.cases.desk import Desk
from core.errors import NotFound
from core.security.uploads import Kind, checked, plain_name
from core.store import blobs
from core.store.models import Blob


def keep_upload(desk: Desk, estate: str, data: bytes, name: str, kind: Kind = "file", *, field: str = "") -> str:
    """Keep an upload of `kind` photo, ink, scan or file; its SHA-256. InvalidInput at `field` for anything else."""
    desk.enter(estate)
    clean, media_type = checked(data, kind, field)
    return blobs.keep(desk.session, desk.office.blobs, clean, media_type=media_type, estate=estate,
                      name=plain_name(name), by=desk.actor.user_id, at=desk.now)


def is_kept(desk: Desk, estate: str, sha256: str) -> bool:
    """Whether such a file was handed in at `estate`."""
    blob = desk.session.get(Blob, sha256)
    return blob is not None and blob.estate == estate


def fetch_upload(desk: Desk, case_id: str, sha256: str) -> tuple[bytes, str]:
    """(bytes, media type) of an attachment of the case; NotFound when the case does not have it."""
    file = open_file(desk, case_id)
    named: set[str | None] = {row.blob for row in file.marks} | {row.photo for row in file.checks}
    named |= {signature.blob for document in file.documents for signature in document.signatures}
    named |= {text for row in file.submissions for text in _texts(row.plain)}
    blob = desk.session.get(Blob, sha256)
    if sha256 not in named or blob is None:
        raise NotFound("没有这个附件")
    return desk.office.blobs.get(sha256), blob.media_type


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for one in inner for text in _texts(one)}
