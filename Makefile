# Everything one can do with this repository; a bare `make` prints it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BASE_PYTHON := $(shell command -v python3.11 || command -v python3)
PYTHON := .venv/bin/python
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup setup-spark spark-cluster environment vendor catalogues up test test-fast test-postgres check format lint types contracts migrations messages check-messages client lock bench bench-compare bench-report clean

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

environment:
	@$(BASE_PYTHON) scripts/environment.py

vendor: environment ## fetch the pinned browser libraries
	@$(PYTHON) scripts/vendor.py

catalogues: environment
	@$(PYTHON) tools/messages.py compile

setup: environment vendor catalogues ## make .venv from the lock file and fetch what the console needs

setup-spark: environment ## add PySpark to .venv: 480 MB, for a cluster and the tests of it
	@$(PYTHON) scripts/spark_environment.py

spark-cluster: setup-spark ## start a Spark master and two workers on this machine until Ctrl-C
	@$(PYTHON) scripts/spark_cluster.py $(ARGS)

up: setup ## set up everything, fill a demo shop, start console and worker
	@$(PYTHON) -m yutang.cli.main up $(ARGS)

test: setup ## run all tests, on PostgreSQL (where it can be started) and SQLite
	@$(PYTHON) scripts/run_tests.py $(ARGS)

test-fast: setup ## run the quick tests on SQLite: no browser, nothing slow
	@$(PYTHON) -m pytest -n auto -m "not slow and not browser" $(ARGS)

test-postgres: setup ## run the tests that ask the store on a throw-away PostgreSQL
	@$(PYTHON) scripts/run_tests.py --on-postgresql $(ARGS)

check: setup ## what CI runs: format, lints, types, contracts, migrations, messages, tests
	@$(PYTHON) scripts/spark_environment.py --or-go-on
	@$(MAKE) --no-print-directory --jobs=2 lint types contracts migrations check-messages test

format: environment ## format the code and fix what can be fixed by itself
	@$(PYTHON) -m ruff format --quiet src clients tests benchmarks scripts tools
	@$(PYTHON) -m ruff check --quiet --fix src clients tests benchmarks scripts tools

lint: environment
	@echo "--- format and lint"
	@$(PYTHON) -m ruff format --check --quiet src clients tests benchmarks scripts tools
	@$(PYTHON) -m ruff check --quiet src clients tests benchmarks scripts tools
	@$(PYTHON) tools/lint_domain.py
	@YUTANG_HOME=$$(mktemp -d) $(PYTHON) tools/lint_migrations.py

types: environment
	@echo "--- types"
	@$(PYTHON) -m mypy

contracts: environment
	@echo "--- import contracts"
	@.venv/bin/lint-imports --no-logo | tail -4

migrations: environment
	@echo "--- migrations"
	@YUTANG_HOME=$$(mktemp -d) DJANGO_SETTINGS_MODULE=yutang.config.settings $(PYTHON) -m django makemigrations --check --dry-run

messages: environment ## find new sentences to be translated and write them into the catalogues
	@$(PYTHON) tools/messages.py update

check-messages: environment
	@echo "--- translations"
	@$(PYTHON) tools/messages.py check

client: environment ## write the generated part of the Python client anew
	@$(PYTHON) tools/client.py write

lock: environment ## resolve the dependencies anew and write requirements.lock
	@$(PYTHON) -m uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet $(ARGS) --output-file requirements.lock
	@$(PYTHON) scripts/spark_environment.py --wanted | $(PYTHON) -m uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet $(ARGS) --output-file requirements-spark.lock

bench: setup ## measure everything on this machine: hours
	@for one in benchmarks/bench_*.py; do echo "--- $$one"; $(PYTHON) -m benchmarks.$$(basename $$one .py) || exit 1; done

bench-compare: setup ## measure beside Polars, chDB, pandas and others, in an environment of their own (3 GB)
	@$(PYTHON) -m benchmarks.compare all $(ARGS)

bench-report: setup ## write docs/benchmarks.md and docs/operations/capacity.md from benchmarks/results
	@$(PYTHON) -m benchmarks.compare.report
	@$(PYTHON) -m benchmarks.capacity_report

clean: ## remove what was built, but not your data
	rm -rf .venv .venv-peers build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis src/yutang/console/static/vendor
