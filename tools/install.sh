#!/usr/bin/env bash
# Installs locked packages, or the project itself. Usage: install.sh VENV LOCK… | install.sh VENV --project
# By uv, which is quick: the one on PATH, else a locked one; where uv does not reach the packages, by pip.
set -euo pipefail
venv=$1 here=$(dirname "$0")
shift

have_pip() {
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 ||
    "$venv/bin/python" -m ensurepip --upgrade >/dev/null 2>&1
}

by_pip() {
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
}

find_uv() {
  command -v uv && return
  have_pip && by_pip --require-hashes --requirement "$here/uv.lock" >&2 && echo "$venv/bin/uv"
}

if [ "$1" = --project ]; then
  options=(--no-deps --no-build-isolation --editable .)
else
  options=(--require-hashes)
  for lock in "$@"; do options+=(--requirement "$lock"); done
fi
# The certificates that this system trusts, as pip has them from its own configuration.
export UV_SYSTEM_CERTS=true UV_NATIVE_TLS=true
if uv=$(find_uv) && "$uv" pip install --quiet --python "$venv/bin/python" "${options[@]}"; then
  exit 0
fi
echo "uv did not serve; pip goes on, which takes longer." >&2
have_pip || { echo "There is neither uv nor pip for $venv." >&2; exit 1; }
by_pip "${options[@]}"
