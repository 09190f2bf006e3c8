#!/usr/bin/env bash
# Runs a command as an ordinary user although root calls it: `make soak` tries the attacks in both ways.
# The interpreter may lie in a folder that only root may enter, so the way to it is opened in mounts of our own.
set -euo pipefail
python=$(readlink -f .venv/bin/python)
export python here=$PWD
exec unshare --mount bash -euo pipefail -c '
    top=/$(cut -d/ -f2 <<<"$python")
    if ! setpriv --reuid 65534 --clear-groups test -x "$python"; then
        kept=$(mktemp -d)
        mount --bind "$top" "$kept"
        mount -t tmpfs -o mode=755 tmpfs "$top"
        prefix=$(dirname "$(dirname "$python")")
        mkdir -p "$prefix"
        mount --bind "$kept${prefix#"$top"}" "$prefix"
    fi
    home=$(mktemp -d)
    chown 65534:65534 "$home"
    cd "$here"
    exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs \
        env HOME="$home" TMPDIR="$home" PYTHONDONTWRITEBYTECODE=1 "$@"' bash "$@"
