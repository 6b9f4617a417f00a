# Every target makes its own environment first (quick when it is up to date).
SHELL := /bin/bash
PY := .venv/bin/python
# Test processes side by side; JOBS=0 runs all in one.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 1); echo $$(( n > 4 ? 4 : n )))
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench faults format lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## environment in .venv, Debian packages when root
	@.ci/setup.sh test

run: ## embedded centre with the demo district, then the console (offscreen tour without a display)
	@.ci/setup.sh run
	@.venv/bin/griddesk run

test: setup ## all tests, PostgreSQL ones included        [ARGS=… JOBS=…]
	@$(PY) -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: setup ## ruff, mypy strict, import directions, house rules
	@$(PY) .ci/check.py

bench: ## benches, one JSON line each on standard output  [ONLY=map|queue|console|centre|wall]
	@.ci/setup.sh bench
	@$(PY) -m tests.bench $(ONLY)

faults: setup ## long fault runs, two side by side (at most 30 minutes; figures and seeds at the end)
	@timeout --signal=INT --kill-after=30 30m $(PY) -m pytest -m faults -n 2 --dist worksteal -rP --timeout 1700 -o faulthandler_timeout=0 tests/faults $(ARGS)

format: setup ## let ruff put the code in order
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

lock: ## pin what requirements*.in name, with the hashes of all platforms  [ARGS=--upgrade]
	@.ci/lock.sh $(ARGS)

clean: ## remove what was made, .venv too
	@rm -rf .venv out build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
