"""Settings are read from the environment, and a wrong one tells what to set instead."""

from pathlib import Path

import pytest

from kopru.settings import Settings, SettingsError, default_home


def read(**variables: str) -> Settings:
    return Settings.from_environment({"HOME": "/home/ayse", **variables})


def problem(**variables: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read(**variables)
    return caught.value


def test_nothing_set_means_private_servers_and_safe_defaults():
    settings = read()
    assert settings.database_url is None
    assert settings.redis_url is None
    assert settings.web_host == "127.0.0.1"
    assert settings.plugins_disabled == frozenset()
    assert (settings.workers, settings.threads, settings.log_level) == (2, 8, "info")


def test_every_variable_is_read():
    settings = read(
        KOPRU_HOME="/srv/kopru",
        KOPRU_DATABASE_URL="postgresql://u:p@db/kopru",
        KOPRU_REDIS_URL="redis://cache:6379/3",
        KOPRU_MASTER_KEY="secret-key",
        KOPRU_WORKERS="5",
        KOPRU_THREADS="16",
        KOPRU_WEB_HOST="0.0.0.0",
        KOPRU_WEB_PORT="9000",
        KOPRU_LOG_LEVEL="DEBUG",
        KOPRU_LANGUAGE="tr",
        KOPRU_PLUGINS_DISABLED="logo, trendyol,",
        XDG_RUNTIME_DIR="/run/user/1000",
    )
    assert settings.home == Path("/srv/kopru")
    assert settings.database_url == "postgresql+psycopg://u:p@db/kopru"
    assert settings.redis_url == "redis://cache:6379/3"
    assert settings.master_key is not None
    assert settings.master_key.get_secret_value() == "secret-key"
    assert (settings.workers, settings.threads) == (5, 16)
    assert (settings.web_host, settings.web_port) == ("0.0.0.0", 9000)
    assert (settings.log_level, settings.language) == ("debug", "tr")
    assert settings.plugins_disabled == {"logo", "trendyol"}
    assert settings.socket_base == Path("/run/user/1000")


def test_an_empty_variable_counts_as_not_set():
    assert read(KOPRU_DATABASE_URL="", KOPRU_WORKERS="").database_url is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_usual_spellings_of_a_postgresql_address_are_accepted(scheme):
    assert read(KOPRU_DATABASE_URL=f"{scheme}://db/kopru").database_url == "postgresql+psycopg://db/kopru"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("KOPRU_DATABASE_URL", "sqlite:///kopru.db", "postgresql://user:password@server/database"),
        ("KOPRU_DATABASE_URL", "db.example.test", "postgresql://user:password@server/database"),
        ("KOPRU_REDIS_URL", "localhost:6379", "redis://server:6379/0"),
        ("KOPRU_WORKERS", "many", "1 to 64"),
        ("KOPRU_WORKERS", "0", "1 to 64"),
        ("KOPRU_THREADS", "1000", "1 to 256"),
        ("KOPRU_WEB_PORT", "70000", "1 to 65535"),
        ("KOPRU_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("KOPRU_LANGUAGE", "de", "tr or en"),
    ],
)
def test_a_wrong_value_names_its_variable_and_what_to_set(variable, value, told):
    (found,) = problem(**{variable: value}).problems
    assert found.variable == variable
    assert told in found.en
    assert found.tr != found.en


def test_all_wrong_values_are_told_at_once():
    error = problem(KOPRU_WORKERS="x", KOPRU_LANGUAGE="de")
    assert {found.variable for found in error.problems} == {"KOPRU_WORKERS", "KOPRU_LANGUAGE"}


def test_two_master_keys_are_refused():
    (found,) = problem(KOPRU_MASTER_KEY="a", KOPRU_MASTER_KEY_FILE="/key").problems
    assert "KOPRU_MASTER_KEY_FILE" in found.en


def test_secrets_appear_neither_in_the_settings_nor_in_errors():
    settings = read(
        KOPRU_DATABASE_URL="postgresql://u:hush@db/k",
        KOPRU_REDIS_URL="redis://:hush@r",
        KOPRU_MASTER_KEY="hush",
    )
    assert "hush" not in repr(settings)
    assert "hush" not in str(problem(KOPRU_DATABASE_URL="mysql://u:hush@db/k"))


def test_a_misspelt_variable_is_reported():
    settings = read(KOPRU_DATBASE_URL="postgresql://db/k", KOPRU_LIFELINE_FD="5")
    assert settings.unknown == ("KOPRU_DATBASE_URL",)


@pytest.mark.parametrize(("locale", "language"), [("tr_TR.UTF-8", "tr"), ("de_DE", "en"), ("C.UTF-8", "en")])
def test_the_language_follows_the_locale(locale, language):
    assert read(LANG=locale).language == language
    assert read(LANG=locale, KOPRU_LANGUAGE="tr").language == "tr"


def test_kopru_home_may_be_relative_or_start_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ayse")
    assert read(KOPRU_HOME="data").home == tmp_path / "data"
    assert read(KOPRU_HOME="~/data").home == Path("/home/ayse/data")


@pytest.mark.parametrize("mark", [".git", "run"])
def test_a_checkout_keeps_its_data_in_itself(tmp_path, mark):
    checkout = tmp_path / "checkout"
    package = checkout / "core" / "kopru"
    package.mkdir(parents=True)
    (checkout / "pyproject.toml").write_text('[project]\nname = "kopru"\n')
    (checkout / mark).touch()
    assert default_home({"HOME": "/home/ayse"}, package) == checkout / ".kopru"


def test_a_folder_of_another_project_is_no_checkout(tmp_path):
    package = tmp_path / "venv" / "kopru"
    package.mkdir(parents=True)
    (tmp_path / ".git").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    assert default_home({"HOME": "/home/ayse"}, package) == Path("/home/ayse/.local/share/kopru")


def test_outside_a_checkout_the_xdg_data_directory_is_used(tmp_path):
    package = tmp_path / "kopru"
    assert default_home({"XDG_DATA_HOME": "/data"}, package) == Path("/data/kopru")
    assert default_home({"XDG_DATA_HOME": "data", "HOME": "/h"}, package) == Path("/h/.local/share/kopru")
