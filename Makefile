# `make grade` and `make test` set up what they need themselves; the rest is for developers.
PYTHON ?= python3
SUBMISSIONS ?= .sample_class
OUTPUT ?= grades
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help grade test install handouts lock train soak lint mutants bench bench-many bench-train bench-methods bench-naming bench-repair handout-numbers screenshots

help:
	@echo "make grade [SUBMISSIONS=path] [OUTPUT=grades]   grade a class (default: the sample class)"
	@echo "make test                                       run every check that CI runs"
	@echo "make install                                    install all that the kit can use, not only what grading needs"
	@echo "make handouts                                   write what students get: assignment/, handouts/ and release/"
	@echo "make lock                                       pin the packages of pyproject.toml again, in requirements/"
	@echo "make train                                      SimCLR on handwritten digits: a first run, 10 s on two cores"
	@echo "make lint                                       ruff, mypy and handout check only"
	@echo "make bench                                      time autograde against one pytest process per submission"
	@echo "make bench-many                                 time 2,000 submissions against 100, and a cluster"
	@echo "make bench-train                                time the training code against lightly"
	@echo "make bench-methods [SUBSET=folder]              train every method small: the table of docs/methods.md"
	@echo "                   [SEEDS=2] [ONLY='byol moco'] with so many seeds, and these methods only"
	@echo "make handout-numbers                            measure again what the handout quotes, and print what moved"
	@echo "make bench-naming                               how many of 120 blind wrong answers are named"
	@echo "make bench-repair                               how many of 300 mutants without a name are repaired"
	@echo "make screenshots                                make the README's pictures again (needs Chromium)"
	@echo "make mutants                                    change the reference mechanically and count what is caught"
	@echo "make soak                                       what takes long or needs a server: learning, PostgreSQL, fuzzing, kills, attacks"

# Another build of PyTorch than the locked one: the address of its index, which pytorch.org/get-started gives.
TORCH_INDEX ?=
PIP = $(BIN)/python -m pip install --disable-pip-version-check --no-deps
TORCH := requirements/torch.lock

# A stamp is newer than its locks exactly when the installation finished. The locks are whole, so pip resolves nothing.
.venv/.grade: $(TORCH) requirements/grade.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=python3.12.")'
	@echo "Setting up .venv for grading: $(if $(TORCH_INDEX),PyTorch from $(TORCH_INDEX),6.0 GB with PyTorch for GPUs (docs/installing.md has a smaller way))."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
ifneq ($(TORCH_INDEX),)
	PIP_INDEX_URL="$(TORCH_INDEX)" $(PIP) $$(grep --only-matching --extended-regexp '^torch(vision)?==[0-9.]+' $(TORCH))
endif
	$(PIP) --require-hashes $(if $(TORCH_INDEX),,--requirement $(TORCH)) --requirement requirements/grade.lock
	$(PIP) --no-build-isolation --editable .
	@touch $@

.venv/.all: .venv/.grade requirements/test.lock
	@echo "Adding to .venv what handouts, gradebook, cluster and tests need: 0.8 GB."
	$(PIP) --require-hashes --requirement requirements/test.lock
	@touch $@

install: .venv/.all

# The sample class is made from tests/sample_class.py; a class of one's own is named with SUBMISSIONS=path.
.sample_class: tests/sample_class.py tests/course.py $(wildcard assignment/*.py assignment/ssl_kit/*.py) .venv/.grade
	$(BIN)/python -m tests.sample_class $@
	@touch $@

grade: .venv/.grade $(filter .sample_class,$(SUBMISSIONS))
	$(BIN)/autograde "$(SUBMISSIONS)" --output "$(OUTPUT)"

lint: .venv/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/handout check

# It needs a PostgreSQL server of Debian's on this machine.
POSTGRESQL := tests/gradebook/test_postgresql.py
# It builds, verifies and tests a course that was edited: some minutes.
EDITED := tests/handout/test_edited_course.py

BROWSER := $(firstword $(shell command -v chromium || command -v chromium-browser || command -v google-chrome))

test: lint
	@test -n "$(BROWSER)" || echo "There is no Chromium here: the tests of pages in a browser are left out (Debian: apt install chromium)."
	$(BIN)/python -m pytest tests --ignore $(POSTGRESQL) --ignore $(EDITED) -n logical --dist loadfile --max-worker-restart 0 $(MORE) $(if $(BROWSER),,-m "not browser")

# Root also tries the attacks as an ordinary user: some limits do not bind root.
soak: .venv/.all
	$(BIN)/python -m pytest tests/solutions/test_learning.py $(POSTGRESQL) $(EDITED)
	$(BIN)/python -m tests.fuzz
	$(BIN)/python -m tests.endurance.killed
	$(BIN)/python -m tests.endurance.interrupted
	$(BIN)/python -m tests.hostile
	$(BIN)/python -m tests.sandbox.contained $(BIN)/python -m pytest -p no:cacheprovider tests/hostile
	[ "$$(id -u)" != 0 ] || tests/hostile/as_user.sh $(BIN)/python -m pytest -p no:cacheprovider tests/hostile
	[ "$$(id -u)" != 0 ] || tests/hostile/as_user.sh $(BIN)/python -m tests.hostile

handouts: .venv/.all
	$(BIN)/handout build

lock:
	@test -x .venv-lock/bin/python || $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --disable-pip-version-check uv
	.venv-lock/bin/python requirements/lock.py

train: .venv/.grade
	PYTHONPATH=solutions $(BIN)/python -m ssl_kit.first_run

bench: .venv/.all
	$(BIN)/python tests/bench/bench_grading.py

bench-many: .venv/.all
	$(BIN)/python tests/bench/bench_many.py --cluster

bench-train: .venv/.all
	$(BIN)/python tests/bench/bench_training.py

bench-methods: .venv/.all
	$(BIN)/python tests/bench/methods_table.py $(if $(SUBSET),--subset "$(SUBSET)") $(if $(SEEDS),--seeds $(SEEDS)) $(if $(ONLY),--only $(ONLY))

handout-numbers: .venv/.all
	$(BIN)/python tests/bench/handout_numbers.py

mutants: .venv/.all
	$(BIN)/python -m tests.mutation

bench-naming: .venv/.all
	$(BIN)/python -m tests.bench.bench_naming

bench-repair: .venv/.all
	$(BIN)/python -m tests.bench.bench_repair

screenshots: .venv/.all
	$(BIN)/python -m tests.screenshots
