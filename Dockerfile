# The scheduler and all that it runs. docker-compose.yml builds and starts it.
FROM python:3.12-slim AS build

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*

# Virtual environments name their folder: it is the same in both stages.
WORKDIR /app
COPY . .
RUN make setup DEPENDENCIES=run \
    && rm -rf .uv

FROM python:3.12-slim

# curl is for HEALTH_ON_FAILURE: webhooks and mail.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home health

WORKDIR /app
COPY --from=build --chown=health:health /app /app

ENV PATH=/app/.venv/bin:$PATH \
    MELTANO_CLI_DISABLE_VERSION_CHECK=1 \
    MELTANO_ENVIRONMENT=prod

# The user health, by number: Kubernetes wants to see that it is not root.
USER 1000:1000

# Unhealthy is: the doctor finds a problem (database, disk, grants, streams, quota, ...), or nothing
# came for a day. It starts Meltano twice to ask the taps: some seconds of work.
HEALTHCHECK --interval=15m --timeout=2m --start-period=30m --retries=2 \
    CMD ["sh", "-c", "health doctor && health status --max-age 26"]

CMD ["health-scheduler", "sync", "reconcile"]
