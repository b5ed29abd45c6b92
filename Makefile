# setup · check · test · bench · golden · docs: nothing else.  Every target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup check test bench golden docs
setup: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Cotta needs Python 3.11 or newer; name one with PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

check: setup          ## lint, types, house rules and the fast tests: under a minute
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -m 'not oracle and not boot and not slow'

test: setup           ## everything, tests/test_linters.py included
	$(BIN)/pytest -n 2 -rs

bench: setup          ## the numbers, as ratios to the peers
	$(BIN)/python -m bench

golden: setup         ## rewrite the golden files; review the diff as prose
	COTTA_GOLDEN=write $(BIN)/pytest -n 2

docs: setup           ## rewrite the generated parts of docs/
	COTTA_GOLDEN=write $(BIN)/pytest tests/docs
