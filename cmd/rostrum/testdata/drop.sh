#!/bin/sh
# Writes a dialogue file without its topics: drop.sh IN OUT
sed -e '/"topics": \[/,/^  \]/d' "$1" >"$2"
