"""A thousand estates with twenty overrides each: reading them all, reading again, and what they weigh."""

from __future__ import annotations

import gc
import tempfile
import time
import tracemalloc
from pathlib import Path
from shutil import copytree
from statistics import median

from bench.figures import ROUNDS, Figure
from core.definitions.library import Library
from core.definitions.reader import read_bytes
from core.domain.sources import ProcedureSource
from core.loader import Plugins, load_plugins

ROOT = Path(__file__).resolve().parents[1]
ESTATES = 1000

FIGURES = {
    "estates_cold_s": Figure(f"{ESTATES} estates with 20 overrides each, read and resolved", "s", most=6),
    "estates_base_changed_s": Figure("all again after one changed base file", "s", most=1),
    "estates_unchanged_s": Figure("all again, nothing changed", "s", most=0.5),
    "estates_kb": Figure("memory for each estate", "KB", most=200),
    "estates_one_of_many": Figure("one of them alone, beside one where there is no other", "times", most=1.5),
}

FEES = """fees:
  - {{name: fit_out_deposit, amounts: {{walk_up: "{low}", elevator: "{high}"}}}}
  - {{name: property_fee, rate: "{rate}", months: {months}}}
  - {{name: debris_fee, title: {{zh: 清运费（{name}）, en: Debris}}}}
"""
PAPERS = """required_documents:
  - name: owner
    items:
      - {{name: notice, help: {{zh: {name} 的入住通知书, en: Notice}}}}
      - {{name: contract, count: {count}}}
      - {{name: photo, title: {{zh: 一寸照片, en: Photo}}, evidence: photo_kept, count: 2}}
  - name: agent
    items:
      - {{name: authorisation, help: {{zh: {name} 的授权委托书, en: Authorisation}}}}
"""
TEXTS = """texts:
  - {{name: covenant_aim, text: {{zh: "{name} 管理规约。", en: Covenant}}}}
  - {{name: service_late, text: {{zh: "逾期满 {at} 日的。", en: Late}}}}
  - {{name: fire_duty, text: {{zh: "{name} 消防责任。", en: Fire}}}}
"""
REPAIRS = """procedure: repairs
title: {{zh: 报修（{name}）, en: Repairs}}
steps:
  - {{name: visit, title: {{zh: 回访（{name}）, en: Return visit}}}}
"""


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """All of `FIGURES`."""
    with tempfile.TemporaryDirectory() as folder:
        return _measured(Path(folder), max(3, rounds // 2))


def _measured(folder: Path, rounds: int) -> dict[str, float]:
    plugins = load_plugins()
    sources = [ProcedureSource(one.name, Path(copytree(one.definitions, folder / "base" / one.name)), one.templates, one.version)
               for one in plugins.sources]
    one, many = folder / "one", folder / "many"
    write_estates(one, 1)
    write_estates(many, ESTATES)
    changed = next(source.definitions for source in sources if source.name == "move_in") / "fee_schedule.yaml"
    found: dict[str, list[float]] = {name: [] for name in FIGURES}
    for _ in range(rounds):
        library, cold = _timed(plugins, sources, many)
        found["estates_cold_s"].append(cold)
        changed.write_text(changed.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        again, after = _timed(plugins, sources, many, before=library)
        found["estates_base_changed_s"].append(after)
        found["estates_unchanged_s"].append(_timed(plugins, sources, many, before=again)[1])
        alone = _timed(plugins, sources, one, only=("estate_0",))[1]
        found["estates_one_of_many"].append(_timed(plugins, sources, many, only=("estate_0",))[1] / alone)
    found["estates_kb"] = [_weight(plugins, sources, one, many)]
    return {name: round(median(values), 3) for name, values in found.items()}


def _timed(plugins: Plugins, sources: list[ProcedureSource], estates: Path, before: Library | None = None,
           only: tuple[str, ...] = ()) -> tuple[Library, float]:
    if before is None:
        read_bytes.cache_clear()
    gc.collect()
    began = time.perf_counter()
    library = Library.load(sources, estates, field_types=[kind.name for kind in plugins.field_types], before=before, only=only,
                           checked=False)
    return library, time.perf_counter() - began


def _weight(plugins: Plugins, sources: list[ProcedureSource], one: Path, many: Path) -> float:
    """KB that each further estate costs."""
    weights: list[float] = []
    for estates in (one, many):
        read_bytes.cache_clear()
        gc.collect()
        tracemalloc.start()
        library, _ = _timed(plugins, sources, estates)
        read_bytes.cache_clear()
        gc.collect()
        weights.append(tracemalloc.get_traced_memory()[0] / 1024)
        tracemalloc.stop()
        del library
    return (weights[1] - weights[0]) / (ESTATES - 1)


def write_estates(folder: Path, count: int) -> None:
    """That many estates of one company, each with twenty overrides of its own."""
    company = folder / "company"
    company.mkdir(parents=True)
    (company / "company.yaml").write_text("company: company\ntitle: 测试物业\n", encoding="utf-8")
    for at in range(count):
        estate = company / f"estate_{at}"
        home = estate / "form_definitions" / "move_in"
        home.mkdir(parents=True)
        name = f"第 {at} 小区"
        estate.joinpath("form_definitions", "repairs").mkdir()
        texts = {
            estate / "estate.yaml": f"estate: estate_{at}\ntitle: {name}\ncode: E{at}\nsettings: {{deposit_collect_stage: move_in}}\n",
            home / "fee_schedule.yaml": FEES.format(low=500 + at, high=1000 + at, rate=f"{2 + at / 1000:.3f}", months=at % 12 + 1,
                                                    name=name),
            home / "required_documents.yaml": PAPERS.format(name=name, count=at % 3 + 1),
            home / "texts.yaml": TEXTS.format(name=name, at=at),
            estate / "form_definitions" / "repairs" / "procedure.yaml": REPAIRS.format(name=name),
        }
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
