"""Files that come with a page: kept in a transaction of their own, so that a refused form still has them."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.attachments import fetch_upload, keep_upload
from core.forms import Posted
from core.security.uploads import SUFFIX, Kind
from core.store.session import unit_of_work
from core.web import entered
from core.web.asking import Request
from core.web.headers import file_answer

UPLOAD, INK = "upload:", "ink:"
SAFE_TO_SHOW = ("image/png", "image/jpeg", "application/pdf")


def keep(request: Request, files: list[tuple[str, bytes, str, Kind]]) -> dict[str, str]:
    """SHA-256 by field of (field, bytes, file name, kind); InvalidInput for what may not come in."""
    if not files:
        return {}
    # the request's own transaction has only read so far; two that write would wait for each other
    request.tm.abort()
    request.tm.begin()
    for name in ("db", "desk"):
        request.__dict__.pop(name, None)
    office, estate = request.office, request.place.name
    with unit_of_work(office.sessions) as session:
        desk = office.desk(session, request.actor, locale=request.locale_name)
        return {
            field: keep_upload(desk, estate, data, name, kind, field=field.removeprefix("f-"))
            for field, data, name, kind in files
        }


def with_uploads(request: Request, posted: Posted) -> Posted:
    """The posted form with its new files and drawings kept, their hashes in the place of the fields."""
    files: list[tuple[str, bytes, str, Kind]] = []
    for name in {name for name in request.POST if name.startswith(UPLOAD)}:
        found = entered.upload(request, name)
        if found:
            kind: Kind = "photo" if found[1].lower().endswith((".jpg", ".jpeg", ".png")) else "file"
            files.append((name.removeprefix(UPLOAD), *found, kind))
    for name in {name for name in request.POST if name.startswith(INK)}:
        drawn = entered.ink(request, name)
        if drawn:
            files.append((name.removeprefix(INK), drawn, "signature.png", "ink"))
    for field, sha256 in keep(request, files).items():
        posted.put(field, sha256)
    posted.uploads.clear()
    return posted


def keep_one(request: Request, name: str, kind: Kind) -> str | None:
    """The SHA-256 of the file posted as `name`; None when none was chosen."""
    found = entered.upload(request, name)
    return keep(request, [(name, *found, kind)])[name] if found else None


@view_config(route_name="upload", request_method="GET")
def show_upload(request: Request) -> Response:
    """A scan or photo of the case."""
    data, media_type = fetch_upload(request.desk, request.context.case_id, request.matchdict["sha"])
    shown = media_type if media_type in SAFE_TO_SHOW else "application/octet-stream"
    return file_answer(data, f"{request.matchdict['sha'][:12]}{SUFFIX.get(shown, '')}", shown, inline=True)
