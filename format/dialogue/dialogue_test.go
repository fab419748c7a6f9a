package dialogue_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"rostrum.example/format/dialogue"
	"rostrum.example/format/mechanism"
	"rostrum.example/presets"
)

var update = flag.Bool("update", false, "write the golden files anew")

var preset = sync.OnceValues(func() (*mechanism.Mechanism, error) { return presets.Read("untoc") })

func untoc(t testing.TB) *mechanism.Mechanism {
	t.Helper()
	m, err := preset()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sample(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func written(t testing.TB, f *dialogue.File) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRoundTrip(t *testing.T) {
	text := sample(t)
	for name, in := range map[string]string{
		"as written":           text,
		"with a BOM":           "\uFEFF" + text,
		"with CR LF":           strings.ReplaceAll(text, "\n", "\r\n"),
		"in one line":          strings.NewReplacer("\n", "", "  ", "").Replace(text),
		"with an empty list":   strings.Replace(text, `"id": "count-more",`, `"id": "count-more", "fates": [],`, 1),
		"with escaped letters": strings.ReplaceAll(text, "A sample", `\u0041 sam\u0070le`),
	} {
		f, err := dialogue.Read(strings.NewReader(in), untoc(t))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := written(t, f); got != text {
			t.Errorf("%s: written differently:\n%s", name, got)
		}
	}
}

// TestWholeSampleUsed: the sample holds every optional field of the format,
// so that the round trip is one of the whole format.
func TestWholeSampleUsed(t *testing.T) {
	text := sample(t)
	for _, field := range []string{
		"follows", "session", "from", "to", "chairs", "needs", "counts", "sum_of", "points", "need", "fates", "looked_in",
		"source", "looked_on", "recommendations", "statements", "who", "organisation", "role", "topics",
		"guiding_questions", "tour_de_table", "notes", "links", "date", "status",
	} {
		if !strings.Contains(text, `"`+field+`":`) {
			t.Errorf("the sample has no field %q", field)
		}
	}
}

// TestSpecification: the file printed in the specification is valid and in
// canonical form.
func TestSpecification(t *testing.T) {
	doc, err := os.ReadFile("../../docs/formats/dialogue.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(doc), "```json\n")
	example, _, ok := strings.Cut(example, "```")
	if !ok {
		t.Fatal("the specification shows no file")
	}
	f, err := dialogue.Read(strings.NewReader(example), untoc(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := written(t, f); got != example {
		t.Errorf("written differently:\n%s", got)
	}
}

// TestProblems changes one thing in the sample and compares all that is said
// about it with testdata/problems.golden.
func TestProblems(t *testing.T) {
	text := sample(t)
	long := strings.Repeat("x", 2001)
	cases := []struct{ name, old, new string }{
		{"empty file", text, ""},
		{"only white space", text, " \n\t\n"},
		{"more than 2 MiB", text, text + strings.Repeat(" ", dialogue.MaxBytes)},
		{"byte that is not UTF-8", "We are the eyes.", "We are \xe9 the eyes."},
		{"UTF-16", text, "\xff\xfe{\x00"},
		{"comma too many", `"inclusion"
  ],`, `"inclusion",
  ],`},
		{"comma missing", `"id": "sample-2023",`, `"id": "sample-2023"`},
		{"colon missing", `"id": "sample-2023"`, `"id" "sample-2023"`},
		{"quotation mark missing", `"id": "sample-2023",`, `"id": "sample-2023,`},
		{"single quotation marks", `"id": "sample-2023"`, `'id': 'sample-2023'`},
		{"comment", `"id": "sample-2023"`, `// the id`},
		{"number with a leading zero", `"number": 37`, `"number": 037`},
		{"unknown escape", `We are`, `We \are`},
		{"cut short in a text", text[strings.Index(text, "are the eyes"):], ""},
		{"cut short between values", text[strings.Index(text, `"statements"`):], ""},
		{"two records in one file", text, text + text},
		{"deep nesting", `"note"`, strings.Repeat("[", 40) + strings.Repeat("]", 40)},
		{"very many values", `"inclusion"
  ],`, `"inclusion"` + strings.Repeat(",0", 200_000) + `],`},
		{"same field twice", `"quotable": false,`, `"quotable": false, "id": "sample-2024",`},
		{"NUL", `We are`, `We\u0000 are`},
		{"NUL byte", `We are`, "We\x00 are"},
		{"direction override", `We are`, "We \u202Eare"},
		{"direction isolate, escaped", `We are`, `We \u2066are`},
		{"direction override in a field name", `"quotable"`, "\"quotable\u202D\""},
		{"half a surrogate pair", `We are`, `We \ud83d are`},
		{"misspelt field", `"recommendations"`, `"recomendations"`},
		{"field of no format", `"quotable": false,`, `"quotable": false, "priority": 1,`},
		{"field missing", `"date": "2023-10-09",`, ``},
		{"a text instead of a list", `"needs": [
    "inclusion"
  ]`, `"needs": "inclusion"`},
		{"a list instead of an object", `"number": {
    "value": 2,
    "basis": "inferred"
  }`, `"number": [2]`},
		{"null", `"number": 37`, `"number": null`},
		{"a plain text instead of languages", `{
        "en": "We are the eyes."
      }`, `"We are the eyes."`},
		{"a number as a text", `"en": "We are the eyes."`, `"en": 1`},
		{"another format", `rostrum-dialogue/1`, `rostrum-dialogue/2`},
		{"a preset instead of a dialogue", text, `{"format": "rostrum-mechanism/1", "id": "untoc", "form": {}}`},
		{"no format", `"format": "rostrum-dialogue/1",`, ``},
		{"fraction", `"number": 37`, `"number": 37.5`},
		{"exponent", `"number": 37`, `"number": 37e0`},
		{"negative count", `"number": 37`, `"number": -3`},
		{"count out of range", `"number": 37`, `"number": 99999999999999999999`},
		{"long text", `We are the eyes.`, long},
		{"a megabyte of text", `We are the eyes.`, strings.Repeat("م", 500_000)},
		{"blank text", `We are the eyes.`, ` `},
		{"text in no language", `{
        "en": "We are the eyes."
      }`, `{}`},
		{"long list", `"inclusion"
  ],`, `"inclusion"` + strings.Repeat(`,"inclusion"`, 1000) + `],`},
		{"three working groups", `"firearms"
  ]`, `"firearms", "firearms"
  ]`},
		{"no working group", `"working_groups": [
    "smuggling-of-migrants",
    "firearms"
  ]`, `"working_groups": []`},
		{"source missing", `"text": {
        "en": "We are the eyes."
      },
      "sources": [
        "page"
      ]`, `"text": {
        "en": "We are the eyes."
      }`},
		{"no source listed", `"text": {
        "en": "We are the eyes."
      },
      "sources": [
        "page"
      ]`, `"text": {
        "en": "We are the eyes."
      },
      "sources": []`},
		{"unknown source", `"sources": [
        "other_page"`, `"sources": [
        "otherpage"`},
		{"id that leaves the folder", `"id": "eyes"`, `"id": "../../etc/passwd"`},
		{"id with a capital", `"id": "eyes"`, `"id": "Eyes"`},
		{"id with a low line", `"id": "eyes"`, `"id": "my_eyes"`},
		{"id that is long", `"id": "eyes"`, `"id": "` + strings.Repeat("e", 65) + `"`},
		{"source id with a hyphen", `"id": "page"`, `"id": "the-page"`},
		{"same id in two lists", `"id": "topic"`, `"id": "eyes"`},
		{"day that does not exist", `2023-10-09`, `2022-02-30`},
		{"date in words", `2023-10-09`, `9 October 2023`},
		{"month where a day is needed", `"looked_on": "2026-11-23"`, `"looked_on": "2026-11"`},
		{"date in the far future", `2023-10-09`, `2202-10-09`},
		{"date in the far past", `2023-10-09`, `0202-10-09`},
		{"address of a script", `https://sample.example/page`, `javascript:alert(1)`},
		{"address with a password", `https://sample.example/page`, `https://user:word@sample.example/`},
		{"address without a site", `https://sample.example/page`, `https:///page`},
		{"language that is none", `"ar": "machine"`, `"arabic language": "machine"`},
		{"language not declared", `"en": "We are the eyes."`, `"fr": "Nous sommes les yeux."`},
		{"country in words", `"AT"`, `"Austria"`},
		{"reference without an item", `sample-2022/inclusion`, `sample-2022`},
		{"reference that leaves the folder", `sample-2022/inclusion`, `../inclusion`},
		{"misspelt word", `"relation": "taken_up"`, `"relation": "takenup"`},
		{"the word pending", `"status": "no_public_trace"`, `"status": "pending"`},
		{"drawn by a State", `"drawn_by": "editors"`, `"drawn_by": "states"`},
		{"unknown count kind", `"kind": "persons_attended"`, `"kind": "person_attended"`},
		{"unknown count subject", `"of": "ngo"`, `"of": "ngos"`},
		{"unknown need", `"inclusion"
  ]`, `"exclusion"
  ]`},
		{"unknown working group", `"firearms"
  ]`, `"fire-arms"
  ]`},
		{"link from an item that is not here", `"item": "eyes"`, `"item": "ears"`},
		{"another mechanism", `"mechanism": "untoc"`, `"mechanism": "uncac"`},
		{"quotable", `"quotable": false`, `"quotable": true`},
		{"one source says two things", `"of": "academia"`, `"of": "ngo"`},
		{"one source gives a number and a bound", `"of": "academia",
      "scope": "dialogue",
      "number": 5,
      "bound": "exactly",`, `"of": "ngo",
      "scope": "dialogue",
      "number": 37,
      "bound": "more_than",`},
		{"total that does not add up", `"number": 42`, `"number": 44`},
		{"total of a part that is a bound", `"number": 5,
      "bound": "exactly"`, `"number": 5,
      "bound": "more_than"`},
		{"total of different kinds", `"kind": "stakeholders_attended",
      "of": "academia"`, `"kind": "orgs_attended",
      "of": "academia"`},
		{"total of what comes later", `"sum_of": [
        "ngos",`, `"sum_of": [
        "persons",`},
		{"total of itself", `"sum_of": [
        "ngos",`, `"sum_of": [
        "all",`},
		{"part counted twice", `"sum_of": [
        "ngos",`, `"sum_of": [
        "academia",`},
		{"two fates by the same side", `"by": "stakeholders"`, `"by": "states"`},
		{"no trace, and nowhere looked", `"looked_in": [
            {
              "source": "page"
            },
            {
              "text": {
                "en": "A folder of samples."
              }
            }
          ],
          "looked_on": "2026-11-23"`, `"looked_in": []`},
		{"looked in nothing", `{
              "source": "page"
            }`, `{}`},
		{"looked on a day before the dialogue", `"looked_on": "2026-11-23"`, `"looked_on": "2022-11-23"`},
		{"reported without a source", `"en": "Asked for again."
          },
          "sources": [
            "other_page"
          ]`, `"en": "Asked for again."
          }`},
		{"link within the dialogue", `sample-2022/inclusion`, `sample-2023/data`},
		{"statement by nobody", `"who": "Sample Speaker",
      "organisation": "Sample Organisation",`, ``},
		{"everything wrong at once", `"number": 37`, `"number": 37, ` + repeat(`"f%d": 1`, 120)},
	}
	var got strings.Builder
	seen := map[dialogue.Code]bool{}
	for _, c := range cases {
		if strings.Count(text, c.old) == 0 {
			t.Fatalf("%s: the sample does not hold %q", c.name, c.old)
		}
		_, err := dialogue.Read(strings.NewReader(strings.Replace(text, c.old, c.new, 1)), untoc(t))
		problems, ok := err.(dialogue.Problems)
		if !ok || len(problems) == 0 || len(problems) > 100 {
			t.Errorf("%s: error is %v, want 1 to 100 problems", c.name, err)
			continue
		}
		for _, p := range problems {
			seen[p.Code] = true
		}
		fmt.Fprintf(&got, "# %s\n%v\n\n", c.name, err)
	}
	golden(t, "testdata/problems.golden", got.String())

	elsewhere := []dialogue.Code{ // of presets, and of several files
		"bad_period", "bad_time_zone", "unreachable_state", "sealed_and_shown",
		"duplicate_dialogue", "unknown_target", "target_not_earlier", "link_circle", "source_differs",
	}
	for _, code := range dialogue.Codes() {
		if !seen[code] && !slices.Contains(elsewhere, code) {
			t.Errorf("no case for %s", code)
		}
	}
}

func repeat(form string, n int) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf(form, i)
	}
	return strings.Join(fields, ", ")
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
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s differs at line %d (run with -update to write it anew):\ngot  %v\nwant %v",
				name, i+1, slices.Concat(g[min(i, len(g)):], []string{""})[0], slices.Concat(w[min(i, len(w)):], []string{""})[0])
		}
	}
}

// TestProblemFields: a page can write its own sentence from what a problem
// carries.
func TestProblemFields(t *testing.T) {
	text := strings.Replace(sample(t), `"of": "ngo"`, `"of": "ngos"`, 1)
	_, err := dialogue.Read(named{strings.NewReader(text), "records/sample-2023.json"}, untoc(t))
	problems, ok := err.(dialogue.Problems)
	if !ok || len(problems) != 1 {
		t.Fatalf("error is %v, want one problem", err)
	}
	p := problems[0]
	if p.File != "records/sample-2023.json" || p.Line != 58 || p.Column != 13 || p.Pointer != "/counts/0/of" ||
		p.Code != "unknown_id" || p.Value != "ngos" || p.Args["kind"] != "count_subject" || p.Args["suggestion"] != "ngo" {
		t.Errorf("%+v", p)
	}
	const want = `records/sample-2023.json:58:13 /counts/0/of: There is no count subject with the id “ngos”. Did you mean “ngo”?`
	if p.String() != want {
		t.Errorf("got  %s\nwant %s", p, want)
	}
}

type named struct {
	*strings.Reader
	name string
}

func (n named) Name() string { return n.name }

func TestReadingFails(t *testing.T) {
	_, err := dialogue.Read(iotest.ErrReader(os.ErrDeadlineExceeded), untoc(t))
	if _, wrong := err.(dialogue.Problems); err == nil || wrong {
		t.Errorf("error is %v, want the reader's own", err)
	}
}

func TestItems(t *testing.T) {
	f, err := dialogue.Read(strings.NewReader(sample(t)), untoc(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range f.Items() {
		got = append(got, i.Kind+"/"+i.ID)
	}
	want := "counts/ngos counts/academia counts/all counts/persons points/data recommendations/count-more statements/eyes " +
		"topics/topic guiding_questions/question tour_de_table/tour notes/note links/eyes-after-inclusion"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if i, ok := f.Item("data"); !ok || i.Need != "data_evidence" || i.Text.In("en").Text != "Collect data." {
		t.Errorf("Item(data) = %v, %v", i, ok)
	}
	if s, ok := f.Source("other_page"); !ok || s.Read != dialogue.ReadPart {
		t.Errorf("Source(other_page) = %v, %v", s, ok)
	}
	if _, ok := f.Source("nothing"); ok {
		t.Error("a source was found that is not there")
	}
	if _, ok := f.Item("nothing"); ok {
		t.Error("an item was found that is not there")
	}
}

// FuzzRead: no file makes Read panic, and what it accepts is written and read
// again to the same bytes.
func FuzzRead(f *testing.F) {
	text := sample(f)
	f.Add([]byte(text))
	f.Add([]byte(text[:len(text)/2]))
	f.Add([]byte("\uFEFF" + strings.ReplaceAll(text, `"id": "`, `"id": "x`)))
	f.Add([]byte(`{"format":"rostrum-dialogue/1","counts":[{"sum_of":["a"]}],"links":[{}],"points":[{"fates":[{"looked_in":[{}]}]}]}`))
	f.Add([]byte(`{"sources":[{"id":"a"},{"id":"a"},3],"languages":{"en":"editors"},"notes":[{"sources":["b"]}]}`))
	m := untoc(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := dialogue.Read(bytes.NewReader(data), m)
		if err != nil {
			if ps, ok := err.(dialogue.Problems); !ok || len(ps) == 0 || len(ps) > 100 {
				t.Fatalf("error is %T with %d problems", err, len(ps))
			}
			return
		}
		first := written(t, file)
		again, err := dialogue.Read(strings.NewReader(first), m)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, first)
		}
		if second := written(t, again); first != second {
			t.Fatalf("written differently the second time:\n%s\n%s", first, second)
		}
		_ = dialogue.Check([]*dialogue.File{file, again})
	})
}

// BenchmarkRead reads a file of one MiB, in three languages.
func BenchmarkRead(b *testing.B) {
	m := untoc(b)
	f, err := dialogue.Read(strings.NewReader(sample(b)), m)
	if err != nil {
		b.Fatal(err)
	}
	words := dialogue.Text{
		{Lang: "en", Text: strings.Repeat("Collect data and evidence. ", 20)},
		{Lang: "ar", Text: strings.Repeat("جمع البيانات والأدلة. ", 20)},
	}
	for i := 0; len(f.Notes) < 730; i++ {
		f.Notes = append(f.Notes, dialogue.Item{ID: fmt.Sprintf("note-%d", i), Text: words, Sources: []string{"page", "other_page"}})
	}
	text := written(b, f)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dialogue.Read(strings.NewReader(text), m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefuse reads files of 2 MiB that are made to be slow to refuse.
func BenchmarkRefuse(b *testing.B) {
	m := untoc(b)
	text := sample(b)
	fill := func(old, form string) string {
		var s strings.Builder
		for i := 0; s.Len() < dialogue.MaxBytes-len(text)-200; i++ {
			fmt.Fprintf(&s, form, i)
		}
		return strings.Replace(text, old, old+s.String(), 1)
	}
	for name, in := range map[string]string{
		"unknown fields":   fill(`"quotable": false,`, `"f%d":0,`),
		"repeated fields":  fill(`"quotable": false,`, `"id":%.0d0,`),
		"unknown sources":  fill(`"sources": [`, `"pagf%d",`),
		"unknown language": fill(`"title": {`, `"x%d":"a",`),
		"open brackets":    strings.Repeat("[", dialogue.MaxBytes),
		"one long text":    fill(`"en": "We are`, `م%.0d`),
		"broken bytes":     fill(`"en": "We are`, "\xff%.0d"),
		"escapes":          fill(`"en": "We are`, `\ud800%.0d`),
	} {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				if _, err := dialogue.Read(strings.NewReader(in), m); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}
