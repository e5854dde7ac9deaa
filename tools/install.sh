#!/usr/bin/env bash
# Installs locked packages, or the project itself. Usage: install.sh VENV LOCK… | install.sh VENV --project
# uv where it is found, because it is quick; else pip.
set -euo pipefail
venv=$1
shift

have_pip() {
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 ||
    "$venv/bin/python" -m ensurepip --upgrade >/dev/null 2>&1
}

if [ "$1" = --project ]; then
  options=(--no-deps --no-build-isolation --editable .)
else
  options=(--require-hashes)
  for lock in "$@"; do options+=(--requirement "$lock"); done
fi
if command -v uv >/dev/null && uv pip install --quiet --python "$venv/bin/python" "${options[@]}"; then
  exit 0
fi
have_pip || { echo "There is neither uv nor pip for $venv." >&2; exit 1; }
exec "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "${options[@]}"
