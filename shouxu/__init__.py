"""The one door for plugins and their tests."""

from core.domain.base import Text
from core.domain.bundle import Bundle
from core.domain.documents import Document, Series
from core.domain.estates import Unit
from core.domain.extensions import ExtraCharge, Message
from core.domain.fees import Fee
from core.domain.forms import Field, Form
from core.domain.papers import Checklist, ChecklistItem, RequiredDocument
from core.domain.procedures import Procedure, Step
from core.domain.sources import Overlay, ProcedureSource
from core.domain.views import CaseView, PartyView
from core.errors import (
    FieldProblem,
    GateClosed,
    InvalidInput,
    PluginError,
    Reason,
    Refused,
    SettingsError,
    ShouxuError,
)
from core.forms.field_type import FieldType, Wrong
from core.hookspecs import hookimpl

__all__ = [
    "Bundle",
    "CaseView",
    "Checklist",
    "ChecklistItem",
    "Document",
    "ExtraCharge",
    "Fee",
    "Field",
    "FieldProblem",
    "FieldType",
    "Form",
    "GateClosed",
    "InvalidInput",
    "Message",
    "Overlay",
    "PartyView",
    "PluginError",
    "Procedure",
    "ProcedureSource",
    "Reason",
    "Refused",
    "RequiredDocument",
    "Series",
    "SettingsError",
    "ShouxuError",
    "Step",
    "Text",
    "Unit",
    "Wrong",
    "hookimpl",
]
