"""Going through a checklist: a result per item, round after round, until nothing is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.cases.attachments import is_kept
from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.progress import advance
from core.cases.words import words
from core.domain.papers import Checklist, ChecklistItem
from core.errors import FieldProblem, GateClosed, InvalidInput, NotFound
from core.store.models import CheckResult


def record_checks(desk: Desk, case_id: str, step: str, results: Mapping[str, Mapping[str, Any]], *,
                  version: int | None = None) -> int:
    """Record `{item: {"result": …, "note": …, "photo": sha256}}` as one round; returns the round's number.

    Items not named keep what they have. InvalidInput names every item whose result is unknown or whose note or
    photo is missing, and nothing is stored.
    """
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    rule, gates = file.step(step), Gates(file)
    desk.require_role(file.case.estate, rule.role, f"“{desk.say(rule.title)}”")
    if rule.checklist is None:
        raise NotFound("本步骤没有检查表")
    gates.require_open(rule, "检查")
    if gates.judge(step).status == "done":
        raise GateClosed("本步骤已办完，不能再改检查结果", number=2204)
    checklist, items = gates.checklist_items(rule)
    if not results:
        raise InvalidInput([FieldProblem("results", "请至少给出一项检查结果")])
    problems = _problems(file, checklist, {item.name: item for item in items}, results)
    if problems:
        raise InvalidInput(problems)
    number = max((row.round for row in file.checks if row.step == step), default=0) + 1
    for name, said in results.items():
        row = CheckResult(case_id=file.case.id, step=step, checklist=checklist.name, item=name, round=number,
                          result=said["result"], note=words(str(said.get("note") or ""), name),
                          photo=said.get("photo") or None, by=desk.actor.user_id, at=desk.now)
        file.add(file.checks, row)
    failed = sorted(name for name, said in results.items() if said["result"] in checklist.failed)
    file.record("checklist.recorded", step=step, checklist=checklist.name, round=number, items=len(results), failed=failed)
    advance(file)
    return number


def _problems(file: CaseFile, checklist: Checklist, items: Mapping[str, ChecklistItem],
              results: Mapping[str, Mapping[str, Any]]) -> list[FieldProblem]:
    desk, found = file.desk, list[FieldProblem]()
    for name, said in results.items():
        item, result, photo = items.get(name), said.get("result"), said.get("photo")
        if item is None:
            found.append(FieldProblem(name, f"检查表里没有“{name}”这一项"))
        elif result not in checklist.results:
            found.append(FieldProblem(name, f"请为“{desk.say(item.title)}”选择结果"))
        elif result in checklist.note_on and not str(said.get("note") or "").strip():
            found.append(FieldProblem(name, f"“{desk.say(item.title)}”不合格，请写明问题"))
        elif result in checklist.photo_on and not photo:
            found.append(FieldProblem(name, f"“{desk.say(item.title)}”不合格，请附照片"))
        elif photo and not is_kept(desk, file.case.estate, photo):
            found.append(FieldProblem(name, "没有这张照片，请重新上传"))
    return found
