"""The staff pages: server-rendered, complete without scripts; what the program does lives in `core.cases`."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Templates, words, routes and views; settings, office and transactions come from the composition root."""
    config.include("core.web.rendering")
    config.include("core.web.routes")
    config.include("core.web.inbox")
    for subject in (
        "login",
        "home",
        "cases",
        "steps",
        "consents",
        "children",
        "checklist",
        "money",
        "documents",
        "signing",
        "parties",
        "board",
        "inbox",
        "units",
        "facts",
        "stock",
        "blanks",
        "cash",
        "registers",
        "definitions",
        "migrating",
        "admin",
        "uploads",
        "verify",
        "health",
    ):
        config.scan(f"core.web.{subject}")
