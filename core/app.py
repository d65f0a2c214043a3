"""The composition root: every part of the server, in the order in which it must be put together."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from typing import Any

import transaction
from pyramid.config import Configurator
from sqlalchemy.orm import Session

from core.cases.building import build_office
from core.cases.desk import Desk, Office
from core.cases.words import device_words
from core.errors import NotLoggedIn
from core.jobs.tasks import worker_of
from core.jobs.threads import ThreadRunner
from core.jobs.work import Runner
from core.settings import Settings
from core.store.session import tm_session
from core.walkthroughs.reloading import Reloader
from core.web.asking import Request
from core.web.entered import form_key, request_key
from core.web.faults import execution_policy

WSGI = Callable[..., Any]
READS = ("GET", "HEAD", "OPTIONS")
MOST_BODY = 32 * 1024 * 1024
"""Bytes of one request: a scan of 20 MB and a full form around it."""


def main(global_config: dict[str, str], **settings: Any) -> WSGI:
    """The WSGI application of an ini file (`[app:main] use = egg:shouxu`)."""
    return make_app(Settings.load(settings))


def make_app(settings: Settings, *, office: Office | None = None) -> WSGI:
    """The WSGI application; DefinitionErrors or PluginError with everything that is wrong, and nothing half-started.

    `office`: one that is open already (tests, the demo), instead of a new one.
    """
    return configured(settings, office=office).make_wsgi_app()


def _logins_of_the_demo(office: Office) -> tuple[tuple[str, str, str], ...]:
    from core.walkthroughs.demonstration import demo_logins  # no other server needs what plays cases

    return tuple((login.username, login.password, login.title) for login in demo_logins(office))


def configured(settings: Settings, *, office: Office | None = None) -> Configurator:
    """The configuration behind `make_app`, before it is made into an application; for those who look into it."""
    config = Configurator(
        settings={
            "tm.manager_hook": "core.app.explicit_manager",
            "tm.annotate_user": "false",
            "tm.commit_veto": "pyramid_tm.default_commit_veto",
            "retry.attempts": 3,
        },
        exceptionresponse_view=None,
        request_factory=Request,
    )
    registry: Any = config.registry
    with config:
        # what everything below asks for: settings and definitions, plugins, files, keys
        registry["shouxu.settings"] = settings
        office = registry["shouxu.office"] = office or build_office(settings)
        registry["shouxu.reloader"] = Reloader(office, settings.reload_seconds)
        # the login page of the demo shows the logins that everybody knows
        registry["shouxu.demo_logins"] = _logins_of_the_demo(office) if settings.demo else ()
        config.add_request_method(lambda request: request.registry["shouxu.office"], "office", reify=True)

        # one request, one transaction; another try when the database says that one would help
        config.include("pyramid_tm")
        config.set_execution_policy(execution_policy(attempts=3))
        config.add_request_method(database_session, "db", reify=True)
        config.add_request_method(desk, "desk", reify=True)
        config.add_request_method(form_key, "form_key", reify=True)
        config.add_request_method(lambda request: False, "only_reads", reify=True)

        # who asks; needs the office. CSRF tokens are asked of every POST from here on
        config.include("core.web.identity")
        # which language; needs to know who asks
        config.include("core.web.language")

        # around everything: figures, then turns, then headers, then errors as answers
        config.include("core.web.faults")
        config.include("core.web.headers")
        config.include("core.web.figures")
        config.include("core.web.turns")

        # what people and programs see; plugins add theirs last, so that they cannot stand before ours
        config.include("core.web")
        # the same acts for programs, with tokens; shares everything above but the pages
        config.include("core.api")
        registry["shouxu.office"].plugins.everywhere().routes(config=config)
    return config


def explicit_manager(request: Request) -> transaction.TransactionManager:
    """A transaction manager of the request's own, which never begins anything by itself."""
    return transaction.TransactionManager(explicit=True)


def database_session(request: Request) -> Session:
    """The session of this request's transaction; reading requests cannot write."""
    return tm_session(
        request.office.sessions, request.tm, readonly=request.method in READS or request.only_reads
    )


def desk(request: Request) -> Desk:
    """The desk at which the reader acts in this request."""
    if request.actor is None:
        raise NotLoggedIn("请先登录")
    key = (
        request_key(request)
        if request.method == "POST" and not request.path_info.startswith("/api/")
        else None
    )
    return request.office.desk(
        request.db, request.actor, locale=request.locale_name, request_key=key, device=device_words(request.remote_addr, request.user_agent)
    )


def serve(settings: Settings, *, office: Office | None = None) -> None:
    """Serve until interrupted, with jobs worked off beside it as the settings say."""
    import waitress

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    office = office or build_office(settings)
    app = make_app(settings, office=office)
    runner = job_runner(office)
    runner.start()
    reloader = app.registry["shouxu.reloader"]
    reloader.start()
    settle()
    try:
        waitress.serve(app, **server_limits(settings))
    finally:
        reloader.stop()
        runner.stop()


def settle() -> None:
    """Let the garbage collector leave alone what was loaded, and come less often: a tenth of a request's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def job_runner(office: Office) -> Runner:
    """Who works off the jobs: threads of this process, or Celery workers elsewhere; it hears of every commit."""
    settings = office.settings
    worker = worker_of(office)
    runner: Runner = ThreadRunner(worker, settings.workers)
    if settings.runner == "celery":
        from core.jobs import celery

        runner = celery.CeleryRunner(celery.make_app(settings.broker_url, lambda: worker), worker)
    office.sessions.kw["info"]["wake"] = runner.submit
    return runner


def server_limits(settings: Settings) -> dict[str, Any]:
    """What waitress is told: small enough that dripping and bloated clients do not stop the others.

    nginx stands in front where strangers can connect (docs).
    """
    proxy = {}
    if settings.trusted_proxy:
        # then the address that logins are counted by is the client's, not that of the server in front
        proxy = {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_count": 1,
                 "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}}
    return proxy | {
        "listen": settings.listen,
        "threads": 8,
        "connection_limit": 500,
        "channel_timeout": 30,
        "cleanup_interval": 5,
        "max_request_body_size": MOST_BODY,
        "max_request_header_size": 32 * 1024,
        "inbuf_overflow": 1024 * 1024,
        "outbuf_overflow": 4 * 1024 * 1024,
        "ident": "shouxu",
        "clear_untrusted_proxy_headers": True,
        "expose_tracebacks": False,
    }
