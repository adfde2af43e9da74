# make run    set up and open the dashboard
# make test   everything that must hold before a change lands
# make reproduce [MODELS=FOLDER]   the experiments of the paper
# make demos  compute the shipped demo runs again
# make gpu-check   the tests that need a CUDA device, and its speed
# make fuzz   10,000 damaged model files, read as if somebody had sent them
# make journey LATE=1   the browser tests, with each answer up to a second late: finds races
# make soak   five people use a server for eight hours: errors, memory, open files
# make nightly   the networks of the package `spliceai`, which is downloaded, 200 kills, make fuzz
# make stop   end a dashboard that runs in the background, and the workers of its runs

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
CODE := deepresolve_dash app.py bench tests
NETWORKS := deepresolve_dash/demos/networks
RUNS := deepresolve_dash/demos/runs

.PHONY: run test lint unit journey reproduce demos gpu-check fuzz soak nightly stop chromium redis system

run: $(VENV)/run.ready
	@$(PY) -m deepresolve_dash serve

stop:
	@if [ -x $(PY) ]; then $(PY) -m deepresolve_dash.stop; \
	else echo "No dashboard is running here."; fi

# compiled afterwards on all cores; one file of torch wants a newer Python and may fail
$(VENV)/run.ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --no-compile "$$(grep -o '^torch==[^ ]*' requirements.txt)"
	$(PY) -m pip install --quiet --no-compile --requirement requirements.txt
	$(PY) -m compileall -q -j 0 $(VENV)/lib > /dev/null || true
	@touch $@

$(VENV)/test.ready: $(VENV)/run.ready tests/requirements.txt
	$(PY) -m pip install --quiet --requirement tests/requirements.txt
	@touch $@

# browser and broker are installed beside the packages, which mostly wait for the disk
test:
	@$(MAKE) --no-print-directory -j 2 $(VENV)/test.ready system
	@$(MAKE) --no-print-directory lint unit journey

lint: $(VENV)/test.ready
	$(VENV)/bin/ruff format --check $(CODE)
	$(VENV)/bin/ruff check $(CODE)
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports --no-logo

# a process per core and one more, since some tests only wait; each with one thread
unit: $(VENV)/test.ready redis
	OMP_NUM_THREADS=1 $(PY) -m pytest -m "not browser" --dist worksteal \
	  -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses 5

journey: $(VENV)/test.ready chromium
	OMP_NUM_THREADS=1 $(PY) -m pytest -m browser -n auto --maxprocesses 2 --dist loadfile

chromium:
	@bash tests/browser/install_chromium.sh

redis:
	@bash tests/install_redis.sh

# one after the other: a package manager has one lock
system:
	@bash tests/browser/install_chromium.sh
	@bash tests/install_redis.sh

reproduce: $(VENV)/run.ready
	$(PY) -m deepresolve_dash reproduce synthetic-1
	$(PY) -m deepresolve_dash reproduce synthetic-2
	$(PY) -m deepresolve_dash reproduce panel
	$(if $(MODELS),$(PY) -m deepresolve_dash reproduce published --models $(MODELS))

# the gallery shows the newest run first
demos: $(VENV)/run.ready
	rm -rf $(RUNS)
	$(call demo,synthetic-2,Synthetic II,--keep-fim)
	$(call demo,synthetic-1,Synthetic I,--keep-fim)
	$(call demo,panel,Panel (synthetic))
	$(PY) -m deepresolve_dash.demos.motif_ship

demo = $(PY) -m deepresolve_dash run $(NETWORKS)/$(1) --layer advised --device cpu $(3) \
  --sequences $(NETWORKS)/$(1)/sequences.fa.gz --labels $(NETWORKS)/$(1)/labels.tsv \
  --name "$(2)" --out $(RUNS)/$(1)

gpu-check: $(VENV)/test.ready
	@if $(PY) -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then \
	  $(PY) -m pytest -m "not browser" -k "cuda or gpu or device" && $(PY) -m bench.gpu; \
	else echo "No CUDA device was found: nothing is checked."; fi

fuzz: $(VENV)/test.ready
	OMP_NUM_THREADS=1 $(PY) -m bench.fuzz --files 10000

soak: $(VENV)/run.ready
	OMP_NUM_THREADS=1 $(PY) -m bench.server --users 5 --minutes 480

nightly: $(VENV)/test.ready redis
	$(PY) -m bench.spliceai
	$(PY) -m bench.kill --nightly
	$(PY) -m bench.kill_elsewhere --nightly
	$(PY) -m bench.kill_elsewhere --engine celery --nightly
	@$(MAKE) --no-print-directory fuzz
