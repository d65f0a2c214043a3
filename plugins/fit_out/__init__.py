"""装修: the application and works themselves, and what may be opened meanwhile: permits, hidden works, violations."""

from __future__ import annotations

from shouxu import ProcedureSource, hookimpl

version = "1.0.0"

PROCEDURES = ("fit_out", "special_permit", "hidden_works", "violation")


@hookimpl
def procedures() -> list[ProcedureSource]:
    """The folders of these names under `form_definitions` and `document_templates`. Source: S1-2; S4-X 装修."""
    return [ProcedureSource.from_packages(name, version) for name in PROCEDURES]
