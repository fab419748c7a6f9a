package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rostrum.example/internal/seal"
)

// said runs the program and gives its exit code and what it said.
func said(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, msg bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &msg)
	return code, out.String(), msg.String()
}

// TestOpenMany opens a zip file in which each part has its own fate.
func TestOpenMany(t *testing.T) {
	dir := t.TempDir()
	identity, err := seal.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := seal.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	envelope := func(to seal.Identity, plain string) []byte {
		list, err := seal.NewRecipients(to.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w, err := seal.NewWriter(&b, list)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(plain)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	record := `{"format":"rostrum-sealed/1","kind":"application","org":"o","subject":"app/1","fields":[{"id":"a","value":"zebra"}]}`
	key := filepath.Join(dir, "unit.key")
	f, err := os.Create(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := seal.WriteIdentity(f, identity, ""); err != nil {
		t.Fatal(err)
	}
	f.Close()

	many := filepath.Join(dir, "many.zip")
	whole := envelope(identity, strings.Repeat("a letter ", 20_000))
	parts := []struct {
		name string
		data []byte
	}{
		{"2026/answers.age", envelope(identity, record)},
		{"../../../etc/letter.txt.age", whole},
		{"2026-answers.age", envelope(identity, record)}, // the same name once it is safe
		{"cut.age", whole[:len(whole)-9]},
		{"foreign.age", envelope(foreign, record)},
		{"broken.age", envelope(identity, record[:60])},
		{"readme.txt", []byte("not sealed")},
		{"\x1b[2J.age", envelope(identity, record)},
	}
	z, err := os.Create(many)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(z)
	for _, p := range parts {
		e, err := w.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		e.Write(p.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z.Close()

	out := filepath.Join(dir, "out", "deep")
	code, stdout, stderr := said(t, "open", many, "--key", key, "--out", out)
	if code != exitInput { // the first that failed: the second of two with one name
		t.Errorf("exit code %d", code)
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others", e.Name())
		}
	}
	if want := []string{"2026-answers.json", "[2J.json", "etc-letter.txt"}; !slices.Equal(names, want) {
		t.Errorf("the folder holds %q, want %q", names, want)
	}
	for _, want := range []string{"2026-answers.json exists and was not overwritten", "cut.age: opening: the sealed file is damaged or cut short", "foreign.age: opening: it was sealed for others", "broken.age: this is not a sealed record", "readme.txt: not sealed, left alone"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("it is not said that %q:\n%s", want, stderr)
		}
	}
	if strings.Contains(stdout+stderr, "\x1b") {
		t.Error("a name steers the terminal")
	}

	code, stdout, _ = said(t, "open", many, "--key", key, "--json")
	var got opening
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if code != exitUsage || len(got.Opened) != 3 || len(got.Failed) != 4 || got.Skipped != 1 { // the letter needs a folder
		t.Errorf("code %d, %d opened, %d failed, %d skipped", code, len(got.Opened), len(got.Failed), got.Skipped)
	}
}

func TestSafeName(t *testing.T) {
	for name, want := range map[string]string{
		"letter.pdf.age":                    "letter.pdf.age",
		"../../etc/passwd":                  "etc-passwd",
		`..\..\x`:                           "x",
		"/":                                 "opened",
		"":                                  "opened",
		"...":                               "opened",
		".bashrc":                           "bashrc",
		"a\x00b\u202egnp.exe":               "a_b_gnp.exe",
		"رسالة.docx":                        "رسالة.docx",
		"\xff.txt":                          "txt",
		strings.Repeat("é", 100) + ".pdf":   strings.Repeat("é", 58) + ".pdf",
		strings.Repeat("a", 300) + "/x.age": strings.Repeat("a", 120),
	} {
		if got := safeName(name); got != want {
			t.Errorf("safeName(%q) = %q, want %q", name, got, want)
		}
	}
}
