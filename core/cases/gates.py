"""Which steps are open, what they still need, and why the others are not: the answer to "why not?" as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.cases.casefile import CaseFile
from core.cases.children import suspending
from core.cases.consents import missing_approvals, overridden
from core.cases.deposits import missing_settlement
from core.cases.facts import missing_facts
from core.cases.hooks import HookCase, hooks_of
from core.cases.timing import waits_until
from core.cases.values import known
from core.domain.documents import Document as DocumentRule, Signing
from core.domain.money import show
from core.domain.papers import Checklist, ChecklistItem, RequiredDocument
from core.domain.procedures import Step
from core.errors import GateClosed, NotFound, PluginError, Reason
from core.rules import Activation, Rule
from core.rules.rule import ANY_ANSWER
from core.store.models import Document


@dataclass
class Judgement:
    """Where a step stands. `why_not`: why it is closed; `missing`: what an open step still needs.

    `automatic`: it has parts, so it is done the moment nothing is missing; else somebody says so.
    """

    step: Step
    status: str
    why_not: list[Reason] = field(default_factory=list)
    missing: list[Reason] = field(default_factory=list)
    automatic: bool = True


class Gates:
    """All gates of one case, judged once per state of its file; what was judged is remembered."""

    def __init__(self, file: CaseFile) -> None:
        self.file = file
        self._activations: dict[tuple[frozenset[str], str], Activation] = {}
        self._judged: dict[str, Judgement] = {}
        self._waits: dict[str, list[str]] = {}
        self._papers: dict[str, list[RequiredDocument]] = {}
        self._items: dict[str, tuple[Checklist, list[ChecklistItem]]] = {}
        self._documents: dict[str, list[DocumentRule]] = {}

    # ------------------------------------------------------------ rules

    def holds(self, rule: str | None, step: Step | None = None) -> bool:
        """Whether `rule` holds now; no rule holds always. A step's own `checklist` and `papers` count for its rules."""
        if rule is None:
            return True
        compiled = Rule.compile(rule)
        return compiled.holds(self._activation(frozenset(name.partition(".")[0] for name in compiled.names), step))

    def value(self, rule: str) -> Any:
        """What an expression over the case comes to: yes/no, a number, a text; None while it cannot be said."""
        compiled = Rule.compile(rule, ANY_ANSWER)
        return compiled.value(self._activation(frozenset(name.partition(".")[0] for name in compiled.names), None))

    def _activation(self, names: frozenset[str], step: Step | None) -> Activation:
        """What rules that read `names` are told: only that is looked up."""
        own = step if step and names & {"checklist", "papers"} else None
        key = names, own.name if own else ""
        if key not in self._activations:
            values = known(self.file, names)
            if own and own.checklist:
                values["checklist"] = checklist_sums(self, own)
            if own and own.required_documents:
                values["papers"] = {"missing": len(self.missing_papers(own))}
            self._activations[key] = Activation(values)
        return self._activations[key]

    # ------------------------------------------------------------ steps

    def judge(self, key: str) -> Judgement:
        """Where the step of that key stands; a per-item step as a whole where its name is given."""
        if key not in self._judged:
            step = self.file.step(key)
            keys = [key] if "@" in key else self.file.keys(step)
            self._judged[key] = self._judge(step) if keys == [key] else self._together(step, keys)
        return self._judged[key]

    def all(self) -> list[Judgement]:
        """Every step of the case, in the order of the procedure; a per-item step once for each item."""
        return [self.judge(step.name) for step in self.file.steps]

    def _judge(self, step: Step) -> Judgement:
        run = self.file.run(step.name)
        if run is not None and (run.state == "done" or (run.state == "skipped" and not self._applies_now(step))):
            return Judgement(step, run.state)
        closed = self._closed(step)
        if closed:
            return Judgement(step, "closed", why_not=closed)
        if not self.holds(step.when) or (step.repeat and self.holds(step.repeat.until)):
            return Judgement(step, "skipped")
        waits = self._waiting(step) if step.opens else []  # in a later round it counts from the newer moment
        if waits:
            return Judgement(step, "closed", why_not=waits)
        return Judgement(step, "open", missing=self.missing(step), automatic=_has_parts(step))

    def _applies_now(self, step: Step) -> bool:
        """Whether a step that was skipped is asked for after all: an answer was corrected, or a class was raised."""
        return step.when is not None and step.repeat is None and self.holds(step.when)

    def _together(self, step: Step, keys: list[str]) -> Judgement:
        """A per-item step as a whole: done when each of its items is."""
        parts = [self.judge(key) for key in keys]
        if parts and all(part.status in ("done", "skipped") for part in parts):
            return Judgement(step, "done" if any(part.status == "done" for part in parts) else "skipped")
        closed = self._closed(step)
        if not keys and all(reason.kind == "expired" for reason in closed):  # what has run out hinders nobody who is not there
            return self._without_items(step)
        if closed:
            return Judgement(step, "closed", why_not=closed)
        opened = [part for part in parts if part.status == "open"]
        if not opened:
            return Judgement(step, "closed", why_not=[reason for part in parts for reason in part.why_not])
        return Judgement(step, "open", missing=[reason for part in opened for reason in part.missing])

    def _without_items(self, step: Step) -> Judgement:
        party = self.file.bundle.procedure.party(step.each or "")
        if party.optional or not self.holds(step.when):
            return Judgement(step, "skipped")
        said = self._tr(f"先登记{self.file.desk.say(party.title)}", f"First register: {self.file.desk.say(party.title)}")
        return Judgement(step, "closed", why_not=[Reason("item", said, party.name, step.name, step.source)])

    def _closed(self, step: Step) -> list[Reason]:
        """What keeps the step closed: steps before it, something that has expired, a sub-case that lets it rest."""
        found = [Reason("requires", self._first(need), need, step.name, step.source) for need in self._unmet(step)]
        if self.file.bundle.procedure.timed:
            found += [reason for need in step.requires if (reason := self._expired(step, need))]
        if self.file.bundle.procedure.children:
            found += [Reason("suspended", self._tr(f"因 {child.number} 暂停，办结后恢复", f"Rests until {child.number} has ended"),
                             child.id, step.name, step.source)
                      for child in suspending(self.file, step.name.partition("@")[0])]
        return found

    def _expired(self, step: Step, need: str) -> Reason | None:
        until = self._good_until(need)
        if until is None or until > self.file.desk.now:
            return None
        day = self._day(until - timedelta(seconds=1))
        title = self._title(need)
        said = self._tr(f"“{title}”的有效期到 {day} 为止，请先续办", f"“{title}” was good until {day}; renew it first")
        return Reason("expired", said, need, step.name, self.file.step(need).source)

    def _good_until(self, need: str) -> datetime | None:
        """Until when what the step gave is good, of several items the first that runs out; a new round has given nothing yet."""
        runs = [self.file.run(key) for key in self.file.keys(self.file.bundle.procedure.step(need))]
        return min((run.valid_until for run in runs if run and run.state == "done" and run.valid_until), default=None)

    def _waiting(self, step: Step) -> list[Reason]:
        until = waits_until(self.file, step)
        now = self.file.case.suspended_at or self.file.desk.now  # it rests while the case does
        if until is None or until <= now or overridden(self.file, step):
            return []
        day = self._day(until)
        said = self._tr(f"“{self._title(step.name)}”到 {day} 才能办", f"“{self._title(step.name)}” opens on {day}")
        return [Reason("wait", said, step.name, step.name, step.opens.source or step.source if step.opens else step.source)]

    def _day(self, at: datetime) -> str:
        local = self.file.desk.office.calendar(self.file.case.estate).local(at)
        return f"{local:%Y-%m-%d}" if (local.hour, local.minute) in ((0, 0), (23, 59)) else f"{local:%Y-%m-%d %H:%M}"

    def _unmet(self, step: Step) -> list[str]:
        """What must be done first; a step that opened again far behind holds up everything that builds on it."""
        if step.name not in self._waits:
            found: dict[str, None] = {}
            for need in step.requires:
                done = self.judge(need).status in ("done", "skipped")
                found |= dict.fromkeys(self._unmet(self.file.step(need)) if done else [need])
            self._waits[step.name] = list(found)
        return self._waits[step.name]

    def _tr(self, zh: str, en: str) -> str:
        return self.file.desk.tr(zh, en)

    def _first(self, step: str) -> str:
        return self._tr(f"先办完“{self._title(step)}”", f"First finish “{self._title(step)}”")

    def _lacking(self, paper: RequiredDocument) -> str:
        title = self.file.desk.say(paper.title)
        many = self._tr(f"（{paper.count} 份）", f" ({paper.count} pieces)") if paper.count > 1 else ""
        return self._tr(f"缺少“{title}”{many}", f"“{title}” is missing{many}")

    def _title(self, step: str) -> str:
        return self.file.desk.say(self.file.step(step).title)

    def missing(self, step: Step) -> list[Reason]:
        """What the step still needs, whether it is open or was done before."""
        reasons = [*self._missing_form(step), *self.missing_papers(step), *self._missing_checks(step),
                   *self._missing_fees(step), *self._missing_documents(step), *missing_settlement(self.file, step)]
        if not overridden(self.file, step):
            reasons += missing_facts(self.file, step) if step.needs_fact else []
            if step.until and not self.holds(step.until, step):
                reasons.append(Reason("until", self._until_words(step), step.name, step.name, step.source))
        reasons += missing_approvals(self.file, step) if step.approvals or step.outcomes or step.due else []
        run = self.file.run(step.name)
        if step.outcomes and not step.approvals and not (run and run.outcome) and not reasons:
            title = self._title(step.name)
            said = self._tr(f"请为“{title}”选定结果", f"Choose the outcome of “{title}”")
            reasons.append(Reason("outcome", said, step.name, step.name, step.source))
        return reasons

    def _until_words(self, step: Step) -> str:
        if step.until_message:
            return self.file.desk.say(step.until_message)
        if step.checklist and "open_items" in (step.until or ""):
            left = checklist_sums(self, step)["open_items"]
            return self._tr(f"还有 {left} 项待整改或未检查", f"{left} items still to check or to put right")
        return self._tr(f"条件尚未满足：{step.until}", f"Not yet: {step.until}")

    # ------------------------------------------------------------ parts of a step

    def _missing_form(self, step: Step) -> list[Reason]:
        if step.form is None or self.file.filed(step.name):
            return []
        form = self.file.bundle.form(step.form)
        title = self.file.desk.say(form.title)
        said = self._tr(f"填写《{title}》", f"Fill in “{title}”")
        return [Reason("form", said, step.name, form.name, form.source or step.source)]

    def papers(self, step: Step) -> list[RequiredDocument]:
        """The required documents that apply to this case, in their order."""
        if step.required_documents is None:
            return []
        if step.name not in self._papers:
            self._papers[step.name] = self._applying_papers(step, step.required_documents)
        return self._papers[step.name]

    def _applying_papers(self, step: Step, papers: str) -> list[RequiredDocument]:
        declared = [*self.file.bundle.papers(papers).items, *self._authority_papers(step)]
        names = {paper.name for paper in declared}
        added = hooks_of(self.file).required_documents(case=HookCase(self.file), step=step.name)
        return [paper for paper in (*declared, *(one for one in added if one.name not in names)) if self.holds(paper.when)]

    def _authority_papers(self, step: Step) -> list[RequiredDocument]:
        """What those who act for somebody else must show, at the first step that asks for papers."""
        procedure = self.file.bundle.procedure
        if step.name != next(one.name for one in procedure.steps if one.required_documents):
            return []
        sets = [party.authority for party in procedure.parties if party.authority and self.file.people.get(party.name)]
        return [paper for name in sets for paper in self.file.bundle.papers(name).items]

    def missing_papers(self, step: Step) -> list[Reason]:
        """A reason per required document that is neither there nor waived nor replaced by an alternative."""
        papers = self.papers(step)
        there = {paper.name for paper in papers if self.is_there(step, paper)}
        return [Reason("paper", self._lacking(paper), step.name, paper.name, paper.source)
                for paper in papers
                if paper.name not in there and not paper.optional and not there & set(paper.alternatives)]

    def is_there(self, step: Step, paper: RequiredDocument) -> bool:
        """Whether everything that the paper asks for was seen or kept, or it was waived."""
        mark = self.file.mark(step.name, paper.name)
        if mark is None:
            return False
        if mark.waived:
            return True
        complete = set(paper.evidence) <= set(mark.evidence.get("marks", ()))
        return complete and mark.evidence.get("count", 1) >= paper.count and (not paper.upload or bool(mark.blob))

    def _missing_checks(self, step: Step) -> list[Reason]:
        if step.checklist is None:
            return []
        left = checklist_sums(self, step)
        unseen = left["total"] - left["checked"]
        if not unseen:
            return []
        said = self._tr(f"还有 {unseen} 项未检查", f"{unseen} items not yet checked")
        return [Reason("checklist", said, step.name, step.checklist, step.source)]

    def checklist_items(self, step: Step) -> tuple[Checklist, list[ChecklistItem]]:
        """The checklist of a step and those of its items that apply to this case."""
        if step.name not in self._items:
            self._items[step.name] = self._applying_items(self.file.bundle.checklist(step.checklist or ""))
        return self._items[step.name]

    def _applying_items(self, checklist: Checklist) -> tuple[Checklist, list[ChecklistItem]]:
        names = {item.name for item in checklist.items}
        added = hooks_of(self.file).checklist_items(case=HookCase(self.file), checklist=checklist.name)
        return checklist, [item for item in (*checklist.items, *(one for one in added if one.name not in names))
                           if self.holds(item.when)]

    def _missing_fees(self, step: Step) -> list[Reason]:
        if step.fees is None:
            return []
        totals = self.file.sums()
        due = sum(totals.charges[row.id].open for row in self.file.charges if row.stage == step.fees)
        said = self._tr(f"尚欠 {show(due)} 元", f"CNY {show(due)} still due")
        return [Reason("fee", said, step.name, step.fees, step.source)] if due else []

    def documents(self, step: Step) -> list[DocumentRule]:
        """The documents this step issues in this case, in their order."""
        if step.name not in self._documents:
            self._documents[step.name] = self._chosen_documents(step)
        return self._documents[step.name]

    def _chosen_documents(self, step: Step) -> list[DocumentRule]:
        rules = [self.file.bundle.document(name) for name in step.documents]
        offered = {rule.name: rule for rule in rules if self.holds(rule.when, step)}
        chosen = hooks_of(self.file).choose_documents(case=HookCase(self.file), step=step.name, documents=tuple(offered))
        if chosen is None:
            return list(offered.values())
        if not set(chosen) <= offered.keys():
            raise PluginError(f"“{step.name}”没有文书 {sorted(set(chosen) - offered.keys())}", number=1014)
        return [offered[name] for name in chosen]

    def _missing_documents(self, step: Step) -> list[Reason]:
        reasons: list[Reason] = []
        for rule in self.documents(step):
            issued = self.in_round(step, rule)
            title = self.file.desk.say(rule.title)
            if not issued and not rule.optional:
                said = self._tr(f"出具《{title}》", f"Issue “{title}”")
                reasons.append(Reason("document", said, step.name, rule.name, rule.source or step.source))
            unsigned = self._tr(f"《{title}》尚未签署完", f"“{title}” is not fully signed yet")
            reasons += [Reason("signature", unsigned, step.name, row.id, rule.source or step.source)
                        for row in issued if not row.signed]
        return reasons

    def in_round(self, step: Step, rule: DocumentRule) -> list[Document]:
        """What was issued of `rule` in the step's present round and stands."""
        current = self.file.round(step.name)
        return [row for row in self.file.issued(rule.name, step.name) if row.round == current]

    def not_issuable(self, step: Step, rule: DocumentRule) -> list[Reason]:
        """Why the document cannot be issued yet: its step is closed, or what it prints is not there."""
        self._require_item(step)
        judged = self.judge(step.name)
        if judged.status in ("closed", "skipped"):
            said = self._tr("此步骤不适用于本件", "This step does not apply here")
            return judged.why_not or [Reason("when", said, step.name, rule.name, step.source)]
        return [*self._missing_form(step), *self.missing_papers(step), *self._missing_checks(step)]

    def require_open(self, step: Step, act: str) -> None:
        """GateClosed with every reason unless the step is open or done; NotFound for a per-item step as a whole."""
        self._require_item(step)
        judged = self.judge(step.name)
        if judged.status == "closed":
            title = self._title(step.name)
            said = self._tr(f"“{title}”还没有开放，不能{act}", f"“{title}” is not open yet")
            raise GateClosed(said, judged.why_not, number=2202)
        if judged.status == "skipped":
            title = self._title(step.name)
            raise GateClosed(self._tr(f"“{title}”不适用于本件", f"“{title}” does not apply here"), number=2203)

    def _require_item(self, step: Step) -> None:
        """Nothing is done for a per-item step as a whole: what was done would belong to nobody."""
        keys = [step.name] if "@" in step.name else self.file.keys(step)
        if keys and keys != [step.name]:
            title = self._title(step.name)
            raise NotFound(self._tr(f"“{title}”逐项办理，请选择其中一项：{'、'.join(keys)}",
                                    f"“{title}” is done item by item; choose one: {', '.join(keys)}"))


def signing_of(step: Step, rule: DocumentRule) -> Signing:
    """Who signs the document: as it says itself, else as its step says."""
    own = rule.sign
    return own if own.parties or own.roles or step.sign is None else step.sign


def checklist_sums(gates: Gates, step: Step) -> dict[str, int]:
    """Items in all, looked at, failed, open (failed or not yet looked at), and how many rounds there were."""
    checklist, items = gates.checklist_items(step)
    results = gates.file.results(step.name)
    seen = [results[item.name].result for item in items if item.name in results]
    failed = sum(result in checklist.failed for result in seen)
    rounds = max((row.round for row in gates.file.checks if row.step == step.name), default=0)
    return {"total": len(items), "checked": len(seen), "failed": failed, "rounds": rounds,
            "open_items": len(items) - len(seen) + failed}


def _has_parts(step: Step) -> bool:
    return bool(step.form or step.required_documents or step.checklist or step.fees or step.documents or step.outcomes
                or step.approvals or step.needs_fact or step.settle)
