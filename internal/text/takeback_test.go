package text

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"rostrum.example/format/docx"
)

// sampleExport is version 3 of the sample document as a file.
func sampleExport() *Export {
	d := sampleDocument()
	return NewExport(&d, ExportOptions{
		Version: 3, Lang: "en", Source: func(c Citation) string { return "Sample input " + c.Source },
		Aside: func(b *Block) []string {
			if b.Asks != nil {
				return []string{"By: " + b.Asks.Date}
			}
			return nil
		},
		Comments: []Comment{
			{ID: "k1", Part: "b2", Lang: "en", Range: &Selector{Exact: "on harm"}, Text: "Say which harm.", Author: Author{Name: "Sample Reader"}, At: day(1)},
			{ID: "k2", Thread: "k1", Part: "b2", Text: "We will.", Author: Author{Name: "Sample Editor"}, At: day(2)},
		},
	})
}

func day(n int) time.Time { return time.Date(2026, 11, n, 10, 0, 0, 0, time.UTC) }

// through writes a file and reads it again.
func through(t testing.TB, d *docx.Document) *docx.Document {
	t.Helper()
	var b bytes.Buffer
	if err := docx.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	back, err := docx.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// reported writes what came back, one thing a line.
func reported(r *Returned) string {
	names := map[BlockID]string{}
	var out []string
	for i, s := range r.Suggestions {
		names[BlockID(s.ID)] = fmt.Sprintf("#%d", i)
		line := string(s.Kind)
		if s.Part != "" {
			line += " " + s.Part
		}
		switch s.Kind {
		case ToChange:
			line += " " + string(s.Lang) + " " + written(s.Redline())
		case ToAdd:
			line += fmt.Sprintf(" %s %s %q", s.Block, s.Section, s.Text)
		case ToMove:
			line += " to " + string(s.Section)
		case ToUncite:
			line += " " + string(s.Citation)
		case ToRecite:
			line += fmt.Sprintf(" %s to %s", s.Citation, s.To)
		}
		if s.Kind == ToAdd || s.Kind == ToMove {
			line += " behind"
			for _, id := range s.After {
				if name := names[id]; name != "" {
					id = BlockID(name)
				}
				line += " " + string(id)
			}
		}
		if s.Untracked {
			line += " by nobody"
		} else {
			line += fmt.Sprintf(" by %s, %d", s.Author.Name, s.At.Day())
		}
		out = append(out, line)
	}
	for _, c := range r.Comments {
		line := fmt.Sprintf("comment %q on %s", c.Text, c.Part)
		if c.Thread != "" {
			line = fmt.Sprintf("answer %q", c.Text)
			if c.Thread == "k1" {
				line += " to k1"
			}
		} else if c.Range != nil {
			line += fmt.Sprintf(" %q", c.Range.Exact)
		}
		out = append(out, line+" by "+c.Author.Name)
	}
	for _, u := range r.Unplaced {
		line := string(u.Code)
		for _, s := range []string{u.Part, string(u.Citation), string(u.Thread)} {
			if s != "" {
				line += " " + s
			}
		}
		line += fmt.Sprintf(" %q", u.Text)
		if u.Author != "" {
			line += " by " + u.Author
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// at finds the paragraph of a part.
func at(d *docx.Document, part string) (int, *docx.Paragraph) {
	for i, b := range d.Blocks {
		if p, ok := b.(*docx.Paragraph); ok && len(p.Anchors) > 0 && p.Anchors[0] == part {
			return i, p
		}
	}
	panic("no paragraph " + part)
}

func para(d *docx.Document, part string) *docx.Paragraph {
	_, p := at(d, part)
	return p
}

func cut(d *docx.Document, from, to int) { d.Blocks = append(d.Blocks[:from:from], d.Blocks[to:]...) }

func put(d *docx.Document, at int, b ...docx.Block) {
	d.Blocks = append(d.Blocks[:at:at], append(b, d.Blocks[at:]...)...)
}

// retype replaces the words of a paragraph without tracking; its notes stay.
func retype(p *docx.Paragraph, s string) {
	runs := []docx.Run{{Text: s}}
	for _, r := range p.Runs {
		if r.Footnote != nil {
			runs = append(runs, r)
		}
	}
	p.Runs = runs
}

func TestTakeBack(t *testing.T) {
	ann, bob := &docx.Change{Author: "Sample Ann", Date: day(5)}, &docx.Change{Author: "Sample Bob", Date: day(6)}
	for _, c := range []struct {
		name string
		edit func(d *docx.Document)
		want string
	}{
		{"nothing", func(*docx.Document) {}, ""},
		{"a tracked change", func(d *docx.Document) {
			para(d, "b1").Runs = []docx.Run{{Text: "This sample "}, {Text: "lists", Deleted: ann}, {Text: "says", Inserted: ann}, {Text: " what was said."}}
		}, "change b1 en This sample [-lists-]{+says+} what was said. by Sample Ann, 5"},
		{"two people in one paragraph", func(d *docx.Document) {
			para(d, "b1").Runs = []docx.Run{{Text: "This sample "}, {Text: "lists", Deleted: ann}, {Text: "says", Inserted: ann}, {Text: " what was said"}, {Text: " there", Inserted: bob}, {Text: "."}}
		}, "change b1 en This sample [-lists-]{+says+} what was said. by Sample Ann, 5\nchange b1 en This sample lists what was said{+ there+}. by Sample Bob, 6"},
		{"one deletes what another proposes", func(d *docx.Document) {
			para(d, "b1").Runs = []docx.Run{{Text: "This sample lists what was said"}, {Text: " there", Inserted: ann, Deleted: bob}, {Text: "."}}
		}, "change b1 en This sample lists what was said{+ there+}. by Sample Ann, 5\ndeletes_proposal b1 \" there\" by Sample Bob"},
		{"a silent edit", func(d *docx.Document) { retype(para(d, "b1"), "This sample says what was said.") },
			"change b1 en This sample [-lists-]{+says+} what was said. by nobody"},
		{"a silent edit and a tracked one", func(d *docx.Document) {
			para(d, "b1").Runs = []docx.Run{{Text: "This sample says what was "}, {Text: "said", Deleted: ann}, {Text: "written", Inserted: ann}, {Text: "."}}
		}, "change b1 en This sample [-lists-]{+says+} what was said. by nobody\nchange b1 en This sample says what was [-said-]{+written+}. by Sample Ann, 5"},
		{"spaces alone", func(d *docx.Document) { retype(para(d, "b1"), "This sample  lists what\u00a0was said.") }, ""},
		{"a heading and the title", func(d *docx.Document) { retype(para(d, "s1"), "Data"); retype(para(d, "title"), "Sample summary") },
			"change title en Sample summary[- of the Chair-] by nobody\nchange s1 en Data[- and evidence-] by nobody"},
		{"a heading that is gone", func(d *docx.Document) { i, _ := at(d, "s2"); cut(d, i, i+1) }, "heading_removed s2 \"Protection\""},
		{"a block deleted with tracking", func(d *docx.Document) {
			p := para(d, "b1")
			p.Deleted, p.Runs[0].Deleted = ann, ann
		}, "remove b1 by Sample Ann, 5"},
		{"a block deleted without", func(d *docx.Document) { i, _ := at(d, "b1"); cut(d, i, i+1) }, "remove b1 by nobody"},
		{"a block deleted, its anchor at the next", func(d *docx.Document) {
			i, _ := at(d, "b1")
			cut(d, i, i+1)
			para(d, "b2").Anchors = []string{"b1", "b2"}
		}, "remove b1 by nobody"},
		{"a new paragraph", func(d *docx.Document) {
			i, _ := at(d, "b2")
			put(d, i+1, &docx.Paragraph{Inserted: ann, Runs: []docx.Run{{Text: "Forty spoke.", Inserted: ann}}}, &docx.Paragraph{Style: docx.ListItem, Numbered: true, List: 1, Runs: []docx.Run{{Text: "Two wrote."}}})
		}, "add paragraph s1 \"Forty spoke.\" behind b2 b1 by Sample Ann, 5\nadd point s1 \"Two wrote.\" behind #0 b2 b1 by nobody"},
		{"a new paragraph by the return key at the end of a block", func(d *docx.Document) {
			i, p := at(d, "b1")
			p.Inserted = ann
			put(d, i+1, &docx.Paragraph{Anchors: []string{"b1"}, Runs: []docx.Run{{Text: "Forty spoke.", Inserted: ann}}})
		}, "add paragraph s1 \"Forty spoke.\" behind b1 by Sample Ann, 5"},
		{"a new paragraph without tracking that has the anchor too", func(d *docx.Document) {
			i, _ := at(d, "b1")
			put(d, i+1, &docx.Paragraph{Anchors: []string{"b1"}, Runs: []docx.Run{{Text: "Forty spoke."}}})
		}, "add paragraph s1 \"Forty spoke.\" behind b1 by nobody\nanchor_double b1 \"Forty spoke.\""},
		{"a paragraph before the first section", func(d *docx.Document) { put(d, 1, &docx.Paragraph{Runs: []docx.Run{{Text: "A foreword."}}}) }, "new_paragraph \"A foreword.\""},
		{"a new heading", func(d *docx.Document) {
			i, _ := at(d, "s2")
			put(d, i, &docx.Paragraph{Style: docx.Heading, Level: 1, Runs: []docx.Run{{Text: "Technology", Inserted: ann}}})
		}, "new_heading b3 \"Technology\" by Sample Ann"},
		{"a block divided with tracking", func(d *docx.Document) {
			i, p := at(d, "b1")
			p.Runs, p.Inserted = []docx.Run{{Text: "This sample lists "}}, ann
			put(d, i+1, &docx.Paragraph{Runs: []docx.Run{{Text: "what was said."}}})
		}, "change b1 en This sample lists[- -]{+\n+}what was said. by Sample Ann, 5"},
		{"a block divided without", func(d *docx.Document) {
			i, p := at(d, "b1")
			retype(p, "This sample lists")
			put(d, i+1, &docx.Paragraph{Runs: []docx.Run{{Text: "what was said."}}})
		}, "change b1 en This sample lists[- -]{+\n+}what was said. by nobody"},
		{"two blocks joined with tracking", func(d *docx.Document) { para(d, "b1").Deleted = ann },
			"blocks_joined b2 \"Speakers asked for comparable data on routes and on harm.\" by Sample Ann"},
		{"two blocks joined without", func(d *docx.Document) {
			i, p := at(d, "b1")
			q := para(d, "b2")
			q.Runs = append([]docx.Run{{Text: p.Text(docx.Accepted) + " "}}, q.Runs...)
			q.Anchors = []string{"b1", "b2"}
			cut(d, i, i+1)
		}, "blocks_joined b2 \"Speakers asked for comparable data on routes and on harm.\""},
		{"a block moved with its anchor", func(d *docx.Document) {
			i, p := at(d, "b3")
			cut(d, i, i+1)
			j, _ := at(d, "b4")
			put(d, j, p)
		}, "move b3 to s2 behind by nobody"},
		{"a block moved within its section", func(d *docx.Document) {
			i, p := at(d, "b3")
			cut(d, i, i+1)
			j, _ := at(d, "b1")
			put(d, j, p)
		}, "move b3 to s1 behind by nobody"},
		{"a block cut and pasted with tracking", func(d *docx.Document) {
			_, p := at(d, "b3")
			copied := *p
			copied.Anchors, copied.Inserted, copied.Runs = nil, bob, append([]docx.Run(nil), p.Runs...)
			p.Deleted = bob
			for i := range p.Runs {
				p.Runs[i].Deleted = bob
				copied.Runs[i].Inserted, copied.Runs[i].Anchors = bob, nil
			}
			j, _ := at(d, "b4")
			put(d, j+1, &copied)
		}, "move b3 to s2 behind b4 by Sample Bob, 6"},
		{"a block copied", func(d *docx.Document) {
			_, p := at(d, "b1")
			copied := *p
			j, _ := at(d, "b4")
			put(d, j+1, &copied)
		}, "add paragraph s2 \"This sample lists what was said.\" behind b4 by nobody\nanchor_double b1 \"This sample lists what was said.\""},
		{"an anchor lost", func(d *docx.Document) { para(d, "b1").Anchors = nil }, "anchor_lost b1 \"This sample lists what was said.\""},
		{"an anchor lost and words changed", func(d *docx.Document) {
			p := para(d, "b1")
			p.Anchors = nil
			retype(p, "This sample lists what they said.")
		}, "change b1 en This sample lists what [-was-]{+they+} said. by nobody\nanchor_lost b1 \"This sample lists what they said.\""},
		{"all anchors lost", func(d *docx.Document) {
			for p := range d.Paragraphs() {
				p.Anchors = nil
				for i := range p.Runs {
					p.Runs[i].Anchors = nil
				}
			}
		}, "anchor_lost title \"Sample summary of the Chair\"\nanchor_lost s1 \"Data and evidence\"\nanchor_lost b1 \"This sample lists what was said.\"\n" +
			"anchor_lost b2 \"Speakers asked for comparable data on routes and on harm.\"\nanchor_lost b3 \"Programmes should be evaluated.\"\n" +
			"anchor_lost s2 \"Protection\"\nanchor_lost b4 \"States are invited to protect those who report.\""},
		{"sections in another order", func(d *docx.Document) {
			i, _ := at(d, "s1")
			j, _ := at(d, "s2")
			first := append([]docx.Block(nil), d.Blocks[i:j]...)
			cut(d, i, j)
			d.Blocks = append(d.Blocks, first...)
		}, "section_moved s2 \"Protection\""},
		{"a line that belongs to no part", func(d *docx.Document) {
			i, _ := at(d, "b4")
			retype(d.Blocks[i+1].(*docx.Paragraph), "By: 2035")
		}, "add paragraph s2 \"By: 2035\" behind b4 by nobody\nstatic_changed \"By: 2028\""},
		{"a citation deleted with tracking", func(d *docx.Document) { para(d, "b3").Runs[1].Deleted = bob }, "uncite b3 c3 by Sample Bob, 6"},
		{"a citation deleted without", func(d *docx.Document) { p := para(d, "b3"); p.Runs = p.Runs[:1] }, "uncite b3 c3 by nobody"},
		{"a citation moved", func(d *docx.Document) {
			p, q := para(d, "b2"), para(d, "b3")
			last := len(p.Runs) - 1
			q.Runs = append(q.Runs, p.Runs[last])
			p.Runs = p.Runs[:last]
		}, "recite b2 c2 to b3 by nobody"},
		{"a citation without its anchor", func(d *docx.Document) { para(d, "b3").Runs[1].Anchors = nil }, ""},
		{"a quotation changed", func(d *docx.Document) {
			p := para(d, "b3").Runs[1].Footnote.Paragraphs[0]
			p.Runs = []docx.Run{{Text: "“programmes "}, {Text: "cannot", Deleted: ann}, {Text: "can", Inserted: ann}, {Text: " be evaluated” Sample input in-2"}}
		}, "footnote_changed b3 c3 \"“programmes can be evaluated” Sample input in-2\" by Sample Ann"},
		{"another footnote", func(d *docx.Document) {
			p := para(d, "b3")
			p.Runs = append(p.Runs, docx.Run{Inserted: ann, Footnote: &docx.Footnote{Paragraphs: []*docx.Paragraph{{Runs: []docx.Run{{Text: "See also my paper."}}}}}})
		}, "footnote_added b3 \"See also my paper.\" by Sample Ann"},
		{"comments and answers", func(d *docx.Document) {
			d.Comments = append(d.Comments,
				docx.Comment{ID: 10, Author: "Sample Ann", Date: day(5), Text: "Too weak."},
				docx.Comment{ID: 11, Author: "Sample Bob", Date: day(6), Text: "No.", Parent: 10, Reply: true},
				docx.Comment{ID: 12, Author: "Sample Bob", Date: day(6), Text: "Which?", Parent: 0, Reply: true},
				docx.Comment{ID: 13, Author: "Sample Ann", Date: day(5), Text: "All of it."},
				docx.Comment{ID: 14, Author: "Sample Ann", Date: day(5), Text: "In general."},
			)
			para(d, "b1").Runs = []docx.Run{{Text: "This sample "}, {Text: "lists", Comments: []int{10, 11}}, {Text: " what was said."}}
			para(d, "b4").Runs[0].Comments = []int{13}
		}, "comment \"Too weak.\" on b1 \"lists\" by Sample Ann\ncomment \"All of it.\" on b4 by Sample Ann\ncomment \"In general.\" on  by Sample Ann\n" +
			"answer \"No.\" by Sample Bob\nanswer \"Which?\" to k1 by Sample Bob\ncomment_unplaced \"In general.\" by Sample Ann"},
		{"a thread settled", func(d *docx.Document) { d.Comments[0].Resolved = true }, "thread_resolved b2 k1 \"Say which harm.\""},
		{"the properties lost", func(d *docx.Document) { d.Properties = nil }, "stamp_lost \"\""},
		{"characters that turn the line", func(d *docx.Document) { retype(para(d, "b1"), "This sample \u202elists\u202c what was said.") }, ""},
		{"a text that is too long", func(d *docx.Document) { retype(para(d, "b1"), strings.Repeat("x ", MaxText)) },
			"text_too_long b1 \"" + strings.Repeat("x ", MaxText/2) + "…\""},
	} {
		e := sampleExport()
		back := through(t, e.File)
		c.edit(back)
		got, err := sampleExport().TakeBack(through(t, back))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r := reported(got); r != c.want {
			t.Errorf("%s:\n%.1500s\nwant\n%.1500s", c.name, r, c.want)
		}
		again, _ := sampleExport().TakeBack(through(t, back))
		if !reflect.DeepEqual(got, again) {
			t.Errorf("%s: the same file gives something else", c.name)
		}
		for _, s := range got.Suggestions {
			if err := s.check(); err != nil {
				t.Errorf("%s: %+v: %v", c.name, s, err)
			}
		}
		for _, k := range got.Comments {
			if err := k.check(); err != nil {
				t.Errorf("%s: %+v: %v", c.name, k, err)
			}
		}
	}
}

func TestTakeBackRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*docx.Document)
		want string
	}{
		{"another document", func(d *docx.Document) { d.Properties[propertyDocument] = "other" }, "the file is document other, not sample-summary"},
		{"an earlier version", func(d *docx.Document) { d.Properties[propertyVersion] = "2" }, "the file is version 2, not 3"},
		{"another language", func(d *docx.Document) { d.Properties[propertyLanguage] = "fr" }, "the file is in language fr, not en"},
		{"a comparison", func(d *docx.Document) { d.Properties[propertySince] = "2" }, "the file compares two versions and is not taken back"},
		{"a letter", func(d *docx.Document) {
			*d = docx.Document{Blocks: []docx.Block{&docx.Paragraph{Runs: []docx.Run{{Text: "Dear Chair"}}}}}
		}, "the file does not say which document it is, and none of its paragraphs is known"},
	} {
		back := through(t, sampleExport().File)
		c.edit(back)
		_, err := sampleExport().TakeBack(through(t, back))
		var wrong *WrongFileError
		if !errors.As(err, &wrong) || err.Error() != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestTranslation holds that what a translator writes over the original is the text in their language.
func TestTranslation(t *testing.T) {
	d := sampleDocument()
	e := NewExport(&d, ExportOptions{Version: 1, Lang: "fr", Translate: true})
	back := through(t, e.File)
	retype(para(back, "b1"), "Cet exemple énumère ce qui a été dit.")
	retype(para(back, "b2"), "Les orateurs ont demandé des données comparables sur les routes.")
	r, err := e.TakeBack(through(t, back))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := reported(r), "change b1 fr {+Cet exemple énumère ce qui a été dit.+} by nobody\n"+
		"change b2 fr Les orateurs ont demandé des données comparables{+ sur les routes+}. by nobody"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	// Without being asked for a translation, a change of the original is one of the original.
	e = NewExport(&d, ExportOptions{Version: 1, Lang: "fr"})
	back = through(t, e.File)
	retype(para(back, "b1"), "This sample lists what people said.")
	if r, err = e.TakeBack(through(t, back)); err != nil {
		t.Fatal(err)
	}
	if got, want := reported(r), "change b1 en This sample lists what [-was-]{+people+} said. by nobody"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestComparison reads the file that shows what changed between two versions.
func TestComparison(t *testing.T) {
	before, after := sampleDocument(), sampleDocument()
	after.Sections[0].Blocks[0].Text = en("This sample says what was said.")
	after.Sections[0].Blocks = after.Sections[0].Blocks[:2]
	e := NewExport(&after, ExportOptions{Version: 2, Lang: "en", Since: &before, SinceVersion: 1, By: docx.Change{Author: "Version 2", Date: day(3)}})
	got := strings.Join(through(t, e.File).Text(docx.Marked), "\n")
	for _, want := range []string{"This sample [-lists-]{+says+} what was said.", "[-Programmes should be evaluated.¶-]", "Speakers asked for comparable data on routes and on harm."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
