#!/bin/sh
# Make .venv with a Python of 3.11 or newer; fetches Debian's venv module where that is allowed.
set -eu
cd "$(dirname "$0")/.."

[ -x .venv/bin/python ] && [ -x .venv/bin/pip ] && exit 0

python=${PYTHON:-}
if [ -z "$python" ]; then
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            python=$candidate
            break
        fi
    done
fi
if [ -z "$python" ]; then
    echo "shouxu: Python 3.11 or newer is needed and was not found; set PYTHON=/path/to/python3" >&2
    exit 1
fi

# Debian ships venv without ensurepip: the import is the only honest test
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    if command -v apt-get >/dev/null 2>&1 && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
        $sudo apt-get update -qq
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "python$version-venv" >/dev/null
    else
        echo "shouxu: Python's venv module is missing; install python$version-venv and try again" >&2
        exit 1
    fi
fi
rm -rf .venv
"$python" -m venv .venv
