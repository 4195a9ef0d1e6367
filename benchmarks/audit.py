"""Time to verify an audit chain: ``python benchmarks/audit.py --events 1000000``."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from kopru.runtime.compose import compose, prepare_database
from kopru.runtime.servers import Keeper
from kopru.settings import Settings
from kopru.storage import audit

sys.path.insert(0, str(Path(__file__).parent))
from machine import describe, print_table


def main() -> None:
    """Write events, seal them and verify the chain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KOPRU_HOME"] = f"{folder}/home"
        settings = Settings.from_environment()
        with Keeper(settings) as keeper:
            prepare_database(settings, keeper.endpoints.database_url)
            with compose(settings, keeper.endpoints) as engine:
                tenant_id = engine.store.add_tenant("bench")
                with engine.store.tenant(tenant_id) as uow:
                    uow.db.execute(
                        sa.text(
                            "insert into event (tenant_id, at, actor, subject, subject_id, action, data)"
                            " select :tenant, clock_timestamp() - interval '1 h', 'bench', 'order', n::text,"
                            " 'order.seen', jsonb_build_object('n', n) from generate_series(1, :events) as n"
                        ),
                        {"tenant": tenant_id, "events": events},
                    )
                started = time.perf_counter()
                while audit.seal(engine.store, tenant_id):
                    pass
                sealed = time.perf_counter() - started
                started = time.perf_counter()
                report = audit.verify(engine.store, tenant_id)
                verified = time.perf_counter() - started
    describe()
    print_table(
        {
            "events": f"{report.events}, sealed {report.sealed}, broken: {report.broken}",
            "seal": f"{sealed:.1f} s",
            "verify": f"{verified:.1f} s",
        }
    )


if __name__ == "__main__":
    main()
