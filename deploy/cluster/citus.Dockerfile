# Citus with pgvector, for the coordinator and its workers. Built from the root of the repository.
FROM citusdata/citus:13.0-pg16

# hadolint ignore=DL3008  # the package of pgvector that belongs to this server's version
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-16-pgvector \
    && rm -rf /var/lib/apt/lists/*
