"""Files that people hand in: photos, scans, ink; checked, cleaned, kept under their hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.cases.casefile import open_file
from core.cases.desk import Desk
from core.domain.forms import Field
from core.errors import NotFound
from core.security.uploads import Kind, checked, plain_name
from core.store import blobs
from core.store.models import Blob

FILES = ("file", "photo", "ink")
"""Field types that hold the SHA-256 of an upload."""


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
    file.read_signatures()
    named: set[str | None] = {row.blob for row in file.marks} | {row.photo for row in file.checks}
    named |= {signature.blob for document in file.documents for signature in document.signatures}
    named |= {value for row in file.submissions for value in _files(file.bundle.form(row.form).fields, file.opened(row))}
    blob = desk.session.get(Blob, sha256)
    if sha256 not in named or blob is None:
        raise NotFound("没有这个附件")
    return desk.office.blobs.get(sha256), blob.media_type


def _files(fields: Iterable[Field], values: Mapping[str, Any]) -> Iterator[str]:
    """What stands in file fields; a hash typed into a line of text opens nothing."""
    for field in fields:
        value = values.get(field.name)
        if field.type in FILES and isinstance(value, str):
            yield value
        elif field.type == "table":
            for row in value or ():
                yield from _files(field.columns, row)
        elif field.type == "group":
            yield from _files(field.fields, value or {})
