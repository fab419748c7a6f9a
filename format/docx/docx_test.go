package docx

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the goldens anew")

func dump(v any) string {
	b, _ := json.MarshalIndent(v, "", " ")
	return string(b)
}

// diff shows the first lines that differ.
func diff(t testing.TB, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			cut := func(l []string) string {
				return strings.Join(l[max(0, min(len(l), i-4)):min(len(l), i+12)], "\n")
			}
			t.Errorf("from line %d\ngot:\n%s\nwant:\n%s", i, cut(g), cut(w))
			return
		}
	}
	t.Errorf("the end is missing, or values differ that print the same: %d and %d lines", len(g), len(w))
}

func TestRoundTripSample(t *testing.T) {
	want := sample().normal()
	got := read(t, written(t, sample()))
	if !reflect.DeepEqual(got, want) {
		diff(t, dump(got), dump(want))
	}
	if !bytes.Equal(written(t, sample()), written(t, got)) {
		t.Error("the same document has other bytes")
	}
}

// TestGolden holds what is written, part by part.
func TestGolden(t *testing.T) {
	var b strings.Builder
	parts := allParts(t, written(t, sample()))
	for _, name := range sortedKeys(parts) {
		fmt.Fprintf(&b, "== %s\n%s\n", name, strings.NewReplacer("<w:p>", "\n<w:p>", "<w:p ", "\n<w:p ", "<w:tbl>", "\n<w:tbl>", "<w:style ", "\n<w:style ", "<Override", "\n<Override", "<Relationship ", "\n<Relationship ", "<w:lvl ", "\n<w:lvl ").Replace(parts[name]))
	}
	golden(t, "testdata/sample.golden", b.String())
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
	if got != string(want) {
		diff(t, got, string(want))
	}
}

// arbitrary makes documents that are not in their normal form.
type arbitrary struct{ *rand.Rand }

func (r *arbitrary) pick(list ...string) string { return list[r.IntN(len(list))] }

func (r *arbitrary) change(name string) *Change {
	if r.IntN(6) > 0 {
		return nil
	}
	c := &Change{Author: name}
	if r.IntN(3) > 0 {
		c.Date = time.Date(2000+r.IntN(40), 2, 3, 4, 5, r.IntN(60), 7, time.FixedZone("", 3600))
	}
	return c
}

func (r *arbitrary) ids(list ...string) (ids []string) {
	for r.IntN(5) == 0 && len(ids) < 3 {
		ids = append(ids, r.pick(list...))
	}
	return ids
}

func (r *arbitrary) run(note bool) Run {
	text := r.pick("word ", "two  words", " ", "a\tb\nc", "العربية ", "١٢٣", "(12)", "汉字", "Größe <&>\"'", "bad\x01\r\nend", "", "\n", "—", "\u200f", "x\u00a0")
	run := Run{
		Text: text, Bold: r.IntN(4) == 0, Italic: r.IntN(4) == 0, Language: r.pick("", "", "en", "ar", "zh", "fr"),
		Direction: []Direction{Natural, Natural, LeftToRight, RightToLeft}[r.IntN(4)],
		Link:      r.pick("", "", "", "https://a.example/?x=1&y=<2>", "mailto:a@b.example", "#one", "#two"),
		Anchors:   r.ids("one", "two", "c/3", "Ü"), Inserted: r.change("A"), Deleted: r.change("B & <C>"),
	}
	if !note {
		if r.IntN(8) == 0 {
			run.Footnote = &Footnote{End: r.IntN(3) == 0}
			for range r.IntN(3) {
				run.Footnote.Paragraphs = append(run.Footnote.Paragraphs, r.paragraph(true))
			}
		}
	}
	return run
}

func (r *arbitrary) paragraph(note bool) *Paragraph {
	p := &Paragraph{
		Style: Style(r.pick("", "", "title", "subtitle", "heading", "list_item", "quotation")), Level: r.IntN(4), Numbered: r.IntN(2) == 0, List: r.IntN(3),
		Language: r.pick("", "", "en", "ar", "zh"), Direction: []Direction{Natural, Natural, LeftToRight, RightToLeft}[r.IntN(4)],
		Inserted: r.change("A"), Deleted: r.change("B"),
	}
	if !note {
		p.Anchors = r.ids("p1", "p2", "Q/3")
	}
	for range r.IntN(6) {
		p.Runs = append(p.Runs, r.run(note))
	}
	return p
}

func (r *arbitrary) blocks(depth int) (list []Block) {
	for range r.IntN(6) {
		if depth > 2 || r.IntN(4) > 0 {
			list = append(list, r.paragraph(false))
			continue
		}
		columns := 1 + r.IntN(3)
		t := &Table{Caption: r.pick("", "A table")}
		for range 1 + r.IntN(3) {
			row := Row{Header: r.IntN(2) == 0, Inserted: r.change("A"), Deleted: r.change("B")}
			for range columns {
				row.Cells = append(row.Cells, Cell{Continues: r.IntN(4) == 0, Span: r.IntN(2), Blocks: r.blocks(depth + 1)})
			}
			t.Rows = append(t.Rows, row)
		}
		if r.IntN(2) == 0 {
			for i := range columns {
				t.Widths = append(t.Widths, 1000+i*r.IntN(500))
			}
		}
		list = append(list, t)
	}
	return list
}

func TestRoundTripProperty(t *testing.T) {
	for seed := range uint64(200) {
		r := &arbitrary{rand.New(rand.NewPCG(seed, 1))}
		d := &Document{
			Title: r.pick("", "A title & more", "عنوان"), Language: r.pick("", "en", "ar", "zh", "en-GB"), Track: r.IntN(2) == 0,
			Header: r.pick("", "x\ty", "{page} of {pages}\nline"), Footer: r.pick("", "{pages}"),
		}
		if r.IntN(2) == 0 {
			d.Properties = map[string]string{"id": "1 < 2", "version": "v\n2", r.pick("é", "z"): ""}
		}
		d.Blocks = r.blocks(0)
		r.comments(d)
		want := d.normal()
		if again := want.normal(); !reflect.DeepEqual(again, want) {
			diff(t, dump(again), dump(want))
			t.Fatalf("seed %d: the normal form has another", seed)
		}
		data := written(t, d)
		got := read(t, data)
		got.Notices = nil // of comments that lie on nothing
		if !reflect.DeepEqual(got, want) {
			diff(t, dump(got), dump(want))
			t.Fatalf("seed %d: what was read is not what was written", seed)
		}
		if !bytes.Equal(written(t, got), data) {
			t.Fatalf("seed %d: other bytes", seed)
		}
	}
}

// comments lays comments on stretches of the body.
func (r *arbitrary) comments(d *Document) {
	var runs []*Run
	for p := range d.Paragraphs() {
		for i := range p.Runs {
			runs = append(runs, &p.Runs[i])
		}
	}
	for id := range r.IntN(4) {
		c := Comment{ID: id * 3, Author: r.pick("", "A"), Initials: r.pick("", "X"), Text: r.pick("", "text", "two\nlines", "تعليق"), Resolved: r.IntN(3) == 0}
		if id > 0 && r.IntN(2) == 0 {
			c.Reply, c.Parent = true, 0
		}
		d.Comments = append(d.Comments, c)
		if len(runs) == 0 || r.IntN(5) == 0 {
			continue
		}
		from := r.IntN(len(runs))
		for _, run := range runs[from : from+1+r.IntN(min(5, len(runs)-from))] {
			run.Comments = append(run.Comments, c.ID)
		}
	}
}

func TestAnchorNames(t *testing.T) {
	for id, want := range map[string]string{
		"abc-12": "p_abc-12", "som-2022/p1": "p_som-2022_2fp1", "A_b": "p__41_5fb", "é": "p__c3_a9",
	} {
		name := anchorName(paragraphAnchor, id)
		kind, back, ok := anchorID(name)
		if name != want || kind != paragraphAnchor || back != id || !ok {
			t.Errorf("%q: %q, back %q %v", id, name, back, ok)
		}
	}
	for _, name := range []string{"", "p_", "Bookmark1", "p_A", "p__4", "p__zz", "p__61", "_GoBack", "p_" + strings.Repeat("a", 39), "p__01"} {
		if _, id, ok := anchorID(name); ok {
			t.Errorf("%q is the anchor %q", name, id)
		}
	}
}

func TestDirections(t *testing.T) {
	for tag, want := range map[string]bool{"ar": true, "ar-EG": true, "he": true, "fa": true, "en": false, "": false, "az-Arab": true, "ar-Latn": false, "ku": false, "zh-Hant-TW": false, "ur-PK": true} {
		if rightToLeft(tag) != want {
			t.Errorf("%s is not %v", tag, want)
		}
	}
}

// TestWriteRefuses has one of every problem of Write.
func TestWriteRefuses(t *testing.T) {
	para := func(p Paragraph) *Document { return &Document{Blocks: []Block{&p}} }
	run := func(r Run) *Document { return para(Paragraph{Runs: []Run{r}}) }
	tests := map[string]struct {
		d    *Document
		want Code
	}{
		"anchor":         {para(Paragraph{Anchors: []string{strings.Repeat("a", 39)}}), BadAnchor},
		"empty anchor":   {run(Run{Text: "x", Anchors: []string{""}}), BadAnchor},
		"anchor, space":  {run(Run{Text: "x", Anchors: []string{" a"}}), BadAnchor},
		"link":           {run(Run{Text: "x", Link: "javascript:alert(1)"}), BadLink},
		"file":           {run(Run{Text: "x", Link: "file:///etc/passwd"}), BadLink},
		"long link":      {run(Run{Text: "x", Link: "https://a.example/" + strings.Repeat("a", 2000)}), BadLink},
		"language":       {run(Run{Text: "x", Language: `en"/>`}), BadLanguage},
		"language, doc":  {&Document{Language: "e n"}, BadLanguage},
		"style":          {para(Paragraph{Style: "loud"}), BadStyle},
		"level":          {para(Paragraph{Style: Heading, Level: 10}), BadStyle},
		"comment":        {run(Run{Text: "x", Comments: []int{4}}), UnknownComment},
		"twice":          {&Document{Comments: []Comment{{ID: 1}, {ID: 1}}}, BadComment},
		"negative":       {&Document{Comments: []Comment{{ID: -1}}}, BadComment},
		"own answer":     {&Document{Comments: []Comment{{ID: 1, Reply: true, Parent: 1}}}, BadComment},
		"property":       {&Document{Properties: map[string]string{"": "x"}}, BadProperty},
		"date":           {&Document{Comments: []Comment{{Date: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}}}, BadDate},
		"date of change": {run(Run{Text: "x", Deleted: &Change{Date: time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)}}), BadDate},
		"no rows":        {&Document{Blocks: []Block{&Table{}}}, BadTable},
		"no cells":       {&Document{Blocks: []Block{&Table{Rows: []Row{{}}}}}, BadTable},
		"widths":         {&Document{Blocks: []Block{&Table{Widths: []int{1, 9}, Rows: []Row{{Cells: make([]Cell, 1)}}}}}, BadTable},
	}
	for name, test := range tests {
		var b bytes.Buffer
		err := Write(&b, test.d)
		var problem *Problem
		if !errors.As(err, &problem) || problem.Code != test.want || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, b.Len())
		}
	}
}

func TestCodes(t *testing.T) {
	list := Codes()
	if !slices.IsSorted(list) || len(list) < 40 {
		t.Errorf("%d codes: %v", len(list), list)
	}
	for _, c := range list {
		said := (&Problem{Code: c, Part: "part", Paragraph: 3, Value: "what", Limit: 7}).Error()
		if c == "" || !strings.HasPrefix(said, "part, paragraph 3: ") || strings.Contains(said, "{value}") || strings.Contains(said, "{limit}") {
			t.Errorf("%q: %s", c, said)
		}
	}
}

func TestViews(t *testing.T) {
	ins, del := &Change{Author: "A"}, &Change{Author: "B"}
	para := func(inserted, deleted *Change, runs ...Run) Block {
		return &Paragraph{Runs: runs, Inserted: inserted, Deleted: deleted}
	}
	text := func(s string) Run { return Run{Text: s} }
	inserted, deleted := func(s string) Run { return Run{Text: s, Inserted: ins} }, func(s string) Run { return Run{Text: s, Deleted: del} }
	tests := []struct {
		name                       string
		blocks                     []Block
		original, accepted, marked string
	}{
		{"words", []Block{para(nil, nil, text("a "), deleted("b"), inserted("c"), text(" d"))}, "a b d", "a c d", "a [-b-]{+c+} d"},
		{"inserted and deleted again", []Block{para(nil, nil, text("a"), Run{Text: "b", Inserted: ins, Deleted: del})}, "a", "a", "a[-b-]"},
		{"new paragraph", []Block{para(nil, nil, text("a")), para(ins, nil, inserted("b")), para(nil, nil, text("c"))}, "a | c", "a | b | c", "a | {+b¶+} | c"},
		{"removed paragraph", []Block{para(nil, nil, text("a")), para(nil, del, deleted("b")), para(nil, nil, text("c"))}, "a | b | c", "a | c", "a | [-b¶-] | c"},
		{"split", []Block{para(ins, nil, text("a")), para(nil, nil, text("b"))}, "ab", "a | b", "a{+¶+} | b"},
		{"joined", []Block{para(nil, del, text("a")), para(nil, nil, text("b"))}, "a | b", "ab", "a[-¶-] | b"},
		{"all removed", []Block{para(nil, del, deleted("a")), para(nil, del, deleted("b"))}, "a | b", "", "[-a¶-] | [-b¶-]"},
		{"rows", []Block{&Table{Rows: []Row{
			{Cells: []Cell{{Blocks: []Block{para(nil, nil, text("a"))}}}},
			{Inserted: ins, Cells: []Cell{{Blocks: []Block{para(nil, nil, inserted("b"))}}}},
			{Deleted: del, Cells: []Cell{{Blocks: []Block{para(nil, nil, deleted("c"))}}}}}}}, "a | c", "a | b", "a | {+b+} | [-c-]"},
		{"footnotes", []Block{para(nil, nil, text("a"), Run{Inserted: ins, Footnote: &Footnote{Paragraphs: []*Paragraph{{Runs: []Run{inserted("n")}}}}}), para(nil, nil, text("b"))}, "a | b", "a | b | n", "a | b | {+n+}"},
	}
	for _, test := range tests {
		d := &Document{Blocks: test.blocks}
		before := dump(d)
		for v, want := range []string{test.original, test.accepted, test.marked} {
			if got := strings.Join(d.Text(View(v)), " | "); got != want {
				t.Errorf("%s, view %d: %q, want %q", test.name, v, got, want)
			}
		}
		if dump(d) != before {
			t.Errorf("%s: looking changed the document", test.name)
		}
	}
}

// TestViewJoins holds which paragraph a joined one is.
func TestViewJoins(t *testing.T) {
	d := &Document{Language: "en", Blocks: []Block{
		&Paragraph{Style: Heading, Level: 1, Deleted: &Change{}, Language: "ar", Anchors: []string{"a"}, Runs: []Run{{Text: "عنوان"}}},
		&Paragraph{Anchors: []string{"b"}, Runs: []Run{{Text: "Text"}}},
		&Paragraph{Style: Quotation, Deleted: &Change{}, Anchors: []string{"c"}, Runs: []Run{{Text: "stays"}}},
		&Paragraph{Runs: []Run{{Text: "goes", Deleted: &Change{}}}},
	}}
	want := []Block{
		&Paragraph{Anchors: []string{"a", "b"}, Runs: []Run{{Text: "عنوان", Language: "ar"}, {Text: "Text"}}},
		&Paragraph{Style: Quotation, Anchors: []string{"c"}, Runs: []Run{{Text: "stays"}}},
	}
	if got := d.As(Accepted).Blocks; !reflect.DeepEqual(got, want) {
		diff(t, dump(got), dump(want))
	}
}
