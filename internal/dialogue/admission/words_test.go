package admission

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/locale"
)

// TestKeys: every key that the room names stands in the catalogue, every refusal says what to do next, and the catalogue
// holds nothing that nobody says.
func TestKeys(t *testing.T) {
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
	raw, err := fs.ReadFile(Catalogue, "catalogue/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]any
	if err := json.Unmarshal(raw, &words); err != nil {
		t.Fatal(err)
	}
	said, prefixes := map[string]bool{}, []string{}
	for _, m := range regexp.MustCompile(`"(admission\.[a-z0-9_.]+)"`).FindAllStringSubmatch(source.String(), -1) {
		switch key := m[1]; {
		case strings.HasSuffix(key, "."):
			prefixes = append(prefixes, key)
		case key == "admission.mail.letter", key == "admission.mail.quiet":
			said[key+".subject"], said[key+".text"] = true, true
		case key != "admission.css" && !strings.HasPrefix(key, "admission.figure.entered") && key != "admission.figure.removed":
			said[key] = true
		}
	}
	for _, m := range regexp.MustCompile(`problem\([^,]+, "(admission\.[a-z.]+)"`).FindAllStringSubmatch(source.String(), -1) {
		said[m[1]+".next"] = true
	}
	for _, s := range presetStates(t) {
		if s != application.Draft && s != application.Submitted && s != application.Resubmitted {
			said["admission.act."+s] = true
		}
	}
	for _, code := range spreadsheet.Codes() {
		if p := (spreadsheet.Problem{Code: code}); refuses(p) {
			said["admission.file."+string(code)] = true
		}
	}
	for _, l := range letters {
		for _, key := range []string{"admission.letter." + string(l), "admission.letter." + string(l) + ".hint", "admission.paper." + string(l) + ".title", "admission.paper." + string(l) + ".text"} {
			said[key] = true
		}
	}
	for key := range said {
		if _, ok := words[key]; !ok {
			t.Errorf("%q stands in no catalogue", key)
		}
	}
	for key, text := range words {
		known := said[key] || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) })
		if !known {
			t.Errorf("nobody says %q", key)
		}
		if s, ok := text.(string); ok && (strings.Contains(s, "!") || strings.Contains(s, "--")) {
			t.Errorf("%q shouts: %q", key, s)
		}
	}
}

// refuses tells whether a problem keeps a file from being read.
func refuses(p spreadsheet.Problem) bool {
	return !slices.Contains([]spreadsheet.Code{spreadsheet.ExternalLinks, spreadsheet.ErrorCell, spreadsheet.FormulaWithoutValue, spreadsheet.DateOutOfRange, spreadsheet.CellTooLong, spreadsheet.MergedCells,
		spreadsheet.NoHeader, spreadsheet.EmptyHeader, spreadsheet.DuplicateHeader, spreadsheet.UnevenRow, spreadsheet.StrayQuote, spreadsheet.EncodingGuessed, spreadsheet.TooManyProblems}, p.Code)
}

func presetStates(t *testing.T) (ids []string) {
	for _, s := range newSQLiteRig(t).m.Application.States {
		ids = append(ids, s.ID)
	}
	return ids
}

// TestPlaceholders: the languages fill the same placeholders, and the papers the same fields.
func TestPlaceholders(t *testing.T) {
	holes := regexp.MustCompile(`{{\.[A-Za-z]+}}|«[a-z_]+»`)
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
			if got := strings.Join(found, " "); lang == locale.English {
				want[key] = got
			} else if got != want[key] {
				t.Errorf("%s in %s fills %q, in English %q", key, lang, got, want[key])
			}
		}
	}
}
