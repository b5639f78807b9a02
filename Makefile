# `make run` starts the app, `make test` checks everything; both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check clean

run: $(VENV)/app.stamp
	$(BIN)/streamlit run app.py

test: $(VENV)/dev.stamp check
	$(BIN)/pytest -q -n 2 --dist loadgroup --ignore tests/browser -m "not browser"
	# Playwright keeps an event loop running in its process, so what it drives has processes of its own.
	$(BIN)/pytest -q tests/browser
	$(BIN)/pytest -q tests/stage/test_journey_browser.py

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/app.stamp: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/dev.stamp: requirements.txt requirements-transfer.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $(VENV)/app.stamp $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
