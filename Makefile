# Every command of the project. `make` alone lists them.
# Only Python 3.11 or newer, git and make are needed; everything else goes into .venv.

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python

.DEFAULT_GOAL := list
.PHONY: list demo test check run bench chaos words picture lock clean

list: ## List these commands
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /\1\t/' | \
		while IFS="$$(printf '\t')" read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

demo: .venv/run ## Open the bot in a browser on this machine: no token, no account, no internet
	@$(RUN) -m demo --open

test: .venv/dev ## Run every test (browser tests need Debian's chromium; without it they are skipped and say so)
	$(RUN) -m pytest -n auto

check: .venv/dev ## Lint, format, types, the import contract, then every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory test

run: .venv/run ## Run the bot with the settings in .env
	@test -f .env || { echo "There is no .env yet: copy .env.example to .env and put the bot's token in it."; exit 1; }
	@set -a; . ./.env; set +a; exec $(RUN) -m bot run

words: .venv/dev ## Bring the catalogues in locales/ up to date with the sentences in the code
	$(BIN)/python locales/update.py

bench: .venv/dev ## Measure: nearest, updates, import, understand, heartbeat, write, fanout, month; one JSON object a line, ratios side by side
	$(RUN) -m bench

chaos: .venv/dev ## Kill the bot 36 times in the middle of everything, then count what is lost (two minutes)
	$(RUN) -m chaos

picture: .venv/dev ## Take the README's picture anew (needs chromium)
	$(RUN) -m tests.test_walk docs/picture.png >/dev/null

lock: .venv/dev ## Pin the dependencies again, with hashes and without naming where they came from
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade \
		--group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		-c requirements-dev.lock pyproject.toml -o requirements.lock

clean: ## Remove the environment and everything made by running
	rm -rf .venv .demo .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run: requirements.lock | .venv/bin/python
	@echo "Setting up .venv (once, about half a minute) ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock | .venv/bin/python
	@echo "Setting up .venv for development (once, about a minute) ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ .venv/run
