"""Which plugins a company uses. Installed and allowed is the operator's matter, enabled the company's own."""

from kopru.flows.connections import forget_plugins
from kopru.flows.env import Work
from kopru.flows.texts import TEXTS
from kopru.hooks.errors import ConfigError


def check_enable(work: Work, plugin: str) -> None:
    """Check that a plugin may be enabled.

    Raises:
        Unsupported: it is not installed, or was skipped.
        ConfigError: the operator does not allow it on this installation.
    """
    work.env.registry.manifest(plugin)
    if plugin not in work.env.store.allowed():
        raise ConfigError("plugin.not_allowed", TEXTS.text("plugin.not_allowed", name=plugin))


def enable(work: Work, plugin: str) -> None:
    """Let the company use a plugin; its parked work goes on.

    Raises:
        Unsupported, ConfigError: see ``check_enable``.
    """
    check_enable(work, plugin)
    with work.write() as uow:
        uow.settings.enable(plugin)
        uow.jobs.unpark()
        uow.events.add(work.actor, "plugin", plugin, "plugin.enabled")
    forget_plugins(work)


def check_disable(work: Work, plugin: str) -> None:
    """Check that a plugin is enabled.

    Raises:
        ConfigError: it is not.
    """
    with work.read() as uow:
        enabled = uow.settings.enabled()
    if plugin not in enabled:
        listed = ", ".join(sorted(enabled)) or "—"
        raise ConfigError(
            "plugin.already_disabled", TEXTS.text("plugin.already_disabled", name=plugin, listed=listed)
        )


def disable(work: Work, plugin: str) -> int:
    """Stop the company from using a plugin; return how many of its jobs that leaves waiting.

    The jobs of its connections come up at once, however long they were put off, and park with the reason, so
    that whoever looks at an order sees why it waits. Nothing is deleted, and nobody else's jobs are touched.

    Raises:
        ConfigError: it is not enabled.
    """
    check_disable(work, plugin)
    with work.write() as uow:
        uow.settings.disable(plugin)
        waiting = uow.jobs.hurry(row.id for row in uow.connections.every() if row.plugin == plugin)
        uow.events.add(work.actor, "plugin", plugin, "plugin.disabled", jobs=waiting)
    forget_plugins(work)
    return waiting
