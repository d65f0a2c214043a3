"""Random pairs of small procedures: a case that ran by the first and is brought to the second stands where a new case stands that
ran by the second with the same inputs, where they fit; and it can go on to its end."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, note, settings

from core.cases import filling, migrating
from core.errors import InvalidInput
from tests.language_kit import Office, office, procedures

LARGE = os.environ.get("SHOUXU_FAULTS") == "large"
EXAMPLES = 300 if LARGE else 20
NAMES = ("a", "b", "c", "d")
LAST = "z"
"""A step that stays open until the end, so that no case ends before it is brought over."""
ENOUGH = {"n": 9, "m": 1}
FORMS = (None, {"least": 0, "m": False}, {"least": 3, "m": False}, {"least": 0, "m": True})
Said = dict[str, dict[str, Any]]
"""By step what is said of it: `requires`, `when` (a step whose `n` must be above 1), `form`, and `was`."""


def drawn(draw: Random) -> Said:
    """A few steps in some order; each has a form or only somebody's word, waits for earlier ones, and may have a condition."""
    said: Said = {}
    for name in draw.sample(NAMES, draw.randint(2, 4)):
        requires = draw.sample(sorted(said), min(len(said), draw.choice((0, 1, 1, 2))))
        conditions = [one for one in requires if said[one]["form"] and said[one]["when"] is None]
        when = draw.choice(conditions) if conditions and draw.random() < 0.4 else None
        said[name] = {"requires": requires, "when": when, "form": draw.choice(FORMS), "was": None}
    said[LAST] = {"requires": [], "when": None, "form": None, "was": None}
    return said


def renamed(draw: Random, after: Said, before: Said) -> Said:
    """Perhaps one of the steps that is in both has another name in the second, and says so."""
    both = [name for name in NAMES if name in after and name in before]
    if not both or draw.random() < 0.6:
        return after
    old = draw.choice(both)
    new = f"{old}_new"

    def called(name: str | None) -> str | None:
        return new if name == old else name

    return {str(called(name)): {**one, "requires": [called(need) for need in one["requires"]], "when": called(one["when"]),
                                "was": old if name == old else None} for name, one in after.items()}


def written(said: Said) -> dict[str, str]:
    """The files of a drawn procedure."""
    files, lines = {}, []
    for name, one in said.items():
        more = f", requires: [{', '.join(one['requires'])}]" if one["requires"] else ""
        more += f", when: \"{one['when']}.n > 1\"" if one["when"] else ""
        more += f", was: {one['was']}" if one["was"] else ""
        if one["form"]:
            more += f", form: {name}_form"
            second = "  - {name: m, title: m, type: integer, required: true}\n" if one["form"]["m"] else ""
            files[f"forms/{name}_form.yaml"] = (f"form: {name}_form\ntitle: {name}\nfields:\n  - {{name: n, title: n, type: integer, "
                                                f"required: true, min: {one['form']['least']}}}\n{second}")
        lines.append(f"  - {{name: {name}, title: {name}{more}}}\n")
    return {"procedure.yaml": "one_open_per_unit: false\nsteps:\n" + "".join(lines), **files}


def fields(said: Said, step: str) -> set[str]:
    form = said[step]["form"]
    return {"n", *(("m",) if form["m"] else ())}


def play(house: Office, case: str, said: Said, filed: Mapping[str, Mapping[str, int]], done: set[str]) -> None:
    """Do everything that these inputs allow: `filed` forms by step, and `done` steps that need only a word."""
    tried: set[str] = set()
    while True:
        view = house.view(case, "elm")
        ready = [step for step in view.steps if step.status == "open" and step.name not in tried and view.state == "open"
                 and (step.name in filed and not step.submitted if said[step.name]["form"] else step.name in done)]
        if not ready:
            return
        name = ready[0].name
        tried.add(name)
        if said[name]["form"] is None:
            house.done(case, name)
            continue
        try:
            house.act("elm", filling.submit, case, name, {key: value for key, value in filed[name].items() if key in fields(said, name)})
        except InvalidInput:
            continue


def stands(house: Office, case: str) -> tuple[str, dict[str, list[tuple[str, str]]]]:
    """The state of the case, and what each open step still needs."""
    view = house.view(case, "elm")
    return view.state, {step.name: [(reason.kind, reason.message) for reason in step.missing]
                        for step in view.steps if step.status == "open"}


def test_a_migrated_case_stands_where_a_new_one_does(tmp_path: Path, sqlite_url: str) -> None:
    house = office(tmp_path, sqlite_url, {"job": "steps: [{name: a, title: a}]"})
    seen: Counter[str] = Counter()

    def library(said: Said) -> None:
        seen["libraries"] += 1
        folder = tmp_path / f"run{seen['libraries']}"
        folder.mkdir()
        house.office.library = procedures(folder, {"job": written(said)})

    @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**40))
    def agrees(seed: int) -> None:
        draw = Random(seed)
        before = drawn(draw)
        after = renamed(draw, drawn(draw), before)
        values = {name: {"n": draw.randint(0, 5)} | ({"m": 1} if draw.random() < 0.5 else {}) for name in NAMES if draw.random() < 0.8}
        word = {name for name in NAMES if draw.random() < 0.8}
        note(f"{written(before)}\n{written(after)}\n{values} {word}")
        library(before)
        old = house.open("job")
        play(house, old, before, values, word)
        now = {one["was"]: name for name, one in after.items() if one["was"]}
        inputs = {now.get(step.name, step.name): {
            key: value for key, value in values[step.name].items() if key in fields(before, step.name)}
                  for step in house.view(old, "elm").steps if step.submitted}
        done = {now.get(name, name) for name, status in house.statuses(old).items() if status == "done"}
        library(after)
        with house.reading("elm") as desk:
            said = migrating.preview(desk, old)
        if not said.same:
            assert not said.blockers
            house.act("elm", migrating.migrate, old, "because")
            assert {step.step: step.after for step in said.steps if step.after} == house.statuses(old)
            seen.update(["migrated", *(f"{row.how}" for row in said.reopened), *(["renamed"] if now else [])])
        new = house.open("job")
        play(house, new, after, inputs, done)
        assert stands(house, old) == stands(house, new)
        everything = dict.fromkeys(after, ENOUGH)
        for case in (old, new):
            play(house, case, after, everything, set(after))
            assert house.view(case, "elm").state == "completed"

    agrees()
    house.office.sessions.kw["bind"].dispose()
    assert seen["migrated"] * 2 > EXAMPLES and all(seen[one] for one in ("again", "round", "renamed")), seen
