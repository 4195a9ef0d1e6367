"""What makes one running installation: the composition root, the private servers, the supervisor."""


def main() -> None:
    """Run the command line. The script entry ``kopru``."""
    from kopru.cli import app  # noqa: PLC0415 - the entry stays light until a command is really run
    from kopru.runtime.host import RuntimeHost  # noqa: PLC0415
    from kopru.settings import Settings, SettingsError  # noqa: PLC0415

    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        raise SystemExit(str(error)) from error
    app(obj=RuntimeHost(settings))
