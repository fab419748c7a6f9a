package party

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

// TestKeys: every key that the program names stands in the catalogue, every refusal says what to do next, and the
// catalogue holds nothing that nobody says.
func TestKeys(t *testing.T) {
	catalogues, err := locale.New(page.Catalogue, Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(text)
		}
	}
	said := map[string]bool{}
	var prefixes []string
	for _, m := range regexp.MustCompile(`"(party\.[a-z.]+)"`).FindAllStringSubmatch(source.String(), -1) {
		key := m[1]
		switch {
		case strings.HasSuffix(key, "."):
			prefixes = append(prefixes, key)
		case strings.HasPrefix(key, "party.mail.") && key != "party.mail.instance":
			said[key+".subject"], said[key+".text"] = true, true
		case key != SignInJob:
			said[key] = true
		}
	}
	for _, m := range regexp.MustCompile(`(?:Key:|Key =|refused\()\s*"(party\.[a-z.]+)"`).FindAllStringSubmatch(source.String(), -1) {
		said[m[1]+".next"] = true
	}
	said["party.refused.stale.next"], said["party.officer.last.next"] = true, true
	for key := range said {
		if !catalogues.Has(key) {
			t.Errorf("%q stands in no catalogue", key)
		}
	}
	raw, err := fs.ReadFile(Catalogue, "catalogue/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]any
	if err := json.Unmarshal(raw, &words); err != nil {
		t.Fatal(err)
	}
	for key, text := range words {
		known := said[key]
		for _, prefix := range prefixes {
			known = known || strings.HasPrefix(key, prefix)
		}
		if !known {
			t.Errorf("nobody says %q", key)
		}
		if s, ok := text.(string); ok && (strings.Contains(s, "!") || strings.Contains(s, "--")) {
			t.Errorf("%q shouts: %q", key, s)
		}
	}
	for _, role := range Roles() {
		for _, key := range []string{"party.role." + string(role), "party.role." + string(role) + ".hint", "party.scope.none." + string(role.Scopes()[0])} {
			if !catalogues.Has(key) {
				t.Errorf("%q stands in no catalogue", key)
			}
		}
	}
}

// TestPlaceholders: the languages fill the same placeholders.
func TestPlaceholders(t *testing.T) {
	holes := regexp.MustCompile(`{{\.[A-Za-z]+}}`)
	want := map[string]string{}
	for _, lang := range locale.Langs {
		raw, err := fs.ReadFile(Catalogue, "catalogue/"+string(lang)+".json")
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]any{}
		if err := json.Unmarshal(raw, &words); err != nil {
			t.Fatal(err)
		}
		for key, text := range words {
			s, ok := text.(string)
			if !ok {
				continue // plural forms may leave the number to the word
			}
			found := holes.FindAllString(s, -1)
			slices.Sort(found)
			got := strings.Join(found, " ")
			if lang == locale.English {
				want[key] = got
			} else if got != want[key] {
				t.Errorf("%s in %s fills %q, in English %q", key, lang, got, want[key])
			}
		}
	}
}
