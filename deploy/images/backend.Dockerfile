# The service. Built from the root of the repository:
#   docker build -f deploy/images/backend.Dockerfile .
# It runs as an ordinary user on a root file system that may be read-only: /var/lib/sara is the only
# place it writes to (models that are downloaded, and files while something is imported).

FROM python:3.11.13-slim-bookworm AS build

# torch for processors alone comes from its own index: the one on PyPI brings gigabytes of CUDA.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /srv/sara
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH

# What changes seldom comes first. An empty package stands in for ours while its dependencies are fetched.
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN mkdir -p backend/app \
    && touch backend/app/__init__.py \
    && pip install --extra-index-url "$TORCH_INDEX" -c constraints.txt -e .
COPY backend backend
COPY scripts scripts
RUN python -m compileall -q backend/app


FROM python:3.11.13-slim-bookworm

RUN groupadd --gid 10001 sara \
    && useradd --uid 10001 --gid sara --no-create-home --home-dir /var/lib/sara --shell /usr/sbin/nologin sara \
    && install -d -o sara -g sara -m 700 /var/lib/sara /var/lib/sara/models /var/lib/sara/tmp

COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/sara /srv/sara

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/var/lib/sara \
    HF_HOME=/var/lib/sara/models \
    SARA_DATA_DIR=/var/lib/sara \
    TMPDIR=/var/lib/sara/tmp

WORKDIR /srv/sara
USER 10001:10001
VOLUME /var/lib/sara
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=10s --timeout=5s --start-period=10m --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://localhost:8000/health', timeout=4)"]

# It does not migrate: that is one job's work, before (`sara-memory migrate`).
CMD ["uvicorn", "--factory", "app.main:create_app", "--host", "0.0.0.0", "--port", "8000", \
     "--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "warning", \
     "--timeout-graceful-shutdown", "5"]
