# Everything is set up in .venv from requirements/py311-tf217.txt; no target needs more than Python 3.11, git and make.
PYTHON ?= python3.11
LOCK := requirements/py311-tf217.txt
BIN := .venv/bin
READY := .venv/.ready
WHEEL := build/wheel
BENCH_DATA ?= artifacts/quickstart/speech

.PHONY: quickstart setup test lint types pytest gpu-adapter bench clean FORCE
.PHONY: accuracy-table arm-instructions compression-front conversion-table cost-tables latency-model profile-tables throughput

quickstart: $(READY)
	$(BIN)/tfkws quickstart

setup: $(READY)

# Byte-compiling with every core, once, brings TensorFlow's start-up from 8 s to 3 s.
$(READY): $(LOCK) pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 0 .venv/lib > /dev/null || true
	touch $@

test: lint types pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# What users get is what is checked and tested: the package as pip installs it, not the checkout.
$(WHEEL): $(READY) FORCE
	rm -rf $(WHEEL) build/lib
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --target $(WHEEL) .
	rm -rf build/lib

# Tests and benchmarks are typed like the package; fakes are imported by their bare names.
types: $(WHEEL)
	rm -rf build/typecheck && mkdir -p build/typecheck
	cp -r $(WHEEL)/tfkws tests benchmarks build/typecheck
	mv build/typecheck/tests/fakes build/typecheck/fakes
	cd build/typecheck && MYPYPATH=fakes ../../$(BIN)/mypy --config-file ../../pyproject.toml -p tfkws -p tests -p benchmarks

# A GPU in software, for the tests that need one; without it they are skipped.
gpu-adapter: $(READY)
	$(BIN)/tfkws target setup software-gpu

pytest: $(WHEEL)
	-$(BIN)/tfkws target setup software-gpu
	PYTHONPATH=$(CURDIR)/$(WHEEL) TFKWS_INSTALLED=$(CURDIR)/$(WHEEL) $(BIN)/pytest -n auto --dist loadfile

# `make published-PAGE ARGS="..."` measures and writes a page of artifacts/published/; a part of a page is
# published-profile-arm. `python -m benchmarks` lists the pages, `python -m benchmarks PAGE --help` their options.
ARGS ?=
published-%: $(READY) FORCE
	$(BIN)/python -m benchmarks $(subst -,/,$*) $(ARGS)

# Old names of these pages, for one version.
CONVERTED ?= $(wildcard artifacts/accuracy/*-seed0-*)
accuracy-table: ; $(MAKE) published-accuracy ARGS="$(BENCH_DATA)"
arm-instructions: published-profile-arm
compression-front: ; $(MAKE) published-conversion-compression_front ARGS="$(FRONT)"
conversion-table: ; $(MAKE) published-conversion ARGS="$(CONVERTED)"
cost-tables: published-cost
latency-model: published-profile-latency_model
profile-tables: published-profile
throughput: ; $(MAKE) published-throughput ARGS="$(BENCH_DATA)"

# Speed of the data pipeline on the clips in BENCH_DATA, and strategies on made-up accuracies; nothing is published.
bench: $(READY)
	$(BIN)/python -m benchmarks throughput $(BENCH_DATA) --out artifacts/bench
	$(BIN)/python -m benchmarks search/table/compare --synthetic --trials 60 --seeds 4

# More mutations of every parser than the tests try, and others each time. A file at fault is kept as a test, under
# tests/fuzz/found/. One parser alone: make fuzz FUZZ_ONLY=bundle.
FUZZ_COUNT ?= 20000
FUZZ_ONLY ?= test_no_mutation
fuzz: $(READY)
	FUZZ_COUNT=$(FUZZ_COUNT) FUZZ_SEED=$$(date +%s) FUZZ_KEEP=1 $(BIN)/pytest -m slow -k '$(FUZZ_ONLY)' tests/fuzz

clean:
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache

FORCE:
