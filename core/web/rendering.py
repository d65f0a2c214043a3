"""How templates speak: filters for money and dates, the words in two languages, addresses of static files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from pyramid.config import Configurator
from pyramid.i18n import TranslationStringFactory

from core.domain.money import capitals, show
from core.web.asking import Request

STATIC = Path(__file__).parent / "static"
DOMAIN = "shouxu"
LOCALES = ("zh_CN", "en")
_ = TranslationStringFactory(DOMAIN)
_IDS = re.compile(r"\s*\((?:(?:CLS|CL|FEE|REQ|SLA|KPI|[CFN])\d+[a-z]?(?:–[A-Z]*\d*[a-z]?)?(?:, )?)+\)$")
"""Numbers of forms and rules at the end of a source: `S0 A20 §4.1 (F07, N05)`."""


def includeme(config: Configurator) -> None:
    config.add_settings(
        {
            "jinja2.directories": "core.web:templates",
            "jinja2.i18n.domain": DOMAIN,
            "jinja2.newstyle": True,
            "jinja2.undefined": "strict",
            "jinja2.trim_blocks": "true",
            "jinja2.lstrip_blocks": "true",
            "jinja2.bytecode_caching": "false",
            "jinja2.auto_reload": "false",
            "jinja2.extensions": ["jinja2.ext.do"],
        }
    )
    config.include("pyramid_jinja2")
    config.add_translation_dirs("core.web:locale")
    config.add_static_view("static", "core.web:static", cache_max_age=365 * 24 * 3600)
    config.add_request_method(translated, "tr")
    config.action(None, _prepare, args=(config,), order=999)


def _prepare(config: Configurator) -> None:
    environment = config.get_jinja2_environment()  # type: ignore[attr-defined]
    environment.filters.update(
        yuan=yuan, day=day, moment=moment, clock=clock, capitals=capitals, explained=explained, spoken=spoken,
        unit_status=unit_status, left=left, iso_day=iso_day, cited=cited,
    )
    environment.globals.update(
        static=static,
        vendor=vendor,
        url=url,
        reason_url=reason_url,
        state_title=state_title,
        result_title=result_title,
    )
    # what only some pages hand over; a page that needs it says so itself
    environment.globals.update(
        refusal=None, query="", section="", posted=Said(), errors=Said(), blank=Said(), reason=""
    )


class Said(dict[str, Any]):
    """What was typed, or is wrong, by field; empty where nothing was said."""

    def __missing__(self, name: str) -> str:
        return ""


def word(text: str) -> str:
    """`text` itself; marks the msgid of an error that is shown in the reader's language later."""
    return text


def translated(request: Request, text: str, **values: Any) -> str:
    """`text` (the Chinese msgid) in the reader's language, with `%(name)s` filled in."""
    if not text:
        return ""  # of the empty text a catalogue gives its own heading
    said = request.localizer.translate(_(text))
    return said % values if values else said


# ---------------------------------------------------------------- static files


def static(name: str) -> str:
    """The address of a static file, with its hash so that browsers may keep it for a year."""
    return f"/static/{name}?v={_digest(name)}"


@lru_cache(maxsize=64)
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=16)
def vendor(name: str) -> bool:
    """Whether the front-end part `name` was fetched; pages do without it."""
    path = STATIC / "vendor" / name
    return path.exists() and path.stat().st_size > 0


# ---------------------------------------------------------------- addresses


@pass_context
def url(context: Context, route: str, **parts: Any) -> str:
    """The path of a route; the estate is the present one unless named."""
    request: Request = context["request"]
    if "estate" not in parts and request.place is not None:
        parts["estate"] = request.place.name
    return request.route_path(route, **parts)


ANCHORS = {
    "paper": "papers",
    "form": "form",
    "checklist": "checklist",
    "fact": "facts",
    "fee": "fees",
    "document": "documents",
    "signature": "documents",
    "outcome": "outcome",
    "approval": "approvals",
    "settle": "settlement",
    "until": "step-title",
    "wait": "step-title",
}


@pass_context
def reason_url(context: Context, case: Any, reason: Any) -> str:
    """Where the thing that a reason names is done."""
    return step_path(context["request"], case, reason)


def step_path(request: Request, case: Any, reason: Any) -> str:
    """Where the thing that a reason names is done: a step at the part it is about, the people, a sub-case."""
    if reason.kind == "item":
        return request.route_path("parties_many", estate=case.estate, case=case.id, party=reason.step)
    if reason.kind == "suspended":
        return request.route_path("case", estate=case.estate, case=reason.step)
    path = request.route_path("case_step", estate=case.estate, case=case.id, step=reason.step)
    anchor = ANCHORS.get(reason.kind, "")
    return f"{path}#{anchor}" if anchor else path


# ---------------------------------------------------------------- words


def yuan(fen: int) -> str:
    """分 as 元 with two places and thousands separators."""
    return show(fen)


def _zone(context: Context) -> ZoneInfo:
    request: Request = context["request"]
    return _zone_of(request.place.timezone if request.place is not None else "Asia/Shanghai")


@lru_cache(maxsize=32)
def _zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(value: date, locale: str) -> str:
    if locale == "en":
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


@pass_context
def day(context: Context, value: date | datetime | None) -> str:
    """2026年3月1日, in the estate's time."""
    if value is None:
        return ""
    local = value.astimezone(_zone(context)).date() if isinstance(value, datetime) else value
    return _day(local, context["request"].locale_name)


@pass_context
def moment(context: Context, value: datetime | None) -> str:
    """2026年3月1日 14:05, in the estate's time."""
    if value is None:
        return ""
    local = value.astimezone(_zone(context))
    return f"{_day(local.date(), context['request'].locale_name)} {local:%H:%M}"


@pass_context
def clock(context: Context, value: datetime | None) -> str:
    """14:05, in the estate's time."""
    return f"{value.astimezone(_zone(context)):%H:%M}" if value else ""


@pass_context
def explained(context: Context, explanation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The lines of a charge's explanation in the reader's language."""
    language = "en" if context["request"].locale_name == "en" else "zh"

    def said(text: Any) -> str:
        return str(text.get(language) or text.get("zh", "")) if isinstance(text, Mapping) else str(text)

    return [(said(line["title"]), said(line["value"])) for line in explanation.get("lines", ())]


@pass_context
def spoken(context: Context, field: Any) -> str:
    """The answer of a drawn field (`core.forms.FieldView`) as a reader reads it."""
    if field.masked:
        return field.masked
    if field.choices:
        comma = ", " if context["request"].locale_name == "en" else "、"
        return comma.join(choice.title for choice in field.choices if choice.chosen)
    if field.widget in ("file", "ink"):
        return f"✓ …{field.text[-8:]}" if field.text else ""
    if field.widget == "date" and field.text:
        return _day_typed(field.text, context["request"].locale_name)
    return f"{field.text} {field.suffix}".strip() if field.text else ""


@pass_context
def left(context: Context, at: datetime) -> str:
    """How long until `at`, or since: 还剩 2 小时 5 分, 已超过 3 天."""
    request: Request = context["request"]
    minutes = int((at - request.desk.now).total_seconds() // 60)
    length = span(request, abs(minutes))
    return request.tr("还剩 %(length)s", length=length) if minutes >= 0 else request.tr("已超过 %(length)s", length=length)


def span(request: Request, minutes: int) -> str:
    """A length of time in words, in its two largest units."""
    days, rest = divmod(minutes, 24 * 60)
    hours, rest = divmod(rest, 60)
    if days:
        return request.tr("%(d)s 天 %(h)s 小时", d=days, h=hours) if hours and days < 3 else request.tr("%(d)s 天", d=days)
    return request.tr("%(h)s 小时 %(m)s 分", h=hours, m=rest) if hours else request.tr("%(m)s 分钟", m=rest)


def cited(source: str) -> str:
    """A source as staff read it: without the numbers that only those who describe procedures know."""
    return _IDS.sub("", source)


@pass_context
def iso_day(context: Context, text: str) -> str:
    """2026-04-01 as 2026年4月1日."""
    return _day_typed(text, context["request"].locale_name)


def _day_typed(text: str, locale: str) -> str:
    try:
        return _day(date.fromisoformat(text), locale)
    except ValueError:
        return text  # a draft may hold anything


@pass_context
def state_title(context: Context, state: str) -> str:
    """The word for a case's state."""
    request: Request = context["request"]
    words = {
        "open": request.tr("办理中"),
        "suspended": request.tr("已暂停"),
        "withdrawn": request.tr("已撤回"),
        "completed": request.tr("已办结"),
    }
    return words.get(state, state)


@pass_context
def unit_status(context: Context, status: str) -> str:
    """The word for a unit's status; an estate's own word as it is."""
    request: Request = context["request"]
    words = {"vacant": request.tr("空置"), "sold": request.tr("已售"), "occupied": request.tr("已入住"),
             "show": request.tr("样板间"), "offset": request.tr("工程抵款"), "lent": request.tr("借用")}
    return words.get(status, status)


def result_title(checklist: Any, result: str) -> str:
    """The word for a checklist result."""
    return dict(checklist.results).get(result, result)
