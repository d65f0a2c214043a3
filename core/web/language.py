"""Which language the reader has: what they chose in this browser, else what their account says, else Chinese."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator

from core.web.asking import Request
from core.web.places import Place
from core.web.rendering import LOCALES

COOKIE = "shouxu_locale"


def includeme(config: Configurator) -> None:
    config.set_locale_negotiator(chosen)
    config.add_request_method(place, "place", property=True)
    config.add_request_method(flashes, "flashes", reify=True)
    config.add_request_method(my_estates, "my_estates", reify=True)
    config.add_request_method(main_menu, "main_menu", reify=True)


def chosen(request: Request) -> str:
    """`zh_CN` or `en`."""
    cookie = request.cookies.get(COOKIE, "")
    if cookie in LOCALES:
        return cookie
    actor = request.__dict__.get("actor") or (request.actor if "tm.active" in request.environ else None)
    return actor.locale if actor is not None and actor.locale in LOCALES else "zh_CN"


def place(request: Request) -> Place | None:
    """The estate of the address; None outside of estates, and while nobody has been let in."""
    context = getattr(request, "context", None)
    return context if isinstance(context, Place) else None


def flashes(request: Request) -> list[Any]:
    """What the last act left to say: (kind, text)."""
    return request.session.pop_flash() if request.session.peek_flash() else []


def my_estates(request: Request) -> list[tuple[str, str]]:
    """(name, title) of every estate that the reader knows."""
    return [
        (name, known.estate.title.in_(request.locale_name))
        for name, known in request.office.library.estates.items()
        if request.actor is not None and request.actor.knows(name)
    ]


def main_menu(request: Request) -> list[tuple[str, str, str]]:
    """(section, address, word) of the top bar, as far as the reader's roles make sense of them."""
    here = request.place
    if here is None:
        return []
    procedures = request.office.library.procedures(here.name)
    rows = [
        ("home", request.route_path("home", estate=here.name), request.tr("首页")),
        ("cases", request.route_path("cases", estate=here.name), request.tr("办件")),
    ]
    if procedures:
        first = procedures[0]
        rows.append(
            ("board", request.route_path("board", estate=here.name, procedure=first), request.tr("进度"))
        )
    rows.append(("units", request.route_path("units", estate=here.name), request.tr("房屋")))
    roles = request.actor.roles.get(here.name, frozenset())
    if roles & {"finance", "manager"}:
        rows.append(("cash", request.route_path("cash", estate=here.name), request.tr("收款日报")))
    rows.append(("stock", request.route_path("stock", estate=here.name), request.tr("编号册")))
    if any(request.office.library.bundle(here.name, name).registers for name in procedures):
        rows.append(("registers", request.route_path("registers", estate=here.name), request.tr("台账统计")))
    if roles & {"estate_it", "manager"} or request.actor.admin:
        rows.append(("definitions", request.route_path("definitions", estate=here.name), request.tr("规定")))
    return rows
