# Prerequisites: Python 3.11 or later with venv, and make. `make` alone lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PEERS  := .peers
CHARTS := matplotlib numpy contourpy fonttools kiwisolver cycler pyparsing

.DEFAULT_GOAL := help
.PHONY: help demo demo-live test test-live check lint types contracts campaign docs site bench bench-tagger lock lock-live lock-peers wheel clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## Audit the embedded demo clinic: workbook, JSON, CSV and a summary
	$(BIN)/crm-audit demo --out crm-audit-demo

test: $(STAMP) ## Run the tests
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(STAMP) ## Format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP) ## Check the types
	$(BIN)/mypy

contracts: $(STAMP) ## Check who may import whom
	$(BIN)/lint-imports

check: lint types contracts test ## Everything CI runs

test-live: $(STAMP) ## Start a real GNU Health server, audit it and ask it; downloads it the first time
	$(BIN)/python tests/live/live_server.py
	$(BIN)/python -m pytest -n 2 --dist loadfile --live -m live --durations=10 tests/live

demo-live: $(STAMP) ## Audit a real GNU Health server, started for it: workbook, page and summary
	$(BIN)/python tests/live/demo.py crm-audit-live

campaign: $(STAMP) ## Run the long seeded campaigns as a whole
	$(BIN)/python -m pytest -n auto -m campaign --campaign

docs: $(STAMP) ## Regenerate the generated pages
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/leak_examples.py

site: $(STAMP) ## Build the docs as a site, in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: $(STAMP) ## Measure; prints the figures of docs/performance.md
	$(BIN)/python -m benchmarks

$(PEERS)/.installed: benchmarks/tagger/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/tagger/peers.txt
	@touch $@

bench-tagger: $(STAMP) $(PEERS)/.installed ## Score the tagger beside its peers; installs these apart, 5 GB
	$(BIN)/python -m benchmarks tagger --keep

lock: ## Pin every dependency again (needs uv)
	uv pip compile pyproject.toml --quiet --extra demo --extra alerts --extra values --group dev --group build --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock

lock-live: ## Pin the server of the live tests again, less what only charts and compilers need (needs uv)
	uv pip compile tests/live/requirements.in --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --no-header $(addprefix --no-emit-package=,psycopg2 $(CHARTS)) -o tests/live/requirements.txt

lock-peers: ## Pin the peers of the tagger again (needs uv)
	uv pip compile benchmarks/tagger/peers.in --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --no-header -o benchmarks/tagger/peers.txt

wheel: $(STAMP) ## Build the wheel
	$(BIN)/python -m build --wheel --no-isolation

clean: ## Remove what make made
	rm -rf $(VENV) $(PEERS) .live dist site crm-audit-demo crm-audit-live .mypy_cache .ruff_cache .pytest_cache .hypothesis
