"""How notices leave the house: not at all, by mail, or as a plugin does it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

import structlog

from core.cases.paperworks import Factory, chosen
from core.domain.extensions import Message, Notifier
from core.errors import NotSent, PluginError
from core.settings import Settings

log = structlog.get_logger("shouxu.notices")
BUILT_IN = "smtp"
PATIENCE = 20
"""Seconds that the mail server may take for one answer."""


class NullNotifier:
    """Sends nothing: notices stand in the inbox only."""

    def send(self, message: Message) -> None:
        """Nothing happens."""


class SmtpNotifier:
    """Mail through one server, one connection for each message.

    `tls`: `starttls`, `tls` or `none`; `context`: which certificates are believed (default: those of the machine).
    """

    def __init__(self, host: str, port: int = 587, *, sender: str, user: str = "", password: str = "",
                 tls: str = "starttls", context: ssl.SSLContext | None = None) -> None:
        self.host, self.port, self.sender = host, port, sender
        self._user, self._password, self._tls = user, password, tls
        self._context = context

    def send(self, message: Message) -> None:
        """Hand the mail to the server; NotSent when it cannot be reached or takes it for nobody.

        Sent again it has the same Message-ID, by which mail servers and readers know it.
        """
        try:
            with self._connected() as server:
                refused = server.send_message(self._mail(message), self.sender, message.to)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"邮件服务器 {self.host}:{self.port} 没有收下：{type(error).__name__}",
                          remedy="请核对 smtp_… 设置；稍后会自动重试") from error
        if refused:
            log.warning("addresses_refused", key=message.key, addresses=sorted(refused))

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = self.sender, ", ".join(message.to)
        mail["Subject"] = " ".join(message.subject.split())  # a line break would end the heading
        mail["Message-ID"] = f"<{message.key}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # so that nobody's holiday note answers
        mail.set_content(message.body)
        return mail

    def _connected(self) -> smtplib.SMTP:
        context = self._context or ssl.create_default_context()
        if self._tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            if self._tls == "starttls":
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def notifier_of(settings: Settings, makers: Mapping[str, Factory]) -> Notifier:
    """What the setting `notifier` chooses; SettingsError when nobody brings it."""
    if BUILT_IN in makers:
        raise PluginError(f"通知方式 `{BUILT_IN}` 是内置的，插件不能再声明 (built-in name)", number=1013)
    if not settings.notifier:
        return NullNotifier()
    if settings.notifier == BUILT_IN:
        return SmtpNotifier(settings.smtp_host, settings.smtp_port, sender=settings.smtp_from, user=settings.smtp_user,
                            password=settings.smtp_password.get_secret_value(), tls=settings.smtp_tls)
    return chosen(makers, "notifier", settings)
