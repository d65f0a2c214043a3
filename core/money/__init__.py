"""Counting money: fees priced and explained, payments laid onto charges, the day's cash sheet."""

from core.money.allocate import METHODS, Allocation, allocate, check_refund
from core.money.cash import CashRow, CashSheet, MethodTotal, cash_sheet
from core.money.explained import Line, Priced
from core.money.inputs import Lookup
from core.money.price import price, schedule

__all__ = [
    "METHODS", "Allocation", "CashRow", "CashSheet", "Line", "Lookup", "MethodTotal", "Priced", "allocate",
    "cash_sheet", "check_refund", "price", "schedule",
]
