"""Forms: one definition, four faces (web page, JSON, spreadsheet, blank paper), one verdict.

`check` judges what was entered on any face; `view` draws a form for a page; `json_schema` describes it.
"""

from core.forms.answers import Answers, Posted
from core.forms.blank import BlankForm, BlankRow, blank
from core.forms.field_type import Context, FieldType, Wrong
from core.forms.fields import BUILT_IN, FieldTypes
from core.forms.json_schema import json_schema, ui_schema
from core.forms.plan import names_read, rule_values
from core.forms.sensitive import join, masked, split
from core.forms.values import from_json, printed, shown, to_json
from core.forms.verdict import Checked, check, read
from core.forms.view import FieldView, FormView, answers_of, first_answers, view
from core.forms.web import form_class

__all__ = [
    "BUILT_IN", "Answers", "BlankForm", "BlankRow", "Checked", "Context", "FieldType", "FieldTypes",
    "FieldView", "FormView", "Posted", "Wrong", "answers_of", "blank", "check", "first_answers", "form_class",
    "from_json", "join", "json_schema", "masked", "names_read", "printed", "read", "rule_values", "shown", "split",
    "to_json", "ui_schema", "view",
]
