# Everything happens in .venv/; nothing else on the machine is touched.
PYTHON ?= python3
BIN    := .venv/bin
PORT   ?= 8000
WORKERS ?= 2

.PHONY: run install test check bench drill lock schema clean

run: install            ## the demo town on http://127.0.0.1:$(PORT)
	$(BIN)/tasuki demo --port $(PORT)

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

check: install          ## format, lint, types, house rules, migrations, OpenAPI
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --lint --quiet frontend/templates
	DATABASE_URL=sqlite:///:memory: $(BIN)/tasuki makemigrations --check --dry-run
	$(BIN)/tasuki spectacular --validate --fail-on-warn --file .venv/openapi.yaml && diff -u docs/openapi.yaml .venv/openapi.yaml

test: check             ## everything, on SQLite and on PostgreSQL
	TEST_DB=sqlite $(BIN)/pytest -n $(WORKERS) --dist loadgroup
	TEST_DB=postgresql $(BIN)/pytest -n $(WORKERS) --dist loadgroup

bench: install          ## the small benchmarks; figures go to docs/measured/
	$(BIN)/python -m tests.benchmarks

drill: install          ## the long runs at full figures
	$(BIN)/python -m tests.benchmarks --full
	$(BIN)/python -m tests.sync.drill
	TEST_DB=postgresql TASUKI_CLERKS_SECONDS=60 $(BIN)/pytest -n0 tests/unit/damage/test_risai_at_once.py

lock: install           ## renew requirements.lock after a change of pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --universal \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet -o requirements.lock

schema: install         ## renew docs/openapi.yaml after a change of the API
	$(BIN)/tasuki spectacular --validate --fail-on-warn --file docs/openapi.yaml

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis var
