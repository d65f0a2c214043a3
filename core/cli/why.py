"""`shouxu why`: why a step of a case stands where it stands, and which line of which file says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from core.cli.commands import Command, json_option

if TYPE_CHECKING:
    from core.cases.step_reasons import Place, StepReasons
    from core.clock import Calendar

STATUS = {"closed": "未开放", "open": "可办理", "done": "已办完", "skipped": "不适用"}
STYLES = {"closed": "red", "open": "yellow", "done": "green", "skipped": "dim"}
LAYERS = {"plugin": "标准", "overlay": "插件", "company": "公司", "estate": "项目"}
TIMERS = {"opens": "开放", "due": "时限", "escalate": "升级", "repeat": "再次办理", "expiry": "有效期届满"}
STATES = {"waiting": "未到", "paused": "已暂停计时", "fired": "已到"}
KEYS = {"when": "适用条件", "until": "办完条件", "repeat.until": "不再重复的条件"}


@click.command(cls=Command, example="shouxu why RH-2026-00042 keys --estate jade_garden")
@click.argument("case")
@click.argument("step", required=False)
@click.option("--estate", metavar="NAME", help="The estate; needed where several have a case of this number.")
@json_option
def why(case: str, step: str | None, estate: str | None, as_json: bool) -> None:
    """Say why a step is closed, what it still needs, and which rule says so.

    CASE is the number or the id of a case. Each reason with the file, line and source of its rule; the values that the rules
    read, as they are now; who may act; what time will do. Of a step that is done or does not apply: since when, by whom, or why.
    Without STEP: every step of the case in one line each. Nothing is changed.
    """
    from core.cases.step_reasons import find_case, step_reasons
    from core.cases.viewing import case_view
    from core.cli.installation import counter, installed_office
    from core.cli.terminal import show_json

    office = installed_office()
    with counter(office, readonly=True) as desk:
        found = find_case(desk, case, estate)
        keys = [step] if step else [one.name for one in case_view(desk, found).steps]
        seen = [step_reasons(desk, found, key) for key in keys]
        calendar = office.calendar(seen[0].estate)
    if as_json:
        show_json(seen[0].as_data() if step else [one.as_data() for one in seen])
    elif step:
        _show(seen[0], calendar)
    else:
        _show_all(seen, calendar)


def _show_all(seen: list[StepReasons], calendar: Calendar) -> None:
    from core.cli.terminal import say, show_table

    first = seen[0]
    say(f"{first.case_number}  {first.title}  {first.unit}  {first.case_state}", "bold")
    show_table(("步骤", "", "状态", "说明"), [(one.step, one.step_title, STATUS[one.status], _in_short(one, calendar)) for one in seen])


def _in_short(one: StepReasons, calendar: Calendar) -> str:
    if one.because:
        return "；".join(row.message for row in one.because)
    if one.since and one.status == "done":
        return " ".join(word for word in (_time(one.since, calendar), one.by, one.outcome) if word)
    return "待确认办完" if one.by_hand else ""


def _show(one: StepReasons, calendar: Calendar) -> None:
    from core.cli.terminal import console, say

    say(f"{one.case_number}  {one.title}  {one.unit}", "bold")
    say(f"{one.step_title}（{one.step}）：{STATUS[one.status]}" + (f"，第 {one.round} 轮" if one.round > 1 else ""),
        f"bold {STYLES[one.status]}")
    for line in _standing(one, calendar):
        say(f"  {line}")
    for heading, closed in (("为什么没有开放", True), ("还差什么", False)):
        if rows := [row for row in one.because if row.closed == closed]:
            say(heading, "bold")
            for row in rows:
                say(f"  ✗ {row.message}", "red" if row.closed else "yellow")
                say(f"    {_place(row.place)}", "dim")
    if one.rules:
        say("规则", "bold")
        for rule in one.rules:
            say(f"  {'✓' if rule.holds else '✗'} {KEYS[rule.key]} {rule.text}", "green" if rule.holds else "red")
            say(f"    {_place(rule.place)}", "dim")
            for value in rule.values:
                say(f"    {value.name} = {_value(value.value)}" + (f"（{value.title}）" if value.title else ""))
    for heading, lines in (("谁可以办", list(_who(one))), ("时间", [_timer(row, calendar) for row in one.timers])):
        if lines:
            say(heading, "bold")
            for line in lines:
                say(f"  {line}")
    if one.newer:
        say("本件按开始时的规定办理；规定文件此后有改动，上面的行号是现在的文件。", "yellow")
    console().print()


def _standing(one: StepReasons, calendar: Calendar) -> Iterator[str]:
    if one.status == "done" and one.since:
        yield f"{_time(one.since, calendar)} 由{one.by or '系统'}办完" + (f"，结果：{one.outcome}" if one.outcome else "")
    elif one.status == "open" and one.since:
        yield f"{_time(one.since, calendar)} 起可以办理"
    elif one.status == "skipped":
        by_rule = any(rule.key == "when" and not rule.holds for rule in one.rules)
        yield "适用条件不成立，见下" if by_rule else "本件没有要逐项办理的对象，或不再重复"
    if one.by_hand:
        yield "一切齐备，等办理人确认办完"
    if one.overridden:
        yield "已由特批通过条件"
    yield _place(one.place)


def _who(one: StepReasons) -> Iterator[str]:
    if one.roles:
        yield "、".join(one.roles) + (f"：{'、'.join(one.people)}" if one.people else "：现在没有人担任")
    elif one.status != "skipped":
        yield "本项目任何人"
    if one.consents:
        yield f"等待同意：{'、'.join(one.consents)}"
    if one.override:
        yield f"可以特批：{'、'.join(one.override)}"


def _timer(row: Any, calendar: Calendar) -> str:
    return (f"{TIMERS.get(row.kind, row.kind)} {_time(row.at, calendar)}，{STATES.get(row.state, row.state)}"
            f"（自 {_time(row.since, calendar)} 起算）")


def _place(place: Place) -> str:
    where = f"{place.file}:{place.line}" if place.file else "现在的文件里没有"
    return "  ".join(word for word in (LAYERS.get(place.layer, ""), where, f"依据 {place.source}" if place.source else "") if word)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "（还不知道）" if value is None or value == "" else str(value)


def _time(at: datetime, calendar: Calendar) -> str:
    return f"{calendar.local(at):%Y-%m-%d %H:%M}"
