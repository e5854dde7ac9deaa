#!/usr/bin/env bash
# Renews every lock file: hashes for all platforms, and no host names.
set -euo pipefail
uv=$(command -v uv || ls .venv/bin/uv) || { echo "make lock needs uv; make setup brings it." >&2; exit 1; }
compile() {
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-annotate --no-header --upgrade "$@"
}
compile pyproject.toml --output-file requirements.lock
# Every extra but spark, which is half a gigabyte and built on the spot.
compile pyproject.toml --extra kafka --extra smpp --extra mcp --extra otel --group dev --output-file requirements-dev.lock
compile tools/node.in --output-file tools/node.lock
compile tools/messages.in --output-file tools/messages.lock
compile tools/uv.in --output-file tools/uv.lock
compile tools/semgrep.in --output-file tools/semgrep.lock
cd frontend && npm install --package-lock-only --no-audit --no-fund
