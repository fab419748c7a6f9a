package text

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"rostrum.example/format/docx"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// TestOutAndBackIn walks the whole way: a version leaves, the draft goes on, the file comes back, its proposals are
// merged with what happened meanwhile, and where they no longer fit both texts are shown.
func TestOutAndBackIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		const id = "sample-summary"
		r.must(func(tx *store.Tx) error { _, err := r.Create(tx, sampleDocument(), "p1"); return err })
		r.must(func(tx *store.Tx) error { _, err := r.Fix(tx, id, r.draftIn(tx, id).Edit, "", "p1"); return err })
		export := func() (e *Export) {
			r.must(func(tx *store.Tx) error {
				_, d, err := r.Version(tx, id, 1)
				e = NewExport(d, ExportOptions{Version: 1, Lang: "en"})
				return err
			})
			return e
		}
		back := through(t, export().File)
		ann := &docx.Change{Author: "Sample Ann", Date: day(25)}
		p := para(back, "b2")
		p.Runs[0].Text = "Speakers asked for comparable data on routes"
		p.Runs = append([]docx.Run{p.Runs[0], {Text: ", on return", Inserted: ann}, {Text: " and on harm."}}, p.Runs[1:]...)
		para(back, "b3").Runs[0] = docx.Run{Text: "Programmes must be evaluated."}
		i, _ := at(back, "b3")
		for n := range 3 {
			put(back, i+1+n, &docx.Paragraph{Inserted: ann, Runs: []docx.Run{{Text: fmt.Sprintf("New paragraph %d.", n+1), Inserted: ann}}})
		}
		back = through(t, back)

		// Meanwhile.
		r.must(func(tx *store.Tx) error {
			d := r.draftIn(tx, id)
			b2, _ := d.Block("b2")
			b2.Text["en"] = Wording{Text: "Many speakers asked for comparable data on routes and on harm.", Status: Editors}
			b3, _ := d.Block("b3")
			b3.Text = en("Programmes ought to be evaluated.")
			_, err1 := r.SaveBlock(tx, id, *b2, d.Stamps["b2"].Edit, "p1")
			_, err2 := r.SaveBlock(tx, id, *b3, d.Stamps["b3"].Edit, "p1")
			return errors.Join(err1, err2, r.MoveBlock(tx, id, "b3", "s2", "", "p1"))
		})
		got, err := export().TakeBack(back)
		if err != nil || len(got.Suggestions) != 5 || len(got.Unplaced) != 0 {
			t.Fatalf("%s, %v", reported(got), err)
		}
		for range 2 { // handed in twice
			r.must(func(tx *store.Tx) error { _, _, err := r.Suggest(tx, id, got.Suggestions); return err })
		}
		var list []Suggestion
		r.must(func(tx *store.Tx) (err error) { list, err = r.Suggestions(tx, id); return err })
		if len(list) != 5 {
			t.Fatalf("%d suggestions", len(list))
		}
		misfits := 0
		for _, s := range got.Suggestions {
			err := r.do(func(tx *store.Tx) error { return r.Accept(tx, id, s.ID, nil, "p1") })
			var m *Misfit
			if errors.As(err, &m) && s.Part == "b3" && m.Fit.Current == "Programmes ought to be evaluated." && m.Suggestion.Text == "Programmes must be evaluated." {
				misfits++
			} else if err != nil {
				t.Errorf("%+v: %v", s, err)
			}
		}
		d := r.draft(id)
		b2, _ := d.Block("b2")
		if misfits != 1 || b2.Text["en"].Text != "Many speakers asked for comparable data on routes, on return and on harm." {
			t.Errorf("%d misfits, %q", misfits, b2.Text["en"].Text)
		}
		var s1 []string
		for _, b := range d.Sections[0].Blocks {
			s1 = append(s1, b.Text["en"].Text)
		}
		if got := strings.Join(s1[2:], " "); got != "New paragraph 1. New paragraph 2. New paragraph 3." {
			t.Errorf("%q", s1)
		}
	})
}

// TestHostileFiles holds that files made to be large, crooked or slow are answered, soon and within limits.
func TestHostileFiles(t *testing.T) {
	ann := &docx.Change{Author: strings.Repeat("Ann ", 200), Date: day(5)}
	many := func(n int, make func(i int) *docx.Paragraph) func(d *docx.Document) {
		return func(d *docx.Document) {
			for i := range n {
				d.Blocks = append(d.Blocks, make(i))
			}
		}
	}
	for name, edit := range map[string]func(d *docx.Document){
		"thousands of paragraphs with one anchor": many(5_000, func(i int) *docx.Paragraph {
			return &docx.Paragraph{Anchors: []string{"b2"}, Runs: []docx.Run{{Text: fmt.Sprint("Speakers asked ", i)}}}
		}),
		"thousands without any": many(5_000, func(i int) *docx.Paragraph {
			return &docx.Paragraph{Runs: []docx.Run{{Text: fmt.Sprint("Speakers asked for comparable data on routes ", i)}}}
		}),
		"every anchor on every paragraph": func(d *docx.Document) {
			for p := range d.Paragraphs() {
				p.Anchors = []string{"b1", "b2", "b3", "b4", "s1", "s2", "title"}
			}
		},
		"everything at the end of one": func(d *docx.Document) {
			d.Blocks = []docx.Block{&docx.Paragraph{Anchors: []string{"b1", "b2", "b3", "b4", "s1", "s2", "title"}, Runs: []docx.Run{{Text: strings.Repeat("数据 data ", 100_000)}}}}
		},
		"one huge paragraph, then thousands": func(d *docx.Document) {
			para(d, "b1").Runs = []docx.Run{{Text: strings.Repeat("lists what ", 200_000)}}
			many(3_000, func(int) *docx.Paragraph { return &docx.Paragraph{Runs: []docx.Run{{Text: "what was said"}}} })(d)
		},
		"thousands of authors": func(d *docx.Document) {
			p := para(d, "b1")
			for i := range 2_000 {
				p.Runs = append(p.Runs, docx.Run{Text: "x", Inserted: &docx.Change{Author: fmt.Sprint("Ann ", i)}})
			}
		},
		"comments in a circle": func(d *docx.Document) {
			for i := range 500 {
				d.Comments = append(d.Comments, docx.Comment{ID: 100 + i, Author: ann.Author, Text: "Why?", Reply: true, Parent: 100 + (i+1)%500})
			}
			para(d, "b1").Runs[0].Comments = []int{100, 101, 102}
		},
		"thousands of equal comments": func(d *docx.Document) {
			for i := range 20_000 {
				d.Comments = append(d.Comments, docx.Comment{ID: 100 + i, Author: "Ann", Text: "Why?"})
			}
		},
		"thousands of deleted ends": many(3_000, func(int) *docx.Paragraph {
			return &docx.Paragraph{Deleted: ann, Runs: []docx.Run{{Text: "x", Deleted: ann}}}
		}),
	} {
		e := sampleExport()
		back := through(t, e.File)
		edit(back)
		r, err := sampleExport().TakeBack(back)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sound(t, r)
	}
}

// sound holds that what came back can be kept.
func sound(t *testing.T, r *Returned) {
	t.Helper()
	ids := map[string]bool{}
	for _, s := range r.Suggestions {
		if err := s.check(); err != nil || ids[string(s.ID)] || s.Origin != FromFile {
			t.Fatalf("%.500s: %v", fmt.Sprintf("%+v", s), err)
		}
		ids[string(s.ID)] = true
	}
	for _, c := range r.Comments {
		if err := c.check(); err != nil || ids[string(c.ID)] || c.Thread != "" && c.Thread != "k1" && !ids[string(c.Thread)] {
			t.Fatalf("%.500s: %v", fmt.Sprintf("%+v", c), err)
		}
		ids[string(c.ID)] = true
	}
	for _, u := range r.Unplaced {
		if len(u.Text) > MaxText+3 || len(u.Author) > MaxName+3 {
			t.Fatalf("%+v", u.Code)
		}
	}
}

// FuzzTakeBack gives files that went through anybody's hands.
func FuzzTakeBack(f *testing.F) {
	var b bytes.Buffer
	if err := docx.Write(&b, sampleExport().File); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		back, err := docx.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		if r, err := sampleExport().TakeBack(back); err == nil {
			sound(t, r)
		}
	})
}

// FuzzEdits shuffles, cuts, copies and marks the paragraphs of a file in all ways.
func FuzzEdits(f *testing.F) {
	f.Add(uint64(1), 4)
	f.Fuzz(func(t *testing.T, seed uint64, n int) { scramble(t, rand.New(rand.NewPCG(seed, 1)), n&15) })
}

func TestScrambledFiles(t *testing.T) {
	for seed := range uint64(200) {
		scramble(t, rand.New(rand.NewPCG(seed, 2)), int(seed%12))
	}
}

func scramble(t *testing.T, r *rand.Rand, n int) {
	back := through(t, sampleExport().File)
	anchors := []string{"b1", "b2", "b3", "b4", "s1", "s2", "title", "foreign"}
	for range n {
		if len(back.Blocks) == 0 {
			break
		}
		i := r.IntN(len(back.Blocks))
		p := *back.Blocks[i].(*docx.Paragraph)
		p.Runs = append([]docx.Run(nil), p.Runs...)
		c := &docx.Change{Author: []string{"Ann", "Bob"}[r.IntN(2)], Date: day(1 + r.IntN(20))}
		switch r.IntN(9) {
		case 0:
			cut(back, i, i+1)
		case 1:
			put(back, r.IntN(len(back.Blocks)+1), &p)
		case 2:
			cut(back, i, i+1)
			put(back, r.IntN(len(back.Blocks)+1), &p)
		case 3:
			p.Anchors = []string{anchors[r.IntN(len(anchors))]}
			back.Blocks[i] = &p
		case 4:
			p.Inserted = c
			back.Blocks[i] = &p
		case 5:
			p.Deleted = c
			back.Blocks[i] = &p
		case 6:
			p.Runs = append(p.Runs, docx.Run{Text: someText(r, 8), Inserted: c})
			back.Blocks[i] = &p
		case 7:
			for j := range p.Runs {
				if r.IntN(2) == 0 {
					p.Runs[j].Deleted = c
				}
			}
			back.Blocks[i] = &p
		case 8:
			put(back, i, &docx.Paragraph{Runs: []docx.Run{{Text: someText(r, 8)}}})
		}
	}
	got, err := sampleExport().TakeBack(through(t, back))
	if err != nil {
		t.Fatal(err)
	}
	sound(t, got)
	// Whatever was done: each block that is not named by a suggestion or a remark is in the file with its words.
	named := map[string]bool{}
	for _, s := range got.Suggestions {
		named[s.Part] = true
	}
	for _, u := range got.Unplaced {
		named[u.Part] = true
	}
	accepted := strings.Join(back.Text(docx.Accepted), "\n")
	d := sampleDocument()
	d.Each(func(_ *Section, b *Block) bool {
		if !named[string(b.ID)] && !strings.Contains(fold(accepted).text, fold(b.Text["en"].Text).text) {
			t.Fatalf("block %s is not in the file, and nothing says so:\n%s\n%s", b.ID, accepted, reported(got))
		}
		return true
	})
}
