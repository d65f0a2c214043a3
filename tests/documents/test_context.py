"""A template sees declared names and nothing else."""

from __future__ import annotations

import enum
from types import MappingProxyType

import pytest
from markupsafe import Markup

from core.documents.context import Group, Rows, names, shown
from core.documents.engine import Template
from core.documents.faults import RenderFault
from tests.documents.word_templates import paragraphs, with_text


class Colour(enum.StrEnum):
    RED = "红"


def test_names_of_methods_are_field_names() -> None:
    fields = {
        name: f"值{name}"
        for name in ("items", "keys", "values", "copy", "get", "pop", "update", "fields", "index", "count")
    }
    words = " ".join(f"{{{{ f.{name} }}}}" for name in fields)
    assert paragraphs(Template.compile(with_text(words)).render({"f": fields})) == [" ".join(fields.values())]


def test_conversion_is_shallow_and_lazy() -> None:
    fields = {"rows": [{"a": 1}]}
    group = shown(fields)
    assert isinstance(group, Group) and group.fields is fields
    rows = shown(fields["rows"])
    assert (
        isinstance(rows, Rows)
        and len(rows) == 1
        and isinstance(rows[0], Group)
        and isinstance(rows[:1], Rows)
    )
    assert rows.values is fields["rows"]


def test_mappings_sets_and_strings_of_other_classes_become_plain() -> None:
    assert isinstance(shown(MappingProxyType({"a": 1})), Group)
    assert type(shown(Markup("<b>"))) is str
    assert type(shown(Colour.RED)) is str
    assert list(shown({"乙", "甲"})) == sorted({"乙", "甲"})
    assert names({"a": {"b": 1}})["a"].fields == {"b": 1}


def test_other_objects_are_refused() -> None:
    with pytest.raises(RenderFault, match="object"):
        shown(object())


def test_an_empty_group_is_false_and_rows_know_their_values() -> None:
    assert not shown({}) and shown({"a": 1})
    assert "甲" in shown(["甲"]) and not shown([])
