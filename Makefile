# setup · ship · check · test · bench · golden · docs: nothing else.  Every target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
NODE_STAMP := tests/oracle/node_modules/.installed

.PHONY: setup may-ship ship check test bench golden docs
setup: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Cotta needs Python 3.11 or newer; name one with PYTHON=…")'
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || scripts/debian-packages
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# The region boots machines, which only root can; its data are root's.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo -E)

# Said before anything is set up; the machine itself is looked at before packages are installed.
may-ship:
	@[ "$$(id -u)" = 0 ] || command -v sudo >/dev/null || \
	{ echo "A region needs root, and there is no sudo here: run 'make ship' as root." >&2; exit 1; }

ship: may-ship setup  ## the example's fleet on this machine: baked, applied, rolled
	$(AS_ROOT) $(BIN)/cotta region up -check
	scripts/debian-packages
	$(AS_ROOT) $(BIN)/cotta region up
	$(AS_ROOT) $(BIN)/cotta region base list -json | grep -q '"name": "debian-12' || $(AS_ROOT) $(BIN)/cotta region base add debian-12
	$(AS_ROOT) $(BIN)/cotta ship -auto-approve examples/web-fleet

check: setup          ## lint, types, house rules and the fast tests: under a minute
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -m 'not oracle and not boot and not slow'

# Witnesses in JavaScript, for tests only; their tests skip where there is no npm.
$(NODE_STAMP): tests/oracle/package.json
	if command -v npm >/dev/null; \
	then npm install --prefix tests/oracle --silent --no-package-lock --no-audit --no-fund && touch $@; \
	else echo "MISSING WITNESS: npm is not on PATH; hcl2json is not asked"; fi

test: setup $(NODE_STAMP)  ## everything, tests/test_linters.py included
	scripts/debian-packages test || echo "tests that need them say so and are skipped"
	$(BIN)/pytest -n 2 -rs -m 'not boot and not oracle'
	$(BIN)/pytest -n 4 --dist worksteal -rs -m 'oracle and not boot'  # these wait more than they compute
	$(BIN)/pytest -n 0 -rs -m boot

bench: setup          ## the numbers, as ratios to the peers
	$(BIN)/python -m bench

golden: setup         ## rewrite the golden files; review the diff as prose
	COTTA_GOLDEN=write $(BIN)/pytest -n 2

docs: setup           ## rewrite the generated parts of docs/
	COTTA_GOLDEN=write $(BIN)/pytest tests/docs
