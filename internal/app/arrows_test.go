package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "rostrum.example/"

// room says in which room of the house a package stands.
func room(pkg string) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(pkg, module), "/")
	switch first {
	case "cmd", "stat", "format":
		return first
	case "presets", "records":
		return "data"
	case "internal":
		name, _, _ := strings.Cut(rest, "/")
		switch name {
		case "app", "testrig":
			return "app"
		case "dialogue", "review", "study", "protection", "observatory", "commons":
			return "wing " + name
		}
		return "ground"
	}
	return first
}

// mayImport says which rooms each room may look into. A wing may look into itself.
var mayImport = map[string][]string{
	"cmd":    {"app", "ground", "stat", "format", "data"},
	"app":    {"app", "wing", "ground", "stat", "format", "data"},
	"wing":   {"ground", "stat", "format"},
	"ground": {"ground", "stat", "format"},
	"stat":   {"stat"},
	"format": {"format"},
	"data":   {"format"},
	"test":   {"app", "ground", "stat", "format"},
}

// onlyIn says which package alone may use a library directly.
var onlyIn = map[string]string{
	"modernc.org/sqlite":              "internal/store",
	"github.com/jackc/pgx":            "internal/store",
	"github.com/minio":                "internal/blob",
	"github.com/wneessen/go-mail":     "internal/mail",
	"github.com/go-webauthn":          "internal/party",
	"github.com/nicksnyder/go-i18n":   "internal/locale",
	"golang.org/x/mod/sumdb":          "internal/ledger",
	"filippo.io/age":                  "internal/seal",
	"github.com/prometheus":           "internal/app",
	"github.com/transparency-dev":     "nowhere but tests",
	"filippo.io/torchwood":            "nowhere but tests",
	"github.com/rogpeppe/go-internal": "nowhere but tests",
}

// TestArrows holds that imports run one way through the house.
func TestArrows(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Skip("go list does not run here: ", err)
	}
	seen := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		from := room(p.ImportPath)
		kind, _, _ := strings.Cut(from, " ")
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, module) {
				to := room(imp)
				toKind, _, _ := strings.Cut(to, " ")
				if from != to && !slices.Contains(mayImport[kind], toKind) {
					t.Errorf("%s (%s) imports %s (%s)", p.ImportPath, from, imp, to)
				}
			}
			for library, owner := range onlyIn {
				if strings.HasPrefix(imp, library) && !strings.HasPrefix(p.ImportPath, module+owner) {
					t.Errorf("%s imports %s, which only %s may", p.ImportPath, imp, owner)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d packages were looked at", seen)
	}
}

// TestRooms holds that the test above can fail.
func TestRooms(t *testing.T) {
	for pkg, want := range map[string]string{
		"rostrum.example/internal/dialogue": "wing dialogue", "rostrum.example/internal/ledger/browse": "ground",
		"rostrum.example/stat/estimate": "stat", "rostrum.example/format/internal/place": "format", "rostrum.example/cmd/rostrum": "cmd",
	} {
		if got := room(pkg); got != want {
			t.Errorf("room(%s) = %s, want %s", pkg, got, want)
		}
	}
	if slices.Contains(mayImport["ground"], "wing") || slices.Contains(mayImport["wing"], "wing") || slices.Contains(mayImport["stat"], "ground") {
		t.Error("an arrow runs backwards")
	}
}
