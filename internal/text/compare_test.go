package text

import (
	"slices"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	words := func(p PartChange) string {
		if r := p.Words["en"]; r != nil {
			return " " + written(r)
		}
		return ""
	}
	for _, c := range []struct {
		name   string
		change func(*Document)
		want   string
	}{
		{"nothing", func(*Document) {}, ""},
		{"a word", func(d *Document) { d.Sections[0].Blocks[0].Text = en("This sample lists what was written.") },
			"b1 This sample lists what was [-said-]{+written+}."},
		{"a heading and a topic", func(d *Document) { d.Sections[0].Heading, d.Sections[0].Topic = en("Data"), "x" }, "s1 Data[- and evidence-] topics"},
		{"a block that came", func(d *Document) {
			d.Sections[1].Blocks = append(d.Sections[1].Blocks, Block{ID: "b5", Kind: Point, Text: en("New.")})
		}, "b5 added {+New.+}"},
		{"blocks that went", func(d *Document) { d.Sections[0].Blocks = d.Sections[0].Blocks[1:2] },
			"b1 removed [-This sample lists what was said.-], b3 removed uncited c3 [-Programmes should be evaluated.-]"},
		{"one that moved within its section", func(d *Document) {
			b := d.Sections[0].Blocks
			d.Sections[0].Blocks = []Block{b[2], b[0], b[1]}
		}, "b3 moved"},
		{"one that moved to another", func(d *Document) {
			d.Sections[1].Blocks = append([]Block{d.Sections[0].Blocks[2]}, d.Sections[1].Blocks...)
			d.Sections[0].Blocks = d.Sections[0].Blocks[:2]
		}, "b3 moved from s1"},
		{"a citation and a kind", func(d *Document) {
			b := &d.Sections[0].Blocks[1]
			b.Citations = []Citation{b.Citations[0], cite("c9", "in-2", "x")}
			b.Kind = Recommendation
		}, "b2 cited c9 uncited c2 kind"},
		{"sections in another order", func(d *Document) { d.Sections[0], d.Sections[1] = d.Sections[1], d.Sections[0] }, "s2 moved"},
	} {
		before, after := sampleDocument(), sampleDocument()
		c.change(&after)
		var all []string
		for _, p := range Compare(&before, &after).Parts {
			line := string(p.Block)
			if line == "" {
				line = string(p.Section)
			}
			for _, f := range []struct {
				is   bool
				word string
			}{{p.Added, " added"}, {p.Removed, " removed"}, {p.Moved, " moved"}, {p.From != "", " from " + string(p.From)}} {
				if f.is {
					line += f.word
				}
			}
			for _, q := range p.Cited {
				line += " cited " + string(q.ID)
			}
			for _, q := range p.Uncited {
				line += " uncited " + string(q.ID)
			}
			line += words(p)
			for _, f := range p.Fields {
				line += " " + f
			}
			all = append(all, line)
		}
		if got := strings.Join(all, ", "); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
	a, b := sampleDocument(), sampleDocument()
	b.Title, b.Omissions = en("Summary"), []Omission{{"in-4", en("Late.")}}
	if c := Compare(&a, &b); !c.Title["en"].Changed() || !slices.Equal(c.Omitted, []string{"in-4"}) || !slices.Equal(c.Readmitted, []string{"in-3"}) {
		t.Errorf("%+v", c)
	}
}
