"""Who may see which row: the SQL of roles, grants and row-level security.

``kopru_owner`` owns the tables and migrates. ``kopru_tenant`` sees one tenant's rows. ``kopru_engine`` sees
all tenants, but only jobs, schedules, leases and what it needs to find a tenant. None of them can log in or
bypass row-level security; a login role takes them on per transaction.
"""

from collections.abc import Iterable

OWNER, TENANT, ENGINE = "kopru_owner", "kopru_tenant", "kopru_engine"

APPEND_ONLY = (
    "event",
    "event_seal",
    "payload",
    "order_version",
    "archive",
    "exchange",
    "number",
    "adopted",
    "schedule_fire",
)
"""Tables whose rows a tenant transaction may add but not change; ``number`` may get a void reason."""

ERASABLE = ("enabled_plugin", "item_barcode", "order_listed")
"""Tables whose rows a tenant transaction may delete; of all others nothing is ever lost."""

ENGINE_TABLES = (
    "job",
    "schedule",
    "schedule_fire",
    "worker",
    "rate_window",
    "gate",
    "allowed_plugin",
    "instance",
    "tenant",
)

_CURRENT = "nullif(current_setting('kopru.tenant', true), '')::uuid"


_SEEN = "(NULLIF(current_setting(''kopru.tenant''::text, true), ''''::text))::uuid"
"""The tenant of a policy as PostgreSQL prints it."""

OPENINGS = f"""
    select relname::text from pg_class
    cross join lateral (
        select '(' || case when relname = 'tenant' then 'id' else 'tenant_id' end || ' = {_SEEN})'
    ) as policy (own)
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
      and relname <> 'allowed_plugin'
      and has_any_column_privilege('{TENANT}', oid, 'select, insert, update')
      and not (
        relrowsecurity and relforcerowsecurity
        and not exists (select from pg_policies where schemaname = 'public' and tablename = relname
            and roles && array['{TENANT}', 'public']::name[]
            and (qual, with_check) is distinct from (own, own))
      )
    order by relname
"""  # noqa: S608 - made of constants
"""A query for the tables in which a tenant's transaction could see or write rows of others: none, unless
somebody took a wall down. Any role may ask. The list of allowed plugins is everybody's."""

_RESTRICTED = "NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"


def make_roles() -> str:
    """Return the SQL that makes the roles and lets the present login take them on.

    What is there already is left alone, so that a login that may not grant can run it after one that may.
    """
    roles = (OWNER, TENANT, ENGINE)
    return f"""
    DO $$
    DECLARE
        name text;
    BEGIN
        FOREACH name IN ARRAY ARRAY['{"', '".join(roles)}'] LOOP
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
                BEGIN
                    EXECUTE format('CREATE ROLE %I {_RESTRICTED}', name);
                EXCEPTION WHEN duplicate_object OR unique_violation THEN
                    NULL;  -- made by somebody else just now
                END;
            END IF;
            IF NOT pg_has_role(current_user, name, 'SET') THEN
                EXECUTE format('GRANT %I TO %I', name, current_user);
            END IF;
            IF NOT has_schema_privilege(name, 'public', 'USAGE') THEN
                EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', name);
            END IF;
        END LOOP;
        IF NOT has_schema_privilege('{OWNER}', 'public', 'CREATE') THEN
            GRANT CREATE ON SCHEMA public TO {OWNER};
        END IF;
    END $$;
    -- Run by another login than Köprü's own, add this with the name of that login in place of kopru
    -- GRANT {", ".join(roles)} TO kopru;
    """


def protect(tables: Iterable[str]) -> list[str]:
    """Return the statements that put tenant tables under row-level security and grant their use."""
    statements = []
    for table in tables:
        own = f"{'id' if table == 'tenant' else 'tenant_id'} = {_CURRENT}"
        statements += [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY tenant_rows ON "{table}" TO {TENANT} USING ({own}) WITH CHECK ({own})',
            _tenant_grant(table),
        ]
    return statements


def open_to_engine(tables: Iterable[str]) -> list[str]:
    """Return the statements that let the engine role work on some tables across tenants."""
    statements = []
    for table in tables:
        statements += [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY engine_rows ON "{table}" TO {ENGINE} USING (true) WITH CHECK (true)',
            f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {ENGINE}',
        ]
    return statements


def _tenant_grant(table: str) -> str:
    if table == "tenant":
        return f'GRANT SELECT, UPDATE (settings, settings_version, restored_at) ON "{table}" TO {TENANT}'
    if table == "number":
        return f'GRANT SELECT, INSERT, UPDATE (void_reason) ON "{table}" TO {TENANT}'
    if table in APPEND_ONLY:
        return f'GRANT SELECT, INSERT ON "{table}" TO {TENANT}'
    delete = ", DELETE" if table in ERASABLE else ""
    return f'GRANT SELECT, INSERT, UPDATE{delete} ON "{table}" TO {TENANT}'
