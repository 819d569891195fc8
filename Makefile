# health-taps. `make demo` shows it, `make test` proves it; everything is installed under this folder.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
UV := $(shell command -v uv || echo .uv/bin/uv)
BIN := .venv/bin
TAPS := $(wildcard tap-*)
PACKAGES := health-tap-core $(TAPS) sandbox health-tools dashboards
# Groups of pyproject.toml. Where nothing is developed: make setup DEPENDENCIES=run
DEPENDENCIES := run lint test
SOURCES := constraints.txt pyproject.toml $(PACKAGES:%=%/pyproject.toml)

# Compiled once at install time instead of at every start; never another Python than the machine's.
export UV_COMPILE_BYTECODE := 1
export UV_PYTHON_DOWNLOADS := never
export MELTANO_CLI_DISABLE_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

# A folder that was moved has scripts that point to where it was: install anew. The data stay.
ifneq ($(wildcard .venv/.installed),)
ifneq ($(shell cat .venv/.installed),$(CURDIR))
$(shell rm -rf .venv .uv .meltano)
endif
endif

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: setup
setup: .meltano/.installed ## Install everything under this folder

# Meltano writes settings into files below .meltano that others could read.
.meltano/.installed: .venv/.installed meltano.yml
	@echo "==> Installing the Meltano plugins (tap, loader, dbt, tools)"
	@mkdir -p -m 0700 .meltano .health-taps && chmod 0700 .meltano .health-taps
	@$(BIN)/meltano install
	@touch $@

.venv/.installed: $(SOURCES) | $(filter .uv/%,$(UV))
	@echo "==> Installing Meltano and the workspace into .venv"
	@$(UV) venv --quiet --allow-existing --python '$(PYTHON)' .venv
	@$(UV) pip install --quiet --python .venv -c constraints.txt $(DEPENDENCIES:%=--group %) \
		-e health-tap-core $(TAPS:%=-e %) -e sandbox -e 'health-tools[postgres,scheduler]' \
		-e 'dashboards[grafana]'
	@echo '$(CURDIR)' > $@

.uv/bin/uv:
	@echo "==> Installing uv into .uv"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.10 to 3.13 is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .uv || { echo "python3 lacks venv; on Debian: apt-get install python3-venv"; exit 1; }
	@.uv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt uv

.PHONY: demo
demo: setup ## Two syncs of a simulated person with both vendors into a real PostgreSQL
	@$(BIN)/python demo.py

.PHONY: sandbox
sandbox: setup ## Both vendors, simulated, on port 8765 until you press Ctrl-C
	@$(BIN)/health-sandbox serve --years 1

.PHONY: test
test: setup lint ## Everything: lint, unit, end to end, and no secret in all that these left behind
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -p evidence.plugin --evidence=.evidence
	@$(BIN)/python -m pytest evidence

.PHONY: bench
bench: setup ## What it costs, as ratios: 22 minutes; writes docs/performance.md
	@$(BIN)/python -m benchmarks

.PHONY: soak
soak: setup ## Every kill, fault, random history and long run; writes docs/reliability.md
	@$(BIN)/python -m pytest tests/chaos -n 0 -q -q --collect-only --write-reliability
	@$(BIN)/python -m pytest tests/chaos tests -n 2 --dist load -m "cell or soak" --write-reliability

.PHONY: lint
lint: .venv/.installed ## ruff, mypy --strict, sqlfluff
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(MAKE) --jobs=2 lint-types lint-sql

.PHONY: lint-types
lint-types: # a tap that pyproject.toml does not name is found, too
	@for part in $(PACKAGES) "tests benchmarks demo.py" evidence; do MYPYPATH=$$(echo tap-* | tr ' ' :) $(BIN)/mypy $$part; done

.PHONY: lint-sql
lint-sql:
	@cd transform && ../$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models tests

.PHONY: dashboards
dashboards: .venv/.installed ## Write the JSON of the dashboards for Grafana anew (needs Python 3.11)
	@$(BIN)/python -m health_dashboards.grafana

.PHONY: constraints
constraints: .venv/.installed ## Resolve all pins anew, for all Pythons at once
	@printf '%s\n' 'dbt-core>=1.11,<1.12' 'dbt-postgres>=1.11,<1.12' | $(UV) pip compile --quiet --upgrade \
		--universal --python-version 3.10 --no-header --no-annotate --all-extras \
		$(PACKAGES:%=--no-emit-package %) --no-emit-package health-sandbox --no-emit-package health-dashboards \
		--group run --group lint --group test $(PACKAGES:%=%/pyproject.toml) - -o constraints.txt

.PHONY: clean
clean: ## Stop the database and remove what was installed; data, grants and state stay
	@if [ -x $(BIN)/health-postgres ]; then $(BIN)/health-postgres --home .health-taps/postgres stop; fi
	rm -rf .venv .uv .meltano .evidence
