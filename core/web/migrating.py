"""Bringing open cases to newer definitions, for estate IT and the manager: which stand on older ones, what would change, and the act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyramid.httpexceptions import HTTPBadRequest
from pyramid.response import Response
from pyramid.view import view_config

from core.cases.migrating import MIGRATORS, migrate, migrate_many, outdated, outdated_procedures, preview
from core.cases.migrating_views import Outdated, Preview
from core.cases.viewing import case_view
from core.errors import FieldProblem, GateClosed, InvalidInput
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request
from core.web.rendering import word

SHOWN = 25
"""Cases of a page: each is rehearsed."""
HOW = {"added": word("新增"), "removed": word("取消"), "renamed": word("改名"), "changed": word("改变")}
KINDS = {"step": word("步骤"), "field": word("字段"), "paper": word("资料"), "check": word("检查项"), "fee": word("费用"),
         "document": word("文书"), "approval": word("审批"), "party": word("相关人")}
CHARGES = {"new": word("新计应收"), "gone": word("收费项目已取消，应收保留"), "differs": word("新标准不同，应收保留"),
           "moved": word("归到新的收费项目")}
TIMES = {"opens": word("开放"), "due": word("时限"), "escalate": word("升级"), "repeat": word("再次办理"), "expiry": word("有效期届满")}
STATUSES = {"closed": word("未开放"), "open": word("可办理"), "done": word("已办完"), "skipped": word("不适用"), None: "—"}


@dataclass(frozen=True)
class Row:
    """An outdated case on the list: what would change, or why it cannot be done now."""

    case: Outdated
    seen: Preview | None
    why_not: tuple[str, ...]

    @property
    def easy(self) -> bool:
        """Whether nobody has to do anything again."""
        return self.seen is not None and not (self.why_not or self.seen.reopened or self.seen.left)


@view_config(route_name="outdated", request_method="GET")
def show(request: Request) -> Response:
    """The open cases on older definitions, procedure by procedure."""
    return outdated_page(request)


def outdated_page(request: Request, refusal: Refusal | None = None) -> Response:
    desk, estate = request.desk, request.place.name
    desk.require_role(estate, MIGRATORS, request.tr("改用新定义"))
    procedures = outdated_procedures(desk, estate)
    first = next((row.procedure for row in procedures if row.outdated), "")
    source = request.POST if request.method == "POST" else request.GET
    chosen = entered.text(request, "procedure", 64, source=source) or first
    found = outdated(desk, estate, chosen) if chosen in {row.procedure for row in procedures} else []
    start = next((at + 1 for at, row in enumerate(found) if row.case == request.GET.get("after")), 0)
    shown = found[start:start + SHOWN]
    return page(request, "outdated.jinja2", {
        "procedures": procedures, "chosen": chosen, "rows": [_row(request, one) for one in shown], "total": len(found),
        "next": shown[-1].case if start + SHOWN < len(found) else "", "may": True,
        "posted": {"reason": entered.text(request, "reason", 200)} if request.method == "POST" else {}}, refusal)


def _row(request: Request, one: Outdated) -> Row:
    try:
        seen = preview(request.desk, one.case)
    except GateClosed as closed:
        return Row(one, None, (closed.what,))
    return Row(one, seen, tuple(reason.message for reason in seen.blockers))


@view_config(route_name="outdated", request_method="POST")
def bring_many(request: Request) -> Response:
    """Bring the chosen cases to the definitions of today."""
    desk, estate = request.desk, request.place.name
    desk.require_role(estate, MIGRATORS, request.tr("改用新定义"))
    procedure = entered.text(request, "procedure", 64)

    def act() -> list[Any]:
        chosen = [_chosen(one) for one in entered.texts(request, "case", SHOWN)]
        if not chosen:
            raise InvalidInput([FieldProblem("case", request.tr("请选择办件"))])
        return migrate_many(desk, chosen, entered.text(request, "reason", 200), estate=estate)

    def to(found: list[Any]) -> str:
        done = sum(row.done for row in found)
        request.session.pop_flash()
        left = request.tr("%(n)s 件没有改，原因见列表", n=len(found) - done) if done < len(found) else ""
        said = request.tr("%(n)s 件已改用新定义", n=done)
        request.session.flash(["warn" if left else "ok", "；".join(one for one in (said, left) if one)])
        return request.route_path("outdated", estate=estate) + f"?procedure={procedure}"

    return carry_out(request, act, to=to, again=lambda refusal: outdated_page(request, refusal))


def _chosen(said: str) -> tuple[str, int]:
    case, _, version = said.partition(":")
    if not version.isascii() or not version.isdecimal() or len(version) > 12:
        raise HTTPBadRequest("a case is chosen with its version")
    return case, int(version)


# ---------------------------------------------------------------- one case


@view_config(route_name="case_migrate", request_method="GET")
def ask(request: Request) -> Response:
    """What would change."""
    return preview_page(request)


def preview_page(request: Request, refusal: Refusal | None = None) -> Response:
    case_id, desk = request.context.case_id, request.desk
    desk.require_role(request.place.name, MIGRATORS, request.tr("改用新定义"))
    seen, closed = None, ""
    try:
        seen = preview(desk, case_id)
    except GateClosed as error:
        closed = error.what
    titles = {row.step: row.title for row in seen.steps} if seen else {}
    return page(request, "migrate.jinja2", {
        "case": case_view(desk, case_id), "seen": seen, "closed": closed, "titles": titles,
        "how": _said(request, HOW), "kinds": _said(request, KINDS), "charge_words": _said(request, CHARGES),
        "times": _said(request, TIMES), "statuses": _said(request, STATUSES),
        "posted": {"reason": entered.text(request, "reason", 200)} if request.method == "POST" else {}}, refusal)


def _said(request: Request, words: dict[Any, str]) -> dict[Any, str]:
    return {name: request.tr(text) for name, text in words.items()}


@view_config(route_name="case_migrate", request_method="POST")
def bring(request: Request) -> Response:
    """Bring the case to them, as previewed."""
    case_id = request.context.case_id

    def act() -> Preview:
        return migrate(request.desk, case_id, entered.text(request, "reason", 200), version=entered.version(request),
                       to=entered.text(request, "to", 64) or None)

    return carry_out(request, act, to=request.route_path("case", estate=request.place.name, case=case_id),
                     said=request.tr("已改用新定义"), again=lambda refusal: preview_page(request, refusal))
