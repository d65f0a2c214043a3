"""Writes the reference pages that come from the code: hooks, field types, definitions.

`python docs/generate.py` writes them; a test fails when they are out of date.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

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
    from core.definitions.vocabulary import OF_CASE, OF_PARTY, OF_STEP
    from core.domain import documents, estates, fees, forms, papers, procedures

    lines = ["# Definition files", "", _NOTE,
             "YAML of one meaning: `true`, `false`, whole numbers and `~` are themselves, everything else is text. "
             "Anchors, tags and duplicate keys are refused. In the folder of a company or an estate the same files "
             "are merged over the plugin's: mappings by key, lists of named items by `name` (`remove: true`, "
             "`after: NAME`, `before: NAME`), everything else is replaced; `key: ~` goes back to the default.", ""]
    sections: list[tuple[str, list[Any]]] = [
        ("procedure.yaml", [MODELS["procedure.yaml"], procedures.Party, procedures.Step, procedures.Outcome,
                            documents.Signing]),
        ("fee_schedule.yaml", [fees.FeeSchedule, fees.Fee]),
        ("required_documents.yaml", [papers.RequiredDocuments, papers.RequiredDocumentSet, papers.RequiredDocument]),
        ("checklists.yaml", [papers.Checklists, papers.Checklist, papers.ChecklistItem]),
        ("documents.yaml", [documents.Documents, documents.Document, documents.Copy, documents.Series]),
        ("texts.yaml", [documents.Texts, documents.Clause]),
        ("forms/*.yaml", [forms.Form, forms.CrossRule]),
        ("company.yaml", [estates.Company]),
        ("estate.yaml", [estates.Estate, estates.Role, estates.OfficeHours]),
    ]
    for file, models in sections:
        lines += [f"## {file}", ""]
        for model in models:
            lines += [f"### {model.__name__}", "", inspect.cleandoc(model.__doc__ or ""), "", *_keys(model), ""]
    lines += ["## Names that rules read", "", "| name | holds |", "|---|---|"]
    names = {f"STEP.{name}": kind for name, kind in OF_STEP.items()} | {"STEP.FIELD": None} | {
        f"parties.PARTY.{name}": kind for name, kind in OF_PARTY.items()} | dict(OF_CASE) | {
        "documents.DOCUMENT.issued": None, "documents.DOCUMENT.signed": None, "estate.SETTING": None}
    plain = {"STEP.FIELD": "the field's value, see field types", "documents.DOCUMENT.issued": "true or false",
             "documents.DOCUMENT.signed": "true or false", "estate.SETTING": "a value of `settings` in estate.yaml"}
    lines += [f"| `{name}` | {plain.get(name) or _rule_word(kind)} |" for name, kind in names.items()]
    return "\n".join([*lines, ""])


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
