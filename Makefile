# Every step that a developer or CI takes. `make` alone prints the list.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
STAMPS := $(VENV)/stamps
T ?=
CODE := src tests tools benchmarks

# Node comes from PATH where it is new enough, else from a package in the virtual environment.
NODE_PATH = PATH="$(CURDIR)/$(STAMPS)/node:$$PATH"

# The build keeps only the style classes that templates and Python name, so it depends on them too.
FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null; \
	find src/huifang \( -name '*.html' -o -name '*.py' \) 2>/dev/null)
CATALOGUES := $(shell find locale src/huifang -name '*.po' 2>/dev/null)
TEMPLATES = $(shell find src/huifang -name '*.html' -path '*/templates/*')
PYTHON_CODE = $(wildcard $(CODE))

.DEFAULT_GOAL := list
.PHONY: list setup run demo test test-unit test-browser test-load lint format types imports \
	messages messages-check migrations security docs bench soak check lock clean

list:
	@awk -f tools/list_targets.awk Makefile

##@ Use

setup: $(STAMPS)/packages $(STAMPS)/project $(STAMPS)/frontend $(STAMPS)/messages ## prepare .venv and build the frontend

run: setup ## run everything on this machine (ctrl-C stops it)
	$(BIN)/huifang up

demo: setup ## the same with a living demo wallet
	$(BIN)/huifang up --demo

##@ Test

test: setup ## the whole suite, or a part: make test T=tests/unit/decisions
	@bash tools/system_packages.sh
	$(RUN) -m pytest $(if $(T),$(T),tests --ignore=tests/load -n auto --maxprocesses 4 --dist loadfile)

test-unit: setup ## quick tests that touch nothing
	$(RUN) -m pytest tests/unit tests/property

test-browser: setup ## tests that drive the product in a browser
	@bash tools/system_packages.sh
	$(RUN) -m pytest tests/browser

test-load: setup ## load tests, which are asked for by name only
	$(RUN) -m pytest tests/load -s

bench: setup ## each speed promise, as a ratio
	@missed=0; for program in $(filter-out benchmarks/soak.py,$(wildcard benchmarks/[a-z]*.py)); do \
		echo "== $$program"; $(RUN) "$$program" || missed=1; done; exit $$missed

soak: setup ## an hour of the demo: does anything grow, do counts still agree?
	$(RUN) benchmarks/soak.py

##@ Write

format: setup ## bring the code into its form
	$(BIN)/ruff check --fix-only --quiet $(PYTHON_CODE)
	$(BIN)/ruff format $(PYTHON_CODE)
	@$(BIN)/djade --target-version 5.2 $(TEMPLATES)

messages: setup ## collect new texts into the catalogues and compile them
	@bash tools/system_packages.sh
	$(RUN) tools/messages.py collect
	$(RUN) tools/messages.py compile

docs: setup ## write the reference pages that come from code
	$(RUN) tools/reference.py
	$(RUN) -m huifang.events.reference docs/reference/events.md

lock: setup ## renew the lock files
	@bash tools/lock.sh

##@ Check

lint: setup ## style, likely mistakes, and form
	$(BIN)/ruff check $(PYTHON_CODE)
	$(BIN)/ruff format --check $(PYTHON_CODE)
	@$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)

types: setup ## mypy --strict
	$(BIN)/mypy

imports: setup ## rooms depend downwards and are entered by their doors
	$(BIN)/lint-imports --no-cache

migrations: setup ## no model change lacks its migration
	PYTHONWARNINGS=ignore::RuntimeWarning \
		DJANGO_SETTINGS_MODULE=huifang.config.settings_test $(BIN)/django-admin makemigrations --check --dry-run

messages-check: setup ## both languages are complete
	$(RUN) tools/messages.py check

security: setup ## bandit's graver rules (others are ruff's S), and semgrep with our own
	bash tools/security.sh $(VENV)

check: lint types imports migrations messages-check security test ## everything that CI runs

clean: ## remove what was built, never data
	rm -rf $(STAMPS) src/huifang/console/static/huifang frontend/node_modules

# Below: the steps of setup, each done again only when what it is made from changed.

$(STAMPS)/python:
	bash tools/make_venv.sh "$(PYTHON)" $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: requirements-dev.lock tools/messages.lock | $(STAMPS)/python
	bash tools/install.sh $(VENV) requirements-dev.lock tools/messages.lock
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/packages
	bash tools/install.sh $(VENV) --project
	@touch $@

$(STAMPS)/node/ready: tools/node.lock | $(STAMPS)/packages
	bash tools/find_node.sh $(VENV) $(STAMPS)/node
	@touch $@

$(STAMPS)/npm: frontend/package-lock.json | $(STAMPS)/node/ready
	cd frontend && $(NODE_PATH) npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/frontend: $(STAMPS)/npm $(FRONTEND)
	cd frontend && $(NODE_PATH) npm run --silent build
	@touch $@

$(STAMPS)/messages: $(CATALOGUES) tools/messages.py | $(STAMPS)/packages
	$(RUN) tools/messages.py compile
	@touch $@
