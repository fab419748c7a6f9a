package text

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// largeDocument has 80 points in six languages with 400 citations of 400 inputs.
func largeDocument() Document {
	d := Document{ID: "large", Kind: "summary", Lang: "en", Title: en("Large sample")}
	words := "Speakers asked States to collect comparable data on routes and on harm and to evaluate programmes with those who took part in them. "
	for i := range 80 {
		if i%10 == 0 {
			d.Sections = append(d.Sections, Section{ID: SectionID(fmt.Sprint("s", i/10)), Heading: en(fmt.Sprint("Theme ", i/10))})
		}
		b := Block{ID: BlockID(fmt.Sprint("b", i)), Kind: Point, Text: Words{}}
		for _, lang := range []locale.Lang{"en", "fr", "es", "ru", "ar", "zh"} {
			b.Text[lang] = Wording{Text: fmt.Sprint(i, ". ", words, words, words, words), Status: Editors}
		}
		for j := range 5 {
			b.Citations = append(b.Citations, Citation{ID: CitationID(fmt.Sprint("c", i, "-", j)), Source: fmt.Sprint("in-", i*5+j), Version: "1", Lang: "en", Quote: Selector{Exact: "collect comparable data on routes", Prefix: "to "}})
		}
		s := &d.Sections[len(d.Sections)-1]
		s.Blocks = append(s.Blocks, b)
	}
	return d
}

func benchRig(b *testing.B) (*Documents, *store.DB, *Draft) {
	db, err := store.Open(b.Context(), store.Options{URL: "sqlite:" + b.TempDir() + "/data"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	t := New(Options{Org: "sample", Clock: time.Now, Random: rand.NewChaCha8([32]byte{})})
	var d *Draft
	if err := db.Write(b.Context(), func(tx *store.Tx) (err error) {
		d, err = t.Create(tx, largeDocument(), "p1")
		return err
	}); err != nil {
		b.Fatal(err)
	}
	return t, db, d
}

// BenchmarkSaveBlock saves one block of a draft with 80 points.
func BenchmarkSaveBlock(b *testing.B) {
	t, db, d := benchRig(b)
	block, _ := d.Block("b40")
	basis, n := d.Stamps["b40"].Edit, 0
	for b.Loop() {
		n++
		block.Text["en"] = Wording{Text: fmt.Sprint("Saved ", n, " times."), Status: Editors}
		if err := db.Write(b.Context(), func(tx *store.Tx) (err error) {
			basis, err = t.SaveBlock(tx, d.ID, *block, basis, "p1")
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen reads the draft, its suggestions, comments and versions.
func BenchmarkOpen(b *testing.B) {
	t, db, d := benchRig(b)
	for b.Loop() {
		if err := db.Read(b.Context(), func(tx *store.Tx) error {
			if _, err := t.Read(tx, d.ID); err != nil {
				return err
			}
			if _, err := t.Suggestions(tx, d.ID); err != nil {
				return err
			}
			if _, err := t.Comments(tx, d.ID); err != nil {
				return err
			}
			_, err := t.Versions(tx, d.ID)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLint checks 80 points with 400 citations against 400 inputs of 1,000 words.
func BenchmarkLint(b *testing.B) {
	d := largeDocument()
	var text bytes.Buffer
	for i := range 125 {
		fmt.Fprint(&text, "La phrase ", i, " dit — « autre chose » que les précédentes. ")
	}
	text.WriteString("We ask States to collect comparable data on routes.")
	source := func(Citation) (Quotable, error) { return Quotable{Text: text.String()}, nil }
	for b.Loop() {
		if found := Lint(&d, nil, source); Errors(found) {
			b.Fatal(found[0])
		}
	}
}

func BenchmarkCover(b *testing.B) {
	d := largeDocument()
	var sources []Source
	for i := range 400 {
		sources = append(sources, Source{ID: fmt.Sprint("in-", i), Category: "ngo", Lang: "en", Words: 1000})
	}
	for b.Loop() {
		Cover(&d, sources)
	}
}

func BenchmarkWriteFile(b *testing.B) {
	d := largeDocument()
	for b.Loop() {
		if err := docx.Write(io.Discard, NewExport(&d, ExportOptions{Version: 1, Lang: "en"}).File); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTakeBack(b *testing.B) {
	d := largeDocument()
	e := NewExport(&d, ExportOptions{Version: 1, Lang: "en"})
	for p := range e.File.Paragraphs() {
		if len(p.Runs) > 0 {
			p.Runs[0].Text += " And more."
		}
	}
	var file bytes.Buffer
	if err := docx.Write(&file, e.File); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		back, err := docx.Read(bytes.NewReader(file.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		r, err := NewExport(&d, ExportOptions{Version: 1, Lang: "en"}).TakeBack(back)
		if err != nil || len(r.Suggestions) != 89 {
			b.Fatal(len(r.Suggestions), err)
		}
	}
}
