#!/bin/sh
# Build a wheel from this tree, install it into a clean venv elsewhere, and run the installed program
# there: wheel_check.sh [FOLDER]. Leaves the wheel in FOLDER/wheel and the walk in FOLDER/out.
set -eu
cd "$(dirname "$0")/.."
tree=$PWD
python=$tree/.venv/bin/python
folder=${1:-}
[ -n "$folder" ] || { folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; }
mkdir -p "$folder/elsewhere"
folder=$(cd "$folder" && pwd)

# what an earlier build left behind would be carried along
rm -rf build/lib build/bdist.*
"$python" -m build --wheel --no-isolation --outdir "$folder/wheel" . >"$folder/build.log" 2>&1 || {
    cat "$folder/build.log" >&2
    exit 1
}

"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q -c "$tree/constraints.txt" "$folder"/wheel/shouxu-*.whl

cd "$folder/elsewhere"
shouxu=$folder/venv/bin/shouxu
"$shouxu" check
"$shouxu" walk move_in --estate jade_garden --clock 2026-03-01T09:00:00+08:00 --out "$folder/out"
rm -rf "$folder/venv"
echo "wheel-check: $(basename "$folder"/wheel/*.whl) checks and walks outside the checkout"
