# Rosetta. `make` alone explains itself.
PYTHON ?= python3
PORT ?= 8000
CORPUS ?= corpus
PASSAGES ?= 100000
LIGHT ?=
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help install run dist requirements test unit coverage lint docs figures eval bench bench-peers bench-scale soak browser catalogues screenshots hooks clean

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp for each set of dependencies: installed once, and again when the versions change. torch comes first, from
# where pip looks anyway or from PyTorch's own index: constraints.txt says why.
$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) torch 2>/dev/null || $(PIP) --extra-index-url '$(TORCH_INDEX)' torch
	$(PIP) --editable .
	@touch $@

# Not compiled: what is imported is, at its first start; the rest would be 70 MB, and seconds.
$(VENV)/installed-light: pyproject.toml requirements-light.txt | $(BIN)/python
	$(PIP) --no-deps --no-compile --requirement requirements-light.txt
	$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) --editable '.[test,lint]'
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(PIP) --editable '.[docs]'
	@touch $@

# Fuzzing by coverage where there is a wheel for it (Linux), the rest runs without; and building on a cluster.
$(VENV)/installed-soak: $(VENV)/installed-test
	-$(PIP) atheris
	$(PIP) --editable '.[ray]'
	@touch $@

$(VENV)/installed-release: $(VENV)/installed
	$(PIP) --editable '.[release]'
	@touch $@

install: $(VENV)/installed$(if $(LIGHT),-light) ## install Rosetta into .venv; LIGHT=1 without torch, which only models by name need

run: install ## build the library from CORPUS (corpus/) and serve it on http://127.0.0.1:PORT (8000)
	@$(BIN)/python -m webapp build '$(CORPUS)'
	@exec $(BIN)/python -m webapp serve --port $(PORT)

dist: $(VENV)/installed-release ## make a wheel, an sdist and lists of what they need (CycloneDX), in dist/
	rm -rf dist build
	$(BIN)/python -c 'from setuptools import build_meta as made; made.build_sdist("dist"); made.build_wheel("dist")'
	$(BIN)/cyclonedx-py requirements requirements-light.txt --pyproject pyproject.toml --output-reproducible --of JSON -o dist/light.cdx.json
	$(BIN)/python .ci/requirements.py whole | $(BIN)/cyclonedx-py requirements - --pyproject pyproject.toml --output-reproducible --of JSON -o dist/whole.cdx.json
	@ls dist

requirements: $(VENV)/installed-release ## bring requirements-light.txt up to pyproject.toml and constraints.txt
	PATH="$(CURDIR)/$(BIN):$$PATH" python .ci/requirements.py light

test: $(VENV)/installed-test browser ## install what the tests need and run them all
	$(BIN)/python -m pytest

unit: $(VENV)/installed-test ## run the tests that take no model and no library, in under a minute
	$(BIN)/python -m pytest -m unit

coverage: $(VENV)/installed-test browser ## run them all and say which branches they leave out
	rm -f .coverage .coverage.*
	COVERAGE_FILE='$(CURDIR)/.coverage' $(BIN)/python -m coverage run -m pytest
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --include='kb/*,search/*' --fail-under=90
	$(BIN)/python -m coverage report

lint: $(VENV)/installed-test ## check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

docs: $(VENV)/installed-docs ## make the pages of docs/ into a site, in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo site/index.html

figures: ## write docs/figures.toml into the tables and plots of README.md and docs/
	@$(PYTHON) docs/figures.py

eval: $(VENV)/installed-test ## measure the quality of ranking and answers against their floors
	$(BIN)/python -m pytest -m evaluation tests/eval -s

bench-scale: $(VENV)/installed-test ## ask a library that was grown to PASSAGES (100000)
	PASSAGES=$(PASSAGES) $(BIN)/python -m pytest -m bench tests/bench/test_scale.py -s -o addopts=

bench: $(VENV)/installed-test ## compare speeds, as ratios within one run (with other systems: bench-peers)
	$(BIN)/python -m pytest -m bench tests/bench -s -o addopts=

# The peers have an environment of their own, and are no one's dependency.
.venv-peers/installed: tests/bench/peers/requirements.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench-peers: $(VENV)/installed-test .venv-peers/installed ## compare with txtai, LanceDB, milvus-lite: half an hour; see tests/bench/peers/
	PYTHONPATH=tests/bench $(BIN)/python -m peers $(PEERS)
	cp tests/bench/results/peers.svg docs/images/

catalogues: $(VENV)/installed ## bring the translations up to the words in the code, say what is left to translate
	@$(BIN)/python -m webapp.interface.catalogues

screenshots: $(VENV)/installed-test browser ## take pictures of the main pages, phone and desktop, light and dark
	$(BIN)/python tests/browser/screenshots.py

soak: $(VENV)/installed-soak ## break, fuzz and load it for an hour or so
	$(BIN)/python -m pytest -m soak tests/soak -s -o addopts= -o timeout=0
	$(BIN)/python -m pytest tests/test_fuzzing.py tests/webapp/test_webapp_schema.py --hypothesis-profile=soak -o timeout=0

browser:
	@./tests/browser/install.sh

hooks: $(VENV)/installed-test ## check style, types and layers before each commit from now on
	$(BIN)/pre-commit install

clean: ## remove the library, the environment and caches
	rm -rf $(VENV) .venv-peers .kb .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build site *.egg-info .coverage .coverage.*
