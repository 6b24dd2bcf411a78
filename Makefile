# demo: the main job on the sandbox.  notebooks: JupyterLab with them.  test: what CI runs.  Both make .venv by themselves.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test quick lint bench docs notebooks clean

demo: $(READY)
	$(BIN)/orderdesk-batch demo --keep demo

test: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

quick: $(READY)
	$(BIN)/python -m pytest -n 2 -m "not slow"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy orderdesk_batch

bench: $(READY)
	$(BIN)/python -m tests.bench.measure
	for name in reading sheets whole results startup; do $(BIN)/python tests/bench/$$name.py || exit 1; done

docs: $(READY)
	$(BIN)/python docs/make_docs.py

notebooks: $(READY)
	$(BIN)/jupyter lab --ServerApp.root_dir=. --ServerApp.default_url=/lab/tree/notebooks/tracking-numbers.ipynb

clean:
	rm -rf .venv demo

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12 test")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $(READY)
