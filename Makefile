# One target per chore; `make help` lists them. Needs Python 3.11+ with venv, and make.

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
INSTALLED := $(BIN)/.installed

# The interpreter that runs is the one in .venv; uv fetches none and installs nowhere else.
export UV_PROJECT_ENVIRONMENT := .venv
# Certificates as the system has them: behind a company's proxy there are no others.
export UV_SYSTEM_CERTS := true
export UV_PYTHON_DOWNLOADS := never

.PHONY: help run test check bench
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

run: export NOTICEBOARD_DATABASE_URL := sqlite:///var/noticeboard.db
run: export NOTICEBOARD_BASE_URL := http://127.0.0.1:8000
run: $(INSTALLED) ## serve a first register on http://127.0.0.1:8000 (data under var/)
	@$(BIN)/noticeboard welcome examples/register.csv var/welcome.json
	@echo "There is no page to sign in to yet: this release has the API and the feeds."
	@echo "Serving on $(NOTICEBOARD_BASE_URL); Ctrl+C stops it."
	@$(BIN)/noticeboard serve --host 127.0.0.1 --port 8000

test: $(INSTALLED) ## the whole suite, on SQLite and PostgreSQL, with the coverage gates
	@# The PostgreSQL of the tests keeps a lock; without a folder of its own it would keep it
	@# where other users of the machine have theirs.
	@XDG_RUNTIME_DIR=$$(mktemp -d) && export XDG_RUNTIME_DIR && \
		trap 'rm -rf "$$XDG_RUNTIME_DIR"' EXIT && \
		mkdir "$$XDG_RUNTIME_DIR/python_PostgresServer" && \
		$(BIN)/pytest --numprocesses auto --dist worksteal --cov --cov-report=
	@echo "Coverage of the heart, the feeds and the use cases: every statement and branch"
	@$(BIN)/coverage report --fail-under=100 \
		--include='app/renewals/*,app/feeds/*,app/usecases/*'
	@echo "Coverage of the rest"
	@$(BIN)/coverage report --fail-under=95 \
		--omit='app/renewals/*,app/feeds/*,app/usecases/*'

check: $(INSTALLED) ## format, lint, types, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED) ## what dates, lists, writes and feeds cost
	@$(BIN)/python -m bench

$(INSTALLED): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Noticeboard needs Python 3.11 or newer: name one, as in make run PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
	command -v uv >/dev/null || $(BIN)/python -m pip install \
		--quiet --disable-pip-version-check uv==$(UV_VERSION)
	test -w "$${HOME-.}" || export UV_NO_CACHE=1; \
		PATH="$$PATH:$(CURDIR)/$(BIN)" uv sync --quiet --locked --python $(BIN)/python
	@touch $@
