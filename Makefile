PYTHON ?= python3
PORTAL ?= sample
ARCHIVE ?= tangthu.db
BIN = .venv/bin

.PHONY: crawl test soak bench lock clean

crawl: .venv/installed
ifeq ($(PORTAL),sample)
	$(BIN)/python -m crawler.sample.demo --archive $(ARCHIVE)
else
	$(BIN)/tangthu crawl $(PORTAL) --archive $(ARCHIVE)
endif

test: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# The long form of the demonstrations that the suite runs in short: hundreds of kills, thousands of flips, big records.
soak: .venv/tested
	TANGTHU_SOAK=1 $(BIN)/python -m pytest -m soak

bench: .venv/tested
	$(BIN)/python bench/crawl.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 crawl"; exit 2; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/tested: .venv/installed requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.lock
	@touch $@

# pywb, which tests let replay from our routes. Its pins (pyOpenSSL, brotlipy) clash with ours, so it lives apart.
.venv/pywb/installed: .venv/bin/python requirements-pywb.lock
	$(BIN)/python -m venv .venv/pywb
	.venv/pywb/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-pywb.lock
	@touch $@

# ReplayWeb.page and axe-core, for tests only: npm packages of known digests.
.venv/viewer/installed: .venv/installed archive/replay/viewer_package.py
	TANGTHU_VIEWER=.venv/viewer $(BIN)/tangthu serve --viewer install
	@touch $@

AXE = axe-core-4.14.1
AXE_SHA512 = 1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
.venv/axe/installed: .venv/bin/python
	mkdir -p .venv/axe
	cd .venv/axe && npm pack axe-core@4.14.1 --ignore-scripts --silent && tar -xzf $(AXE).tgz
	@cd .venv/axe && test "$$(sha512sum $(AXE).tgz | cut -c 1-128)" = $(AXE_SHA512)
	@touch $@

# Writes the lock files anew; needs `pip install uv`.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra test pyproject.toml -o requirements-test.lock
	echo "pywb>=2.10,<3" | uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header - -o requirements-pywb.lock

clean:
	rm -rf .venv build *.egg-info
