"""报修 as data and as it runs: the limits, copies and price list of the sources, the correction on the spot, the month."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from core.cases.building import system_actor
from core.cases.casefile import CaseFile, open_file
from core.cases.definitions import load_definitions
from core.cases.desk import Desk
from core.cases.issuing import unpacked
from core.domain.bundle import Bundle
from core.domain.documents import Document as DocumentRule
from core.domain.timing import Due
from core.settings import Settings
from core.store.models import Document
from core.store.session import unit_of_work
from core.walkthroughs.longest import longest
from core.walkthroughs.player import Player
from core.walkthroughs.script import read_script
from core.walkthroughs.stage import furnish, stage
from document_templates.build import build
from plugins import repairs as plugin
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
ESTATE = "jade_garden"
START = datetime.fromisoformat("2026-03-01T09:00:00+08:00")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.load(data_dir=remembering(tmp_path_factory.mktemp("installation")), secret="s" * 40)


@pytest.fixture(scope="module")
def bundles(settings: Settings) -> dict[str, Bundle]:
    library = load_definitions(settings)[1]
    return {name: library.bundle(ESTATE, name) for name in ("repairs", "repair_settlement")}


@pytest.fixture(scope="module")
def bundle(bundles: dict[str, Bundle]) -> Bundle:
    return bundles["repairs"]


@dataclass(frozen=True)
class Played:
    """A case after its walkthrough."""

    desk: Desk
    file: CaseFile
    script: str

    def printed(self) -> dict[str, dict[str, Any]]:
        """What each of its documents prints."""
        rows = self.desk.session.scalars(select(Document).where(Document.case_id == self.file.case.id))
        return {row.name: unpacked(self.desk, row) for row in rows}


@contextmanager
def played(settings: Settings, procedure: str, name: str) -> Iterator[Played]:
    script = read_script(ROOT / "form_definitions" / procedure / "walkthroughs" / f"{name}.yaml")
    with stage(settings, START) as office:
        furnish(office, ESTATE, {script.said.unit} - {None, ""})
        player = Player(office, ESTATE, script, office.clock)  # type: ignore[arg-type]
        player.play()
        with unit_of_work(office.sessions) as session:
            desk = office.desk(session, system_actor(office))
            yield Played(desk, open_file(desk, player.case_id), script.name)


def limits(bundle: Bundle, step: str) -> list[tuple[str, int | str | None, str | None]]:
    """(unit, how many, from when or before when) of each deadline of a step."""
    return [(*_length(due), due.before or due.after) for due in bundle.procedure.step(step).due]


def _length(due: Due) -> tuple[str, int | str | None]:
    if due.end_of:
        return "end_of", due.end_of
    (unit,) = due.units
    return unit, getattr(due, unit)


# ---------------------------------------------------------------- the figures of the sources


def test_the_limits_of_the_sources(bundle: Bundle):
    assert limits(bundle, "intake") == [("minutes", 5, "case.opened")]  # SLA16
    assert ("minutes", 5, "intake.done") in limits(bundle, "accept")  # SLA16
    assert limits(bundle, "assess") == [("minutes", 15, "accept.done")]  # SLA15
    assert limits(bundle, "arrive")[:4] == [("minutes", 15, "accept.done"), ("minutes", 15, "assess.done"),  # SLA13
                                            ("minutes", 5, "intake.appointed"), ("minutes", 10, "accept.done")]  # SLA14, SLA16
    assert bundle.procedure.step("arrive").due[2].before == "intake.appointed"
    assert limits(bundle, "work")[:2] == [("hours", 24, "case.opened"), ("hours", 24, "intake.appointed")]  # SLA17
    assert limits(bundle, "settle") == [("end_of", "month", "work.done"), ("days", 1, "work.done")]  # SLA19
    assert limits(bundle, "visit") == [("days", 3, "work.done")]  # SLA18
    opens = bundle.procedure.step("visit").opens
    assert opens is not None and (opens.days, opens.after) == (1, "work.done")


def test_every_deadline_says_its_source_and_whom_it_tells(bundles: dict[str, Bundle]):
    dues = [due for one in bundles.values() for step in one.procedure.steps for due in step.due]
    assert len(dues) == 16
    assert all(due.source and due.overdue.notify for due in dues)


def copies(document: DocumentRule) -> list[str]:
    return [copy.name for copy in document.copies]


def test_the_ways_of_the_three_copies(bundle: Bundle):
    assert copies(bundle.document("work_order")) == ["finance", "engineering", "customer"]  # C24, household
    assert copies(bundle.document("public_work_order"))[:2] == ["service", "engineering"]  # C24, common
    orders = [one for one in bundle.documents if one.series == "work_order"]
    assert len(orders) == 4 and all(len(one.copies) == 3 for one in orders)  # N05


def test_who_signs_an_order(bundle: Bundle):
    sign = bundle.document("work_order").sign
    assert (sign.parties, sign.roles, sign.order) == (("customer",), ("engineering", "engineering_head"), "listed")
    assert bundle.document("returned_order").sign.roles == ("engineering", "engineering_head")


def test_results_of_a_material_test(bundle: Bundle):
    column = next(one for one in bundle.form("work").field("own_materials").columns if one.name == "result")
    assert [choice.title.zh for choice in column.choices] == ["合格", "不合格", "质量不佳"]  # CLS05


def test_the_points_of_a_visit(bundle: Bundle):
    items = bundle.checklist("on_site").items
    assert len([item for item in items if "CL16" in item.source]) == 8
    assert [item.name for item in items if "L656" in item.source] == ["uniform"]


def test_no_price_comes_from_a_source(bundle: Bundle):
    items = bundle.price_list("services").items
    assert len(items) >= 20 and all(item.sample and item.group and item.title.en for item in items)


def test_everything_has_a_source_and_both_languages(bundles: dict[str, Bundle]):
    for bundle in bundles.values():
        procedure = bundle.procedure
        named = [*procedure.steps, *procedure.parties, *bundle.fees, *bundle.checklists, *bundle.price_lists]
        assert all(one.source and one.title.zh and one.title.en for one in named)
        assert all(form.source and form.title.en for form in bundle.forms)
        issued = {name for step in procedure.steps for name in step.documents}
        assert all(bundle.document(name).source for name in issued)


def test_the_forms_of_the_domain_are_there(bundles: dict[str, Bundle]):
    said = " ".join(one.source for bundle in bundles.values() for one in
                    (*bundle.documents, *bundle.procedure.steps, *bundle.price_lists, *bundle.forms))
    assert [number for number in range(81, 86) if f"F{number}" not in said] == []
    assert "F87" in said and "F88" in said


def test_the_month_is_audited_approved_and_charged_in_that_order(bundles: dict[str, Bundle]):
    procedure = bundles["repair_settlement"].procedure
    assert procedure.subject == ("estate",)
    assert [step.name for step in procedure.steps] == ["collect", "statistics", "audit", "approve", "sheets", "charge"]
    assert limits(bundles["repair_settlement"], "collect") == [("end_of", "month", "case.opened")]  # SLA20
    for name, role in (("audit", "service_head"), ("approve", "manager")):
        approvals = procedure.step(name).approvals
        assert approvals is not None and approvals.by == (role,)
    for name in ("paid_services", "public_costs"):
        assert bundles["repair_settlement"].document(name).template.endswith(".docx")
    assert procedure.step("charge").role == ("finance",)


@pytest.mark.parametrize("procedure", ["repairs", "repair_settlement"])
def test_the_committed_templates_are_what_the_builder_makes(procedure: str, tmp_path: Path):
    made = build(procedure, tmp_path)
    folder = ROOT / "document_templates" / procedure
    assert {path.name for path in made} == {path.name for path in folder.glob("*.docx")}
    assert [path.name for path in made if path.read_bytes() != (folder / path.name).read_bytes()] == []


# ---------------------------------------------------------------- as it runs


def test_the_arrival_corrects_the_report_and_both_stay(settings: Settings):
    with played(settings, "repairs", "household") as case:
        assert [row["service"] for row in case.file.values("intake")["items"]] == ["tap"]
        assert [row["service"] for row in case.file.effective("intake")["items"]] == ["tap", "angle_valve"]
        charges = {row.fee: row for row in case.file.charges}
        assert {name: row.amount for name, row in charges.items()} == {"services": 6000, "materials": 1850}
        assert [row["title"]["zh"] for row in charges["services"].explanation["rows"]] == ["更换水龙头", "更换角阀"]
        assert [line["value"]["zh"] for line in charges["services"].explanation["lines"] if line["name"] == "row"] == [
            "30.00 元/个 × 1 = 30.00 元", "30.00 元/个 × 1 = 30.00 元"]


def test_the_order_prints_each_row_of_a_fee(settings: Settings):
    with played(settings, "repairs", "household") as case:
        order = case.printed()["work_order"]
    services = next(fee for fee in order["fees"] if fee["title"] == "维修服务费")
    assert [(row["title"], row["unit"], row["unit_price"], row["quantity"], row["amount"]) for row in services["rows"]] == [
        ("更换水龙头", "个", "30.00", "1", "30.00"), ("更换角阀", "个", "30.00", "1", "30.00")]
    assert order["fees_total"] == {"amount": "78.50", "capitals": "柒拾捌元伍角整"}


def test_the_price_list_is_printed_with_what_is_expected(settings: Settings):
    with played(settings, "repairs", "household") as case:
        shown = case.printed()["price_list"]
    assert shown["price_lists"]["services"]["items"][0]["price"] == "30.00"
    assert shown["fees_total"]["amount"] == "30.00"  # before the correction on the spot


def test_a_second_repair_is_a_round_of_its_own(settings: Settings):
    with played(settings, "repairs", "warranty_rework") as case:
        rounds = {step: [run.round for run in case.file.runs if run.step == step] for step in ("arrive", "judge", "work", "visit")}
        assert rounds == {"arrive": [1, 2], "judge": [1, 2], "work": [1, 2], "visit": [1, 2]}
        assert case.file.charges == []
        assert [run.outcome for run in case.file.runs if run.step == "visit"] == ["dissatisfied", "satisfied"]


def test_a_returned_order_ends_the_case_with_two_signatures(settings: Settings):
    with played(settings, "repairs", "refused") as case:
        assert case.file.case.state == "returned"
        (order,) = case.file.issued("returned_order")
        assert order.signed and [row.signer for row in order.signatures] == ["engineering", "engineering_head"]


def test_the_sums_of_a_month(settings: Settings):
    with played(settings, "repair_settlement", "month") as case:
        printed = case.printed()
    assert printed["paid_services"]["extra"] | {} == {**printed["paid_services"]["extra"], "paid_total": "172.50",
                                                      "paid_received": "94.00", "paid_open": "78.50"}
    assert printed["public_costs"]["extra"]["public_total"] == "1,270.00"
    assert printed["repair_statistics"]["extra"]["rated"] == "98.9%"
    assert printed["repair_statistics"]["extra"]["overall"] == "99.2%"


@pytest.mark.parametrize(("procedure", "name"), [("repairs", "household"), ("repairs", "warranty_rework"), ("repairs", "public"),
                                                 ("repairs", "refused"), ("repair_settlement", "month")])
def test_the_longest_case_has_the_names_of_real_ones(settings: Settings, bundles: dict[str, Bundle], procedure: str, name: str):
    library = load_definitions(settings)[1]
    with played(settings, procedure, name) as case:
        for document, context in case.printed().items():
            declared = longest(bundles[procedure], library.estate(ESTATE), bundles[procedure].document(document))
            assert [path for path in _unknown(context, declared) if not path.startswith(".extra")] == []


def _unknown(real: Any, declared: Any, path: str = "") -> Iterator[str]:
    """Paths of a frozen context that the longest case does not have."""
    if isinstance(real, dict) and not {"$image", "$qr"} & real.keys():
        for name, value in real.items():
            if not isinstance(declared, dict) or name not in declared:
                yield f"{path}.{name}"
            else:
                yield from _unknown(value, declared[name], f"{path}.{name}")
    elif isinstance(real, list):
        for value in real:
            yield from _unknown(value, declared[0] if declared else None, f"{path}[]")


# ---------------------------------------------------------------- the rate of KPI04


def statistics(*rows: tuple[str, int, int], reason: str = "") -> dict[str, Any]:
    return {"trades": [{"trade": trade, "reported": reported, "handled": handled} for trade, reported, handled in rows],
            "reason": reason}


@pytest.mark.parametrize(("values", "refused"), [
    (statistics(("water", 100, 98)), False),
    (statistics(("water", 100, 97)), True),
    (statistics(("water", 100, 97), reason="两件待配件"), False),
    (statistics(("water", 60, 60), ("civil", 40, 38), ("heating", 0, 0)), False),
    (statistics(("electricity", 100, 50)), False),  # not one of the rated trades
    (statistics(("water", 0, 0)), False),
])
def test_a_low_rate_needs_its_reason(values: dict[str, Any], refused: bool):
    case: Any = SimpleNamespace(procedure="repair_settlement")  # the hook looks at nothing else of it
    problems = plugin.validate_submission(case, "statistics", values)
    assert [problem.field for problem in problems] == (["reason"] if refused else [])
