package text

import "testing"

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Document)
		want   string
	}{
		{"the sample", func(*Document) {}, ""},
		{"an id used twice", func(d *Document) { d.Sections[1].Blocks[0].ID = "b1" }, "b1 id: duplicate_id"},
		{"a section with a block's id", func(d *Document) { d.Sections[1].ID = "b1" }, "b1 id: duplicate_id"},
		{"an id for an anchor", func(d *Document) { d.Sections[1].Blocks[0].ID = "B 4" }, "B 4 id: bad_id"},
		{"broken bytes", func(d *Document) { d.Title = en("a\xff") }, "title title en: bad_encoding"},
		{"a null", func(d *Document) { d.Title = en("a\x00") }, "title title en: bad_character"},
		{"a character that turns the line", func(d *Document) { d.Title = en("a\u202eb") }, "title title en: bad_character"},
		{"a status that is none", func(d *Document) { d.Title = Words{"en": {Text: "x"}} }, "title title en: bad_status"},
		{"a language that is none", func(d *Document) { d.Title["english!"] = Wording{Text: "x", Status: Editors} }, "title title: bad_language"},
		{"a date that is none", func(d *Document) { d.Sections[1].Blocks[0].Asks.Date = "2028-02-30" }, "b4 date: bad_date"},
		{"a citation without words", func(d *Document) { d.Sections[0].Blocks[1].Citations[0].Quote.Exact = " " }, "b2 citation c1: missing"},
		{"citations with one id", func(d *Document) { d.Sections[0].Blocks[1].Citations[1].ID = "c1" }, "b2 citation c1: duplicate_id"},
		{"a citation's id in two blocks", func(d *Document) { d.Sections[0].Blocks[2].Citations[0].ID = "c1" }, "b3 citation c1: duplicate_id"},
		{"an omission twice", func(d *Document) { d.Omissions = append(d.Omissions, d.Omissions[0]) }, "omissions in-3: duplicate_source"},
		{"too many blocks", func(d *Document) { d.Sections[0].Blocks = make([]Block, MaxBlocks+1) }, "blocks: too_many"},
	} {
		d := sampleDocument()
		c.change(&d)
		got := ""
		if err := d.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
	if got, want := Clean("a\r\nb \u202ec\xff\x00\td\u2028 \n\n"), "a\nb c\ufffd\td"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
