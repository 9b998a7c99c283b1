#!/bin/sh
# One node in the data folder.
set -eu
[ "$DISABLE_SECURITY_PLUGIN" = true ] || { echo 'this stand-in has no security plugin'; exit 1; }
data=$PWD/data
mkdir -p "$data/tmp"
socat TCP-LISTEN:9200,fork,reuseaddr TCP:127.0.0.1:9201 &
# shellcheck disable=SC2086  # several words
exec java $OPENSEARCH_JAVA_OPTS -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
    -Dlog4j2.disable.jmx=true -Djava.io.tmpdir="$data/tmp" -Djna.tmpdir="$data/tmp" \
    -cp "launcher.jar:lib/*" OpenSearchNode "$data/node" 9201 9300 poststelle
