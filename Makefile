# Everything the project does for its developers. `make demo` and `make test` need only Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test check lock clean

# The lock is complete, so nothing is resolved again (--no-deps). Bytecode is compiled at install: without it every import of tensorflow takes twice as long.
$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --compile --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: $(INSTALLED)  ## train on the bundled sample and print where the report is
	$(BIN)/twinflow example demo
	$(BIN)/twinflow train --train demo/train.csv --test demo/test.csv --runs demo/runs

test: $(INSTALLED)  ## the whole test suite, on up to four cores
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

check: $(INSTALLED)  ## style, types, import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: $(INSTALLED)  ## pin every version with hashes, for Python 3.10 to 3.13
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.10 --upgrade \
		--generate-hashes --no-header --quiet --output-file requirements.lock

clean:  ## remove what the targets above made
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
