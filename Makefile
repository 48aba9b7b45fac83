# hitline: `make help` lists what there is to do.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(or $(shell for p in python3.11 python3; do \
	$$p $(NEW_ENOUGH) 2>/dev/null && echo $$p && break; done),python3)

# What the caller's shell says about another Prefect, AWS account or hitline stays out of here.
FOREIGN := $(filter PREFECT_% AWS_% HITLINE_%,$(filter-out HITLINE_REQUIRE,$(.VARIABLES)))
ALONE := env $(FOREIGN:%=-u %)

.PHONY: help demo up lambda chaos test check clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.installed ## Run stance on the recorded crowd (ITEMS=200 KEEP=1 TRANSPORT=sqs|sns)
	@$(ALONE) $(BIN)/python -m deployments.demo \
		$(if $(ITEMS),--items $(ITEMS)) $(if $(KEEP),--keep) \
		$(if $(TRANSPORT),--transport $(TRANSPORT))

up: $(VENV)/.installed ## Start everything on this machine and leave it running
	@$(BIN)/hitline up

lambda: $(VENV)/.installed ## Write var/lambda.zip, a handler for SNS to Lambda (DATABASE=1 to write to PostgreSQL)
	@$(BIN)/python -m deployments.archive $(if $(DATABASE),--database)

chaos: $(VENV)/.installed ## Kill and fail everything, then audit; var/chaos/summary.json (N=100 SEED=1 DATABASE=sqlite)
	@$(ALONE) $(BIN)/python -m deployments.chaos $(if $(N),--kills $(N)) $(if $(SEED),--seed $(SEED)) \
		$(if $(DATABASE),--database $(DATABASE))

test: $(VENV)/.installed ## Run the tests (ARGS='tests/unit -k money' for some)
	@$(ALONE) $(BIN)/python $(if $(ARGS),-m pytest -q $(ARGS),tests/shards.py)

check: $(VENV)/.installed ## Lint, types, import arrows
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@report=$$($(BIN)/lint-imports) || { echo "$$report"; exit 1; }

clean: ## Remove what was built and what a demo left
	@rm -rf $(VENV) var hitline.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache

# Exactly what was tested: hashes for every package, the build backend's among them. The lock is
# complete, so nothing is resolved; pip would look at newer releases for whatever has extras.
$(VENV)/.installed: requirements.lock requirements-build.lock pyproject.toml
	@$(PYTHON) $(NEW_ENOUGH) 2>/dev/null || { \
		echo "hitline needs Python 3.11 or newer, and $(PYTHON) is older or missing:" \
			"install it, or name one with make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Installing into $(VENV) (once; a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps \
		-r requirements-build.lock -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps \
		--no-build-isolation -e .
	@touch $@
