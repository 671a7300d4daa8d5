# Everything is set up in .venv from requirements/py311-tf217.txt; no target needs more than Python 3.11, git and make.
PYTHON ?= python3.11
LOCK := requirements/py311-tf217.txt
BIN := .venv/bin
READY := .venv/.ready
WHEEL := build/wheel
TYPED := build/typecheck
# One worker more than cores, since some tests wait for children and clocks. A worker that runs out of tests takes half
# of what another has left, so that none waits for a long file.
WORKERS ?= $(shell expr $$(nproc 2> /dev/null || echo 2) + 1)
# What pytest makes of the tests is kept, also where the environment forbids byte-code: each worker needs it.
PYTEST := PYTHONDONTWRITEBYTECODE= PYTHONPATH=$(CURDIR)/$(WHEEL) TFKWS_INSTALLED=$(CURDIR)/$(WHEEL) \
	$(BIN)/pytest -n $(WORKERS) --dist worksteal
BENCH_DATA ?= artifacts/quickstart/speech

.PHONY: quickstart setup test test-slow lint types pytest gpu-adapter bench clean FORCE
.PHONY: accuracy-table arm-instructions compression-front conversion-table cost-tables latency-model profile-tables throughput

quickstart: $(READY)
	$(BIN)/tfkws quickstart

setup: $(READY)

# The lock names all that its packages need, so that nothing has to be resolved. Byte-compiling with every core, once,
# brings TensorFlow's start-up from 8 s to 3 s; the tests of others are never run.
$(READY): $(LOCK) pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 0 -x '/tests/' .venv/lib > /dev/null || true
	touch $@

# Types are checked beside the tests, in the time in which these wait.
test: lint
	$(MAKE) -j 2 --no-print-directory types pytest

# What `make test` leaves out: networks at full size, a thousand mutations of each file, long searches.
test-slow: $(WHEEL)
	$(PYTEST) -m "slow and not device"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# What users get is what is checked and tested: the package as pip installs it, not the checkout.
$(WHEEL): $(READY) FORCE
	rm -rf $(WHEEL) build/lib
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --target $(WHEEL) .
	rm -rf build/lib

# Tests and benchmarks are typed like the package; fakes are imported by their bare names.
$(TYPED): $(WHEEL)
	rm -rf $(TYPED) && mkdir -p $(TYPED)
	cp -r $(WHEEL)/tfkws tests benchmarks $(TYPED)
	mv $(TYPED)/tests/fakes $(TYPED)/fakes

types: $(TYPED)
	cd $(TYPED) && MYPYPATH=fakes nice ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache -p tfkws -p tests -p benchmarks

# A GPU in software, for the tests that need one; without it they are skipped.
gpu-adapter: $(READY)
	$(BIN)/tfkws target setup software-gpu

# Behind the copy for the types, since tests write byte-code where they lie.
pytest: $(TYPED)
	-$(BIN)/tfkws target setup software-gpu
	$(PYTEST)

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
