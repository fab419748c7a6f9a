package fileproblem_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"rostrum.example/format/dialogue"
	"rostrum.example/format/mechanism"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/locale"
)

var update = flag.Bool("update", false, "write the golden file anew")

func catalogues(t testing.TB) *locale.Catalogues {
	t.Helper()
	c, err := locale.New(fileproblem.Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// words reads one language of the catalogue.
func words(t testing.TB, lang locale.Lang) map[string]string {
	t.Helper()
	raw, err := fileproblem.Catalogue.ReadFile("catalogue/" + string(lang) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var w map[string]string
	if err := json.Unmarshal(raw, &w); err != nil {
		t.Fatalf("%s: %v", lang, err)
	}
	return w
}

// TestComplete: every code and every word of both formats has its sentence, and nothing else has one.
func TestComplete(t *testing.T) {
	want := map[string]bool{}
	for _, code := range slices.Concat(dialogue.Codes(), mechanism.Codes()) {
		if !regexp.MustCompile(`^[a-z0-9_]+$`).MatchString(string(code)) {
			t.Errorf("the code %q cannot be part of a key as it stands", code)
		}
		want["fileproblem."+string(code)] = true
		want["fileproblem."+string(code)+".next"] = true
	}
	for _, word := range slices.Concat(dialogue.Vocabulary(), mechanism.Vocabulary()) {
		want["fileproblem.word."+word] = true
	}
	for _, key := range documentKeys() {
		want[key] = true
	}
	for _, lang := range locale.Langs {
		have := words(t, lang)
		for key := range want {
			if have[key] == "" {
				t.Errorf("%s has no %s", lang, key)
			}
		}
		for key := range have {
			code, isHint := strings.CutSuffix(key, ".hint")
			if !want[key] && !strings.HasPrefix(key, "fileproblem.where.") && !(isHint && want[code]) {
				t.Errorf("%s has %s, which no format asks for", lang, key)
			}
		}
	}
}

// plain takes out the isolates, which English has only around what reads from the right.
var plain = strings.NewReplacer("\u2068", "", "\u2069", "")

// TestEnglish: the English of the catalogue is that of the formats, word for word, for every code and every
// word that a reader of files can meet.
func TestEnglish(t *testing.T) {
	c := catalogues(t)
	codes, said := map[dialogue.Code]bool{}, map[string]bool{}
	for _, p := range mistakes(t) {
		codes[p.Code] = true
		for _, value := range p.Args {
			said[value] = true
		}
		what, next := fileproblem.Say(c, locale.English, p.Problem)
		if plain.Replace(what) != p.Sentence || plain.Replace(next) != p.Next {
			t.Errorf("%s:\ngot  %s %s\nwant %s %s", p.Code, what, next, p.Sentence, p.Next)
		}
		if (what != p.Sentence || next != p.Next) && !slices.ContainsFunc(values(p.Problem), foreign) {
			t.Errorf("%s: English is isolated in English: %q %q", p.Code, what, next)
		}
	}
	for _, code := range dialogue.Codes() {
		if !codes[code] {
			t.Errorf("no broken file gives %s", code)
		}
	}
	for _, word := range dialogue.Vocabulary() {
		if !said[word] && word != "count" { // the formats know the word and do not use it yet
			t.Errorf("no broken file says %q", word)
		}
	}
}

// values lists all that a problem says of the file.
func values(p dialogue.Problem) []string {
	return slices.AppendSeq([]string{p.Value}, maps.Values(p.Args))
}

func foreign(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// TestSaid: what is said of each broken file in each language. Isolates are shown as ⟦ and ⟧.
func TestSaid(t *testing.T) {
	c := catalogues(t)
	var got strings.Builder
	for _, p := range mistakes(t) {
		for _, lang := range locale.Langs {
			what, next := fileproblem.Say(c, lang, p.Problem)
			where := fileproblem.Where(c, lang, p.Problem)
			for _, text := range []string{what, next, where} {
				sound(t, text)
			}
			if said := what + next + where; strings.Contains(said, "{{") || strings.Contains(said, "!") {
				t.Errorf("%s in %s: a placeholder is left, or somebody shouts: %s", p.Code, lang, said)
			}
			if p.about == "" {
				continue // a mistake that follows from the one that was made
			}
			if lang == locale.English {
				fmt.Fprintf(&got, "# %s\n", p.about)
			}
			fmt.Fprintf(&got, "%s  %s\n    %s\n    %s\n", lang, cmp.Or(where, "(no place)"), what, next)
		}
		if p.about != "" {
			got.WriteString("\n")
		}
	}
	golden(t, "testdata/said.golden", strings.NewReplacer("\u2068", "⟦", "\u2069", "⟧").Replace(got.String()))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s differs at line %d (run with -update to write it anew):\ngot  %s\nwant %s", name, i+1, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Fatalf("%s has %d lines, want %d (run with -update to write it anew)", name, len(g), len(w))
	}
}

// TestPlaceholders: a sentence speaks of the same things in every language, and a next step of nothing that
// the format does not tell.
func TestPlaceholders(t *testing.T) {
	english := words(t, locale.English)
	for _, lang := range locale.Langs {
		for key, text := range words(t, lang) {
			code := strings.TrimSuffix(strings.TrimSuffix(key, ".next"), ".hint")
			got := placeholders(text)
			if code == key || strings.HasSuffix(key, ".hint") {
				if want := placeholders(english[key]); !slices.Equal(got, want) {
					t.Errorf("%s in %s speaks of %v, want %v", key, lang, got, want)
				}
				continue
			}
			known := placeholders(english[code] + english[code+".next"] + english[code+".hint"])
			for _, name := range got {
				if !slices.Contains(known, name) {
					t.Errorf("%s in %s speaks of %s, which the format does not tell", key, lang, name)
				}
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{\.([a-z_]+)\}\}`)

func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return names
}

// TestArabicIsolates: in the Arabic sentences everything that reads from the left, and every bracket, stands in
// an isolate: else a closing brace would be shown as an opening one.
func TestArabicIsolates(t *testing.T) {
	isolated := regexp.MustCompile("\u2068[^\u2068\u2069]*\u2069")
	for key, text := range words(t, locale.Arabic) {
		rest := isolated.ReplaceAllString(placeholder.ReplaceAllString(text, ""), "")
		if strings.ContainsAny(rest, "\u2068\u2069") {
			t.Errorf("%s: an isolate is not closed, or stands in another: %q", key, text)
		}
		if regexp.MustCompile(`[A-Za-z{}\[\]"\\/]`).MatchString(rest) {
			t.Errorf("%s: Latin letters or brackets without an isolate: %q", key, text)
		}
	}
}

// TestSay: what the tables above do not reach.
func TestSay(t *testing.T) {
	c := catalogues(t)
	for _, x := range []struct {
		about      string
		lang       locale.Lang
		p          dialogue.Problem
		what, next string
	}{
		{"a code of a later format", locale.French, dialogue.Problem{Code: "new_code", Sentence: "It is new.", Next: "Wait."},
			"It is new.", "Wait."},
		{"a word of the vocabulary in an argument that is text of the file", locale.French,
			dialogue.Problem{Code: "missing_field", Args: map[string]string{"field": "number"}},
			"Le champ «\u00a0number\u00a0» manque.", "Ajoutez «\u00a0number\u00a0»."},
		{"Arabic in French", locale.French, dialogue.Problem{Code: "bad_country", Value: "النمسا"},
			"«\u00a0\u2068النمسا\u2069\u00a0» n’est pas un code de pays.", "Écrivez les deux lettres majuscules de la norme ISO 3166-1."},
		{"a number with a sign in Arabic", locale.Arabic,
			dialogue.Problem{Code: "number_out_of_range", Value: "-3", Args: map[string]string{"low": "0", "high": "1000"}},
			"العدد \u2068-3\u2069 ليس بين \u20680\u2069 و\u20681000\u2069.", "اكتب عدداً بينهما."},
		{"nothing to isolate", locale.Arabic, dialogue.Problem{Code: "bad_country"},
			"«» ليس رمز دولة.", "اكتب الحرفين اللاتينيين الكبيرين من المعيار \u2068ISO 3166-1\u2069."},
		{"characters that end a line or an isolate", locale.English,
			dialogue.Problem{Code: "duplicate_dialogue", Value: "a", Args: map[string]string{"first": "x\u2029\u202E\u2069\ny.json"}},
			"The dialogue “a” is in two files; the first one is x\uFFFD\uFFFD\uFFFD\uFFFDy.json.", "Keep one of the two."},
		{"a very long name", locale.English,
			dialogue.Problem{Code: "duplicate_dialogue", Value: "a", Args: map[string]string{"first": strings.Repeat("é", 501)}},
			"The dialogue “a” is in two files; the first one is " + strings.Repeat("é", 500) + "….", "Keep one of the two."},
		{"a template in the file", locale.English, dialogue.Problem{Code: "bad_country", Value: "{{.value}}"},
			"“{{.value}}” is not a country code.", "Write the two capital letters of ISO 3166-1."},
	} {
		what, next := fileproblem.Say(c, x.lang, x.p)
		if what != x.what || next != x.next {
			t.Errorf("%s:\ngot  %q %q\nwant %q %q", x.about, what, next, x.what, x.next)
		}
	}
}

func TestWhere(t *testing.T) {
	c := catalogues(t)
	deep := "/0/a" + strings.Repeat("/b", 20) + "/12"
	for _, x := range []struct {
		lang locale.Lang
		p    dialogue.Problem
		want string
	}{
		{locale.English, dialogue.Problem{Line: 41, Column: 17, Pointer: "/counts/2/number"},
			"line 41, column 17, in counts, third item, number (/counts/2/number)"},
		{locale.French, dialogue.Problem{Line: 1041, Column: 17, Pointer: "/counts/9/number"},
			"ligne 1041, colonne 17, dans counts, dixième élément, number (/counts/9/number)"},
		{locale.Arabic, dialogue.Problem{File: "a.json", Line: 41, Column: 17, Pointer: "/counts/10"},
			"\u2068a.json\u2069، السطر 41، العمود 17، في \u2068counts\u2069، العنصر 11 (\u2068/counts/10\u2069)"},
		{locale.English, dialogue.Problem{}, ""},
		{locale.English, dialogue.Problem{File: "records/a.json"}, "records/a.json"},
		{locale.English, dialogue.Problem{Line: 1, Column: 1}, "line 1, column 1"},
		{locale.English, dialogue.Problem{File: "a-2023", Pointer: "/id"}, "a-2023, in id (/id)"}, // never read from a file
		{locale.English, dialogue.Problem{Pointer: "/a~1b~0c/01/-1/~01"}, "in a/b~c, 01, -1, ~1 (/a~1b~0c/01/-1/~01)"},
		{locale.English, dialogue.Problem{Pointer: deep}, "first item, a, b, b, b, b, …, b, b, b, b, b, item 13 (" + deep + ")"},
		{locale.English, dialogue.Problem{Pointer: "/عدد/نص"}, "in \u2068عدد\u2069, \u2068نص\u2069 (\u2068/عدد/نص\u2069)"},
		{locale.English, dialogue.Problem{Pointer: "/99999999999999999999"}, "in 99999999999999999999 (/99999999999999999999)"},
	} {
		if got := fileproblem.Where(c, x.lang, x.p); got != x.want {
			t.Errorf("%s %s:\ngot  %q\nwant %q", x.lang, x.p.Pointer, got, x.want)
		}
	}
}

// sound checks what every text promises: it fills one line, it ends, and it leaves the direction as it found it.
func sound(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 10_000 {
		t.Fatalf("not text of a bounded length: %.200q", text)
	}
	open := 0
	for _, r := range text {
		switch {
		case r == '\u2068':
			open++
		case r == '\u2069':
			open--
		case r < 0x20 || r == '\u2028' || r == '\u2029' || r >= '\u202A' && r <= '\u202E' || r == '\u2066' || r == '\u2067':
			t.Fatalf("holds %U: %q", r, text)
		}
		if open < 0 || open > 1 {
			t.Fatalf("isolates are not in pairs: %q", text)
		}
	}
	if open != 0 {
		t.Fatalf("an isolate stays open: %q", text)
	}
	if strings.Contains(text, "<no value>") {
		t.Fatalf("a placeholder is not filled: %q", text)
	}
}

// FuzzRead: whatever a file holds, what is said about it is sound, and in English it is what the format says.
func FuzzRead(f *testing.F) {
	c := catalogues(f)
	text := sample(f, "../../format/dialogue/testdata/sample.json")
	f.Add(text[:len(text)/2])
	f.Add(strings.ReplaceAll(text, `"id"`, `"ID"`))
	f.Add("{\"format\": \"rostrum-dialogue/1\", \"\u2029\": 1, \"عدد\": {}}")
	f.Add(`{"a~1/": [[{"b": 1, "b": 2}]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := dialogue.Read(strings.NewReader(text), untoc(t))
		problems, _ := err.(dialogue.Problems)
		for _, p := range problems.In("sample.json") {
			if strings.Contains(p.Sentence+p.Next+p.Pointer, "<no value>") {
				continue // the file says so itself
			}
			for _, lang := range locale.Langs {
				what, next := fileproblem.Say(c, lang, p)
				for _, said := range []string{what, next, fileproblem.Where(c, lang, p)} {
					sound(t, said)
				}
				cut := strings.ContainsAny(what+next, "…\uFFFD")
				if lang == locale.English && !cut && (plain.Replace(what) != p.Sentence || plain.Replace(next) != p.Next) {
					t.Fatalf("got  %s %s\nwant %s %s", what, next, p.Sentence, p.Next)
				}
			}
		}
	})
}

// FuzzWhere: names and pointers that no format would give.
func FuzzWhere(f *testing.F) {
	c := catalogues(f)
	f.Add("a.json", "/counts/2/number")
	f.Add("\u202Egnp.json", strings.Repeat("/\u2068", 40))
	f.Add("\xff\n", "//~2/\u2029/00")
	f.Fuzz(func(t *testing.T, file, pointer string) {
		for _, lang := range locale.Langs {
			if text := fileproblem.Where(c, lang, dialogue.Problem{File: file, Line: 1, Column: 1, Pointer: pointer}); !strings.Contains(text, "<no value>") {
				sound(t, text)
			}
		}
	})
}

func BenchmarkSay(b *testing.B) {
	c := catalogues(b)
	p := dialogue.Problem{Line: 58, Column: 13, Pointer: "/counts/0/of", Code: "unknown_id", Value: "ngos",
		Args: map[string]string{"kind": "count_subject", "suggestion": "ngo"}}
	for b.Loop() {
		fileproblem.Say(c, locale.Arabic, p)
		fileproblem.Where(c, locale.Arabic, p)
	}
}
