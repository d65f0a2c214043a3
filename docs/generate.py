"""Writes the reference pages that come from the code: hooks, field types, definitions.

`python docs/generate.py` writes them; a test fails when they are out of date.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any, get_args

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
_NOTE = "<!-- Written by docs/generate.py; change the code it describes, then run it again. -->\n"


def hooks() -> str:
    """The page of hooks: groups, signatures and docstrings of core/hookspecs.py."""
    from core import hookspecs

    source = inspect.getsource(hookspecs)
    lines = ["# Hooks", "", _NOTE, inspect.cleandoc(hookspecs.__doc__ or ""), ""]
    groups = {"start-up": "Start-up", "per case": "Per case"}
    functions = [value for value in vars(hookspecs).values()
                 if inspect.isfunction(value) and value.__module__ == hookspecs.__name__]
    for marker, title in groups.items():
        begin = source.index(f"- {marker}\n")
        rest = [source.index(f"- {other}\n") for other in groups if source.index(f"- {other}\n") > begin]
        end = min(rest, default=len(source))
        lines += [f"## {title}", ""]
        for function in functions:
            if begin < source.index(f"def {function.__name__}(") < end:
                lines += _hook(function)
    return "\n".join(lines)


def _hook(function: Any) -> list[str]:
    signature = str(inspect.signature(function)).replace("'", "")
    return [f"### {function.__name__}", "", "```python", f"def {function.__name__}{signature}", "```", "",
            inspect.cleandoc(function.__doc__ or ""), ""]


def field_types() -> str:
    """The page of field types: names, titles, what each keeps and offers to rules."""
    from core.definitions.vocabulary import field_types as offered
    from core.domain.forms import FIELD_TYPES, Field
    from core.forms.fields import BUILT_IN

    titles = {kind.name: kind for kind in BUILT_IN}
    lines = ["# Field types", "", _NOTE,
             "Written as `type:` of a field. A plugin adds more with the hook `field_types`.", "",
             "| type | 中文 | what it is | in rules |", "|---|---|---|---|"]
    for name in FIELD_TYPES:
        kind = titles[name]
        sample = Field.model_construct(name="field", type=name, fields=())
        in_rules = ", ".join(_rule_word(value) for value in offered(sample).values()) or "`group.field`"
        said = inspect.cleandoc(type(kind).__doc__ or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        lines.append(f"| `{name}` | {kind.title.zh} | {said} | {in_rules} |")
    lines += ["", "## Keys of a field", "", *_keys(Field), ""]
    return "\n".join(lines)


_RULE_WORDS = {"wrapper(string)": "text", "string_wrapper": "text", "int_wrapper": "whole number",
               "double_wrapper": "number with a point (compare with `2.0`)", "bool_wrapper": "true or false",
               "list<string>": "list of texts", "list<map<string, dyn>>": "list of rows"}


def _rule_word(kind: Any) -> str:
    name = str(kind.name()).lower()
    return _RULE_WORDS.get(name, name)


def definitions() -> str:
    """The page of definition files: every file, its keys, and the names that rules read."""
    from core.definitions.files import MODELS
    from core.definitions.layers import BY_NAME
    from core.definitions.vocabulary import BY_PART, IS_OPEN, OF_CASE, OF_CHILD, OF_PARTY, OF_STEP
    from core.domain.estates import Company, Estate
    from core.domain.forms import Form

    lines = ["# Definition files", "", _NOTE,
             "YAML of one meaning: `true`, `false`, whole numbers and `~` are themselves, everything else is text. "
             "Anchors, tags and duplicate keys are refused. In the folder of a company or an estate the same files "
             "are merged over the plugin's: mappings by key, lists of named items by `name` (`remove: true`, "
             "`after: NAME`, `before: NAME`), everything else is replaced; `key: ~` goes back to the default. "
             f"{_listed(sorted(BY_NAME))} are lists of named items, which may be written as mappings by name too: "
             "`outcomes: {approved: , refused: {end: refused}}`.", ""]
    told: set[Any] = set()
    files = {**MODELS, "forms/*.yaml": Form, "company.yaml": Company, "estate.yaml": Estate}
    for file, top in files.items():
        lines += [f"## {file}", ""]
        for model in _models(top):
            if model not in told:
                told.add(model)
                lines += [f"### {model.__name__}", "", inspect.cleandoc(model.__doc__ or ""), "", *_keys(model), ""]
    lines += ["## Names that rules read", "", "| name | holds |", "|---|---|"]
    names: dict[str, Any] = {f"STEP.{name}": kind for name, kind in OF_STEP.items()} | {"STEP.FIELD": None}
    names |= {f"STEP.{name}": kind for name, (_, kind) in BY_PART.items()}
    names |= {f"parties.PARTY.{name}": kind for name, kind in OF_PARTY.items()} | dict(OF_CASE)
    names |= {f"children.KIND.{name}": kind for name, kind in OF_CHILD.items()}
    names |= dict.fromkeys(("counts.COUNT", "unit.FACT", "estate_facts.FACT", "subject.FACT", "parent.STEP.NAME",
                            "documents.DOCUMENT.issued", "documents.DOCUMENT.signed", "estate.SETTING"))
    names |= IS_OPEN
    fact = "the fact that the procedure declares in `facts`"
    plain = {"STEP.FIELD": "the field's value, see field types (not of a step that each item has for itself)",
             "documents.DOCUMENT.issued": "true or false", "documents.DOCUMENT.signed": "true or false",
             "estate.SETTING": "a value of `settings` in estate.yaml", "counts.COUNT": "whole number",
             "unit.FACT": fact, "estate_facts.FACT": f"{fact}, of the estate",
             "subject.FACT": f"{fact}, of the place or the first party",
             "parent.STEP.NAME": "in a sub-case: what its parent's rules read of that step"}
    only = {f"STEP.{name}": "of a step with " + _listed(parts, "or") for name, (parts, _) in BY_PART.items()}
    only |= {"is_open": "in `provides` only"}
    for name, kind in names.items():
        said = plain.get(name) or _rule_word(kind)
        lines.append(f"| `{name}` | {said}{'; ' + only[name] if name in only else ''} |")
    return "\n".join([*lines, ""])


def _listed(words: Any, last: str = "and") -> str:
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def _models(model: Any) -> list[Any]:
    """The model and all that stand inside it, in the order of its keys."""
    from core.domain.base import Frozen, Text

    found = [model]
    waiting = [info.annotation for info in model.model_fields.values()]
    while waiting:
        kind = waiting.pop(0)
        if inspect.isclass(kind) and issubclass(kind, Frozen):
            if kind not in found and kind is not Text:
                found += [inner for inner in _models(kind) if inner not in found] if kind is not model else []
        else:
            waiting = [*get_args(kind), *waiting]
    return found


def _keys(model: Any) -> list[str]:
    from core.definitions.meanings import meaning

    lines = ["| key | needed | default | meaning |", "|---|---|---|---|"]
    for name, info in model.model_fields.items():
        default = "" if info.is_required() else _default(info.get_default(call_default_factory=True))
        needed = "yes" if info.is_required() else ""
        said = meaning(model.__name__, info.alias or name, info).replace("|", "\\|")
        lines.append(f"| `{info.alias or name}` | {needed} | {default} | {said} |")
    return lines


def _default(value: Any) -> str:
    if value is None or value == "" or value == () or value == {}:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(str(getattr(item, "name", item)) for item in value) + "]`"
    return f"`{value}`" if isinstance(value, str | int) else ""


def cli() -> str:
    """The page of the command line: every command with its help."""
    from core.cli.reference import reference

    return reference()


PAGES = {"hooks.md": hooks, "field_types.md": field_types, "definitions.md": definitions, "cli.md": cli}


def main() -> int:
    """Write every page."""
    sys.path.insert(0, str(ROOT))
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
