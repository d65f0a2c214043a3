"""The papers of 装修 by file name; receipts look as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.applying import APPLYING
from document_templates.fit_out.completing import COMPLETING
from document_templates.fit_out.site import SITE
from document_templates.house import Paper
from document_templates.move_in.money_papers import receipt, refund_voucher

CASHIER: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "receipt": ("收款收据", receipt),
    "refund_voucher": ("退款凭证", refund_voucher),
}

PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {**APPLYING, **SITE, **COMPLETING, **CASHIER}
