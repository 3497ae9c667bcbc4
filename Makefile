# Everything the project does for its developers. `make demo` and `make test` need only Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test check docs attack links audit chaos fuzz lock clean

# The lock is complete, so nothing is resolved again (--no-deps). Bytecode is compiled at install: without it every import of tensorflow takes twice as long.
$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --compile --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: $(INSTALLED)  ## train on the bundled sample and print where the report is
	$(BIN)/twinflow example demo
	$(BIN)/twinflow train --train demo/train.csv --test demo/test.csv --runs demo/runs

# A file's tests share what they make, so a file stays on one core. Groups (loadgroup) are no help: pytest-xdist 3.8 does
# not see them under pytest 9.2, and says nothing.
test: $(INSTALLED)  ## the whole test suite, on up to four cores
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not long"

check: $(INSTALLED)  ## style, types, import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(INSTALLED)  ## the manual as a site, site/index.html; what it says of the code is written from the code first
	$(BIN)/python docs/generate.py
	$(BIN)/sphinx-build --quiet --nitpicky --fail-on-warning --keep-going docs site

attack: $(INSTALLED)  ## every attack of the threat model, also those that take long, and those of a page in a browser
	$(BIN)/python -m pytest tests/attack -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

links: $(INSTALLED)  ## whether the addresses that the manual names answer; needs the network
	$(BIN)/sphinx-build --quiet --builder linkcheck docs site/.links

# What can't be looked up makes it fail (--strict): silence is not safety.
audit: $(INSTALLED)  ## the locked versions against the known vulnerabilities; needs the network
	$(BIN)/python -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet "pip-audit>=2.10,<3"
	$(VENV)/audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

chaos: $(INSTALLED)  ## kill all that writes, before and after every file, and at random moments; ten to fifteen minutes
	$(BIN)/python -m tests.chaos.all_kills

fuzz: $(INSTALLED)  ## what reads files against bytes that a coverage-guided fuzzer makes, five minutes each; Linux only
	$(BIN)/python -m pip install --quiet "atheris>=3,<4"
	for target in csv_files parquet_files documents networks; do \
		$(BIN)/python -m tests.fuzz $$target -max_total_time=300 || exit 1; done

lock: $(INSTALLED)  ## pin every version with hashes, for Python 3.11 to 3.13
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra dask --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-header --quiet --output-file requirements.lock

clean:  ## remove what the targets above made
	rm -rf $(VENV) demo site .fuzz .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
