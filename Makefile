# Two commands on a fresh machine with Python 3.11 to 3.13:
#   make quickstart   install, train on the shipped data, translate, score
#   make test         install, lint, types, tests
#   make thorough     the tests that take too long for every change

PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: quickstart test lint types tests fast thorough clean

quickstart: export PATH := $(CURDIR)/$(BIN):$(PATH)
quickstart: .venv/.installed
	seqtool train recipes/quickstart.yaml
	seqtool translate -m runs/quickstart < data/de-en/test.de > runs/quickstart/test.out.en
	seqtool evaluate --ref data/de-en/test.en runs/quickstart/test.out.en
	@echo "Now type: echo 'Wo hat deine Schwester den Brief gefunden?' | $(BIN)/seqtool translate"

test: lint types tests

lint: .venv/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.developing
	$(BIN)/mypy

# Two processes of one thread each: half the time on the smallest machine, and all that most tests can use. Files go to them in the order
# of tests/conftest.py, where those with many tests would come first, and the slow ones last.
tests: .venv/.developing
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# Without the tests that take more than a few seconds.
fast: .venv/.developing
	$(BIN)/pytest -m "not slow and not thorough"

# What takes too long for every change: the graphs of all combinations of layers, and that all kinds learn.
thorough: .venv/.developing
	$(BIN)/pytest -m thorough

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/.developing: .venv/.installed
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv
