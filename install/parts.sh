#!/bin/sh
# Install the system parts Shouxu uses: `parts.sh demo` or `parts.sh test`.
#
# As root or with passwordless sudo on a machine with apt, what is missing is installed; anywhere
# else one line says what is missing and the work goes on (Word documents are issued without
# LibreOffice; their PDFs wait in the queue until it appears).
set -eu

purpose=${1:-demo}
missing=

need() { # need PACKAGE TEST...: remember the package when the test fails
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

command_of() { command -v "$1"; }

either() { command -v "$1" || command -v "$2"; }

writer() { # LibreOffice may be installed without its Writer
    command -v soffice || command -v libreoffice || return 1
    [ "$(uname)" = Linux ] || return 0
    for home in /usr/lib/libreoffice /usr/lib64/libreoffice /opt/libreoffice*; do
        [ ! -e "$home/program/libswlo.so" ] || return 0
    done
    return 1
}

chinese_font() {
    for folder in /usr/share/fonts /usr/local/share/fonts "$HOME/.fonts" "$HOME/.local/share/fonts" \
        /System/Library/Fonts /Library/Fonts; do
        [ -d "$folder" ] || continue
        found=$(find "$folder" -iname '*CJK*' -o -iname 'SourceHan*' -o -iname 'PingFang*' \
            -o -iname 'wqy*' -o -iname 'simsun*')
        [ -z "$found" ] || return 0
    done
    return 1
}

uno() { # for LibreOffices that stay open: the system's own Python talks to them
    [ "$(uname)" = Linux ] || return 0
    /usr/bin/python3 -c 'import uno'
}

magic() {
    for folder in /usr/lib /usr/lib64 /usr/local/lib /opt/homebrew/lib /lib; do
        for file in "$folder"/libmagic.so.1 "$folder"/*/libmagic.so.1 "$folder"/libmagic.dylib; do
            [ ! -e "$file" ] || return 0
        done
    done
    return 1
}

need libreoffice-writer-nogui writer
need fonts-noto-cjk chinese_font
need libmagic1 magic
if [ "$purpose" = test ]; then
    need chromium either chromium google-chrome
    need poppler-utils command_of pdfsig
    need bubblewrap command_of bwrap
    need softhsm2 command_of softhsm2-util
    need opensc command_of pkcs11-tool
    need python3-uno uno
    need nodejs command_of node
    need npm command_of npm
fi

[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" = 0 ] || sudo="sudo -n"
if ! command -v apt-get >/dev/null 2>&1 || { [ -n "$sudo" ] && ! $sudo true 2>/dev/null; }; then
    echo "shouxu: not on this machine (names as in Debian):$missing" >&2
    exit 0
fi

echo "shouxu: installing$missing"
$sudo apt-get update -qq || echo "shouxu: apt-get update failed; trying with the lists at hand" >&2
# one by one only when all together fail, so that one absent package does not keep the others out
install="$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
# shellcheck disable=SC2086
if ! $install $missing >/dev/null; then
    for package in $missing; do
        $install "$package" >/dev/null || echo "shouxu: $package could not be installed; going on without it" >&2
    done
fi
