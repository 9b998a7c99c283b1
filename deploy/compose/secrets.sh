#!/bin/sh
# Makes the secrets that docker-compose.yml names, once: what is there stays. Needs nothing but a POSIX shell.
#   deploy/compose/secrets.sh [FOLDER]      (default: secrets/ beside docker-compose.yml)
set -eu
folder=${1:-$(dirname "$0")/../../secrets}
users='mail_intake scan_intake extraction ocr classification filing indexing procedures search ledger poststelle retention'

random() { od -An -N 24 -v -t x1 /dev/urandom | tr -d ' \n' | cut -c 1-40; }

# Writes a file whole or not at all.
write() {
    [ -s "$1" ] || { printf '%s\n' "$2" >"$1.new" && chmod 444 "$1.new" && mv "$1.new" "$1" && echo "made $1"; }
}

# The outermost folder keeps everybody out. What lies in it has to be readable by the containers' own users.
umask 022
mkdir -p "$folder" && chmod 700 "$folder"
write "$folder/session" "$(random)"
mkdir -p "$folder/root"
write "$folder/root/s3_access_key" root-of-the-store
write "$folder/root/s3_secret_key" "$(random)"
for user in $users; do
    mkdir -p "$folder/services/$user"
    write "$folder/services/$user/s3_access_key" "$user"
    write "$folder/services/$user/s3_secret_key" "$(random)"
done
