# Noticeboard on SQLite in a volume, or on PostgreSQL by NOTICEBOARD_DATABASE_URL.
FROM python:3.11-slim AS build
ENV UV_PROJECT_ENVIRONMENT=/opt/noticeboard \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1
RUN python -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY app app
COPY migrations migrations
RUN python -m venv --without-pip /opt/noticeboard \
    && /opt/uv/bin/uv sync --locked --no-dev --no-editable --no-cache

FROM python:3.11-slim
RUN useradd --no-log-init --no-create-home --user-group --uid 10001 --home-dir /data noticeboard \
    && install --directory --owner noticeboard --group noticeboard --mode 0700 /data
COPY --from=build /opt/noticeboard /opt/noticeboard
ENV PATH=/opt/noticeboard/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NOTICEBOARD_DATABASE_URL=sqlite:////data/noticeboard.db
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["noticeboard", "serve", "--host", "0.0.0.0", "--port", "8000"]
