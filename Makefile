# Two commands do everything: `make run` answers the first case, `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# what is imported is compiled once and kept, also where the surroundings forbid it: commands start in a third of the time
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test check bench clean

$(VENV)/.base: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("innominate needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e .
	touch $@

$(VENV)/.test: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[test,check]'
	touch $@

run: $(VENV)/.base  ## answer the first case from the embedded sample: out/brief.html
	$(BIN)/innominate run

test: $(VENV)/.test  ## run the tests (INNOMINATE_DATA names a folder of real data)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder

check: $(VENV)/.test  ## lint, format, types
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy

bench: $(VENV)/.test  ## benchmarks on this machine (INNOMINATE_DATA names a folder of real data, INNOMINATE_LIBRARY a library of it)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[bench]'
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache
