"""What an installation may set: one class, read from the ini file, the environment and the command line.

Later wins: defaults < ini (`shouxu.NAME = …`) < environment (`SHOUXU_NAME`) < what the program passes.
"""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, SettingsConfigDict

from core.errors import SettingsError

SHIPPED = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.", "localhost", "[::1]")
LEAST_SECRET = 32
_GIVEN_FILES = ("seal_pkcs12", "seal_pkcs11_module", "seal_roots", "seal_timestamp_roots", "seal_image")


class Settings(BaseSettings):
    """The settings of one installation; frozen, every value checked, paths absolute."""

    model_config = SettingsConfigDict(
        env_prefix="SHOUXU_", frozen=True, extra="forbid", validate_default=True, env_ignore_empty=True
    )

    data_dir: Path = Field(
        Path("var"), description="Folder of everything that is written: database, files, secret."
    )
    database_url: str = Field(
        "", description="`sqlite:///…` or `postgresql://…`; empty: SQLite in `data_dir`."
    )
    blob_url: str = Field(
        "", description="Folder or `s3://bucket/prefix` of the files; empty: `data_dir`/blobs."
    )
    secret: SecretStr = Field(
        SecretStr(""),
        description="At least 32 characters; signs sessions and codes, encrypts "
        "fields. Empty: made once into `data_dir`/secret, on this machine only.",
    )
    old_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="Earlier secrets, parted by spaces: what they encrypted can still be read."
    )
    estates_dir: Path = Field(
        default_factory=lambda: SHIPPED / "estates",
        description="Folder of companies and estates; empty: the samples shipped.",
    )
    reload_seconds: float = Field(
        5, ge=0, le=3600, description="How often the server looks whether definitions were changed; 0: only when asked."
    )
    plugins: str = Field("plugins", description="Import name of the package whose modules are plugins.")
    soffice: str = Field("soffice", description="LibreOffice: a name on PATH or a full path.")
    pdf_timeout: int = Field(60, ge=1, le=3600, description="Seconds that one call of LibreOffice may take.")
    pdf_warm_workers: int = Field(
        0, ge=0, le=4, description="LibreOffices of each process that stay open between PDFs (python3-uno); 0: one per batch."
    )
    seal_pkcs12: Path | None = Field(
        None, description="Company seal, PKCS#12; empty: a development seal is made."
    )
    seal_pkcs12_password: SecretStr = Field(SecretStr(""), description="Password of the PKCS#12 file.")
    seal_pkcs11_module: Path | None = Field(
        None, description="Company seal whose key stays in a token: the PKCS#11 module (`.so`) of its maker; empty: no token."
    )
    seal_pkcs11_token: str = Field("", description="Label of the token.")
    seal_pkcs11_key: str = Field("", description="Label of the key, and of its certificate, in the token.")
    seal_pkcs11_pin: SecretStr = Field(SecretStr(""), description="PIN of the token's user.")
    seal_roots: Path | None = Field(
        None,
        description="Further certificates (PEM) that seals may lead to: the authority's, those of earlier seals, those of "
        "a plugin's sealer.",
    )
    seal_timestamp_url: str = Field(
        "", description="Time-stamp authority (RFC 3161, `http://…` or `https://…`) for every seal; empty: no time-stamps."
    )
    seal_timestamp_roots: Path | None = Field(
        None, description="Root certificates (PEM) of the time-stamp authority; empty: those that seals lead to."
    )
    seal_timestamp_timeout: int = Field(10, ge=1, le=120, description="Seconds within which the authority must answer.")
    seal_timestamp_required: bool = Field(
        True, description="Without an answer of the authority the seal waits; false: it goes without time-stamp, and the log says so."
    )
    seal_image: Path | None = Field(
        None, description="Picture (PNG) of the seal; empty: drawn from the company name."
    )
    runner: Literal["threads", "celery"] = Field("threads", description="Who works off the jobs.")
    workers: int = Field(
        2, ge=0, le=64, description="Threads for jobs in this process; 0: none, `shouxu worker` does."
    )
    broker_url: str = Field("", description="Redis or RabbitMQ of the runner `celery`.")
    listen: str = Field("127.0.0.1:6543", description="Address and port of the web server.")
    base_url: str = Field(
        "", description="How people reach the server, printed in QR codes; empty: from `listen`."
    )
    trusted_proxy: str = Field(
        "", description="Address of the web server in front, whose X-Forwarded headers are believed; empty: nobody's."
    )
    session_idle_minutes: int = Field(
        30, ge=1, le=24 * 60, description="A login without a request ends after this."
    )
    session_secure_cookie: bool | None = Field(
        None, description="Cookies over HTTPS only; empty: when `base_url` is."
    )
    pdf_converter: str = Field("", description="Name of a plugin's PDF converter; empty: LibreOffice.")
    sealer: str = Field("", description="Name of a plugin's sealer; empty: the built-in PAdES seal.")
    blob_store: str = Field("", description="Name of a plugin's blob store; empty: as `blob_url` says.")
    identity_provider: str = Field("", description="Name of a plugin that checks passwords; empty: those kept here.")
    notifier: str = Field(
        "", description="`smtp`, or the name of a plugin's notifier; empty: notices stay in the inbox."
    )
    smtp_host: str = Field("", description="Mail server of the notifier `smtp`.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port: mostly 587 with `starttls`, 465 with `tls`.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way to the mail server is encrypted; `none` only without a password."
    )
    smtp_user: str = Field("", description="Who logs in at the mail server; empty: nobody.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password of `smtp_user`.")
    smtp_from: str = Field("", description="Address that mails come from.")
    allow_template_upload: bool = Field(
        False, description="A Word template that passed its check on the page may be put into the estate's folder; else it is checked only."
    )
    demo: bool = Field(False, description="Sample estate with known passwords; never on a reachable address.")

    @classmethod
    def load(cls, ini: Mapping[str, Any] | None = None, **overrides: Any) -> Self:
        """The settings from `ini` (keys `shouxu.NAME`), environment and `overrides`; SettingsError names
        all mistakes."""
        wired = {
            key.removeprefix("shouxu."): value
            for key, value in (ini or {}).items()
            if key.startswith("shouxu.") and value != ""
        }
        _known(cls, wired, "shouxu.")
        _known(cls, overrides, "")

        class Loaded(cls):
            @classmethod
            def settings_customise_sources(
                cls, settings_cls, init_settings, env_settings, dotenv_settings, file_secret_settings
            ):
                return init_settings, env_settings, InitSettingsSource(settings_cls, wired)

        try:
            found = Loaded(**overrides).model_dump()
        except ValidationError as error:
            raise SettingsError(
                _sentences(error), remedy="更正后重新启动；各项设置见 docs/reference/settings.md"
            ) from None
        return cls.model_construct(**found)

    @field_validator("old_secrets", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("data_dir", "estates_dir", *_GIVEN_FILES, mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().resolve() if value else None

    @field_validator("estates_dir", *_GIVEN_FILES, mode="after")
    @classmethod
    def _exists(cls, value: Path | None) -> Path | None:
        if value and not value.exists():
            raise ValueError(f"{value} does not exist")
        return value

    @field_validator("database_url", mode="after")
    @classmethod
    def _database(cls, value: str) -> str:
        if not value:
            return ""
        from sqlalchemy.engine import make_url  # takes longer to import than all settings to read
        from sqlalchemy.exc import ArgumentError

        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError:
            raise ValueError("not a database address; like sqlite:////srv/shouxu/shouxu.sqlite") from None
        if backend not in ("sqlite", "postgresql"):
            raise ValueError(f"{backend} is not supported; sqlite or postgresql")
        return value

    @field_validator("listen", mode="after")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or not 0 <= int(port) < 65536:
            raise ValueError("say host:port, like 127.0.0.1:6543")
        return value

    @field_validator("base_url", "seal_timestamp_url", mode="after")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("begins with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _one_seal(self) -> Self:
        if self.seal_pkcs11_module and self.seal_pkcs12:
            raise ValueError("seal_pkcs12 and seal_pkcs11_module name two seals; give one of them")
        if self.seal_pkcs11_module and not (self.seal_pkcs11_token and self.seal_pkcs11_key):
            raise ValueError("seal_pkcs11_module needs seal_pkcs11_token and seal_pkcs11_key, the labels in the token")
        return self

    @model_validator(mode="after")
    def _filled(self) -> Self:
        fill: dict[str, Any] = {}
        if not self.database_url:
            fill["database_url"] = f"sqlite:///{self.data_dir / 'shouxu.sqlite'}"
        if not self.blob_url:
            fill["blob_url"] = str(self.data_dir / "blobs")
        if not self.base_url:
            fill["base_url"] = f"http://{self.listen}"
        if self.session_secure_cookie is None:
            fill["session_secure_cookie"] = self.base_url.startswith("https://")
        if self.runner == "celery" and not self.broker_url:
            raise ValueError("runner celery needs broker_url, like redis://127.0.0.1:6379/0")
        if self.notifier == "smtp" and not (self.smtp_host and self.smtp_from):
            raise ValueError("notifier smtp needs smtp_host and smtp_from, like shouxu@example.org")
        if self.smtp_user and self.smtp_tls == "none":
            raise ValueError("smtp_tls none would send the password of smtp_user in the clear; use starttls or tls")
        fill["secret"] = SecretStr(self._given_or_made_secret())
        for name, value in fill.items():
            object.__setattr__(self, name, value)  # frozen for everybody else
        return self

    @property
    def is_reachable(self) -> bool:
        """Whether others than this machine can reach the server: then nothing may be made up."""
        return not self.listen.startswith(LOOPBACK) or self.base_url.startswith("https://")

    def _given_or_made_secret(self) -> str:
        given = self.secret.get_secret_value()
        if given:
            if len(given) < LEAST_SECRET:
                raise ValueError(
                    f"secret has {len(given)} characters, at least {LEAST_SECRET} are needed; "
                    "set SHOUXU_SECRET to the output of: openssl rand -hex 32"
                )
            return given
        if self.is_reachable and not self.demo:
            raise ValueError(
                "secret is missing, and this server can be reached from elsewhere; "
                "set SHOUXU_SECRET to the output of: openssl rand -hex 32"
            )
        return _made_once(self.data_dir / "secret")


def _made_once(path: Path) -> str:
    """The secret kept in `path`, made there (0600) when the file is missing; safe when two processes start
    at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept = path.read_text(encoding="ascii").strip()
    if len(kept) < LEAST_SECRET:
        raise ValueError(
            f"{path} is damaged; restore it from the backup (a new one cannot read stored fields)"
        )
    return kept


def _known(cls: type[Settings], given: Mapping[str, Any], prefix: str) -> None:
    for name in given:
        if name not in cls.model_fields:
            near = difflib.get_close_matches(name, cls.model_fields, n=1)
            hint = f"; 是否指 {prefix}{near[0]}?" if near else ""
            raise SettingsError(
                f"没有名为 {prefix}{name} 的设置{hint}", remedy="各项设置见 docs/reference/settings.md"
            )


def _sentences(error: ValidationError) -> str:
    rows = []
    for problem in error.errors(include_input=False):
        name = ".".join(str(part) for part in problem["loc"])
        said = problem["msg"].removeprefix("Value error, ")
        rows.append(f"{name} (SHOUXU_{name.upper()}): {said}" if name else said)
    return "设置有误: " + "; ".join(rows)


def reference() -> str:
    """The page docs/reference/settings.md: every setting with its default and meaning."""
    rows = ["| ini `shouxu.…` | environment | default | meaning |", "|---|---|---|---|"]
    for name, info in Settings.model_fields.items():
        default = info.default.get_secret_value() if isinstance(info.default, SecretStr) else info.default
        shown = f"`{default}`" if info.default_factory is None and default not in ("", None, ()) else ""
        rows.append(f"| `{name}` | `SHOUXU_{name.upper()}` | {shown} | {info.description} |")
    return "\n".join(rows) + "\n"
