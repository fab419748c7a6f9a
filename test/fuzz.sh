#!/bin/sh
# Runs every fuzz target of the project for the given time each: test/fuzz.sh 60s
set -eu
cd "$(dirname "$0")/.."
grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r folder; do
	grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$folder"/*_test.go | sed 's/^func //' | while read -r target; do
		echo "$folder $target"
		go test "$folder" -run '^$' -fuzz "^$target\$" -fuzztime "$1"
	done
done
