#!/usr/bin/env bash
# Brings what browser tests and the check of texts need from the system: Chromium, Chinese fonts, gettext.
# Without root and apt it says what is missing; then the tests that need it are skipped, loudly.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing+=(chromium)
if ! { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh family)" ]; }; then
  missing+=(fontconfig fonts-noto-cjk)
fi
command -v xgettext >/dev/null || missing+=(gettext)
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing ${missing[*]} …"
  if apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
    exit 0
  fi
fi
echo "!! Not installed: ${missing[*]}. Tests that need them are SKIPPED on this machine." >&2
[ -z "${CI:-}" ]
