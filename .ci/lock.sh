#!/usr/bin/env bash
# Pin what requirements*.in name, with the hashes that the public index publishes for every platform.
#
# Usage: .ci/lock.sh [--upgrade | --upgrade-package NAME]     (pins that still fit stay otherwise)
# Local wheel folders and extra indexes of this machine are switched off, so that what is written can be
# found from any machine; the files name no index, link or host.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv

unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL UV_FIND_LINKS UV_EXTRA_INDEX_URL UV_INDEX UV_CONSTRAINT UV_OVERRIDE
for name in requirements requirements-dev; do
    # --universal: one file for every platform and for each Python from 3.11 on.
    "$scratch/venv/bin/uv" --no-config pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
        "$@" "$name.in" -o "$name.txt"
done
