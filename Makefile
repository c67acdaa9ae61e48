# `make run` and `make test` are all that anybody needs; each makes .venv and installs the pins when they changed.
# PYTHON=… chooses the interpreter, ARGS=… is handed to the program (`make run ARGS="--port 9000"`).
ARGS ?=
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Processes that test side by side; each has a browser and a server of its own where its tests need them.
WORKERS ?= 2
# One thread for each: threads that wait for each other on busy cores cost more than they gain.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# Many tests start processes; where a shell forbids to keep compiled modules, each would compile all of ours again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run check lint js-check js-test test browser verify bench screenshots catalogue
.DEFAULT_GOAL := run

run: .venv/run.stamp
	$(BIN)/python -m explorer $(ARGS)

# Types of the JavaScript, and tests of its functions that need no browser.
js-check: node_modules/.package-lock.json
	$(BIN)/node node_modules/typescript/bin/tsc --project .

js-test: .venv/test.stamp
	$(BIN)/node --test "tests/web/*.test.js"

node_modules/.package-lock.json: package.json package-lock.json .venv/test.stamp
	@$(BIN)/npm ci --no-audit --no-fund --silent
	@touch $@

lint: .venv/test.stamp js-check js-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What is known within 90 seconds: all but the tests that need a browser or a training, or that take long.
check: lint
	$(PYTEST) -n 2 --ignore=tests/browser --ignore=tests/web -m "not browser and not training and not slow and not long" $(ARGS)

# Everything but `make verify`. ARGS="-p randomly" takes the tests in another order each time.
test: lint browser node_modules/.package-lock.json
	$(PYTEST) $(ARGS)

# Trainings of several minutes, held against the book's recorded results, and tests of the bench's measurements.
verify: .venv/test.stamp
	$(BIN)/python -m pytest -m long $(ARGS)

bench: .venv/test.stamp
	$(BIN)/python -m tests.bench $(ARGS)

screenshots: .venv/test.stamp browser
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

# Fails while a text is untranslated, and lists those.
catalogue: .venv/test.stamp
	$(BIN)/python -m explorer.translations.catalogue

browser: .venv/test.stamp
	@.ci/browser

$(BIN)/python:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed and was not found; name one with: make run PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; \
		echo "$(PYTHON) cannot make a virtual environment (on Debian and Ubuntu, its venv module is the package python3-venv)." >&2; exit 1; }

# Stamps are dated by the requirements that were installed, so that nothing is installed twice.
.venv/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing what running needs (torch is large: the first time takes minutes) …"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/test.stamp: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing what testing needs …"
	@$(PIP) -r requirements-dev.txt
	@touch $@ .venv/run.stamp
