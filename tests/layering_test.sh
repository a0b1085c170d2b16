#!/usr/bin/env bash
# Who may include whom (DESIGN: arrows point one way).  Link order alone does not catch headers.
set -u
cd "$(dirname "$0")/.."
bad=0

# FOLDER, then a regular expression of what its #include "..." and <...> may not name.
deny() {
    local folder=$1 pattern=$2 hits
    hits=$(grep -rnE "^#include [\"<]($pattern)" "$folder" --include='*.[ch]')
    if [ -n "$hits" ]; then
        echo "$folder must not include ($pattern):"
        echo "$hits"
        bad=1
    fi
}

outside='libwebsockets|sqlite3|openssl/|jansson|pthread'
deny scheduler "storage/|ocpp/|cmd/|$outside|time\.h|stdio_ext"
deny storage "scheduler/|ocpp/|cmd/|libwebsockets|jansson"
deny ocpp/wire "scheduler/|storage/|ocpp/central|ocpp/server|ocpp/pki|cmd/|libwebsockets|sqlite3|openssl/|pthread"
deny ocpp/central "ocpp/server|ocpp/pki|cmd/|libwebsockets|sqlite3|openssl/|pthread|time\.h|sys/time"
deny ocpp/pki "ocpp/(wire|central|server)|scheduler/|storage/|cmd/|libwebsockets|sqlite3|jansson|pthread"
deny ocpp/server "scheduler/|cmd/|sqlite3|ocpp/central/(state|timer)\.h"
deny cmd/noxsim "scheduler/|storage/|ocpp/central|ocpp/server|sqlite3"
deny cmd/noxctl "scheduler/|storage/(store|reader)|ocpp/central|ocpp/server|sqlite3|libwebsockets"
deny cmd/noxd "sqlite3|ocpp/central/(state|timer)\.h|storage/conn"

# SQLite's types stay out of public headers, SQL and libwebsockets in their rooms.
for header in storage/store.h storage/records.h storage/reader.h; do
    grep -nE '\bsqlite3\b' "$header" && { echo "$header names a SQLite type"; bad=1; }
done
grep -rlE 'libwebsockets\.h' --include='*.[ch]' . | grep -vE '^\./(ocpp/server|cmd|tests|build)' && { echo "libwebsockets outside its rooms"; bad=1; }

[ $bad = 0 ] && echo "layering holds"
exit $bad
