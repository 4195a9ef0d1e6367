"""The settings of one installation, read from the environment.

Every setting is a ``KOPRU_*`` variable; an empty one counts as not set. Only ``kopru.runtime`` reads them.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

LogLevel = Literal["debug", "info", "warning", "error"]

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class SettingProblem:
    """One variable that cannot be used, with what to set instead in both languages."""

    variable: str
    tr: str
    en: str


class SettingsError(ValueError):
    """The environment holds settings that cannot be used."""

    def __init__(self, problems: tuple[SettingProblem, ...]) -> None:
        """Take every problem found; all are reported at once."""
        self.problems = problems
        super().__init__(" ".join(f"{problem.variable}: {problem.en}" for problem in problems))


def _database_url(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("not a PostgreSQL address")
    return f"postgresql+psycopg://{rest}"


def _redis_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("not a Redis address")
    return value


def _absolute(value: Path) -> Path:
    return value.expanduser().absolute()


def _lowered(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _listed(value: object) -> object:
    return (
        tuple(part for each in value.split(",") if (part := each.strip()))
        if isinstance(value, str)
        else value
    )


def _names(value: object) -> object:
    return (
        frozenset(name for part in value.split(",") if (name := part.strip()))
        if isinstance(value, str)
        else value
    )


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseModel):
    """How this installation runs. Frozen; a change needs a new start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: AbsolutePath
    """The data directory: private servers, their files, keys and logs."""
    database_url: DatabaseUrl | None = Field(default=None, repr=False)
    """A PostgreSQL of the operator's own, as SQLAlchemy wants it; None means a private one."""
    redis_url: RedisUrl | None = Field(default=None, repr=False)
    """A Redis-protocol server of the operator's own; None means a private one."""
    master_key: SecretStr | None = None
    master_key_file: AbsolutePath | None = None
    old_master_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_listed)] = ()
    """Keys that secrets may still be encrypted under, until ``kopru db rekey`` has run."""
    workers: int = Field(default=2, ge=1, le=64)
    """Worker processes that ``up`` runs."""
    threads: int = Field(default=8, ge=1, le=256)
    """Threads of one worker."""
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8420, ge=1, le=65535)
    log_level: Annotated[LogLevel, BeforeValidator(_lowered)] = "info"
    language: Annotated[Literal["tr", "en"], BeforeValidator(_lowered)] = "en"
    plugins_disabled: Annotated[frozenset[str], BeforeValidator(_names)] = frozenset()
    """Installed plugins that this installation does not load."""
    plugin_seconds: int = Field(default=20, ge=1, le=600)
    """Seconds that importing one plugin may take when it is tried."""
    plugin_memory: int = Field(default=1024, ge=64, le=1 << 20)
    """Megabytes that importing one plugin may take when it is tried."""
    socket_base: AbsolutePath | None = None
    """The user's own short directory for sockets (``XDG_RUNTIME_DIR``), used when ``home`` is too deep."""
    unknown: tuple[str, ...] = ()
    """``KOPRU_*`` variables that mean nothing: most often a typing mistake."""

    @model_validator(mode="after")
    def _one_master_key(self) -> Self:
        if self.master_key is not None and self.master_key_file is not None:
            raise ValueError("two master keys")
        return self

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings from the given variables, or from those of this process.

        Raises:
            SettingsError: a variable cannot be used; it names each and what to set.
        """
        given = {
            name: value
            for name, value in (os.environ if environment is None else environment).items()
            if value
        }
        values: dict[str, Any] = {
            field: given[variable] for variable, field in _VARIABLES.items() if variable in given
        }
        values.setdefault("home", default_home(given))
        values.setdefault("language", _language(given))
        values["unknown"] = tuple(sorted(name for name in given if _is_unknown(name)))
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(_problems(error)) from None


def default_home(environment: Mapping[str, str], package: Path = _PACKAGE) -> Path:
    """Return where the data lives when ``KOPRU_HOME`` is not set.

    ``.kopru`` in the checkout that holds the package, else ``kopru`` in the user's data directory
    (XDG Base Directory Specification: ``XDG_DATA_HOME``, a relative value is ignored).

    Raises:
        SettingsError: the user has no home directory.
    """
    for folder in package.parents:
        if _is_checkout(folder):
            return folder / ".kopru"
    data = Path(environment.get("XDG_DATA_HOME", ""))
    if data.is_absolute():
        return data / "kopru"
    try:
        return (
            Path(environment["HOME"] if "HOME" in environment else Path.home()) / ".local" / "share" / "kopru"
        )
    except RuntimeError:
        raise SettingsError((SettingProblem("KOPRU_HOME", *_HELP["KOPRU_HOME"]),)) from None


_VARIABLES = {
    "KOPRU_HOME": "home",
    "KOPRU_DATABASE_URL": "database_url",
    "KOPRU_REDIS_URL": "redis_url",
    "KOPRU_MASTER_KEY": "master_key",
    "KOPRU_MASTER_KEY_FILE": "master_key_file",
    "KOPRU_OLD_MASTER_KEYS": "old_master_keys",
    "KOPRU_WORKERS": "workers",
    "KOPRU_THREADS": "threads",
    "KOPRU_WEB_HOST": "web_host",
    "KOPRU_WEB_PORT": "web_port",
    "KOPRU_LOG_LEVEL": "log_level",
    "KOPRU_LANGUAGE": "language",
    "KOPRU_PLUGINS_DISABLED": "plugins_disabled",
    "KOPRU_PLUGIN_SECONDS": "plugin_seconds",
    "KOPRU_PLUGIN_MEMORY": "plugin_memory",
    "XDG_RUNTIME_DIR": "socket_base",
}

_INTERNAL = {"KOPRU_LIFELINE_FD"}

_HELP = {
    "KOPRU_HOME": (
        "Verilerin duracağı klasörü yazın, örneğin /srv/kopru.",
        "Set it to the folder that shall hold the data, for example /srv/kopru.",
    ),
    "KOPRU_DATABASE_URL": (
        (
            "Bir PostgreSQL adresi yazın (postgresql://kullanıcı:parola@sunucu/veritabanı) ya da kendi özel "
            "sunucusu için değişkeni kaldırın."
        ),
        (
            "Set a PostgreSQL address (postgresql://user:password@server/database), or unset it for a "
            "private server."
        ),
    ),
    "KOPRU_REDIS_URL": (
        (
            "Bir Redis ya da Valkey adresi yazın (redis://sunucu:6379/0) ya da kendi özel sunucusu için "
            "değişkeni kaldırın."
        ),
        "Set a Redis or Valkey address (redis://server:6379/0), or unset it for a private server.",
    ),
    "KOPRU_MASTER_KEY_FILE": (
        "Anahtar dosyasının yolunu yazın.",
        "Set the path of the key file.",
    ),
    "KOPRU_WORKERS": (
        "1 ile 64 arasında bir tam sayı yazın.",
        "Set a whole number from 1 to 64.",
    ),
    "KOPRU_THREADS": (
        "1 ile 256 arasında bir tam sayı yazın.",
        "Set a whole number from 1 to 256.",
    ),
    "KOPRU_WEB_PORT": (
        "1 ile 65535 arasında bir tam sayı yazın.",
        "Set a whole number from 1 to 65535.",
    ),
    "KOPRU_PLUGIN_SECONDS": (
        "1 ile 600 arasında bir tam sayı yazın (saniye).",
        "Set a whole number from 1 to 600 (seconds).",
    ),
    "KOPRU_PLUGIN_MEMORY": (
        "64 ile 1048576 arasında bir tam sayı yazın (MB).",
        "Set a whole number from 64 to 1048576 (MB).",
    ),
    "KOPRU_LOG_LEVEL": (
        "debug, info, warning, error değerlerinden birini yazın.",
        "Set one of debug, info, warning, error.",
    ),
    "KOPRU_LANGUAGE": (
        "tr ya da en yazın.",
        "Set tr or en.",
    ),
}

_BOTH_KEYS = SettingProblem(
    "KOPRU_MASTER_KEY",
    "KOPRU_MASTER_KEY ve KOPRU_MASTER_KEY_FILE birlikte verilemez; birini kaldırın.",
    "KOPRU_MASTER_KEY and KOPRU_MASTER_KEY_FILE cannot both be set; unset one of them.",
)


def _problems(error: ValidationError) -> tuple[SettingProblem, ...]:
    variable_of = {field: variable for variable, field in _VARIABLES.items()}
    found: dict[str, SettingProblem] = {}
    for item in error.errors(include_input=False, include_url=False):
        if not item["loc"]:
            found[_BOTH_KEYS.variable] = _BOTH_KEYS
            continue
        variable = variable_of[str(item["loc"][0])]
        found[variable] = SettingProblem(variable, *_HELP.get(variable, (item["msg"], item["msg"])))
    return tuple(found.values())


def _is_unknown(variable: str) -> bool:
    return variable.startswith("KOPRU_") and variable not in _VARIABLES and variable not in _INTERNAL


def _language(environment: Mapping[str, str]) -> str:
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if name in environment), ""
    )
    return "tr" if locale.lower().startswith("tr") else "en"


def _is_checkout(folder: Path) -> bool:
    if not ((folder / ".git").exists() or (folder / "run").is_file()):
        return False
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("project", {})
    except (OSError, ValueError):
        return False
    return bool(project.get("name") == "kopru")
