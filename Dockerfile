# syntax=docker/dockerfile:1

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
# The packages first: this layer is built again only when the lock has changed.
COPY requirements/postgres.txt requirements/
# Wheels only: no compiler here, and no stranger's setup script is run.
RUN pip install --no-deps --require-hashes --only-binary :all: -r requirements/postgres.txt
COPY . .
# Demo mode makes throwaway keys of its own, so that no secret is needed to build; they stay in
# this stage. The built files go into the image and not into the data volume: a volume would keep
# those of the version before.
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
# A number, so that an engine can see that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "bin/probe"]
ENTRYPOINT ["deploy/container-start"]
CMD ["gunicorn", "-c", "practice_site/gunicorn_conf.py", "practice_site.wsgi:application"]
