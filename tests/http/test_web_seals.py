"""Certificates of seals that end: health, the page of administrators, the log, and `shouxu check` say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from core.cases.paperworks import PaperWorks
from core.cases.seals import watch_seals
from core.cli.program import shouxu
from core.settings import SHIPPED
from tests.http.conftest import House, fresh_house
from tests.remembered_kit import remembering
from tests.sealing_kit import issued

PASSWORD = "Yulan-2026-seal"


@pytest.fixture
def house(tmp_path: Path, sqlite_template: Path) -> House:
    return fresh_house(tmp_path, sqlite_template)


def certificate(folder: Path, days: int) -> dict[str, Any]:
    """Settings with a certificate that ends in so many days (and a few minutes)."""
    now = datetime.now(UTC)
    own = issued("翠微物业服务有限公司", begin=now - timedelta(days=400), length=timedelta(days=400 + days, minutes=9))
    path = folder / f"seal{days}.p12"
    packed = pkcs12.serialize_key_and_certificates(b"seal", own.key, own.certificate, None,  # type: ignore[arg-type]
                                                   BestAvailableEncryption(PASSWORD.encode()))
    path.write_bytes(packed)
    return {"seal_pkcs12": str(path), "seal_pkcs12_password": PASSWORD}


def sealing(house: House, given: dict[str, Any]) -> House:
    from core.settings import Settings

    settings = Settings.load(data_dir=house.office.settings.data_dir, estates_dir=house.office.settings.estates_dir, **given)
    object.__setattr__(house.office, "papers", PaperWorks(settings))
    return house


@pytest.mark.parametrize(("days", "code", "words"), [(12, "SX-3409", "还有 12 天到期"), (-3, "SX-3405", "已过期")])
def test_an_end_in_sight_is_seen_by_those_who_can_do_something(
    house: House, tmp_path: Path, days: int, code: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sealing(house, certificate(tmp_path, days))
    health = house.browser().get("/health").json
    assert (health["status"], health["seals"]) == ("degraded", [code])
    assert "翠微" not in house.browser().get("/health").text  # everybody may ask
    page = house.browser("root").get("/admin/estates")
    assert words in page.text and code in page.text and "sealing.md" in page.text
    capsys.readouterr()
    assert watch_seals(house.office) == 1 and words in capsys.readouterr().out
    assert watch_seals(house.office) == 0  # once a day is enough
    house.browser("wang").get("/admin/estates", status=403)


def test_a_seal_that_lasts_is_not_spoken_of(house: House, tmp_path: Path) -> None:
    sealing(house, certificate(tmp_path, 200))
    health = house.browser().get("/health").json
    assert (health["status"], health["seals"]) == ("ok", [])
    assert 'id="seals"' not in house.browser("root").get("/admin/estates").text
    assert watch_seals(house.office) == 0


def test_a_seal_that_cannot_be_read_is_named_without_its_path(house: House, tmp_path: Path) -> None:
    given = certificate(tmp_path, 200)
    sealing(house, {**given, "seal_pkcs12_password": "guess"})
    health = house.browser().get("/health")
    assert health.json["seals"] == ["SX-3401"] and ".p12" not in health.text


@pytest.mark.parametrize(("days", "exit_code", "code"), [(200, 0, ""), (12, 0, "SX-3409"), (-3, 1, "SX-3405")])
def test_check_says_it_before_anybody_seals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, exit_code: int, code: str
) -> None:
    for name, value in certificate(tmp_path, days).items():
        monkeypatch.setenv(f"SHOUXU_{name.upper()}", value)
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    said: Result = CliRunner().invoke(shouxu, ["check", "--estates", str(SHIPPED / "estates")])
    assert said.exit_code == exit_code, said.output
    assert (code in said.output) if code else "SX-34" not in said.output
