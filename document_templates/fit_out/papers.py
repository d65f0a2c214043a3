"""The papers of 装修 by file name; receipts look as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.applying import APPLYING
from document_templates.fit_out.completing import COMPLETING
from document_templates.fit_out.site import SITE
from document_templates.house import Paper
from document_templates.vouchers import vouchers

PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {**APPLYING, **SITE, **COMPLETING, **vouchers()}
