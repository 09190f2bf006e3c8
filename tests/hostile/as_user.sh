#!/usr/bin/env bash
# Runs a command as an ordinary user although root calls it: `make soak` tries the attacks in both ways.
# The interpreter, or the kit, may lie in a folder that others may not enter: the way is opened in mounts of our own.
set -euo pipefail
python=$(readlink -f .venv/bin/python)
export python
exec unshare --mount bash -euo pipefail -c '
    entered() { setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$1"; }
    # The outermost folder on the way to $1 that nobody else may enter, $1 left out.
    closed() {
        local folder=$1 found=
        while folder=$(dirname "$folder") && [ "$folder" != / ]; do
            entered "$folder" || found=$folder
        done
        echo "$found"
    }
    places=("$(dirname "$(dirname "$python")")" "$PWD")
    mounts=$(mktemp -d)
    for n in 0 1; do
        mkdir "$mounts/$n"
        mount --bind "${places[n]}" "$mounts/$n"
    done
    for place in "${places[@]}"; do
        folder=$(closed "$place")
        [ -z "$folder" ] || mount -t tmpfs -o mode=755 tmpfs "$folder"
    done
    for n in 0 1; do
        [ -e "${places[n]}" ] && continue
        mkdir -p "${places[n]}"
        mount --bind "$mounts/$n" "${places[n]}"
    done
    home=$(mktemp -d)
    chown 65534:65534 "$home"
    cd "${places[1]}"
    exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs \
        env HOME="$home" TMPDIR="$home" PYTHONDONTWRITEBYTECODE=1 "$@"' bash "$@"
