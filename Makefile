# Poststelle: what a developer and CI call. `make` alone explains itself.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --no-emit-options --strip-extras --allow-unsafe --newline lf --resolver backtracking
COMPILE_NOTE := make requirements
ARGS ?=
# Else each thread has an arena of its own in the C library, and each keeps its highest water.
export MALLOC_ARENA_MAX := 2
# Images of build machines set it, and each of the hundreds of processes of the tests would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
ROTATE ?=

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(VENV)/run.stamp ## Prepare everything once, then start the mail room here
	@deploy/prepare.sh german $(VENV)
	@exec $(BIN)/poststelle run $(ARGS)

.PHONY: demo
demo: $(VENV)/run.stamp ## A mail room of its own with invented post in it, to look at (ARGS="--exit" ends it)
	@deploy/prepare.sh german $(VENV)
	@exec $(BIN)/poststelle demo $(ARGS)

.PHONY: servers
servers: $(VENV)/dev.stamp ## Kafka, S3, OpenSearch and Tika on this machine (ARGS="fetch|up|status|down [server]"; up by default)
	@$(BIN)/python -m deploy.servers $(ARGS)

.PHONY: run-cluster
run-cluster: $(VENV)/dev.stamp ## The city stack here: servers, every service its own process (ARGS="--copies ocr=2 extraction=2")
	@deploy/prepare.sh german $(VENV)
	@exec $(BIN)/python -m deploy.cluster $(ARGS)

.PHONY: test
test: check ## Checks and every test that needs no servers (ARGS="-k word" narrows)
	$(PYTEST) -n 2 --dist loadgroup $(ARGS)

.PHONY: test-stack
test-stack: $(VENV)/dev.stamp ## The same promises on real Kafka, S3 and OpenSearch, the desk in Chromium, and what takes long
	$(BIN)/python -m deploy.servers fetch
	@deploy/prepare.sh node
	@deploy/prepare.sh clamd
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m "stack or browser or long" $(ARGS)

.PHONY: faults
faults: $(VENV)/dev.stamp ## A city of real processes and servers, broken in every way (ROTATE=n: two of the ways; ARGS="-k word")
	@deploy/prepare.sh german $(VENV)
	$(BIN)/python -m deploy.servers fetch
	$(PYTEST) tests/faults -m "fault or stack" $(if $(ROTATE),--rotate $(ROTATE)) $(ARGS)

.PHONY: test-compose
test-compose: $(VENV)/dev.stamp ## docker-compose.yml and the Dockerfile as they are, on an engine of its own (Linux, root)
	$(BIN)/python -m tests.compose $(ARGS)

.PHONY: check
check: $(VENV)/dev.stamp ## Format, lint, types and doors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: sentences
sentences: $(VENV)/dev.stamp ## Bring the English catalogue of the pages up to date; names what has no English yet
	$(BIN)/python -m deploy.sentences

.PHONY: docs
docs: $(VENV)/dev.stamp ## Write the generated parts of docs/ and schemas/ anew
	$(BIN)/python -m deploy.docs

.PHONY: screenshots
screenshots: $(VENV)/dev.stamp ## Take the pictures of the clerk's guide anew (needs Chromium with its German, chromium-l10n)
	$(PYTEST) -m browser tests/browser/test_guide.py tests/browser/test_trouble.py tests/browser/test_quality_page.py --screenshots docs/images $(ARGS)

.PHONY: bench
bench: $(VENV)/dev.stamp ## Measure speed and memory
	$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: evaluate
evaluate: $(VENV)/dev.stamp ## How good classification is, on letters held back (ARGS="--letters FILE", "--public FOLDER", "--curve")
	$(BIN)/python -m tests.evaluation $(ARGS)

CORPORA ?= ../shared/corpora

.PHONY: corpus
corpus: $(VENV)/dev.stamp ## Feed every file below CORPORA=DIR through a fresh mail room, and tell what became of each
	$(BIN)/python -m tests.corpus $(CORPORA) $(ARGS)

.PHONY: evaluate-search
evaluate-search: $(VENV)/dev.stamp ## How well documents are found, beside the engines' own German (ARGS=--opensearch asks both)
	$(BIN)/python -m tests.search_quality $(CORPORA) $(ARGS)

.PHONY: requirements
requirements: $(VENV)/dev.stamp ## Pin the newest fitting versions with their hashes
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:3] > (3, 11, 2))' || { \
		echo "Pin with the oldest Python we support, Debian 12's 3.11.2, or newer packages refuse it: make clean, then make PYTHON=/usr/bin/python3.11 requirements"; exit 1; }
	CUSTOM_COMPILE_COMMAND="$(COMPILE_NOTE)" $(COMPILE) --upgrade --build-deps-for editable \
		--output-file requirements/run.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="$(COMPILE_NOTE)" $(COMPILE) --upgrade --build-deps-for editable --extra dev \
		--constraint requirements/run.txt --output-file requirements/dev.txt pyproject.toml

.PHONY: clean
clean: ## Remove what make made (the mail room's data stays)
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find services deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@deploy/prepare.sh packages $(VENV) requirements/run.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml
	@deploy/prepare.sh packages $(VENV) requirements/dev.txt
	@touch $@ $(VENV)/run.stamp
