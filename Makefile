# `make grade` and `make test` set up what they need themselves; the rest is for developers.
PYTHON ?= python3
SUBMISSIONS ?= .sample_class
OUTPUT ?= grades
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help grade test train soak lint mutants bench bench-many bench-train bench-methods bench-naming bench-repair

help:
	@echo "make grade [SUBMISSIONS=path] [OUTPUT=grades]   grade a class (default: the sample class)"
	@echo "make test                                       run every check that CI runs"
	@echo "make train                                      SimCLR on handwritten digits: a first run, 3 minutes on a CPU"
	@echo "make lint                                       ruff, mypy and handout check only"
	@echo "make bench                                      time autograde against one pytest process per submission"
	@echo "make bench-many                                 time 2,000 submissions against 100, and a cluster"
	@echo "make bench-train                                time the training code against lightly"
	@echo "make bench-methods [SUBSET=folder]              train every method small: the README's table"
	@echo "make bench-naming                               how many of 120 blind wrong answers are named"
	@echo "make bench-repair                               how many of 300 mutants without a name are repaired"
	@echo "make mutants                                    change the reference mechanically and count what is caught"
	@echo "make soak                                       what takes long or needs a server: learning, PostgreSQL, fuzzing, kills, attacks"

# The stamp is newer than the lock exactly when the installation finished.
.venv/.installed: requirements.lock pyproject.toml
	@echo "Setting up .venv from requirements.lock; the first time takes a few minutes (PyTorch is large)."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=python3.12.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# The sample class is made from tests/sample_class.py; a class of one's own is named with SUBMISSIONS=path.
.sample_class: tests/sample_class.py tests/course.py $(wildcard assignment/*.py assignment/ssl_kit/*.py) .venv/.installed
	$(BIN)/python -m tests.sample_class $@
	@touch $@

grade: .venv/.installed $(filter .sample_class,$(SUBMISSIONS))
	$(BIN)/autograde "$(SUBMISSIONS)" --output "$(OUTPUT)"

lint: .venv/.installed
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
	$(BIN)/python -m pytest tests --ignore $(POSTGRESQL) --ignore $(EDITED) -n logical --dist loadfile $(MORE) $(if $(BROWSER),,-m "not browser")

# Root also tries the attacks as an ordinary user: some limits do not bind root.
soak: .venv/.installed
	$(BIN)/python -m pytest tests/solutions/test_learning.py $(POSTGRESQL) $(EDITED)
	$(BIN)/python -m tests.fuzz
	$(BIN)/python -m tests.endurance.killed
	$(BIN)/python -m tests.endurance.interrupted
	$(BIN)/python -m tests.hostile
	[ "$$(id -u)" != 0 ] || tests/hostile/as_user.sh $(BIN)/python -m pytest -p no:cacheprovider tests/hostile
	[ "$$(id -u)" != 0 ] || tests/hostile/as_user.sh $(BIN)/python -m tests.hostile

train: .venv/.installed
	PYTHONPATH=solutions $(BIN)/python -m ssl_kit.first_run

bench: .venv/.installed
	$(BIN)/python tests/bench/bench_grading.py

bench-many: .venv/.installed
	$(BIN)/python tests/bench/bench_many.py --cluster

bench-train: .venv/.installed
	$(BIN)/python tests/bench/bench_training.py

bench-methods: .venv/.installed
	$(BIN)/python tests/bench/methods_table.py $(if $(SUBSET),--subset "$(SUBSET)")

mutants: .venv/.installed
	$(BIN)/python -m tests.mutation

bench-naming: .venv/.installed
	$(BIN)/python -m tests.bench.bench_naming

bench-repair: .venv/.installed
	$(BIN)/python -m tests.bench.bench_repair
