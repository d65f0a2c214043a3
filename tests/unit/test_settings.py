"""Settings: sources in order, every mistake named with its remedy, the reference page as generated."""

import stat
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import Settings, reference

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch, tmp_path):
    import os

    for name in [name for name in os.environ if name.startswith("SHOUXU_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_lie_in_the_data_folder(tmp_path):
    found = Settings.load()
    assert found.database_url == f"sqlite:///{tmp_path / 'var' / 'shouxu.sqlite'}"
    assert found.blob_url == str(tmp_path / "var" / "blobs")
    assert (found.base_url, found.session_secure_cookie, found.demo) == (
        "http://127.0.0.1:6543",
        False,
        False,
    )
    assert found.estates_dir == ROOT / "estates"


def test_environment_wins_over_ini_and_the_program_over_both(monkeypatch):
    ini = {"shouxu.workers": "3", "shouxu.pdf_timeout": "9", "shouxu.plugins": "mine", "pyramid.debug": "x"}
    monkeypatch.setenv("SHOUXU_WORKERS", "5")
    monkeypatch.setenv("SHOUXU_PDF_TIMEOUT", "7")
    found = Settings.load(ini, workers=6)
    assert (found.workers, found.pdf_timeout, found.plugins) == (6, 7, "mine")


def test_the_secret_is_made_once_and_kept_to_its_owner(tmp_path):
    first = Settings.load().secret.get_secret_value()
    assert len(first) >= 32
    assert Settings.load().secret.get_secret_value() == first
    assert stat.S_IMODE((tmp_path / "var" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret"]


def test_a_given_secret_is_used_and_never_shown(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOUXU_SECRET", "s" * 40)
    monkeypatch.setenv("SHOUXU_OLD_SECRETS", f"{'o' * 40} {'p' * 40}")
    found = Settings.load({"shouxu.listen": "0.0.0.0:80"})
    assert found.secret.get_secret_value() == "s" * 40
    assert [old.get_secret_value()[0] for old in found.old_secrets] == ["o", "p"]
    assert "ssss" not in repr(found)
    assert not (tmp_path / "var").exists()


def test_https_makes_cookies_secure():
    found = Settings.load({"shouxu.base_url": "https://wy.example.cn/", "shouxu.secret": "s" * 32})
    assert (found.base_url, found.session_secure_cookie, found.is_reachable) == (
        "https://wy.example.cn",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("ini", "said"),
    [
        ({"shouxu.worker": "1"}, "shouxu.workers"),
        ({"shouxu.listen": "0.0.0.0:80"}, "openssl rand"),
        ({"shouxu.base_url": "https://wy.example.cn"}, "openssl rand"),
        ({"shouxu.secret": "short"}, "at least 32"),
        ({"shouxu.database_url": "mysql://a/b"}, "mysql is not supported"),
        ({"shouxu.database_url": "nonsense"}, "SHOUXU_DATABASE_URL"),
        ({"shouxu.listen": "localhost"}, "host:port"),
        ({"shouxu.runner": "celery"}, "broker_url"),
        ({"shouxu.runner": "cron"}, "SHOUXU_RUNNER"),
        ({"shouxu.estates_dir": "/nowhere"}, "does not exist"),
        ({"shouxu.seal_pkcs12": "/nowhere.p12"}, "does not exist"),
        ({"shouxu.base_url": "wy.example.cn"}, "http://"),
    ],
)
def test_mistakes_are_named(ini, said):
    with pytest.raises(SettingsError) as caught:
        Settings.load(ini)
    assert said in str(caught.value)
    assert caught.value.remedy


def test_all_mistakes_are_said_at_once():
    with pytest.raises(SettingsError) as caught:
        Settings.load({"shouxu.workers": "many", "shouxu.pdf_timeout": "0"})
    assert "SHOUXU_WORKERS" in str(caught.value)
    assert "SHOUXU_PDF_TIMEOUT" in str(caught.value)


def test_a_damaged_secret_is_not_replaced(tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret").write_text("x")
    with pytest.raises(SettingsError, match="backup"):
        Settings.load()


def test_the_reference_is_as_generated():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert reference() in page
