#!/usr/bin/env bash
# Prepares a machine for `make run` and `make test`.
#   prepare.sh packages VENV REQUIREMENTS   a virtual environment with exactly the pinned packages
#   prepare.sh german VENV                  Tesseract's German data, for reading scans: installed, or laid into the cache
#   prepare.sh clamd                        ClamAV's daemon, for the tests of the scanner; they bring their own signature
#   prepare.sh node                         what the procedure in Node.js of the documentation needs, for its journey,
#                                           and the parser of AsyncAPI, for the test of our channels
set -euo pipefail

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }

# Prints the first Python that is new enough and can make virtual environments.
find_python() {
    local candidate seen=""
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14}; do
        command -v "$candidate" >/dev/null || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        seen=$candidate
        "$candidate" -c 'import ensurepip, venv' 2>/dev/null || continue
        printf '%s\n' "$candidate"
        return
    done
    if [ -n "$seen" ]; then
        say "$seen cannot make virtual environments here. On Debian and Ubuntu: apt-get install python3-venv"
    else
        say "Poststelle needs Python 3.11 or newer, and found none. Install it, or name it: make PYTHON=/path/to/python3.11 run"
    fi
    return 1
}

# pip says a line for every package; a person wants to know how far it is.
progress() {
    awk -v total="$1" '/^Collecting /   { if (++n % 10 == 0) { printf "  %d of about %d packages\n", n, total; fflush() } }
                       /^Installing /   { print "  installing"; fflush() }'
}

packages() {
    local venv=$1 requirements=$2 python started=$SECONDS
    if [ ! -x "$venv/bin/pip" ]; then
        python=$(find_python)
        say "Preparing $venv with $("$python" --version) (once)"
        rm -rf "$venv"
        "$python" -m venv "$venv"
    fi
    say "Installing the packages pinned in $requirements"
    "$venv/bin/pip" install --require-hashes --only-binary :all: --progress-bar off --requirement "$requirements" \
        | progress "$(grep -c '^[a-z].*==' "$requirements")"
    # The project itself, as it lies here; everything it needs, even its build, is installed by now.
    "$venv/bin/pip" install --quiet --no-deps --no-build-isolation --no-index --editable .
    say "Ready after $((SECONDS - started)) s"
}

german() {
    local venv=$1 found
    found=$(ls /usr/share/tesseract-ocr/*/tessdata/deu.traineddata /usr/share/tessdata/deu.traineddata 2>/dev/null || true)
    if [ -n "$found" ]; then
        return
    fi
    if [ "$(id -u)" = 0 ] && [ -z "${POSTSTELLE_OCR__TESSDATA:-}" ] && command -v apt-get >/dev/null; then
        say "Installing Tesseract's German data (tesseract-ocr-deu)"
        # Another apt may be at work, such as the nightly upgrade: wait for it.
        local install=(apt-get -o DPkg::Lock::Timeout=120 install -qq -y --no-install-recommends tesseract-ocr-deu)
        if ("${install[@]}" || (apt-get -o DPkg::Lock::Timeout=120 update -qq && "${install[@]}")) >/dev/null 2>&1; then
            return
        fi
    fi
    "$venv/bin/python" -m deploy.german
}

clamd() {
    if [ -x /usr/sbin/clamd ] || [ -x /usr/local/sbin/clamd ] || [ -x /usr/bin/clamd ]; then
        return
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing ClamAV's daemon (clamav-daemon)"
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends clamav-daemon >&2
        return
    fi
    say "The tests of the malware scanner need clamd: apt-get install clamav-daemon"
    return 1
}

node() {
    local folder
    if ! command -v npm >/dev/null; then
        say "The procedure in Node.js needs node (18 or newer) and npm: apt-get install nodejs npm"
        return 1
    fi
    for folder in docs/examples/node tests/contract; do
        # npm writes down what it installed: nothing to do where that is what the lock file wants.
        if ! [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ]; then
            (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
        fi
    done
}

"$@"
