#!/usr/bin/env bash
# Makes the virtual environment. Usage: make_venv.sh PYTHON FOLDER
# Works where the system's Python lacks pip or the venv module's parts.
set -euo pipefail
python=$1 folder=$2
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if ! "$python" -c "$new_enough" 2>/dev/null; then
  found=""
  for other in python3.14 python3.13 python3.12 python3.11; do
    if "$other" -c "$new_enough" 2>/dev/null; then found=$other; break; fi
  done
  if [ -z "$found" ]; then
    echo "Huifang needs Python 3.11 or newer; $python is none. Name one: make setup PYTHON=/path/to/python3" >&2
    exit 1
  fi
  python=$found
fi

if [ -x "$folder/bin/python" ] && "$folder/bin/python" -c "$new_enough" 2>/dev/null; then
  exit 0
fi
rm -rf "$folder"
if command -v uv >/dev/null && uv venv --quiet --python "$python" "$folder"; then
  exit 0
fi
if "$python" -m venv "$folder" 2>/dev/null; then
  exit 0
fi
rm -rf "$folder"
# Debian ships Python without ensurepip: another pip can still fill an environment made without.
if "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --without-pip "$folder" 2>/dev/null; then
  "$python" -m pip --python "$folder/bin/python" install --quiet pip && exit 0
  rm -rf "$folder"
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
  exec "$python" -m venv "$folder"
fi
echo "$python cannot make a virtual environment: install its venv module (on Debian: python3-venv), or uv." >&2
exit 1
