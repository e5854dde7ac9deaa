#!/usr/bin/env bash
# bandit's graver rules, and semgrep with our own. Usage: security.sh VENV
# semgrep has an environment of its own: it needs packages that are no business of the product's.
# It reads local rules only, and neither asks for a newer version nor tells anybody of its use.
set -euo pipefail
venv=$1 here=$(dirname "$0")
own=$venv/semgrep rules=$here/semgrep
"$venv/bin/bandit" --quiet --recursive --severity-level high src

not_checked() {
  printf '%s\n' "" \
    "############################################################" \
    "# semgrep $1 on this machine: the rules of" \
    "# tools/semgrep/ were NOT checked." \
    "############################################################" "" >&2
  exit 0
}

install_semgrep() {
  bash "$here/make_venv.sh" "$venv/bin/python" "$own" &&
    PATH="$PWD/$venv/bin:$PATH" bash "$here/install.sh" "$own" "$here/semgrep.lock" &&
    "$own/bin/semgrep" --version >/dev/null
}

# Ends with 1 where a rule was broken; where semgrep itself does not run, that is said.
run_semgrep() {
  local code=0
  timeout 600 semgrep scan --quiet "$@" || code=$?
  [ "$code" -le 1 ] || not_checked "does not run (it ended with $code)"
  return "$code"
}

export SEMGREP_SEND_METRICS=off SEMGREP_ENABLE_VERSION_CHECK=0
if ! cmp --quiet "$here/semgrep.lock" "$own/installed.lock"; then
  install_semgrep || not_checked "cannot be installed"
  cp "$here/semgrep.lock" "$own/installed.lock"
fi
export PATH="$PWD/$own/bin:$PATH"

# The rules prove themselves first, on mistakes made on purpose.
tried=$(mktemp -d)
trap 'rm -rf "$tried"' EXIT
cp "$rules"/*.yml "$tried"
cp "$rules/python.example" "$tried/python.py"
cp "$rules/templates.example" "$tried/templates.html"
run_semgrep --test "$tried"
run_semgrep --error --disable-version-check --metrics=off --jobs=2 \
  --config "$rules/python.yml" --config "$rules/templates.yml" src
