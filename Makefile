# Needs make, git and a Python 3.11 or newer. Everything else is fetched by scripts/bootstrap.py.
#
#   make run TORCH=cpu          leave out PyTorch's CUDA libraries on Linux (about 5 GB); also
#                               AMENDS_TORCH=cpu in the environment. It stays so until TORCH=cuda
#   make run PYTHON=/usr/…      use this Python for the app environment
#   make train DATA=… ADAPTER=… read label files from, and write the adapter to, these folders

.DEFAULT_GOAL := help
SHELL := /bin/sh

APP := .venv/bin
RASA := .venv-rasa/bin
DATA ?= ../shared/data
ADAPTER ?= .amends/adapters/new
TORCH ?= $(AMENDS_TORCH)
export AMENDS_TORCH := $(TORCH)
# uv compiles nothing ahead: without its compiled files Python needs 14 s longer to import PyTorch
# and its kin, in every process, at every start.
unexport PYTHONDONTWRITEBYTECODE

# The environment's own Python comes first, so that a second start never changes it; the last one
# is named even when it is too old, because scripts/bootstrap.py says so in a clear line.
PYTHON ?= $(shell for python in $(APP)/python python3.13 python3.12 python3.11 python3.14 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$python"; exit; }; done; echo python3)

# A developer's own settings must not decide how the tests end.
WITHOUT_SETTINGS = env $$(env | sed -n 's/^\(AMENDS_[A-Za-z0-9_]*\)=.*/-u \1/p')

.PHONY: run
run: bootstrap ## Start the assistant; sets up what is missing first. Ctrl-C stops it
	@$(APP)/amends run

.PHONY: chat
chat: bootstrap ## Talk to the running assistant in this terminal
	@$(APP)/amends chat

.PHONY: test
test: bootstrap ## Run every test, unit to end-to-end
	# Two files at once, each process on a thread of its own; what starts the servers has both cores.
	$(WITHOUT_SETTINGS) OMP_NUM_THREADS=1 $(APP)/python -m pytest -n 2 --dist loadfile \
		--ignore=tests/assistant --ignore=tests/e2e
	$(WITHOUT_SETTINGS) $(APP)/python -m pytest tests/e2e --ignore=tests/e2e/web
	# A process of their own: the browser's driver keeps an event loop that other tests cannot share.
	$(WITHOUT_SETTINGS) $(APP)/python -m pytest tests/e2e/web
	$(WITHOUT_SETTINGS) $(RASA)/python -m pytest -c tests/assistant/pytest.ini tests/assistant

.PHONY: lint
lint: bootstrap ## Check style, format and types
	$(APP)/ruff check .
	$(APP)/ruff format --check .
	$(APP)/mypy
	$(APP)/mypy scripts

.PHONY: train
train: bootstrap ## Train the adapter that scores messages
	$(APP)/amends train --data $(DATA) --output $(ADAPTER)

.PHONY: evaluate
evaluate: bootstrap ## Measure the adapter on data that it was not trained on
	$(APP)/amends evaluate --data $(DATA)

.PHONY: bench-quality
bench-quality: bootstrap ## Measure the classifier by the papers' protocols; an hour and a half
	$(APP)/python -m finetune.bench --data $(DATA) --output docs/benchmarks/quality.md

.PHONY: bench
bench: bootstrap ## Time fifty turns with the running assistant
	@$(APP)/python scripts/bench.py

.PHONY: bench-web
bench-web: bootstrap ## Time the web chat with 200 shoppers on servers of its own; ten minutes
	@$(APP)/python scripts/bench_web.py

.PHONY: bench-desk
bench-desk: bootstrap ## Time the desk with 50 agents and 200 shoppers on servers of its own; five minutes
	@$(APP)/python scripts/bench_desk.py

.PHONY: bench-dialogue
bench-dialogue: bootstrap ## Measure intents, and conversations with real messages in them; fifteen minutes
	@$(APP)/python scripts/bench_dialogue.py --data $(DATA)

.PHONY: clean
clean: ## Remove the environments and all that was built; tickets stay
	rm -rf .venv .venv-rasa .tools .rasa .mypy_cache .pytest_cache .ruff_cache
	rm -rf .amends/encoder* .amends/models .amends/widget .amends/desk .amends/logs
	rm -rf assistant/widget/node_modules desk/assets/node_modules

.PHONY: bootstrap
bootstrap:
	@command -v "$(PYTHON)" >/dev/null || { \
	echo "amends: expected Python 3.11 or newer, found none; for example: apt install python3" >&2; exit 1; }
	@"$(PYTHON)" scripts/bootstrap.py

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name line; do \
	printf '  make %-14s %s\n' "$$name" "$$line"; done
