# make test is everything: it installs what it needs on a fresh Debian machine and runs every check.

GO ?= go
export CGO_ENABLED ?= 0

.PHONY: test build check unit browser tools fuzz clean

test: tools check unit browser

build:
	$(GO) build -trimpath -ldflags="-s -w" -o dist/rostrum ./cmd/rostrum

# tools installs the database, the browser and the fonts that the tests look at, where they are missing.
tools:
	test/tools.sh

check:
	test -z "$$(gofmt -l cmd internal format stat presets records test | tee /dev/stderr)"
	$(GO) vet ./...
	$(GO) mod verify

unit:
	$(GO) test ./...

browser: build
	cd test/browser && npm ci --no-audit --no-fund && npx playwright test

# fuzz gives every parser that an outsider can reach a minute.
fuzz:
	test/fuzz.sh 60s

clean:
	rm -rf dist test/browser/node_modules test/browser/shots
