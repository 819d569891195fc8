"""A real PostgreSQL server from a wheel, started for one project by its own user."""

from __future__ import annotations

from health_tools.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
