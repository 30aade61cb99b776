# The commands of this project. `make` alone lists them. PORT= and PYTHON= may be given to each.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
MANAGE := $(VENV)/bin/python manage.py
ARGS ?=
export PYTHON PORT VENV
export MAKE_TARGET := $(firstword $(MAKECMDGOALS))

.DEFAULT_GOAL := help
.PHONY: structure screen-train screen-measure help demo dev install install-base test test-all test-quick test-postgres races lint format types locks check-deploy check-html check-lighthouse mutants bench fuzz audit sbom

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

install-base:
	@bin/python-env base

install: ## Install what development and tests need into .venv
	@bin/python-env dev

demo: install-base ## Serve the demo practice as in production; Ctrl-C stops it
	@SITE_MODE=demo exec $(MANAGE) serve --demo

dev: install ## Serve with reload on every change; Ctrl-C stops it
	@SITE_MODE=development exec $(MANAGE) serve --dev

test: install ## Run the suite, of its largest scans a part; browser tests where Chromium is found
	@bin/run-tests $(ARGS)

test-all: install ## Everything, on SQLite and on PostgreSQL; before a change is called done
	@SAMPLE=all bin/run-tests $(ARGS)
	@SAMPLE=all bin/postgres-for-tests run bin/run-tests --postgres $(ARGS)

test-quick: install ## The suite without the browser tests
	@bin/run-tests --no-browser $(ARGS)

test-postgres: install ## What uses the database, on PostgreSQL (needs DATABASE_URL)
	@PART=database bin/run-tests --postgres $(ARGS)

races: install ## Race real servers for one time, on SQLite and PostgreSQL (ARGS=--short)
	@$(VENV)/bin/python -m tools.races.run $(ARGS)

fuzz: install ## Thousands of malformed requests to every form and address of a copy (ARGS="--seed 7")
	@$(VENV)/bin/python -m tools.fuzz.run $(ARGS)

lint: install ## Check style and layout of Python and templates
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	find templates -name '*.html' -print0 | xargs -0 $(VENV)/bin/djade --target-version 5.2 --check

format: install ## Put Python and templates into our layout
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	find templates -name '*.html' -print0 | xargs -0 $(VENV)/bin/djade --target-version 5.2

types: install ## Check the types
	$(VENV)/bin/mypy .

.PHONY: test-newest-django
test-newest-django: VENV := .venv-newest
test-newest-django: ## What touches the database, on the newest Django (PYTHON=python3.12 or later)
	@bin/python-env newest
	@bin/run-tests --no-browser -m "django_db and not browser and not slow" $(ARGS)

locks: install ## Compile the locked requirements again and compare
	@bin/check-locks

audit: install ## Ask the public databases of vulnerabilities about every locked package
	@$(VENV)/bin/python bin/check-advisories

sbom: install ## Write the bill of materials (CycloneDX) to var/sbom.cdx.json
	@mkdir -p var && $(VENV)/bin/python bin/make-sbom >var/sbom.cdx.json && echo var/sbom.cdx.json

check-deploy: install ## Django's own deployment check, with production settings
	@bin/check-deploy

check-html: install ## Every page of the demo through the Nu HTML checker
	@bin/check-html

check-lighthouse: install ## Every kind of page of the demo through Lighthouse
	@bin/check-lighthouse $(ARGS)

mutants: install ## Break one promise at a time in a copy; its test must fail (ARGS="3 7")
	@PYTHONPATH=. $(VENV)/bin/python tests/mutants.py $(ARGS)

bench: install ## Measure what speed claims rest on; ratios of one run
	@for file in tools/bench/[a-z]*.py; do $(VENV)/bin/python -m tools.bench.$$(basename $$file .py) || exit 1; done

structure: install ## Size, imports and typical requests of the code, beside their marks (ARGS=--check)
	@$(VENV)/bin/python -m tools.structure --requests $(ARGS)

screen-train: install ## Train the comment screen (DATA=labelled.jsonl)
	@$(VENV)/bin/python -m tools.screening.train $(DATA)

screen-measure: install ## Precision, recall and losses of the comment screen (DATA=labelled.jsonl)
	@$(VENV)/bin/python -m tools.screening.measure $(DATA)
