# `make lab` opens the lab, `make test` runs everything; a second run only does what has changed since.
# Another Python: make PYTHON=python3.12. Arguments for pytest: make test ARGS="-k poison".

VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# With this set pip leaves no bytecode behind, and every start of a kernel pays for it.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help lab hub setup test check format docs bench clean

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

lab: setup ## install, prepare the guests, open JupyterLab (ARGS="--port 9000 --no-browser")
	@$(BIN)/labkit lab $(ARGS)

hub: $(VENV)/.hub setup ## install, open a room for a workshop (ARGS="--attendees 30 --ip 0.0.0.0")
	@$(BIN)/labkit hub $(ARGS)

# Without a compiler the lab works from prebuilt guests, so failing here is no failure.
setup: $(VENV)/.lab ## get a compiler for the guests, as far as this machine allows
	@$(BIN)/labkit setup || echo "Going on with the prebuilt guests; \`$(BIN)/labkit setup\` tries again."

test: $(VENV)/.dev setup ## the whole suite, browser included
	@$(BIN)/labkit setup --javascript --shrink --hub || echo "Going on without what could not be had."
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 $(ARGS)

check: $(VENV)/.dev ## style, types, import contract, clean notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/project/notebooks.py

format: $(VENV)/.dev ## put right what can be put right: style, outputs in notebooks
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python tests/project/notebooks.py --fix

docs: $(VENV)/.dev ## write the reference, the commands and the architecture picture from the code
	@$(BIN)/python -m tests.project.pages

bench: $(VENV)/.lab ## what a call costs here (ARGS="--quick", ARGS="instantiation rust")
	@$(BIN)/labkit bench $(ARGS)

clean: ## remove the environment and what the tests left
	rm -rf $(VENV) artifacts .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.lab: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --editable .
	@touch $@

$(VENV)/.hub: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --editable '.[hub]'
	@touch $@ $(VENV)/.lab

# Holds all of .lab and .hub, so that does not install once more.
$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --editable '.[dev]'
	@touch $@ $(VENV)/.lab $(VENV)/.hub

# The first of these that runs, is new enough and can make environments. A name on PATH need not run: pyenv leaves
# stand-ins there for versions that are switched off.
$(BIN)/python:
	@for name in $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3 python); do \
	  $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null || continue; \
	  found=$$name; \
	  $$name -c 'import ensurepip, venv' 2>/dev/null || continue; \
	  echo "Making $(VENV) with $$($$name --version)"; \
	  exec $$name -m venv --clear $(VENV); \
	done; \
	if [ -n "$$found" ]; then \
	  echo "$$found cannot make a virtual environment; on Debian and Ubuntu install $$found-venv." >&2; \
	else \
	  echo "labkit needs Python 3.11 to 3.14, and none of $(or $(PYTHON),python3.14 … python3.11, python3, python) is one; name yours with make PYTHON=…" >&2; \
	fi; exit 1
