# syntax=docker/dockerfile:1

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
# Install packages first, so that this layer is rebuilt only when the lock file changes.
COPY requirements/postgres.txt requirements/
# Wheels only: the image has no compiler, and no third-party setup scripts are run.
RUN pip install --no-deps --require-hashes --only-binary :all: -r requirements/postgres.txt
COPY . .
# Demo mode generates temporary keys, which stay in this stage, so the build needs no secrets.
# Static files go into the image rather than the data volume, because a volume would keep the files
# of the previous version.
RUN SITE_MODE=demo DATA_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
    && mv /tmp/build/static built-static \
    && rm -rf /tmp/build \
    && python -m compileall -q /app /opt/venv

FROM python:3.13-slim
RUN groupadd --gid 10001 site \
    && useradd --uid 10001 --gid site --home-dir /data --no-create-home --shell /usr/sbin/nologin site \
    && install -d -o site -g site -m 0700 /data \
    && install -d -o site -g site -m 0755 /data/errors
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    SITE_MODE=production DATA_DIR=/data BIND=0.0.0.0 PORT=8000
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
# Numeric, so that container engines can verify that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "bin/probe"]
ENTRYPOINT ["deploy/container-start"]
CMD ["gunicorn", "-c", "practice_site/gunicorn_conf.py", "practice_site.wsgi:application"]
