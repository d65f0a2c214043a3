"""The agreements of 入伙: numbered clauses out of `texts.yaml`, both parties at the end."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from document_templates.house import Paper, label, value

COVENANT = ("covenant_aim", "covenant_use", "covenant_structure", "covenant_outside", "covenant_common", "covenant_facilities",
            "covenant_neighbours", "covenant_fees", "covenant_fitout", "covenant_transfer", "covenant_breach", "covenant_effect")
SERVICE = ("service_scope", "service_quality", "service_fee", "service_start", "service_deposit", "service_owner_rights",
           "service_owner_duties", "service_company_duties", "service_repair", "service_late", "service_term", "service_dispute")
FIRE = ("fire_duty", "fire_passage", "fire_equipment", "fire_power", "fire_materials", "fire_hot_work", "fire_visitors",
        "fire_report", "fire_liability")
UNDERTAKING = ("undertaking_read", "undertaking_keep", "undertaking_liability", "undertaking_bound")
FIT_OUT = ("fitout_apply", "fitout_permit", "fitout_forbidden", "fitout_water", "fitout_time", "fitout_noise", "fitout_debris",
           "fitout_fire", "fitout_patrol", "fitout_deposit", "fitout_liability")


def _agreement(opening: str, clauses: Sequence[str], *, owner: str = "甲方（业主）") -> Paper:
    paper = Paper().title()
    paper.grid((28, 80, 28, 34), [
        [label(owner), value("{{ parties.owner.name }}"), label("联系电话"), value("{{ parties.owner.phone }}")],
        [label("证件号码"), value("{{ parties.owner.id_number }}"), label("房号"), value("{{ unit.code }}")],
        [label("乙方"), value("{{ company.title }}"), label("联系电话"), value("{{ estate.phone }}")],
    ])
    paper.text(opening)
    paper.clauses(clauses)
    paper.text("", "Gap")
    return paper.parties(owner)


def covenant() -> Paper:
    return _agreement("本人系{{ estate.title }} {{ unit.code }} 的业主，建筑面积 {{ unit.area }} 平方米。经阅读并理解以下内容，承诺遵守：", COVENANT)


def service_agreement() -> Paper:
    return _agreement("甲方为{{ estate.title }} {{ unit.code }} 的业主，房屋建筑面积 {{ unit.area }} 平方米。"
                      "在业主大会选聘物业服务企业之前，由乙方提供前期物业服务。双方协商一致，订立本协议：", SERVICE)


def fire_undertaking() -> Paper:
    return _agreement("为预防火灾和治安事故，保护人身与财产安全，甲方就{{ estate.title }} {{ unit.code }} 的治安、消防安全向乙方承诺：", FIRE)


def covenant_undertaking() -> Paper:
    return _agreement("本人为{{ estate.title }} {{ unit.code }} 的业主，就遵守《业主公约》向全体业主和乙方承诺：", UNDERTAKING)


def special_undertaking() -> Paper:
    """Worded at the registration for this very unit."""
    paper = Paper().title()
    paper.grid((28, 80, 28, 34), [
        [label("业主"), value("{{ parties.owner.name }}"), label("联系电话"), value("{{ parties.owner.phone }}")],
        [label("证件号码"), value("{{ parties.owner.id_number }}"), label("房号"), value("{{ unit.code }}")],
    ])
    paper.text("业主办理{{ estate.title }} {{ unit.code }} 入伙手续时，就本房屋另作如下承诺：")
    paper.grid((28, 142), [[label("承诺事项"), value("{{ forms.registration.special_promise }}", height=60)]])
    paper.clauses(("special_promise_meaning", "special_promise_copies"))
    paper.text("", "Gap")
    return paper.parties("业主")


def fit_out_agreement() -> Paper:
    return _agreement("为规范{{ estate.title }} {{ unit.code }} 的装修活动，保障房屋安全和相邻业主的权益，双方约定如下：", FIT_OUT)


AGREEMENTS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "covenant": ("业主公约", covenant),
    "service_agreement": ("前期物业管理服务协议", service_agreement),
    "fire_undertaking": ("治安、消防安全责任书", fire_undertaking),
    "covenant_undertaking": ("公约承诺书", covenant_undertaking),
    "special_undertaking": ("特殊承诺单", special_undertaking),
    "fit_out_agreement": ("装修管理协议", fit_out_agreement),
}
