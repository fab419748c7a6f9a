package summary

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/store/storetest"
	"rostrum.example/internal/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

var drawn = regexp.MustCompile(`\b[a-z0-9]{26}\b`)

// named26 gives drawn ids names in the order in which they come.
func named26(s string) string {
	names := map[string]string{}
	return drawn.ReplaceAllStringFunc(s, func(id string) string {
		if names[id] == "" {
			names[id] = fmt.Sprintf("id-%02d", len(names)+1)
		}
		return names[id]
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is no longer what it was; look at the difference and, if it is right, run with -update:\n%s", name, got)
	}
}

// TestFormat holds the form of what is published: the interface for programs and the printed page.
func TestFormat(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.compose()
	g.publish("")
	g.settle()
	var out bytes.Buffer
	g.must(json.Indent(&out, g.get("", "/api/v1/dialogues/exercise-2026/summary").wants(200).Body.Bytes(), "", "  "))
	golden(t, "summary.json", named26(out.String()))
	r := g.get("", "/en/dialogues/exercise-2026/summary").wants(200)
	main := regexp.MustCompile(`data-(entry|id)="[^"]*"`).ReplaceAllString(r.main(), `data-$1=""`)
	golden(t, "public.html", named26(main))
}

func TestCatalogueHasEveryCode(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	c := g.room.o.Catalogues
	var keys []string
	for _, code := range append(text.LintCodes(), SourceNewer, TooManyCited) {
		if code != text.WithoutOwner {
			keys = append(keys, "summary.lint."+string(code))
		}
	}
	for _, code := range []text.Code{text.StampLost, text.NewParagraph, text.NewHeading, text.HeadingRemoved, text.AnchorLost, text.AnchorDouble, text.BlocksJoined, text.SectionMoved,
		text.StaticChanged, text.FootnoteAdded, text.FootnoteChanged, text.CommentUnplaced, text.ThreadResolved, text.DeletesProposal, text.TextTooLong} {
		keys = append(keys, "summary.unplaced."+string(code))
	}
	for _, k := range Kinds {
		keys = append(keys, "summary.kind."+string(k), "summary.kind."+string(k)+".hint")
	}
	for _, r := range Reasons {
		keys = append(keys, "summary.reason."+r)
	}
	for _, s := range statuses {
		keys = append(keys, "summary.status."+string(s))
	}
	for _, w := range []text.What{text.WasCreated, text.WasAdded, text.WasSaved, text.WasMoved, text.WasRemoved, text.WasRestored, text.WasOwned, text.WasOmitted, text.WasReadmitted} {
		keys = append(keys, "summary.change."+string(w))
	}
	for _, k := range []text.SuggestionKind{text.ToChange, text.ToAdd, text.ToRemove, text.ToMove, text.ToUncite, text.ToRecite} {
		keys = append(keys, "summary.suggest."+string(k))
	}
	for _, d := range composeDone {
		keys = append(keys, "summary.done."+d)
	}
	// What Go code and the printed page name.
	files, err := filepath.Glob("*.go")
	g.must(err)
	for _, name := range append(files, "templates/print.html") {
		body, err := os.ReadFile(name)
		g.must(err)
		for _, found := range regexp.MustCompile(`"(summary\.[a-z0-9_.-]+)"`).FindAllStringSubmatch(string(body), -1) {
			if k := found[1]; !notKeys.MatchString(k) {
				keys = append(keys, k)
			}
			if strings.HasPrefix(found[1], "summary.problem.") && c.Has(found[1]+".next") {
				keys = append(keys, found[1]+".next")
			}
		}
	}
	for _, k := range keys {
		if !c.Has(k) {
			t.Errorf("no catalogue has %q", k)
		}
	}
	if len(keys) < 200 {
		t.Errorf("only %d keys were looked at", len(keys))
	}
	for _, lang := range Langs {
		if langNames[lang] == "" {
			t.Errorf("%s has no name", lang)
		}
	}
	for _, lang := range locale.Langs {
		if s := room(g, lang); !strings.Contains(s, "X") {
			t.Errorf("the title in %s is %q", lang, s)
		}
	}
}

func room(g *rig, lang locale.Lang) string { return g.room.say(lang, "summary.title", "Dialogue", "X") }

// notKeys look like keys and are none: types of entries, files, beginnings of keys.
var notKeys = regexp.MustCompile(`\.$|^summary\.(published|block|account|css|json|mail\.(ask|remind)|docx|pdf)$`)

func TestCut(t *testing.T) {
	body := "One two three." + paragraphEnd + "Four five."
	for _, test := range []struct {
		quoted []text.Passage
		want   string
	}{
		{nil, "One two three.|Four five."},
		{[]text.Passage{{Start: 4, End: 7}}, "One [two] three.|Four five."},
		{[]text.Passage{{Start: 4, End: 9}, {Start: 6, End: 12}}, "One [two thre]e.|Four five."},
		{[]text.Passage{{Start: 8, End: 20}}, "One two [three.]|[Four] five."},
	} {
		var got []string
		for _, p := range cut(body, test.quoted) {
			var line strings.Builder
			for _, s := range p {
				if s.Quoted {
					line.WriteString("[" + s.Text + "]")
				} else {
					line.WriteString(s.Text)
				}
			}
			got = append(got, line.String())
		}
		if flat := strings.Join(got, "|"); flat != test.want {
			t.Errorf("cut at %v gives %s, want %s", test.quoted, flat, test.want)
		}
	}
}

// FuzzWithin holds that no entry, whatever it holds, makes the check of a quotation fail, and that what is found stands
// there.
func FuzzWithin(f *testing.F) {
	f.Add([]byte(`{"paragraphs":["One two.","Three."]}`), "two")
	f.Add([]byte(`{"paragraphs":["One two.","Three."]}`), "two.\n\nThree.")
	f.Add([]byte(`{"text":{"en":{"text":"One two."}},"n":1,"list":[null,"two"]}`), "two")
	f.Add([]byte(`{"paragraphs":[1,{},"two"]}`), "two")
	f.Fuzz(func(t *testing.T, entry []byte, exact string) {
		path, ok := within(entry, text.Selector{Exact: exact})
		if !ok || path == "" || !utf8.ValidString(exact) {
			return
		}
		var v any
		if err := json.Unmarshal(entry, &v); err != nil {
			t.Fatalf("something was found in what is no JSON: %s", entry)
		}
		for _, name := range strings.Split(path, ".") {
			switch x := v.(type) {
			case map[string]any:
				v = x[name]
			case []any:
				i := 0
				for _, c := range name {
					i = i*10 + int(c-'0')
				}
				v = x[i]
			}
			if strings.ContainsAny(path, "\"\\") {
				return
			}
		}
		if s, is := v.(string); is && text.Find(s, text.Selector{Exact: exact}).Outcome == text.NotFound {
			t.Errorf("%q was found at %s of %s", exact, path, entry)
		}
	})
}
