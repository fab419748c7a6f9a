package application

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rostrum.example/internal/locale"
)

// TestKeys: every key that the program names stands in the catalogue, every refusal says what to do next, and the
// catalogue holds nothing that nobody says.
func TestKeys(t *testing.T) {
	g := newSQLiteRig(t)
	has := g.room.o.Catalogues.Has
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
	for _, m := range regexp.MustCompile(`"(application\.[a-z._]+)"`).FindAllStringSubmatch(source.String(), -1) {
		key := m[1]
		switch {
		case strings.HasSuffix(key, "."):
			prefixes = append(prefixes, key)
		case strings.HasPrefix(key, "application.mail."):
			said[key+".subject"], said[key+".text"] = true, true
		case key == EraseJob || key == LinkJob || strings.HasSuffix(key, ".css") || strings.HasSuffix(key, ".json") || strings.HasSuffix(key, ".txt"):
		default:
			said[key] = true
		}
	}
	for _, m := range regexp.MustCompile(`(?:problem\([^,]+,|Key:)\s*"(application\.(?:problem|link\.busy|import\.large|[a-z]+\.late)[a-z.]*)"`).FindAllStringSubmatch(source.String(), -1) {
		said[m[1]+".next"] = true
	}
	for key := range said {
		if !has(key) {
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
	for _, s := range g.room.o.States {
		if key := "application.next." + s.ID; s.ID != Draft && !has(key) {
			t.Errorf("%q stands in no catalogue", key)
		}
	}
	for _, by := range []By{ByApplicant, ByOfficer, ByBureau, ByClock} {
		if !has("application.by." + string(by)) {
			t.Errorf("%s has no word", by)
		}
	}
	for _, q := range travelQuestions {
		if !has("application.travel." + q.ID) {
			t.Errorf("%s has no label", q.ID)
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
