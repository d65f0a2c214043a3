"""Notices on their way out: the contract of every notifier, real mail to a real server, each notice once."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.cases.building import build_office
from core.cases.definitions import plain
from core.cases.notices import NOTIFY_TASK, mark_read, tell
from core.cases.notifiers import NullNotifier, SmtpNotifier
from core.cases.notifying import addresses, send_notices
from core.domain.extensions import Message, Notifier
from core.errors import NotSent, PluginError, SettingsError
from core.jobs.tasks import worker_of
from core.settings import Settings
from core.store import outbox
from core.store.models import Job
from core.store.session import unit_of_work
from tests.cases_kit import JADE, House

MESSAGE = Message("job1", ("front@example.org", "desk@example.org"), "玉兰花园 “验房”已超过时限\n",
                  "“验房”已超过时限\n“Inspect” is overdue\n")


class Postbox:
    """A mail server's handler that keeps what it is given, and refuses the addresses in `refuses`."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.refuses: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refuses:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content, policy=default)))  # type: ignore[arg-type]
        return "250 OK"


Start = Callable[..., tuple[Postbox, int]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a mail server of this machine; gives its postbox and port."""
    running: list[Controller] = []

    def started(**options: Any) -> tuple[Postbox, int]:
        postbox = Postbox()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        running.append(Controller(postbox, hostname="127.0.0.1", port=port, **options))
        running[-1].start()
        return postbox, port

    yield started
    for controller in running:
        controller.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(the server's, what the client believes) of a certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), True).sign(key, hashes.SHA256()))
    file = tmp_path / "mail.pem"
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()) + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


# ---------------------------------------------------------------- the contract


class NotifierContract:
    """What every notifier does; a subclass gives the fixture `notifier`."""

    def test_it_takes_a_message(self, notifier: Notifier) -> None:
        assert notifier.send(MESSAGE) is None

    def test_it_takes_it_again_with_the_same_key(self, notifier: Notifier) -> None:
        notifier.send(MESSAGE)
        notifier.send(MESSAGE)

    def test_it_takes_any_words(self, notifier: Notifier) -> None:
        words = "翠微 “😀” \t\r\n.\r\nBcc: all@example.org"
        notifier.send(replace(MESSAGE, subject=words, body=words * 200))


class TestNull(NotifierContract):
    @pytest.fixture
    def notifier(self) -> Notifier:
        return NullNotifier()


class TestSmtp(NotifierContract):
    @pytest.fixture
    def post(self, start: Start) -> tuple[Postbox, int]:
        return start()

    @pytest.fixture
    def notifier(self, post: tuple[Postbox, int]) -> Notifier:
        return SmtpNotifier("127.0.0.1", post[1], sender="shouxu@example.org", tls="none")

    def test_the_mail_says_what_the_message_says(self, notifier: Notifier, post: tuple[Postbox, int]) -> None:
        notifier.send(MESSAGE)
        notifier.send(MESSAGE)
        (to, mail), (_, again) = post[0].mails
        assert to == list(MESSAGE.to)
        assert (mail["From"], mail["To"]) == ("shouxu@example.org", "front@example.org, desk@example.org")
        assert mail["Subject"] == "玉兰花园 “验房”已超过时限"
        assert mail.get_content().replace("\r\n", "\n") == MESSAGE.body
        assert mail["Message-ID"] == again["Message-ID"] == "<job1@example.org>"
        assert mail["Auto-Submitted"] == "auto-generated"

    def test_no_words_become_a_heading(self, notifier: Notifier, post: tuple[Postbox, int]) -> None:
        notifier.send(replace(MESSAGE, subject="迟了\r\nBcc: all@example.org"))
        ((to, mail),) = post[0].mails
        assert (to, mail["Bcc"], mail["Subject"]) == (list(MESSAGE.to), None, "迟了 Bcc: all@example.org")

    def test_one_refused_address_does_not_stop_the_others(self, notifier: Notifier, post: tuple[Postbox, int]) -> None:
        post[0].refuses = {"front@example.org"}
        notifier.send(MESSAGE)
        assert [to for to, _ in post[0].mails] == [["desk@example.org"]]

    def test_all_refused_is_an_error(self, notifier: Notifier, post: tuple[Postbox, int]) -> None:
        post[0].refuses = set(MESSAGE.to)
        with pytest.raises(NotSent, match="SMTPRecipientsRefused"):
            notifier.send(MESSAGE)

    def test_a_server_that_is_away_is_an_error(self) -> None:
        with pytest.raises(NotSent, match=r"127\.0\.0\.1:1 ") as error:
            SmtpNotifier("127.0.0.1", 1, sender="a@example.org", tls="none").send(MESSAGE)
        assert (error.value.code, error.value.status) == ("SX-1030", 503)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_encrypted_and_with_a_login(start: Start, certificate: Any, tls: str) -> None:
    own, believed = certificate
    seen: list[tuple[Any, bool]] = []

    def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        seen.append((data, session.ssl is not None or tls == "tls"))
        return AuthResult(success=(data.login, data.password) == (b"shouxu", b"secret"), handled=False)

    if tls == "starttls":
        postbox, port = start(tls_context=own, require_starttls=True, authenticator=login, auth_required=True)
    else:
        postbox, port = start(ssl_context=own, authenticator=login, auth_required=True, auth_require_tls=False)
    reach: dict[str, Any] = {"sender": "shouxu@example.org", "user": "shouxu", "tls": tls, "context": believed}
    SmtpNotifier("127.0.0.1", port, password="secret", **reach).send(MESSAGE)
    assert len(postbox.mails) == 1 and seen[0][1]
    with pytest.raises(NotSent, match="SMTPAuthenticationError"):
        SmtpNotifier("127.0.0.1", port, password="wrong", **reach).send(MESSAGE)
    with pytest.raises(NotSent, match="SSLCertVerificationError"):  # the machine does not believe that certificate
        SmtpNotifier("127.0.0.1", port, password="secret", **{**reach, "context": None}).send(MESSAGE)
    assert len(postbox.mails) == 1


# ---------------------------------------------------------------- notices become mail


@pytest.fixture
def mailing(house: House, start: Start, monkeypatch: pytest.MonkeyPatch) -> Postbox:
    """The house with mail: service has two addresses, finance none."""
    postbox, port = start()
    addressed(house, monkeypatch, {"mail.service": "front@example.org, desk@example.org"})
    house.office.notifier = SmtpNotifier("127.0.0.1", port, sender="shouxu@example.org", tls="none")
    return postbox


def addressed(house: House, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    """Let the estate's `settings` say where mail goes; the definitions belong to all tests and are put back."""
    known = house.office.library.estates[JADE]
    estate = known.estate.model_copy(update={"settings": settings})
    monkeypatch.setitem(house.office.library.estates, JADE, replace(known, estate=estate))


def told(house: House, *roles: str, case: str | None = None) -> list[str]:
    with house.at("zhou") as desk:
        return [notice.id for notice in tell(desk, JADE, roles, "overdue", case, "verify", "“验房”已超过时限", "“Inspect” is overdue")]


def jobs(house: House) -> list[Job]:
    return house.rows(Job, task=NOTIFY_TASK)


def test_a_notice_is_mailed_once_to_those_with_an_address(house: House, mailing: Postbox) -> None:
    case = house.begin()
    told(house, "service", "finance", case=case)
    assert worker_of(house.office).run_pending() == 2
    ((to, mail),) = mailing.mails
    assert to == ["front@example.org", "desk@example.org"]
    assert mail["Subject"] == "玉兰花园 “验房”已超过时限"
    said = mail.get_content()
    assert "Jade Garden: “Inspect” is overdue" in said
    assert f"http://127.0.0.1:6543/e/{JADE}/cases/{case}" in said
    assert [(job.state, job.progress) for job in jobs(house)] == [("done", {"sent": 2}), ("done", {"sent": 0})]
    assert worker_of(house.office).run_pending() == 0


def test_a_notice_that_was_read_meanwhile_is_not_mailed(house: House, mailing: Postbox) -> None:
    house.act("wang", mark_read, JADE, told(house, "service"))
    assert worker_of(house.office).run_pending() == 1
    assert mailing.mails == []


def test_a_job_whose_worker_died_after_sending_does_not_send_again(house: House, mailing: Postbox) -> None:
    told(house, "service")
    with unit_of_work(house.office.sessions) as session:
        claimed = outbox.claim(session, worker="dead", at=house.clock.now(), batches={NOTIFY_TASK: 1})
    assert send_notices(house.office, claimed) == {claimed[0].id: {"sent": 2}}  # and here the worker dies
    house.clock.advance(outbox.LEASE + timedelta(seconds=1))
    assert worker_of(house.office).run_pending() == 0  # put back, with a pause
    house.clock.advance(timedelta(seconds=10))
    assert worker_of(house.office).run_pending() == 1
    assert [(job.state, job.attempts, job.progress) for job in jobs(house)] == [("done", 2, {"sent": 2})]
    assert len(mailing.mails) == 1


def test_a_server_that_is_away_is_asked_again_later(house: House, mailing: Postbox) -> None:
    reachable, house.office.notifier = house.office.notifier, SmtpNotifier("127.0.0.1", 1, sender="a@example.org", tls="none")
    told(house, "service")
    assert worker_of(house.office).run_pending() == 1
    (job,) = jobs(house)
    assert (job.state, job.attempts) == ("waiting", 1)
    assert job.error.startswith("SX-1030 邮件服务器 127.0.0.1:1 没有收下")
    house.office.notifier = reachable
    house.clock.advance(timedelta(seconds=10))
    assert worker_of(house.office).run_pending() == 1
    assert [job.state for job in jobs(house)] == ["done"] and len(mailing.mails) == 1


def test_a_plugins_crash_spoils_only_its_own_message(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = sqlite_house
    addressed(house, monkeypatch, {"mail.service": "bad@example.org", "mail.finance": "good@example.org"})

    class Picky:
        def send(self, message: Message) -> None:
            if message.to == ("bad@example.org",):
                raise KeyError("messenger")

    house.office.notifier = Picky()
    told(house, "service", "finance")
    assert worker_of(house.office).run_pending() == 2
    assert [(job.state, job.error) for job in jobs(house)] == [("waiting", "KeyError: 'messenger'"), ("done", "")]


def test_addresses_stand_in_the_estates_settings(house: House, mailing: Postbox) -> None:
    assert addresses(house.office, JADE, "service") == ("front@example.org", "desk@example.org")
    assert addresses(house.office, JADE, "finance") == ()


# ---------------------------------------------------------------- which one


PLUGIN = '''
"""A plugin that brings a messenger."""
from shouxu import Message, hookimpl

class Messenger:
    def __init__(self, settings): self.sent = []
    def send(self, message: Message): self.sent.append(message.key)

@hookimpl
def notifiers(): return {NAMES: Messenger}
'''


@pytest.fixture
def package(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    folder = tmp_path / "messengers"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "one.py").write_text(PLUGIN.replace("NAMES", repr(getattr(request, "param", "messenger"))))
    sys.path.insert(0, str(tmp_path))
    yield "messengers"
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("messengers")]:
        del sys.modules[name]


def settings(tmp_path: Path, package: str, **more: Any) -> Settings:
    (tmp_path / "none").mkdir(exist_ok=True)
    return Settings.load(data_dir=tmp_path / "data", estates_dir=tmp_path / "none", plugins=package, secret="s" * 40, **more)


def test_a_plugin_brings_one(tmp_path: Path, package: str) -> None:
    office = build_office(settings(tmp_path, package, notifier="messenger"))
    office.notifier.send(MESSAGE)
    assert office.notifier.sent == ["job1"]  # type: ignore[attr-defined]


def test_without_a_choice_nothing_is_sent(tmp_path: Path, package: str) -> None:
    assert isinstance(build_office(settings(tmp_path, package)).notifier, NullNotifier)


def test_smtp_is_built_in(tmp_path: Path, package: str) -> None:
    chosen = build_office(settings(tmp_path, package, notifier="smtp", smtp_host="mail.example.org",
                                   smtp_from="shouxu@example.org")).notifier
    assert isinstance(chosen, SmtpNotifier) and (chosen.host, chosen.port) == ("mail.example.org", 587)


def test_one_that_nobody_brings_stops_the_start(tmp_path: Path, package: str) -> None:
    with pytest.raises(SettingsError, match="notifier = nobody") as refused:
        build_office(settings(tmp_path, package, notifier="nobody"))
    assert refused.value.remedy == "已有:messenger"


@pytest.mark.parametrize("package", ["smtp"], indirect=True)
def test_no_plugin_stands_in_for_the_built_in(tmp_path: Path, package: str) -> None:
    with pytest.raises(PluginError, match="smtp") as refused:
        build_office(settings(tmp_path, package))
    assert refused.value.number == 1013


@pytest.mark.parametrize(("given", "said"), [
    ({"notifier": "smtp"}, "needs smtp_host and smtp_from"),
    ({"notifier": "smtp", "smtp_host": "mail.example.org"}, "needs smtp_host and smtp_from"),
    ({"smtp_user": "shouxu", "smtp_tls": "none"}, "in the clear")])
def test_half_settings_stop_the_start(tmp_path: Path, given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings(tmp_path, "plugins", **given)


def test_plugins_do_not_see_the_password(tmp_path: Path) -> None:
    shown = plain(settings(tmp_path, "plugins", smtp_user="shouxu", smtp_password="top secret"))
    assert "top secret" not in str(shown) and shown["smtp_user"] == "shouxu"
