# Sara Memory. `make` alone lists what there is.
#
#   PORT=8001 make run                  another port
#   make run PYTHON=python3.12          another Python

PYTHON ?= python3

VENV      := .venv
BIN       := $(VENV)/bin
INSTALLED := $(VENV)/.installed

NPM         := $(shell command -v npm 2>/dev/null)
WEB_TOOLS   := frontend/node_modules/.installed
WEB_APP     := frontend/dist/index.html
WEB_SOURCES := $(shell find frontend/src frontend/public frontend/*.html frontend/*.ts frontend/*.json -type f 2>/dev/null)

# The acceptance test that takes times has the machine to itself; the others run side by side.
TIMED := test_memory_recall.py

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench clean web check-web test-web browser

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) web ## Install what is missing, start everything, serve on http://localhost:8000
	@exec $(BIN)/python -m app.cli serve

demo: $(INSTALLED) web ## The same with a sample month of memories in .data-demo
	@exec $(BIN)/python -m app.cli demo

test: $(INSTALLED) web test-web browser ## Run every test, those in a browser included
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --deselect $(TIMED)
	@$(BIN)/python -m pytest $(TIMED)

check: $(INSTALLED) check-web ## Format, lint, types, import contracts, API snapshot, the web app's too
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/export_openapi.py --check

web: ## Build the web app, when npm is there
ifeq ($(NPM),)
	@echo "npm is not installed: the web app is not built, and the API runs without it." >&2
else
	@$(MAKE) -s $(WEB_APP) || \
		echo "The web app could not be built, and the API runs without it." >&2
endif

test-web:
ifneq ($(NPM),)
	@$(MAKE) -s $(WEB_TOOLS)
	@cd frontend && npm run --silent test
endif

check-web:
ifeq ($(NPM),)
	@echo "npm is not installed: the web app is not checked." >&2
else
	@$(MAKE) -s $(WEB_TOOLS)
	@cd frontend && npm run --silent lint && npm run --silent types && npm run --silent client:check
endif

# The browser tests need Chromium: it is installed where that is possible, and else they say that they skip.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		command -v google-chrome >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		echo "Installing Chromium for the browser tests ..." && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
		echo "BROWSER TESTS WILL BE SKIPPED: Chromium is not installed, and cannot be by this user." >&2

bench: $(INSTALLED) ## Measure recall quality on FILE=questions.json.gz
	@test -n "$(FILE)" || { echo "error: name the questions: make bench FILE=path/to/questions.json.gz" >&2; exit 1; }
	@$(BIN)/python bench/recall_quality.py "$(FILE)"

clean: ## Remove .venv, the built web app and caches; .data stays
	@rm -rf frontend/node_modules frontend/dist $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find . -name '*.egg-info' -type d -prune -exec rm -rf {} +

# The stamp is newer than what it was made from: a second `make run` installs nothing.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "error: Python 3.11 or newer is needed and '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo missing):" >&2; \
		echo "       install it, or name the one to use, for example: make run PYTHON=python3.12" >&2; \
		exit 1; }
	@echo "Installing into $(VENV), which takes some minutes the first time ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt -e '.[embedded,dev]'
	@touch $@

$(WEB_TOOLS): frontend/package.json frontend/package-lock.json
	@echo "Installing the web app's tools ..."
	@cd frontend && npm ci --silent
	@touch $@

$(WEB_APP): $(WEB_TOOLS) $(WEB_SOURCES)
	@echo "Building the web app ..."
	@cd frontend && npm run --silent build -- --logLevel warn
