"""One act of a page: done and redirected, or refused and shown again with everything that was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.response import Response
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from core.cases.reading import WORDS
from core.errors import Conflict, Forbidden, GateClosed, InvalidInput, NotFound, Refused
from core.store.session import conflict
from core.web.asking import Request
from core.web.rendering import Said, step_path


@dataclass(frozen=True)
class Row:
    """One line of what is wrong; `href` leads to where it is put right."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Refusal:
    """What the summary on top of a page says."""

    what: str
    status: int
    code: str
    rows: tuple[Row, ...] = ()
    remedy: str = ""
    error: Refused | None = None

    @property
    def fields(self) -> dict[str, str]:
        """The first message of each wrong field."""
        found: dict[str, str] = {}
        for problem in self.error.problems if isinstance(self.error, InvalidInput) else ():
            found.setdefault(problem.field, problem.message)
        return found


def refusal_of(request: Request, error: Refused) -> Refusal:
    """The error as the summary of a page."""
    rows = tuple(_rows(request, error))
    remedy = request.tr(error.remedy)
    if isinstance(error, Conflict) and error.number == Conflict.number:
        remedy = request.tr("这一页已是最新内容，您填写的还在；请核对后再提交")
    return Refusal(request.tr(error.what), error.status, error.code, rows, remedy, error)


def _rows(request: Request, error: Refused) -> list[Row]:
    if isinstance(error, InvalidInput):
        return [
            Row(problem.message, f"#f-{problem.field}" if problem.field else "") for problem in error.problems
        ]
    if isinstance(error, GateClosed):
        case_id = request.matchdict.get("case") if request.matchdict else None
        return [Row(reason.message, _where(request, case_id, reason)) for reason in error.reasons]
    if isinstance(error, Conflict):
        return [_change(request, change) for change in error.changes]
    return []


def _change(request: Request, change: Mapping[str, Any]) -> Row:
    """What a colleague did meanwhile: the time on the estate's clock, who, what; a link where it is another case."""
    place = request.place
    at = datetime.fromisoformat(change["at"]).astimezone(ZoneInfo(place.timezone if place else "Asia/Shanghai"))
    what = WORDS[change["what"]].in_(request.locale_name) if change["what"] in WORDS else change["what"]
    text = " ".join(word for word in (f"{at:%H:%M}", change["by"], what, change.get("number", "")) if word)
    other = change.get("case") if place else None
    return Row(text, request.route_path("case", estate=place.name, case=other) if other else "")


def _where(request: Request, case_id: str | None, reason: Any) -> str:
    if not case_id or not reason.step or request.place is None:
        return ""

    @dataclass
    class Named:
        id: str
        estate: str

    return step_path(request, Named(case_id, request.place.name), reason)


def page(request: Request, template: str, values: dict[str, Any], refusal: Refusal | None = None) -> Response:
    """The page, with the refusal's status when there is one."""
    if refusal is not None:
        request.response.status_int = refusal.status
    values |= {name: Said(values[name]) for name in ("posted", "errors") if name in values}
    return render_to_response(
        f"core.web:templates/{template}", {**values, "refusal": refusal}, request, response=request.response
    )


def see(request: Request, path: str, said: str = "", kind: str = "ok") -> Response:
    """Go on to `path`, with a word of what was done."""
    if said:
        # only the last word waits for the next page: a cookie has little room, and a script may never ask for pages
        request.session.pop_flash()
        request.session.flash([kind, said])
    return HTTPSeeOther(path)


def carry_out(
    request: Request,
    act: Callable[[], Any],
    *,
    to: str | Callable[[Any], str],
    said: str = "",
    again: Callable[[Refusal], Response],
) -> Response:
    """Do `act` and go on to `to`; when it is refused nothing is stored and `again` shows the page once more.

    NotFound and Forbidden have nothing to show again and pass through.
    """
    try:
        done = act()
        request.db.flush()
    except (NotFound, Forbidden):
        raise
    except Refused as error:
        return once_more(request, error, again)
    except (IntegrityError, StaleDataError) as error:
        faster = conflict(error)
        if faster is None:
            raise
        return once_more(request, faster, again)
    return see(request, to(done) if callable(to) else to, said)


def once_more(request: Request, error: Refused, again: Callable[[Refusal], Response]) -> Response:
    """Undo what was begun and show the page again with the refusal on top."""
    start_over(request)
    return again(refusal_of(request, error))


def start_over(request: Request) -> None:
    """Roll the transaction back and go on in one that only reads."""
    request.tm.abort()
    request.tm.begin()
    for name in ("db", "desk"):
        request.__dict__.pop(name, None)
    request.only_reads = True
