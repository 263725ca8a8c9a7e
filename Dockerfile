# One image for web server, worker, migrations and commands. What it is made of is tested by .ci/prove_deploy.py, which builds
# it without an engine; docs/deploy.md says how it is built, pinned, signed and run.

# Pin by digest where you build: --build-arg BASE=python:3.13-slim-bookworm@sha256:...
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS packages
COPY requirements-server.txt /opt/lentigo/requirements-server.txt
RUN python3 -m venv /opt/lentigo/.venv \
    && /opt/lentigo/.venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        --requirement /opt/lentigo/requirements-server.txt \
    && /opt/lentigo/.venv/bin/python -m pip uninstall --yes --quiet pip setuptools

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Lentigo" \
      org.opencontainers.image.description="Decision support for clinicians who look at pigmented skin lesions" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# tini is the first process: it hands signals on, and buries whom nobody waits for
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 lentigo \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/lentigo --no-create-home --shell /usr/sbin/nologin lentigo \
    && install --directory --owner=lentigo --group=lentigo --mode=0700 /var/lib/lentigo

WORKDIR /opt/lentigo
COPY --from=packages /opt/lentigo/.venv .venv
COPY LICENSE pyproject.toml requirements-server.txt config.py wsgi.py ./
COPY static static
COPY templates templates
COPY migrations migrations
COPY models models
COPY app app
RUN .venv/bin/python -m compileall -q app models migrations config.py wsgi.py

ENV PATH=/opt/lentigo/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FLASK_APP=wsgi \
    LENTIGO_ENVIRONMENT=production \
    LENTIGO_INSTANCE=/var/lib/lentigo \
    LENTIGO_HOST=0.0.0.0 \
    LENTIGO_PORT=8000

USER 10001:10001
VOLUME /var/lib/lentigo
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['LENTIGO_PORT'] + '/readyz', timeout=4)"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["gunicorn", "--config", "python:app.web_server", "wsgi:app"]
