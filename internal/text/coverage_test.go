package text

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestCover(t *testing.T) {
	d := sampleDocument()
	c := Cover(&d, []Source{
		{ID: "in-1", Category: "ngo", Lang: "en", Topics: []string{"data", "routes"}, Words: 100},
		{ID: "in-2", Category: "academia", Lang: "fr", Topics: []string{"data"}, Words: 50},
		{ID: "in-3", Category: "ngo", Lang: "en", Words: 30},
		{ID: "in-5", Category: "ngo", Lang: "ar", Topics: []string{"protection"}, Words: 20},
		{ID: "in-5", Category: "private", Words: 999}, // named twice
	})
	if want := (Share{Sources: 4, Reflected: 2, Omitted: 1, Unaccounted: 1, Words: 200, ReflectedWords: 150, Quoted: 12}); c.All != want {
		t.Errorf("all %+v\nwant %+v", c.All, want)
	}
	if c.All.Part() != 0.5 || c.Complete() {
		t.Errorf("%v, %v", c.All.Part(), c.Complete())
	}
	for _, g := range []struct {
		name string
		got  []Share
		want []Share
	}{
		{"categories", c.Categories, []Share{{Of: "academia", Sources: 1, Reflected: 1, Words: 50, ReflectedWords: 50, Quoted: 4}, {Of: "ngo", Sources: 3, Reflected: 1, Omitted: 1, Unaccounted: 1, Words: 150, ReflectedWords: 100, Quoted: 8}}},
		{"languages", c.Languages, []Share{{Of: "ar", Sources: 1, Unaccounted: 1, Words: 20}, {Of: "en", Sources: 2, Reflected: 1, Omitted: 1, Words: 130, ReflectedWords: 100, Quoted: 8}, {Of: "fr", Sources: 1, Reflected: 1, Words: 50, ReflectedWords: 50, Quoted: 4}}},
		{"topics", c.Topics, []Share{
			{Of: "data", Sources: 2, Reflected: 2, Words: 150, ReflectedWords: 150, Quoted: 12},
			{Of: "protection", Sources: 1, Unaccounted: 1, Words: 20},
			{Of: "routes", Sources: 1, Reflected: 1, Words: 100, ReflectedWords: 100, Quoted: 8},
			{Sources: 1, Omitted: 1, Words: 30}}},
	} {
		if !reflect.DeepEqual(g.got, g.want) {
			t.Errorf("%s %+v\nwant %+v", g.name, g.got, g.want)
		}
	}
	if a := c.Sources[0]; a.Fate != Reflected || !slices.Equal(a.Blocks, []BlockID{"b2"}) || a.Quoted != 8 {
		t.Errorf("%+v", a)
	}
	if a := c.Sources[2]; a.Fate != Omitted || a.Reason["en"].Text == "" {
		t.Errorf("%+v", a)
	}
	// An omission needs a reason; what is named and not a source is listed.
	d.Omissions = []Omission{{Source: "in-3"}, {Source: "in-8", Reason: en("Late.")}}
	c = Cover(&d, []Source{{ID: "in-1"}, {ID: "in-3"}})
	if c.All.Unaccounted != 1 || !slices.Equal(c.Unlisted, []string{"in-2", "in-8"}) {
		t.Errorf("%+v", c)
	}
}

// TestCoverAddsUp holds that no source is lost or counted twice.
func TestCoverAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	name := func() string { return fmt.Sprint("in-", r.IntN(12)) }
	for range 500 {
		d := Document{Lang: "en", Sections: []Section{{ID: "s"}}}
		for i := range r.IntN(6) {
			b := Block{ID: BlockID(fmt.Sprint("b", i))}
			for range r.IntN(3) {
				b.Citations = append(b.Citations, cite("c", name(), lexicon[r.IntN(6)]))
			}
			d.Sections[0].Blocks = append(d.Sections[0].Blocks, b)
		}
		for range r.IntN(4) {
			d.Omissions = append(d.Omissions, Omission{name(), en(lexicon[r.IntN(6)])})
		}
		var sources []Source
		for range r.IntN(10) {
			sources = append(sources, Source{ID: name(), Category: lexicon[r.IntN(3)], Lang: "en", Words: r.IntN(50)})
		}
		c := Cover(&d, sources)
		sum := func(list []Share) (s Share) {
			for _, g := range list {
				s.Sources += g.Sources
				s.Reflected += g.Reflected
				s.Omitted += g.Omitted
				s.Unaccounted += g.Unaccounted
				s.Words += g.Words
				s.ReflectedWords += g.ReflectedWords
				s.Quoted += g.Quoted
			}
			return s
		}
		if c.All.Sources != c.All.Reflected+c.All.Omitted+c.All.Unaccounted || sum(c.Categories) != c.All || sum(c.Languages) != c.All || len(c.Sources) != c.All.Sources {
			t.Fatalf("%+v", c)
		}
	}
}
