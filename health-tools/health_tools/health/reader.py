"""The login role of those who only look: dashboards and reports.

It reads what is shown (`marts`, `quality`, `meta`) and nothing else: no raw record, no canonical
row. What dbt makes anew it reads as well, by default privileges of the role that builds.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from psycopg import sql

from health_tools.errors import HealthToolsError

if TYPE_CHECKING:
    from psycopg import Connection

ROLE = "health_reader"
SCHEMAS = ("marts", "quality", "meta")
#: Grants of the taps, where they are kept in the database: nothing to look at.
SECRETS = "meta.oauth_grants"
PASSWORD_VARIABLE = "HEALTH_READER_PASSWORD"  # noqa: S105 (its name)

_ROLE = sql.Identifier(ROLE)
_LIMITS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "TimeZone": "UTC",
}
_ATTRIBUTES = """
    select attribute
    from pg_roles, lateral (values
        ('superuser', rolsuper), ('createdb', rolcreatedb), ('createrole', rolcreaterole),
        ('replication', rolreplication), ('bypassrls', rolbypassrls)
    ) as attributes (attribute, is_set)
    where rolname = %(role)s and is_set
    order by attribute
"""
_GRANTED_ROLES = """
    select roleid::regrole::text from pg_auth_members where member = %(role)s::regrole
"""
# What an extension shows to everybody, such as statistics, is the owner's own decision.
_RELATIONS = """
    select nspname, relname
    from pg_class
    inner join pg_namespace on pg_namespace.oid = relnamespace
    where
        relkind in ('r', 'v', 'm', 'p', 'f')
        and nspname !~ '^pg_' and nspname <> 'information_schema'
        and has_schema_privilege(%(role)s, relnamespace, 'usage')
        and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')
"""
_FOREIGN = f"""
    {_RELATIONS}
        and (nspname <> all(%(schemas)s) or nspname || '.' || relname = %(secrets)s)
        and has_any_column_privilege(%(role)s, pg_class.oid, 'select')
    order by nspname, relname
"""
_WRITABLE = f"""
    {_RELATIONS} and (
        has_any_column_privilege(%(role)s, pg_class.oid, 'insert, update, references')
        or has_table_privilege(%(role)s, pg_class.oid, 'delete, truncate, trigger')
    )
    order by nspname, relname
"""
_CREATABLE_SCHEMAS = """
    select nspname from pg_namespace
    where nspname !~ '^pg_' and has_schema_privilege(%(role)s, oid, 'create')
    order by nspname
"""
_MAY_CREATE = """
    select has_database_privilege(%(role)s, current_database(), 'create, temporary')
"""


def password_of_environment() -> str:
    """The password that the role is to have; an error that says how to set it without one."""
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password.strip():
        raise HealthToolsError(
            f"The role {ROLE} needs a password: put {PASSWORD_VARIABLE}=... into .env (python -c "
            f"'import secrets; print(secrets.token_urlsafe(24))' makes one) and type "
            f"meltano invoke health:reader again."
        )
    return password


def grant(session: Connection, password: str) -> None:
    """Make or mend the role in the database of `session`; all of it or nothing.

    The password travels as a SCRAM verifier, so that no log of the server's can have it.
    """
    with session.transaction():
        _make_role(session, password)
        _give(session)
        _take(session)
        _refuse_more(session)


def _make_role(session: Connection, password: str) -> None:
    if not _rows(session, "select 1 from pg_roles where rolname = %(role)s"):
        session.execute(sql.SQL("create role {}").format(_ROLE))
    verifier = session.pgconn.encrypt_password(
        password.encode(), ROLE.encode(), algorithm=b"scram-sha-256"
    ).decode()
    session.execute(
        sql.SQL("alter role {} with login password {}").format(_ROLE, sql.Literal(verifier))
    )
    for name, value in _LIMITS.items():
        session.execute(
            sql.SQL("alter role {} set {} = {}").format(
                _ROLE, sql.Identifier(name), sql.Literal(value)
            )
        )


def _take(session: Connection) -> None:
    for (attribute,) in _rows(session, _ATTRIBUTES):
        session.execute(sql.SQL("alter role {} with no{}").format(_ROLE, sql.SQL(attribute)))
    for (role,) in _rows(session, _GRANTED_ROLES):
        session.execute(sql.SQL("revoke {} from {}").format(sql.SQL(role), _ROLE))
    for relation in _rows(session, _FOREIGN):
        session.execute(
            sql.SQL("revoke all on {} from {}").format(sql.Identifier(*relation), _ROLE)
        )
    for (schema,) in _rows(session, _CREATABLE_SCHEMAS):
        session.execute(
            sql.SQL("revoke create on schema {} from {}").format(sql.Identifier(schema), _ROLE)
        )
    # Everybody may make temporary tables unless it is said; who owns the database keeps the right.
    database = sql.Identifier(session.info.dbname)
    for whom in (sql.SQL("public"), _ROLE):
        session.execute(
            sql.SQL("revoke create, temporary on database {} from {}").format(database, whom)
        )


def _give(session: Connection) -> None:
    for name in SCHEMAS:
        schema = sql.Identifier(name)
        for statement in (
            "create schema if not exists {schema}",
            "grant usage on schema {schema} to {role}",
            "revoke all on all tables in schema {schema} from {role}",
            "grant select on all tables in schema {schema} to {role}",
            "alter default privileges in schema {schema} grant select on tables to {role}",
        ):
            session.execute(sql.SQL(statement).format(schema=schema, role=_ROLE))


def _refuse_more(session: Connection) -> None:
    """An error that names what the role still may beside reading what is shown."""
    more = [f"read {schema}.{name}" for schema, name in _rows(session, _FOREIGN)]
    more += [f"write to {schema}.{name}" for schema, name in _rows(session, _WRITABLE)]
    more += [f"create in schema {schema}" for (schema,) in _rows(session, _CREATABLE_SCHEMAS)]
    if _rows(session, _MAY_CREATE) == [(True,)]:
        more.append(f"create schemas or temporary tables in {session.info.dbname}")
    if more:
        raise HealthToolsError(
            f"{ROLE} was not changed: it would still be able to {', '.join(more)}, because the "
            f"role PUBLIC may. Revoke that as the owner (revoke ... from public), then type "
            f"meltano invoke health:reader again."
        )


def _rows(session: Connection, query: str) -> list[Any]:
    wanted = {"role": ROLE, "schemas": list(SCHEMAS), "secrets": SECRETS}
    return session.execute(query.encode(), wanted).fetchall()
