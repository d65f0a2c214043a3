"""Registers: what happened, listed, counted and grouped as `registers.yaml` says, over any period."""

from core.registers.chart import Drawing, drawing
from core.registers.csv import MEDIA as CSV, register_csv
from core.registers.paper import register_word
from core.registers.periods import Span, after, asked_span, before, span_of
from core.registers.tables import RegisterEntry, RegisterTable, register_table, registers_of
from core.registers.words import RIGHT, Spoken, period_words
from core.registers.xlsx import MEDIA as XLSX, register_xlsx

__all__ = [
           "CSV",
           "RIGHT",
           "XLSX",
           "Drawing",
           "RegisterEntry",
           "RegisterTable",
           "Span",
           "Spoken",
           "after",
           "asked_span",
           "before",
           "drawing",
           "period_words",
           "register_csv",
           "register_table",
           "register_word",
           "register_xlsx",
           "registers_of",
           "span_of",
]
