"""The longest values that templates are tried with are the longest that forms take."""

from __future__ import annotations

from typing import Any

import pytest

from core.definitions.library import Library
from core.domain.forms import Field
from core.forms.words import LongTextType, TextType
from core.walkthroughs.longest import _value, longest
from core.walkthroughs.template_rehearsal import unprinted
from tests.remembered_kit import shipped_definitions


@pytest.fixture(scope="module")
def library() -> Library:
    return shipped_definitions()[1]


def field(**said: object) -> Field:
    return Field.model_validate({"name": "x", "title": "某", **said})


def test_values_are_as_long_as_their_fields_allow() -> None:
    def value(one: Field) -> Any:
        return _value(one, False)

    assert len(value(field(type="text", max=37))) == 37
    assert len(value(field(type="text"))) == TextType.longest
    assert len(value(field(type="long_text"))) == LongTextType.longest
    choices = [{"value": "a", "title": "短"}, {"value": "b", "title": "很长的一个选项"}]
    assert value(field(type="choice", choices=choices)) == "很长的一个选项"
    assert value(field(type="choices", choices=choices)) == "短、很长的一个选项"
    assert value(field(type="integer", max=123456789)) == "123456789" and len(value(field(type="integer", max=9))) == 5


def test_every_text_of_the_shipped_forms(library: Library) -> None:
    bundle = library.bundle("jade_garden", "move_in")
    context = longest(bundle, library.estate("jade_garden"), bundle.documents[0])
    texts = [(form.name, one) for form in bundle.forms for one in form.fields if one.type in ("text", "long_text")]
    assert len(texts) > 10
    for form, one in texts:
        most = {"text": TextType, "long_text": LongTextType}[one.type].longest
        assert len(context["forms"][form][one.name]) == (min(int(str(one.max)), most) if one.max is not None else most)


def test_fields_that_no_document_prints_are_listed(library: Library) -> None:
    from core.cases.definitions import FILTERS

    notes = {problem.what for problem in unprinted(library, FILTERS)}
    assert all(problem.number == 3121 for problem in unprinted(library, FILTERS))
    assert not any(what.startswith("move_in:") and "forms.intake." in what for what in notes)
    assert any("forms.call_owner.phone" in what and what.startswith("violation:") for what in notes)
