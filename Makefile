# Commands for this project; `make` lists them. All accept PORT= and PYTHON=.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
MANAGE := $(VENV)/bin/python manage.py
ARGS ?=
export PYTHON PORT VENV
export MAKE_TARGET := $(firstword $(MAKECMDGOALS))

.DEFAULT_GOAL := help
.PHONY: structure screen-train screen-measure help demo dev install install-base test test-all test-quick test-postgres races lint format types locks check-deploy check-html check-lighthouse mutants bench fuzz audit sbom

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

install-base:
	@bin/python-env base

install: ## Install the development and test requirements into .venv
	@bin/python-env dev

demo: install-base ## Serve the demo site as in production; Ctrl-C stops it
	@SITE_MODE=demo exec $(MANAGE) serve --demo

dev: install ## Serve the site and reload on changes; Ctrl-C stops it
	@SITE_MODE=development exec $(MANAGE) serve --dev

test: install ## Run the tests (largest scans sampled); browser tests if Chromium is found
	@bin/run-tests $(ARGS)

test-all: install ## Run all tests on SQLite and PostgreSQL; before you finish a change
	@SAMPLE=all bin/run-tests $(ARGS)
	@SAMPLE=all bin/postgres-for-tests run bin/run-tests --postgres $(ARGS)

test-quick: install ## Run the tests except the browser tests
	@bin/run-tests --no-browser $(ARGS)

test-postgres: install ## Run the database tests on PostgreSQL (needs DATABASE_URL)
	@PART=database bin/run-tests --postgres $(ARGS)

races: install ## Race bookings against real servers, on SQLite and PostgreSQL (ARGS=--short)
	@$(VENV)/bin/python -m tools.races.run $(ARGS)

fuzz: install ## Send malformed requests to every form and URL of a copy (ARGS="--seed 7")
	@$(VENV)/bin/python -m tools.fuzz.run $(ARGS)

lint: install ## Check the style and formatting of Python and templates
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	find templates -name '*.html' -print0 | xargs -0 $(VENV)/bin/djade --target-version 5.2 --check

format: install ## Format Python and templates
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	find templates -name '*.html' -print0 | xargs -0 $(VENV)/bin/djade --target-version 5.2

types: install ## Check types with mypy
	$(VENV)/bin/mypy .

.PHONY: test-newest-django
test-newest-django: VENV := .venv-newest
test-newest-django: ## Run the database tests on the newest Django (PYTHON=python3.12 or later)
	@bin/python-env newest
	@bin/run-tests --no-browser -m "django_db and not browser and not slow" $(ARGS)

locks: install ## Check that the lock files match requirements/*.in
	@bin/check-locks

audit: install ## Check the locked packages for known vulnerabilities
	@$(VENV)/bin/python bin/check-advisories

sbom: install ## Write the bill of materials (CycloneDX) to var/sbom.cdx.json
	@mkdir -p var && $(VENV)/bin/python bin/make-sbom >var/sbom.cdx.json && echo var/sbom.cdx.json

check-deploy: install ## Run Django's deployment check with production settings
	@bin/check-deploy

check-html: install ## Check every page of the demo with the Nu HTML checker
	@bin/check-html

check-lighthouse: install ## Run Lighthouse on every kind of page of the demo
	@bin/check-lighthouse $(ARGS)

mutants: install ## Break one guarantee at a time in a copy; its test must fail (ARGS="3 7")
	@PYTHONPATH=. $(VENV)/bin/python tests/mutants.py $(ARGS)

bench: install ## Run the benchmarks; results are ratios within one run
	@for file in tools/bench/[a-z]*.py; do $(VENV)/bin/python -m tools.bench.$$(basename $$file .py) || exit 1; done

structure: install ## Compare code size, imports and requests with their limits (ARGS=--check)
	@$(VENV)/bin/python -m tools.structure --requests $(ARGS)

screen-train: install ## Train the comment screen (DATA=labelled.jsonl)
	@$(VENV)/bin/python -m tools.screening.train $(DATA)

screen-measure: install ## Measure precision, recall and losses of the comment screen (DATA=labelled.jsonl)
	@$(VENV)/bin/python -m tools.screening.measure $(DATA)
