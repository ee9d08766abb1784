# A light install: the bundled model, without torch. docs/deployment.md says how it is run.
FROM python:3.11-slim-bookworm AS made
WORKDIR /source
RUN python -m venv --without-pip /app
# Before the sources, so that this layer stays while they change. Wheels only: there is no compiler here.
COPY requirements-light.txt ./
RUN python -m pip --python /app/bin/python install --no-cache-dir --no-deps --only-binary :all: -r requirements-light.txt
COPY pyproject.toml README.md LICENSE ./
COPY kb kb
COPY search search
COPY webapp webapp
RUN python -m pip --python /app/bin/python install --no-cache-dir --no-deps .

FROM python:3.11-slim-bookworm
ENV PATH=/app/bin:$PATH KB_DIR=/library KB_CACHE=/cache PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A volume that is made new has the owner of the folder that it is laid over.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /cache --shell /usr/sbin/nologin rosetta \
    && install --directory --owner=rosetta --group=rosetta /library /cache
COPY --from=made /app /app
USER 10001:10001
WORKDIR /
VOLUME ["/library", "/cache"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["kb"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
