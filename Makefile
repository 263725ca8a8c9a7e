# `make run` needs Python 3.11 or newer and a network for its packages, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet
PIP_SYNC := $(PIP_INSTALL) --require-hashes
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --generate-hashes pyproject.toml
SERVER = --extra postgresql --extra redis --extra s3 --extra tracing

.PHONY: help run test lint audit sbom bench load load-long fuzz chaos requirements

help:
	@echo "make run           start the site; Ctrl-C stops it"
	@echo "make test          run the whole test suite, a process for each core; ARGS goes to pytest"
	@echo "make lint          ruff, mypy, import contracts"
	@echo "make audit         ask for known vulnerabilities of the pinned packages; without a network for it, vouch for the installed files"
	@echo "make sbom          write sbom.json (CycloneDX): what a site consists of"
	@echo "make bench         measure the product beside its alternatives"
	@echo "make load          play a clinic's day on the site, then more than it can take; make load-long: for ten minutes"
	@echo "make fuzz          feed what reads files with files nobody has thought of; SECONDS=60, or MINUTES=10, in all"
	@echo "make chaos         kill processes and take away what they need, and write what came of it into docs/reliability.md"
	@echo "make requirements  pin the packages of pyproject.toml, by version and hash; UPGRADE=--upgrade takes the newest"

run: $(VENV)/.serve
	@$(BIN)/python -m flask --app wsgi db upgrade
	@$(BIN)/python -m app.supervisor

test: $(VENV)/.all
	$(BIN)/python -m pytest --numprocesses=logical --maxprocesses=8 --dist=loadfile $(ARGS)

lint: $(VENV)/.all
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/.all
	$(BIN)/python .ci/audit.py $(ARGS)

sbom: $(VENV)/.all
	$(BIN)/python .ci/sbom.py sbom.json

bench: $(VENV)/.all
	$(BIN)/python -m bench $(ARGS)

load: $(VENV)/.all
	$(BIN)/python -m load $(ARGS)

load-long: $(VENV)/.all
	$(BIN)/python -m load --long $(ARGS)

fuzz: $(VENV)/.all
	$(BIN)/python -m fuzz $(if $(SECONDS),--seconds $(SECONDS)) $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

chaos: $(VENV)/.all
	CHAOS=whole $(BIN)/python -m pytest tests/chaos -n 0 $(ARGS)

requirements: | $(BIN)/uv
	$(COMPILE) $(UPGRADE) --all-extras --output-file requirements.txt
	$(COMPILE) $(UPGRADE) --constraint requirements.txt --output-file requirements-serve.txt
	$(COMPILE) $(UPGRADE) --constraint requirements.txt $(SERVER) --output-file requirements-server.txt

# One environment in two states: what serving needs, or everything. Each is installed again when its file changes.
$(VENV)/.serve: requirements-serve.txt | $(BIN)/python
	@echo "Installing what the site needs; this takes a minute."
	@$(PIP_SYNC) -r requirements-serve.txt
	@touch $@

$(VENV)/.all: requirements.txt | $(BIN)/python
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 14) and "TensorFlow has no packages for Python 3.14 yet: remove .venv and set PYTHON=python3.13 (or 3.12, 3.11).")'
	@echo "Installing everything, with TensorFlow; this takes some minutes."
	@$(PIP_SYNC) -r requirements.txt
	@touch $(VENV)/.serve $@

$(BIN)/uv: | $(BIN)/python
	@$(PIP_INSTALL) uv

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON): install Python 3.11 or newer, or set PYTHON to its path."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": set PYTHON to a newer one.")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python could not make $(VENV); on Debian, install python3-venv."; exit 1; }
