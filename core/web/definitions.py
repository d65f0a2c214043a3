"""What counts at the estate (规定), for estate IT and the manager: fees, papers, checklists, templates, what was changed, and trying it.

Nothing here changes a definition: those are files, changed in the estate's folder. A Word template is checked as `shouxu check`
does, and put into the folder only where the installation allows it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.issuing import WORD
from core.cases.trying import Trial, try_fees
from core.definitions.difference_words import file_words, units, value_words, words_inside
from core.definitions.differing import Difference, Said, compared, differences, standing
from core.definitions.files import shown
from core.domain.bundle import Bundle
from core.domain.fees import Fee
from core.errors import Conflict, FieldProblem, Forbidden, InvalidInput, NotFound, Refused, TrialBusy
from core.forms import Posted
from core.security.uploads import plain_name
from core.walkthroughs.template_rehearsal import Rehearsed, rehearsed
from core.web import entered
from core.web.acts import Refusal, page, refusal_of, start_over
from core.web.asking import Request
from core.web.headers import file_answer
from core.web.rendering import word

READERS = ("estate_it", "manager")
MOST_TEMPLATE = 5_000_000
SIGNS = {"changed": word("改"), "added": word("增"), "removed": word("删"), "moved": word("移"), "same": word("同"), "replaced": word("换")}
LAYERS = {"plugin": word("标准"), "overlay": word("插件"), "company": word("公司"), "estate": word("项目"), "": ""}
_UNITS = {"m2": word("㎡"), "month": word("月"), "piece": word("件"), "person": word("人"), "day": word("日")}


def _enter(request: Request) -> str:
    """The estate, for those whose work the definitions are; Forbidden for others."""
    estate = request.place.name
    if not request.actor.admin and not request.desk.roles(estate) & set(READERS):
        raise Forbidden(word("规定由系统管理员和项目经理查看"))
    return estate


def _bundle(request: Request) -> Bundle:
    """The procedure of the address as the estate has it; NotFound where it does not."""
    estate, name = _enter(request), request.matchdict["procedure"]
    if name not in request.office.library.procedures(estate):
        raise NotFound(word("本项目没有这项手续"))
    return request.office.library.bundle(estate, name)


# ---------------------------------------------------------------- what counts


@view_config(route_name="definitions", request_method="GET")
def index(request: Request) -> Response:
    """Every procedure of the estate, and how much of it the estate changed; beside another estate, how they differ."""
    estate, office = _enter(request), request.office
    others = [(name, title) for name, title in request.my_estates if name != estate]
    other = entered.asked(request, "other", 64)
    if other and other not in dict(others):
        raise NotFound(word("没有这个项目"))
    rows = []
    for name in office.library.procedures(estate):
        bundle = office.library.bundle(estate, name)
        rows.append({"name": name, "title": request.desk.say(bundle.procedure.title), "source": bundle.procedure.source,
                     "steps": len(bundle.procedure.steps), "fees": len(bundle.fees), "templates": len(bundle.templates),
                     "changes": sum(one.change != "same" for one in _changes(request, name))})
    found = differences(office.library, office.plugins.overlays, estate, other) if other else []
    return page(request, "definitions.jinja2", {
        "procedures": rows, "others": others, "other": other, "other_title": dict(others).get(other),
        "differences": _shown(request, found)})


@view_config(route_name="definition", request_method="GET")
def show(request: Request) -> Response:
    """One procedure: fees and how each is reckoned, papers, checklists, templates, and every change beside what it was."""
    bundle, say = _bundle(request), request.desk.say
    found = _changes(request, bundle.procedure.name)
    marks = _marks(found)
    fees = [{"name": fee.name, "title": say(fee.title), "pairs": list(_reckoned(request, fee)), "refundable": fee.refundable,
             "sample": fee.sample, "source": fee.source, "mark": marks.get(("fee_schedule.yaml", fee.name), ""),
             "stage": _stage(request, bundle, fee)} for fee in bundle.fees]
    papers = [{"title": say(one.title), "items": [
        {"title": say(item.title), "count": item.count, "optional": item.optional, "source": item.source,
         "waive": [_role(request, role) for role in item.waive],
         "mark": marks.get(("required_documents.yaml", one.name, item.name), marks.get(("required_documents.yaml", one.name), ""))}
        for item in one.items]} for one in bundle.required_documents]
    checklists = [{"title": say(one.title), "items": [
        {"title": say(item.title), "group": say(item.group) if item.group else "", "source": item.source,
         "mark": marks.get(("checklists.yaml", one.name, item.name), marks.get(("checklists.yaml", one.name), ""))}
        for item in one.items]} for one in bundle.checklists]
    return page(request, "definition.jinja2", {
        "procedure": bundle.procedure.name, "title": say(bundle.procedure.title), "source": bundle.procedure.source, "fees": fees,
        "papers": papers, "checklists": checklists, "templates": _templates(request, bundle, found), "differences": _shown(request, found)})


def _changes(request: Request, procedure: str) -> list[Difference]:
    office, estate = request.office, request.place.name
    base, own = (standing(office.library, office.plugins.overlays, one, procedure) for one in (None, estate))
    return compared(base, own)


def _marks(found: list[Difference]) -> dict[tuple[str, ...], str]:
    """Which layer changed an item: by file and the names that lead to it."""
    marks: dict[tuple[str, ...], str] = {}
    for one in found:
        said = one.own
        if said is None or one.change == "same":
            continue
        names = [str(step) for step in one.path[1:] if step != "items"]
        for depth in (1, 2):
            if len(names) >= depth and (depth == len(names) or depth == 2 or one.file == "fee_schedule.yaml"):
                marks[(one.file, *names[:depth])] = said.layer
    return marks


def _shown(request: Request, found: list[Difference]) -> list[dict[str, Any]]:
    rows, locale = [], request.locale_name
    for one in found:
        title = ""
        if one.procedure:
            title = next((request.desk.say(request.office.library.bundle(estate, one.procedure).procedure.title)
                          for estate in request.office.library.estates if one.procedure in request.office.library.procedures(estate)), "")
        rows.append({"procedure": title, "file": file_words(one.file, locale), "where": words_inside(one, locale),
                     "units": units(one, locale), "source": one.source, "sign": request.tr(SIGNS[one.change]), "change": one.change,
                     "base": _side(request, one, one.base), "own": _side(request, one, one.own)})
    return rows


def _side(request: Request, one: Difference, said: Said | None) -> dict[str, str]:
    if said is None:
        return {"value": "—", "place": ""}
    name = said.mark.file.rpartition("/")[2]
    line = f":{said.mark.line}" if name.endswith(".yaml") else ""
    return {"value": value_words(said, one.change, request.locale_name), "place": f"{request.tr(LAYERS[said.layer])} {name}{line}".strip()}


def _role(request: Request, role: str) -> str:
    return request.office.role_title(request.place.name, role, request.locale_name)


def _stage(request: Request, bundle: Bundle, fee: Fee) -> str:
    steps = [step for step in bundle.procedure.steps if step.fees == fee.stage]
    return request.desk.say(steps[0].title) if steps else fee.stage


def _reckoned(request: Request, fee: Fee) -> Iterator[tuple[str, str]]:
    """How a fee is reckoned, line by line; each version of it after its date."""
    yield from _terms(request, fee)
    for since, whole in fee.dated:
        terms = request.tr("；").join(f"{name} {said}" for name, said in _terms(request, whole))
        yield request.tr("自 %(day)s 起", day=since.isoformat()), terms


def _terms(request: Request, fee: Fee) -> Iterator[tuple[str, str]]:
    tr, say = request.tr, request.desk.say
    per = tr("·").join(tr(_UNITS[one]) for one in fee.per)
    if fee.amount is not None:
        yield tr("固定金额"), tr("%(sum)s 元", sum=fee.amount)
    if fee.amount_of is not None:
        yield tr("金额取自"), fee.amount_of
    if fee.rate is not None:
        yield tr("单价"), tr("%(sum)s 元/%(per)s", sum=fee.rate, per=per)
    for at, tier in enumerate(fee.tiers):
        until = tr("到 %(n)s", n=tier.up_to) if tier.up_to is not None else tr("以上")
        yield tr("第 %(n)s 档", n=at + 1), tr("%(until)s：%(sum)s 元", until=until, sum=tier.rate)
    for key, amount in fee.amounts.items():
        yield say(fee.labels[key]) if key in fee.labels else f"{fee.by} = {key}", tr("%(sum)s 元", sum=amount)
    if fee.rows is not None:
        yield tr("逐行计价"), f"{fee.rows.of} ← {fee.rows.price_list or fee.rows.price}"
    for name, said in ((tr("数量"), fee.quantity), (tr("按此分档"), fee.of), (tr("月数"), fee.months), (tr("收到"), fee.until)):
        if said:
            yield name, str(said)
    if fee.start is not None:
        yield tr("起计日"), tr("、").join(fee.start.names)
    if fee.prorate != "none":
        yield tr("不足整月"), tr("按天折算") if fee.prorate == "days" else tr("按半月折算")
    if fee.when:
        yield tr("收取条件"), fee.when


# ---------------------------------------------------------------- trying


@view_config(route_name="definition_try", request_method="GET")
def ask_trial(request: Request) -> Response:
    """What the fees ask for."""
    code = entered.asked(request, "unit", 64)
    return _tried(request, lambda: try_fees(request.desk, _enter(request), _bundle(request).procedure.name, code), code)


@view_config(route_name="definition_try", request_method="POST")
def trial(request: Request) -> Response:
    """What they come to."""
    code = entered.text(request, "unit", 64)
    posted = Posted(request.POST)
    return _tried(request, lambda: try_fees(request.desk, _enter(request), _bundle(request).procedure.name, code, posted), code)


def _tried(request: Request, act: Any, code: str) -> Response:
    bundle = _bundle(request)
    refusal: Refusal | None = None
    try:
        found: Trial = act()
        if found.problems:
            refusal = refusal_of(request, InvalidInput(found.problems))
    except NotFound as error:
        refusal = refusal_of(request, InvalidInput([FieldProblem("unit", request.tr(error.what))]))
        found = try_fees(request.desk, request.place.name, bundle.procedure.name)
    return page(request, "definition_try.jinja2", {"procedure": bundle.procedure.name, "title": request.desk.say(bundle.procedure.title),
                                                   "form": found.form, "unit": found.unit, "fees": found.fees, "total": found.total,
                                                   "code": code}, refusal)


# ---------------------------------------------------------------- templates


def _templates(request: Request, bundle: Bundle, found: list[Difference]) -> list[dict[str, Any]]:
    own = {one.file.partition("/")[2]: one for one in found if one.file.startswith("document_templates/") and one.own}
    layers = {name: one.own.layer for name, one in own.items() if one.own and one.change != "same"}
    placements = request.office.library.placements
    return [{"name": name, "mark": layers.get(name, ""),
             "placements": placements(request.place.name, bundle.procedure.name, name),
             "documents": [request.desk.say(rule.title) for rule in bundle.documents if rule.template == name]}
            for name in sorted(bundle.templates)]


@view_config(route_name="definition_template", request_method="GET")
def ask_template(request: Request) -> Response:
    """Which template, and which file."""
    return _template_page(request, _bundle(request), entered.asked(request, "name", 200))


@view_config(route_name="definition_template", request_method="POST")
def check_template(request: Request) -> Response:
    """What is wrong with the file in the place of that template; where it may be, and nothing is, it is put into the folder."""
    bundle = _bundle(request)
    name = entered.text(request, "name", 200)
    try:
        file = entered.upload(request, "file")
        if name not in bundle.templates:
            raise InvalidInput([FieldProblem("name", request.tr("请选择要替换的模板"))])
        if file is None:
            raise InvalidInput([FieldProblem("file", request.tr("请选择 Word 文件"))])
        if len(file[0]) > MOST_TEMPLATE:
            raise InvalidInput([FieldProblem("file", request.tr("文件过大，不能超过 5 MB"))])
        action = entered.text(request, "action", 20)
        found = _rehearsed(request, bundle, name, file[0], annotate=action == "annotate")
        put = action == "put" and not found.problems
        if put:
            _require_unchanged(request, bundle, name)
            _put(_home(request, bundle, name), file[0])
    except Conflict as error:
        request.response.status_int = error.status
        return _template_page(request, bundle, name, refusal=refusal_of(request, error))
    except Forbidden:
        raise
    except Refused as error:
        return _template_page(request, bundle, name, refusal=refusal_of(request, error))
    except TrialBusy as busy:
        busy_words = request.tr("正在检查其他模板，请稍候再试"), request.tr("过十秒再提交一次；这个模板还没有检查")
        return _template_page(request, bundle, name, refusal=Refusal(busy_words[0], busy.status, busy.code, remedy=busy_words[1]))
    problems = [{"what": one.told(request.locale_name), "remedy": one.advice(request.locale_name), "code": f"SX-{one.number}"}
                for one in found.problems]
    if action == "report":
        return file_answer(_report(request, bundle, name, file[1], problems).encode(), f"{Path(name).stem}.txt", "text/plain", inline=False)
    if found.annotated:
        return file_answer(found.annotated, f"{Path(name).stem}-批注.docx", WORD, inline=False)
    if problems:
        request.response.status_int = 422
    return _template_page(request, bundle, name, found={"file": plain_name(file[1]), "problems": problems, "put": put})


def _rehearsed(request: Request, bundle: Bundle, name: str, data: bytes, *, annotate: bool) -> Rehearsed:
    start_over(request)  # nothing is written: no lock is held while another process tries the template
    request.turn.give_back()
    office = request.office
    try:
        return rehearsed(office.library, office.template_filters, request.place.name, bundle.procedure.name, name, data, annotate=annotate)
    except KeyError:
        raise InvalidInput([FieldProblem("name", request.tr("请选择要替换的模板"))]) from None


def _home(request: Request, bundle: Bundle, name: str) -> Path:
    """Where the estate's own template stands: beside its definitions."""
    return request.office.library.estate(request.place.name).folder / "document_templates" / bundle.procedure.name / name


def _require_unchanged(request: Request, bundle: Bundle, name: str) -> None:
    """Forbidden where pages may not write; Conflict (SX-2300) when a colleague put a file there since the page was opened."""
    if not request.office.settings.allow_template_upload:
        raise Forbidden(word("本系统不允许从页面放入模板"))
    seen = dict(row.split("/", 1)[::-1] for row in entered.text(request, "seen", 20_000).split() if "/" in row)
    if seen.get(name, "") != _own_files(request, bundle).get(name, ""):
        raise Conflict(word("这个模板刚被同事换过，没有放入您的文件；请先下载现在的模板核对"))


def _own_files(request: Request, bundle: Bundle) -> dict[str, str]:
    """The templates in the estate's own folder, by name what stands for their bytes."""
    folder = _home(request, bundle, "-").parent
    return {path.name: sha256(path.read_bytes()).hexdigest()[:16] for path in sorted(folder.glob("*.docx"))}


def _put(path: Path, data: bytes) -> None:
    """Write the file so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as target:
        target.write(data)
    os.chmod(target.name, 0o644)
    os.replace(target.name, path)


def _report(request: Request, bundle: Bundle, name: str, file: str, problems: list[dict[str, str]]) -> str:
    head = f"{request.desk.say(bundle.procedure.title)}  {name}  {plain_name(file)}\n"
    lines = [f"{one['code']}  {one['what']}" + (f"\n    {one['remedy']}" if one["remedy"] else "") for one in problems]
    return head + ("\n".join(lines) if lines else request.tr("没有发现问题")) + "\n"


def _template_page(request: Request, bundle: Bundle, name: str, *, found: Mapping[str, Any] | None = None,
                   refusal: Refusal | None = None) -> Response:
    known = _templates(request, bundle, _changes(request, bundle.procedure.name))
    return page(request, "definition_template.jinja2", {
        "procedure": bundle.procedure.name, "title": request.desk.say(bundle.procedure.title), "templates": known, "chosen": name,
        "seen": " ".join(f"{digest}/{one}" for one, digest in _own_files(request, bundle).items()),
        "found": found, "may_put": request.office.settings.allow_template_upload,
        "home": shown(_home(request, bundle, name or "…"))}, refusal)


@view_config(route_name="definition_template_file", request_method="GET")
def download(request: Request) -> Response:
    """The template that counts now, to be changed in Word: without the tags that are put at its words."""
    bundle, name = _bundle(request), request.matchdict["name"]
    if name not in bundle.templates:
        raise NotFound(word("没有这个模板"))
    office = request.office
    return file_answer(office.template(office.library.as_written(bundle.templates[name])), name, WORD, inline=False)
