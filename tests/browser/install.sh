#!/bin/sh
# Installs Debian's Chromium for the browser tests where it may; where it may not, says what is left out.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "installing chromium for the browser tests"
    if apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "LEFT OUT: the browser tests, for there is no Chromium here; install the package chromium to run them"
[ -z "${CI:-}" ] || exit 1
