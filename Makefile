# Prerequisites: Python 3.11 or newer and make. Everything else is made or fetched here.
SHELL := /bin/sh
WORKERS ?= 2
PYTEST_ARGS ?=
BIN := .venv/bin
VENDOR := core/web/static/vendor
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint suite bench faults gallery wheel wheel-check assets parts-demo parts-test clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/runtime.stamp parts-demo assets  ## load the sample estate and serve it on 127.0.0.1:6543
	@$(BIN)/shouxu demo --serve

test: lint suite  ## lint, then every test on SQLite and PostgreSQL

lint: .venv/dev.stamp  ## ruff, pyright and the floors (import-linter)
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

suite: .venv/dev.stamp parts-test assets  ## the tests alone; PYTEST_ARGS="-k money" narrows them
	$(BIN)/pytest -n $(WORKERS) $(PYTEST_ARGS)

bench: .venv/dev.stamp parts-test assets  ## measure; writes bench/results.json
	$(BIN)/python -m bench

AT_THE_DOOR = $(addprefix tests/, documents/test_engine_code_points.py documents/test_engine_hostile.py \
	documents/test_engine_images.py documents/test_trial.py http/test_bombs_refused.py http/test_text_exact.py)

faults: .venv/dev.stamp parts-test  ## the fault tests at full size (the small ones run in `make test`)
	SHOUXU_FAULTS=large $(BIN)/pytest tests/faults $(AT_THE_DOOR) tests/procedures/test_walkthroughs.py $(PYTEST_ARGS)

gallery: .venv/dev.stamp parts-test  ## every document, filled in, void and blank, as contact sheets in build/gallery
	$(BIN)/python -m document_templates.gallery build/gallery

wheel: .venv/dev.stamp assets  ## build the wheel into dist/
	@rm -rf build/lib build/bdist.* dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

wheel-check: .venv/dev.stamp assets  ## build a wheel, install it elsewhere, check and walk with it
	@install/wheel_check.sh

.venv/runtime.stamp: setup.cfg pyproject.toml constraints.txt
	@install/venv.sh
	$(BIN)/pip install -q -c constraints.txt -e .
	@touch $@

.venv/dev.stamp: setup.cfg pyproject.toml constraints.txt
	@install/venv.sh
	$(BIN)/pip install -q -c constraints.txt -e '.[dev,cluster,pkcs11]'
	@touch $@ .venv/runtime.stamp

parts-demo:
	@install/parts.sh demo

parts-test:
	@install/parts.sh test

assets: $(VENDOR)/.stamp

# without npm the script says so and leaves no stamp: the pages do without the niceties
$(VENDOR)/.stamp: package.json package-lock.json install/assets.sh
	@install/assets.sh $(VENDOR)

clean:  ## remove what was built; .venv and var/ stay
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
	rm -rf $(VENDOR) node_modules
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
