"""What makes one running installation: the composition root, the private servers, the supervisor."""


def main() -> None:
    """Run the command line. The script entry ``kopru``."""
    from kopru.cli import app  # noqa: PLC0415 - the entry stays light until a command is really run

    app()
