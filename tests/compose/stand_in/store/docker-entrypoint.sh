#!/bin/sh
# What is given are the words of the store's own command.
[ "$1" = silo ] || set -- silo "$@"
exec "$@"
