# Bashu: `make run` shows it, `make test` proves it. Nothing but Python 3.11 and make is needed.
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
PORT ?= 8000
# A shell that forbids Python to keep what it compiled would have every test process compile everything again.
export PYTHONDONTWRITEBYTECODE :=

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: .stamps/assets  ## serve the demonstration at http://127.0.0.1:$(PORT)
	$(BIN)/bashu --demo serve --port $(PORT)

check: .stamps/dev .stamps/assets  ## everything a commit needs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m "not slow and not browser"

test: .stamps/browser check  ## everything: check, faults, conformance, browser
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup -m "slow or browser"

bench: .stamps/bench .stamps/assets  ## measure beside the peers; prints JSON
	for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

wheel: .stamps/assets  ## build dist/bashu-*.whl with its assets
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

lock: .stamps/dev  ## resolve requirements/*.in again
	for name in runtime build dev browser bench; do $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --python-version 3.11 \
	  --no-header --no-emit-index-url -o requirements/$$name.lock requirements/$$name.in || exit 1; done

clean:  ## forget what was built; data under var/ stay
	rm -rf $(VENV) .stamps dist node_modules src/bashu/kernel/web/static/vendor

$(BIN)/python:
	@sh tools/make_venv.sh $(PYTHON) $(VENV)

.stamps/runtime: requirements/runtime.lock requirements/build.lock pyproject.toml | $(BIN)/python
	$(PIP) -r requirements/runtime.lock
	$(PIP) -r requirements/build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p .stamps && touch $@

.stamps/assets: .stamps/runtime package-lock.json tools/build_assets.py $(wildcard src/bashu/locale/*/LC_MESSAGES/*.po)
	$(BIN)/python tools/build_assets.py
	@touch $@

.stamps/dev: .stamps/runtime requirements/dev.lock
	$(PIP) -r requirements/dev.lock
	@touch $@

.stamps/bench: .stamps/dev requirements/bench.lock
	$(PIP) -r requirements/bench.lock
	@touch $@

.stamps/browser: .stamps/dev requirements/browser.lock
	$(PIP) -r requirements/browser.lock
	@sh tools/install_browser.sh
	@touch $@

.PHONY: help run check test bench wheel lock clean
