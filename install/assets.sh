#!/bin/sh
# Fetch the front-end assets with npm and copy the few files that pages use: assets.sh TARGET_FOLDER
#
# Without npm, or without a network, every page still works; the signature pad then needs the
# scanned-paper way. In CI a missing asset is an error.
set -eu
cd "$(dirname "$0")/.."
target=$1

without() {
    echo "shouxu: $1; pages work without it, for the signature pad install npm and run 'make assets'" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
}

command -v npm >/dev/null 2>&1 || without "npm is not on this machine"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || without "npm could not fetch the front-end assets"

take() { # take PACKAGE FILE NAME: one file without its source-map line, with the licence beside it
    sed -e '/sourceMappingURL=/s|/[/*]# sourceMappingURL=[^ ]*\( \*/\)\{0,1\}||' "node_modules/$1/$2" >"$target/$3"
    [ ! -e "node_modules/$1/LICENSE" ] || cp "node_modules/$1/LICENSE" "$target/$3.LICENSE.txt"
}

mkdir -p "$target"
take htmx.org dist/htmx.min.js htmx.min.js
take signature_pad dist/signature_pad.umd.min.js signature_pad.umd.min.js
take @tabler/core dist/css/tabler.min.css tabler.min.css
touch "$target/.stamp"
