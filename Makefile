# Openline. `make demo` is all a newcomer needs; `make test` all that a contributor needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo install s3 parquet sentences test servers check bench docs lock clean

demo: $(VENV)/.demo
	$(BIN)/openline demo

install: $(VENV)/.base

# What files in an S3-compatible bucket need (docs/files.md).
s3: $(VENV)/.s3

# What exports as GeoParquet need (docs/open-data.md).
parquet: $(VENV)/.parquet

# What the optional sentence model needs (docs/triage.md); `openline sentences make` then makes one.
sentences: $(VENV)/.sentences

test: servers
	$(BIN)/python tools/run_tests.py

servers: $(VENV)/.test
	$(BIN)/python tools/test_servers.py

check: $(VENV)/.test
	$(BIN)/ruff check src tests tools
	$(BIN)/lint-imports
	DATABASE_URL=postgresql:///unused $(BIN)/mypy
	DATABASE_URL=postgresql:///unused $(BIN)/python tools/check_docs.py

bench: $(VENV)/.test
	$(BIN)/openline bench
	$(BIN)/openline bench --requests 1000000

docs: $(VENV)/.test
	DATABASE_URL=postgresql:///unused $(BIN)/python tools/check_docs.py

# Newer pinned versions, with hashes, for all Pythons that we support.
lock: $(VENV)/.test
	$(BIN)/python tools/lock.py

clean:
	rm -rf $(VENV) build dist src/*.egg-info src/openline/static/vendor

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Openline needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 1; }

# The locked requirements name all that is needed: pip need not work it out again (--no-deps).
$(VENV)/.base: $(BIN)/python requirements/base.txt requirements/build.txt package-lock.json pyproject.toml
	$(PIP) install --no-compile --no-deps --require-hashes -r requirements/build.txt -r requirements/base.txt
	$(PIP) install --no-compile --no-deps --no-build-isolation -e .
	$(PIP) uninstall -y setuptools wheel
	$(BIN)/python tools/build_assets.py
	$(BIN)/python tools/compile.py src
	@touch $@

$(VENV)/.demo: $(VENV)/.base requirements/demo.txt
	$(PIP) install --require-hashes -r requirements/demo.txt
	@touch $@

$(VENV)/.s3: $(VENV)/.base requirements/s3.txt
	$(PIP) install --require-hashes -r requirements/s3.txt
	@touch $@

$(VENV)/.parquet: $(VENV)/.base requirements/parquet.txt
	$(PIP) install --require-hashes -r requirements/parquet.txt
	@touch $@

$(VENV)/.sentences: $(VENV)/.base requirements/sentences.txt
	$(PIP) install --require-hashes -r requirements/sentences.txt
	@touch $@

$(VENV)/.test: $(VENV)/.base requirements/test.txt
	$(PIP) install --no-compile --no-deps --require-hashes -r requirements/test.txt
	$(BIN)/python tools/compile.py src tests
	@touch $@
