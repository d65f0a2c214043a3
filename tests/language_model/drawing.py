"""Random small procedures: one that is opened, at times with sub-cases and follow-ups of their own procedures.

A drawn procedure is a plain mapping, as `procedure.yaml` has it, but for its rules, which stand there as (word, …) so that a
model needs no parser; `written` says it in the language.
"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import yaml

Said = dict[str, Any]
Draw = st.DrawFn

ROLES = {"manager": "zhao", "finance": "chen", "engineering": "li"}
GRADES = ["low", "middle", "high"]
MOST_STEPS = 4


def cel(rule: tuple[Any, ...]) -> str:
    """A drawn rule in the words of the language."""
    word, *of = rule
    if word == "not":
        return f"!({cel(of[0])})"
    return {"outcome": "{0}.outcome == '{1}'", "over": "{0}.done || {0}.skipped", "done": "{0}.done", "overdue": "{0}.overdue",
            "again": "{0}.round > 1", "grade": "{0}.grade == '{1}'", "rung": "{0}.rung == '{1}'", "some": "{0}.count > 0",
            "valid": "{0}.valid", "no_child": "children.sub.open == 0", "any_child": "children.sub.count > 0",
            "parent": "parent.{0}.done || parent.{0}.skipped", "clear": "unit.dues == 0"}[word].format(*of)


# ---------------------------------------------------------------- what a step may say


def _once(step: Said) -> bool:
    """Whether the step stands there once, so that rules and moments may read what is its own."""
    return "each" not in step and "repeat" not in step


def _conditions(steps: list[Said], sub: bool) -> list[tuple[Any, ...]]:
    """Every rule over these steps that may decide whether a step is asked for."""
    found: list[tuple[Any, ...]] = [("any_child",)] if sub else []
    for step in steps:
        name = step["name"]
        if "outcomes" in step:
            found += [("outcome", name, "on"), ("outcome", name, "off")]
        if "each" in step:
            found.append(("some", name))
        if "due" in step:
            found.append(("overdue", name))
        if "form" in step:
            found.append(("grade", name, "high"))
        if "ladder" in step:
            found.append(("rung", name, "oral"))
        if "validity" in step and _once(step):
            found.append(("valid", name))
        if _once(step):
            found += [("again", name), ("done", name), ("not", ("done", name))]
    return found


def _length(draw: Draw, words: tuple[str, ...] = ("minutes", "hours", "days")) -> Said:
    word = draw(st.sampled_from(words))
    most = {"minutes": 90, "hours": 40, "days": 4}
    return {"same_day": True} if word == "same_day" else {word: draw(st.integers(1 if word != "days" else 0, most[word]))}


def _moments(steps: list[Said]) -> list[str]:
    """The moments of these steps that lie behind or ahead."""
    found = ["case.opened"]
    for step in filter(_once, steps):
        found += [f"{step['name']}.{word}" for word in ("done", "opened")]
        found += [f"{step['name']}.approved"] * ("approvals" in step) + [f"{step['name']}.day"] * ("form" in step)
        found += [f"{step['name']}.valid_to"] * ("validity" in step)
    return found


def _due(draw: Draw, earlier: list[Said], own: Said, sub: bool) -> Said:
    ahead = [one for one in _moments(earlier) if one.endswith((".day", ".valid_to"))]
    graded = [one["name"] for one in earlier if "form" in one and _once(one)]
    way = draw(st.sampled_from(["opened", "after", "end_of", *["before"] * 2 * bool(ahead), *["by"] * 2 * bool(graded)]))
    if way == "before":
        found: Said = {"before": draw(st.sampled_from(ahead)), **_length(draw)}
    elif way == "end_of":
        found = {"end_of": draw(st.sampled_from(("day", "week")))}
    elif way == "by":
        values = draw(st.sampled_from((["high"], ["low", "high"])))
        found = {"by": f"{draw(st.sampled_from(graded))}.grade", "values": {value: _length(draw) for value in values}}
    else:
        found = _length(draw, ("minutes", "hours", "days", "same_day"))
    if way != "before" and way != "opened" and earlier and draw(st.booleans()):
        found["after"] = draw(st.sampled_from(_moments(earlier)))
    if way == "after":
        found["after"] = draw(st.sampled_from([*_moments(earlier), *[f"{own['name']}.opened"] * ("each" not in own)]))
    conditions = _conditions(earlier, sub)
    if conditions and draw(st.integers(0, 3)) == 0:
        found["when"] = draw(st.sampled_from(conditions))
    if draw(st.integers(0, 2)) == 0:
        found["overdue"] = {"approvals": draw(st.sampled_from((["manager"], ["manager", "finance"])))}
    return found


def _outcomes(draw: Draw, earlier: list[Said]) -> Said:
    found: Said = {"on": {}, "off": {}}
    back = [step["name"] for step in earlier if "repeat" not in step]
    if back and draw(st.booleans()):
        names = sorted(draw(st.sets(st.sampled_from(back), min_size=1, max_size=2)))
        found["again"] = {"reopen": names, "round": draw(st.booleans())}
    if draw(st.integers(0, 3)) == 0:
        found["stop"] = {"end": "stopped"}
    if draw(st.integers(0, 2)) == 0:
        found["later"] = {"wait": True}
    if draw(st.integers(0, 2)) == 0:
        found[draw(st.sampled_from([one for one in found if one != "on"]))]["approvals"] = {"mode": "all", "by": ["manager"]}
    return found


def _approvals(draw: Draw) -> Said:
    by = draw(st.lists(st.sampled_from(sorted(ROLES)), min_size=1, max_size=3, unique=True))
    return {"mode": draw(st.sampled_from(("all", "any", "sequence"))), "by": by}


_PARTS = ("plain", "plain", "outcomes", "outcomes", "approvals", "both", "form", "form", "each", "fact")


def _step(draw: Draw, name: str, earlier: list[Said], world: set[str], kind: str) -> Said:
    step: Said = {"name": name}
    sub = kind == "job" and "sub" in world
    before = [one["name"] for one in earlier if "repeat" not in one]
    step["requires"] = sorted(draw(st.sets(st.sampled_from(before), max_size=2))) if before else []
    conditions = _conditions(earlier, sub)
    if conditions and draw(st.booleans()):
        step["when"] = draw(st.sampled_from(conditions))
    part = draw(st.sampled_from([one for one in _PARTS if kind == "job" or one not in ("each", "fact")]))
    if part in ("outcomes", "both"):
        step["outcomes"] = _outcomes(draw, earlier)
    if part in ("approvals", "both"):
        step["approvals"] = _approvals(draw)
    if part == "form":
        step["form"] = True
        if draw(st.booleans()):
            step["classify"] = [_escalation(draw, [*earlier, step], to) for to in draw(st.sampled_from((["high"], ["middle", "high"])))]
    if part == "each":
        step["each"] = True
    if part == "fact":
        step["needs_fact"] = draw(st.sampled_from(({}, {"max_age": {"days": 0}})))
    waits = [one for one in earlier if one["name"] in step["requires"] and _once(one)]
    if draw(st.integers(0, 3)) == 0 and waits:
        moments = [one for one in _moments(waits) if not one.endswith(".day")]
        step["opens"] = {"after": draw(st.sampled_from(moments)), **_length(draw)}
    if draw(st.integers(0, 2)) == 0:
        step["due"] = [_due(draw, earlier, step, sub) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.integers(0, 3)) == 0:
        step["validity"] = _validity(draw, earlier, step)
    if draw(st.integers(0, 2)) == 0:
        untils = [("clear",)] * (kind == "job") + [("no_child",)] * 3 * sub
        untils += [("parent", one) for one in sorted(world) if kind == "sub"]
        if untils:
            step["until"] = draw(st.sampled_from(untils))
    if ("until" in step or "opens" in step or "needs_fact" in step) and draw(st.booleans()):
        step["override"] = True
    return step


def _escalation(draw: Draw, steps: list[Said], to: str) -> Said:
    found = {"to": to, "after": draw(st.sampled_from([one for one in _moments(steps) if not one.endswith(".day")])), **_length(draw)}
    once = [one["name"] for one in steps[:-1] if _once(one)]
    if once and draw(st.booleans()):
        found["while"] = ("not", ("done", draw(st.sampled_from(once))))
    return found


def _validity(draw: Draw, earlier: list[Said], step: Said) -> Said:
    days = [f"{one['name']}.day" for one in (*earlier, step) if "form" in one and _once(one)]
    return draw(st.sampled_from([{"days": 1}, {"days": 2}, {"until": "end_of_day"}, *({"until": one} for one in days)]))


def _repeat(draw: Draw, step: Said, others: list[Said]) -> None:
    """Make a plain step one that comes again until another is over."""
    for key in ("outcomes", "approvals", "form", "classify", "each", "needs_fact", "opens", "until", "override", "validity", "due"):
        step.pop(key, None)
    once = [one["name"] for one in others if _once(one)]
    step["repeat"] = {"every": draw(st.sampled_from(("day", "day", "week"))), "per_role": draw(st.booleans()),
                      "until": ("over", draw(st.sampled_from(once)))}
    if step["repeat"]["per_role"]:
        step["role"] = ["service", "engineering"]


# ---------------------------------------------------------------- whole procedures


def _ladder(draw: Draw, first: Said, parent: list[Said]) -> None:
    rests = draw(st.sampled_from([step["name"] for step in parent if "repeat" not in step]))
    first["ladder"] = {"rungs": [{"name": "oral", "title": "oral"}, {"name": "notice", "title": "notice"},
                                  {"name": "halt", "title": "halt", "suspends": [rests]}]}
    if "form" in first and draw(st.booleans()):
        first["ladder"] |= {"by": f"{first['name']}.grade", "start": {"high": draw(st.sampled_from(("notice", "halt")))}}


def _procedure(draw: Draw, kind: str, letter: str, world: set[str], most: int) -> Said:
    steps: list[Said] = []
    for at in range(draw(st.integers(2 if kind == "job" else 1, most))):
        steps.append(_step(draw, f"{letter}{at}", steps, world, kind))
    free = [step for step in steps if not any(step["name"] in other["requires"] for other in steps)
            and not _is_read(step["name"], [one for one in steps if one is not step])]
    others = [step for step in steps if _once(step)]
    if free and len(others) > 1 and draw(st.integers(0, 2)) == 0:
        chosen = draw(st.sampled_from(free))
        left = [step for step in others if step is not chosen]
        if left:
            _repeat(draw, chosen, left)
    stops = any("stop" in step.get("outcomes", {}) for step in steps)
    found: Said = {"ends": ["completed"] + ["stopped"] * stops, "steps": steps, "one_open_per_unit": kind == "next"}
    if kind == "next":
        found["one_open_per_unit"] = draw(st.booleans())
    if any("each" in step for step in steps):
        found["optional"] = draw(st.booleans())
    return found


def _is_read(name: str, steps: list[Said]) -> bool:
    return f"'{name}" in str([{key: step[key] for key in step if key != "name"} for step in steps])


@st.composite
def worlds(draw: Draw) -> dict[str, Said]:
    """Procedures by name: `job`, at times `sub`, which is opened below it, and `next`, which a step of it starts."""
    world = {name for name in ("sub", "next") if draw(st.booleans())}
    job = _procedure(draw, "job", "s", world, MOST_STEPS)
    found = {"job": job}
    plain = [step["name"] for step in job["steps"] if "repeat" not in step]
    if "sub" in world:
        awaited = {step["name"] for step in job["steps"] if _once(step)}
        found["sub"] = _procedure(draw, "sub", "t", awaited, 2)
        found["sub"]["only_as_child"] = True
        job["child"] = {"from": draw(st.sampled_from([None, *plain])), "until": None}
        below = found["sub"]["steps"]
        if _once(below[0]) and draw(st.booleans()):
            _ladder(draw, below[0], job["steps"])
        if draw(st.booleans()):
            job["child"]["until"] = draw(st.sampled_from(plain))
    if "next" in world:
        found["next"] = _procedure(draw, "next", "u", set(), 2)
        step = draw(st.sampled_from(job["steps"]))
        step["starts"] = [{"procedure": "next"}, {"procedure": "nowhere", "optional": True}]
        conditions = _conditions([one for one in job["steps"] if one is step or one["name"] in step["requires"]], False)
        if conditions and draw(st.booleans()):
            step["starts"][0]["when"] = draw(st.sampled_from(conditions))
    return found


# ---------------------------------------------------------------- in the language


def written(name: str, said: Said) -> dict[str, str]:
    """The files of one procedure."""
    files: dict[str, Any] = {"procedure.yaml": {"ends": said["ends"], "one_open_per_unit": said["one_open_per_unit"],
                                                "steps": [_written_step(step) for step in said["steps"]]}}
    head = files["procedure.yaml"]
    if said.get("only_as_child"):
        head["only_as_child"] = True
    if "child" in said:
        head["children"] = {"sub": {key: value for key, value in said["child"].items() if value}}
    if "optional" in said:
        head["parties"] = {"people": {"title": "people", "many": True, "optional": said["optional"]}}
    if name == "job":
        head["facts"] = {"dues": {"type": "integer", "subject": "unit", "title": "dues"}}
    for step in said["steps"]:
        if "form" in step:
            own = f"f_{step['name']}"
            files[f"forms/{own}.yaml"] = {"form": own, "title": own, "fields": [
                {"name": "grade", "title": "grade", "type": "choice", "choices": GRADES, "required": True},
                {"name": "day", "title": "day", "type": "date"}]}
    return {path: yaml.safe_dump(body, sort_keys=False, allow_unicode=True) for path, body in files.items()}


def _written_step(step: Said) -> Said:
    found: Said = {"title": step["name"], "role": "service", **step}
    for key in ("when", "until"):
        if key in step:
            found[key] = cel(step[key])
    if "form" in step:
        found["form"] = f"f_{step['name']}"
    if "each" in step:
        found["each"] = "people"
    if "override" in step:
        found["override"] = {"role": "manager", "reason": "required"}
    if "needs_fact" in step:
        found["needs_fact"] = {"unit.dues": step["needs_fact"]}
    if "classify" in step:
        found["classify"] = {"field": "grade", "order": GRADES, "escalate": [
            {key: cel(value) if key == "while" else value for key, value in one.items()} for one in step["classify"]]}
    for key in ("due", "starts"):
        if key in step:
            found[key] = [{**one, **({"when": cel(one["when"])} if "when" in one else {})} for one in step[key]]
    if "repeat" in step:
        found["repeat"] = {**step["repeat"], "until": cel(step["repeat"]["until"])}
    return found
