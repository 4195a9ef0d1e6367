"""How large a run is, and the schedule that follows from it."""

from dataclasses import dataclass

from kopru.testing.chaos import nemesis

LONG = 30.0
"""Minutes from which a run keeps the targets' own waiting times, and resources are judged."""

SHORT_PATIENCE = 0.06
"""What shorter runs take those times times: a ledger's three minutes become eleven seconds."""


@dataclass(frozen=True)
class Plan:
    """How large a run is."""

    seed: int
    minutes: float
    tenants: int = 3
    orders: int = 400
    per_minute: float = 24.0
    families: tuple[str, ...] = nemesis.FAMILIES
    only: str = ""
    workers: int = 2
    skew: float = 0.0
    """Seconds the last worker's clock is wrong by."""

    @property
    def seconds(self) -> float:
        """Return the seconds in which orders arrive and faults strike."""
        return self.minutes * 60

    @property
    def slugs(self) -> tuple[str, ...]:
        """Return the companies."""
        return tuple(f"t{n}" for n in range(1, self.tenants + 1))

    @property
    def patience(self) -> float:
        """Return what targets' waiting times are taken times."""
        return 1.0 if self.minutes >= LONG else SHORT_PATIENCE

    @property
    def quiet(self) -> float:
        """Return the seconds nothing happens before the verdict."""
        return 60.0 if self.minutes >= LONG else 5.0

    @property
    def drain_limit(self) -> float:
        """Return the seconds without any progress after which nothing more is waited for."""
        return 600.0 if self.minutes >= LONG else 90.0

    def strikes(self) -> tuple[nemesis.Strike, ...]:
        """Return the nemesis's schedule."""
        planned = nemesis.plan(
            self.seed,
            self.seconds,
            tenants=self.slugs,
            workers=self.workers,
            per_minute=self.per_minute,
            families=self.families,
        )
        return nemesis.select(planned, self.only)

    @property
    def command(self) -> str:
        """Return the command that repeats the run."""
        parts = [f"kopru chaos run --seed {self.seed} --minutes {self.minutes:g}"]
        parts.append(f"--tenants {self.tenants} --orders {self.orders}")
        if self.per_minute != Plan.per_minute:
            parts.append(f"--per-minute {self.per_minute:g}")
        if self.families != nemesis.FAMILIES:
            parts.append(f"--faults {','.join(self.families)}")
        if self.only:
            parts.append(f"--only {self.only}")
        if self.skew:
            parts.append(f"--skew {self.skew:g}")
        return " ".join(parts)
