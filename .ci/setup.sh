#!/usr/bin/env bash
# Make the environment in .venv; quick and harmless when it is up to date.
#
# Usage: .ci/setup.sh [run|test|bench]     (test, the default, adds what the tests need; bench the peers of benches)
# Environment: PYTHON  the interpreter to build from (default: python3)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

purpose="${1:-test}"
python="${PYTHON:-python3}"
venv=.venv

say() { printf 'setup: %s\n' "$*" >&2; }

# --- one stamp for everything that decides how the environment looks -------------------------------
fingerprint() {
    { cat requirements.txt requirements-dev.txt pyproject.toml .ci/debian-packages.txt .ci/setup.sh
      "$python" -c 'import sys; print(sys.version, sys.base_prefix)' 2>/dev/null || true
    } | sha256sum | cut -d' ' -f1
}

want="$(fingerprint):$PWD"
# What a larger set-up made is enough for a smaller purpose as well.
case "$purpose" in
    run) enough="run test bench" ;;
    test) enough="test bench" ;;
    *) enough="$purpose" ;;
esac
for made_for in $enough; do
    stamp="$venv/.griddesk-setup-$made_for"
    if [ -x "$venv/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
        exit 0
    fi
done

# --- one set-up at a time: `make run` and `make test` may be started together -----------------------
if command -v flock >/dev/null && [ -z "${GRIDDESK_SETUP_LOCKED:-}" ]; then
    GRIDDESK_SETUP_LOCKED=1 exec flock .ci/setup.sh .ci/setup.sh "$purpose"
fi

# --- Debian packages --------------------------------------------------------------------------------
wanted_packages() {
    case "$purpose" in
        run) awk '$1 == "base" || $1 == "run" { print $2 }' .ci/debian-packages.txt ;;
        bench) awk '$1 ~ /^(base|run|test|bench)$/ { print $2 }' .ci/debian-packages.txt ;;
        *) awk '$1 ~ /^(base|run|test)$/ { print $2 }' .ci/debian-packages.txt ;;
    esac
}

# A name counts as there when a package of that name, or one that provides it (t64 transitions), is installed.
missing_packages() {
    local have
    have="$(dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides}\n' 2>/dev/null |
        sed -n 's/^installed //p' | tr ',' '\n' | sed 's/ *(.*//; s/ //g' | sort -u)"
    wanted_packages | sort -u | comm -23 - <(printf '%s\n' "$have")
}

debian_packages() {
    command -v dpkg-query >/dev/null || { say "not a Debian system; see .ci/debian-packages.txt for what is needed"; return; }
    local missing
    missing="$(missing_packages | tr '\n' ' ')"
    missing="${missing% }"
    [ -z "$missing" ] && return
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        say "installing Debian packages: $missing"
        export DEBIAN_FRONTEND=noninteractive
        local log
        log="$(mktemp)"
        # shellcheck disable=SC2086 # one word a package
        if apt-get update -qq >"$log" 2>&1 </dev/null &&
            apt-get install -y -qq --no-install-recommends $missing >>"$log" 2>&1 </dev/null; then
            rm -f "$log"
        else
            tail -n 15 "$log" >&2
            rm -f "$log"
            say "these Debian packages could not be installed: $missing"
            packages_ok=no
        fi
    else
        say "these Debian packages are missing; as root, run:"
        say "  apt-get update && apt-get install -y --no-install-recommends $missing"
        packages_ok=no
    fi
}

packages_ok=yes
debian_packages

# --- virtual environment ----------------------------------------------------------------------------
command -v "$python" >/dev/null || { say "no $python; install Debian's python3 (3.11 or newer) and python3-venv"; exit 1; }
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$python is $("$python" -V 2>&1), but 3.11 or newer is needed; set PYTHON=/path/to/python3.11"
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "python3 -m venv does not work here: install Debian's python3-venv"
    exit 1
fi

# An environment made by another interpreter, or moved from another folder, is made anew.
if [ -x "$venv/bin/python" ]; then
    made_by="$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.prefix)' 2>/dev/null || true)"
    expected="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') $PWD/$venv"
    [ "$made_by" = "$expected" ] && grep -qsF "$PWD/$venv" "$venv/bin/pip" || rm -rf "$venv"
fi
if [ ! -x "$venv/bin/python" ]; then
    say "making $venv with $("$python" -V 2>&1)"
    "$python" -m venv "$venv"
fi

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@" </dev/null; }

say "installing pinned packages (a first time takes a few minutes)"
pip install --quiet --require-hashes -r requirements-dev.txt
# Build tools are pinned above, so nothing is fetched here.
build_log="$(mktemp)"
if ! pip install --quiet --no-deps --no-build-isolation --editable . >"$build_log" 2>&1; then
    cat "$build_log" >&2
    rm -f "$build_log"
    exit 1
fi
rm -f "$build_log"

# Without the packages the environment is usable, but the next call looks again.
if [ "$packages_ok" = yes ]; then
    printf '%s' "$want" >"$venv/.griddesk-setup-$purpose"
fi
say "ready: $venv"
