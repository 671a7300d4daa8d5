# Everything is set up in .venv from requirements/py311-tf217.txt; no target needs more than Python 3.11, git and make.
PYTHON ?= python3.11
LOCK := requirements/py311-tf217.txt
BIN := .venv/bin
READY := .venv/.ready
WHEEL := build/wheel
BENCH_DATA ?= artifacts/quickstart/speech

.PHONY: FORCE conversion-table quickstart setup test lint types pytest cost-tables profile-tables bench accuracy-table throughput latency-model compression-front clean

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

pytest: $(WHEEL)
	PYTHONPATH=$(CURDIR)/$(WHEEL) TFKWS_INSTALLED=$(CURDIR)/$(WHEEL) $(BIN)/pytest -n auto --dist loadfile

# Rewrites artifacts/published/cost/ and the catalogue that `tfkws models list` prints.
cost-tables: $(READY)
	$(BIN)/python -m tfkws.cost.published

# Fits latency models of this machine and checks them; rewrites artifacts/published/profile/latency_model/. Quiet machine.
latency-model: $(READY)
	$(BIN)/python benchmarks/latency_model.py

# Measures what is missing in artifacts/published/profile/ and rewrites its tables; resumable. Quiet machine, 20 minutes, and
# more the first time, when the largest networks are converted. TFKWS_SPEECH_COMMANDS names clips to calibrate int8 on.
profile-tables: $(READY)
	$(BIN)/python benchmarks/profile_tables.py

# BENCH_DATA names a folder of clips; results go to artifacts/bench/.
bench: $(READY)
	$(BIN)/python benchmarks/data_pipeline.py $(BENCH_DATA) --out artifacts/bench
	$(BIN)/python benchmarks/tabular/compare.py --synthetic --trials 60 --seeds 4

# Trains the plan of benchmarks/accuracy/plan.py on the clips in BENCH_DATA (hours), then writes artifacts/published/accuracy/.
accuracy-table: $(READY)
	$(BIN)/python benchmarks/accuracy $(BENCH_DATA)

# On a quiet machine: how fast batches are made, and whether augmentation slows training down.
throughput: $(READY)
	$(BIN)/python benchmarks/data_pipeline.py $(BENCH_DATA) --out artifacts/published/throughput

# On a quiet machine: CONVERTED names trained model folders; results go to artifacts/published/conversion/.
CONVERTED ?= $(wildcard artifacts/accuracy/*-seed0-*)
conversion-table: $(READY)
	$(BIN)/python benchmarks/conversion_table.py $(CONVERTED)

# Counts instructions under emulation, whatever else this machine does; needs `tfkws target setup qemu-aarch64` once. Hours.
arm-instructions: $(READY)
	$(BIN)/python benchmarks/arm_instructions.py

# FRONT names a search, or several model folders in quotes; each network is fine-tuned whole and pruned (about 10 minutes a
# network of paper B on two cores, resumable). Writes artifacts/published/conversion/compression_front/.
compression-front: $(READY)
	$(BIN)/python benchmarks/compression_front.py $(FRONT)

clean:
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
