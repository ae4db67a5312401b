# make demo: the product at work. make serve: the web interface on 127.0.0.1:8000. make test: everything set up, checked
# and tested. Nothing else is needed but Python 3.11 with venv, make and git.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PEERS ?= .venv-peers
MITM ?= .venv-mitm
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
RETRY = for n in 1 2 3; do $(1) && break || { [ $$n -lt 3 ] && sleep $$((n * 5)); }; done

.PHONY: demo serve test check tests packages quality bench soak clean

$(VENV)/ready-run: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(call RETRY,$(PIP) --require-hashes -r requirements.lock)
	$(BIN)/python -c "import site; open(site.getsitepackages()[0] + '/vatriage.pth', 'w').write('$(CURDIR)/src\n$(CURDIR)/simulator\n')"
	printf '#!/bin/sh\nexec "%s/python" -m vatriage "$$@"\n' "$(abspath $(BIN))" > $(BIN)/vatriage && chmod +x $(BIN)/vatriage
	touch $@

$(VENV)/ready-dev: $(VENV)/ready-run requirements-dev.lock
	$(call RETRY,$(PIP) --require-hashes -r requirements-dev.lock)
	touch $@

# Clients by others, in a place of their own; without them (no registry) their tests are skipped and counted.
$(VENV)/ready-peers: $(VENV)/ready-run requirements-peers.lock
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(call RETRY,$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-peers.lock)
	touch $@

# A proxy by others that looks into TLS, in a place of its own (it needs older libraries than ours); the same.
$(VENV)/ready-mitm: $(VENV)/ready-run requirements-mitm.lock
	test -x $(MITM)/bin/python || $(PYTHON) -m venv $(MITM)
	$(call RETRY,$(MITM)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mitm.lock)
	touch $@

demo: $(VENV)/ready-run
	$(BIN)/python -m vatriage demo

serve: $(VENV)/ready-run
	$(BIN)/python -m vatriage serve

check: $(VENV)/ready-dev
	$(BIN)/ruff check src simulator tests
	$(BIN)/ruff format --check src simulator tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate src/vatriage
	$(BIN)/python -m django makemigrations --check --dry-run --settings vatriage.settings store

packages:
	bash tests/install_packages.sh

tests: $(VENV)/ready-dev packages
	-$(MAKE) --no-print-directory $(VENV)/ready-peers
	-$(MAKE) --no-print-directory $(VENV)/ready-mitm
	$(BIN)/python -m pytest -n 2 --dist worksteal -rs

test: check tests

quality: $(VENV)/ready-dev
	cd tests && PYTHONPATH=. $(abspath $(BIN))/python -m quality.report

bench: $(VENV)/ready-dev
	cd tests && for script in benchmarks/bench_*.py; do PYTHONPATH=. $(abspath $(BIN))/python -m $$(echo $${script%.py} | tr / .) || exit 1; done

soak: $(VENV)/ready-dev packages
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n 2 --dist worksteal

clean:
	rm -rf .venv .venv-peers .venv-mitm .vatriage-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
