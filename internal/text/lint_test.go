package text

import (
	"fmt"
	"strings"
	"testing"

	"rostrum.example/internal/locale"
)

// sampleSources answers for the sources of the sample document.
func sampleSources(c Citation) (Quotable, error) {
	switch c.Source {
	case "in-1", "in-2":
		return Quotable{Text: sampleSource}, nil
	case "gist":
		return Quotable{Text: sampleSource, Gist: true}, nil
	case "gone":
		return Quotable{}, fmt.Errorf("asked for %s: %w", c.Source, ErrSourceWithdrawn)
	}
	return Quotable{}, fmt.Errorf("asked for %s: %w", c.Source, ErrNoSource)
}

func TestLint(t *testing.T) {
	block := func(d *Document, id BlockID) *Block {
		b, _ := d.Block(id)
		return b
	}
	seen := map[Code]bool{}
	for _, c := range []struct {
		name   string
		change func(*Document)
		want   string // severity code block citation lang, one a line
	}{
		{"the sample", func(*Document) {}, ""},
		{"no text", func(d *Document) { block(d, "b1").Text = nil }, "error empty_block b1 en"},
		{"a point without citation", func(d *Document) { block(d, "b3").Citations = nil }, "error point_without_citation b3"},
		{"an unknown source", func(d *Document) { block(d, "b3").Citations[0].Source = "in-9" }, "error source_unknown b3 c3 en"},
		{"a source that was withdrawn", func(d *Document) { block(d, "b3").Citations[0].Source = "gone" }, "error source_withdrawn b3 c3 en"},
		{"a gist", func(d *Document) { block(d, "b3").Citations[0].Source = "gist" }, "error source_not_quotable b3 c3 en"},
		{"a quotation that is none", func(d *Document) {
			block(d, "b3").Citations[0].Quote.Exact = "programmes cannot ever be evaluated"
		}, `error quotation_not_found b3 c3 en near "programmes cannot be evaluated"`},
		{"a quotation that stands there twice", func(d *Document) { block(d, "b3").Citations[0].Quote.Exact = "data on" }, "error quotation_ambiguous b3 c3 en"},
		{"an omission without reason", func(d *Document) { d.Omissions[0].Reason = nil }, "error omission_without_reason in-3 en"},
		{"cited and omitted", func(d *Document) { d.Omissions[0].Source = "in-2" }, "warning cited_and_omitted b3 in-2"},
		{"cited twice", func(d *Document) {
			b := block(d, "b3")
			b.Citations = append(b.Citations, b.Citations[0])
			b.Citations[1].ID = "c9"
		}, "warning cited_twice b3 c9 in-2"},
		{"nobody is asked", func(d *Document) { block(d, "b4").Asks.Actor = nil }, "warning recommendation_without_actor b4"},
		{"nothing to see", func(d *Document) { block(d, "b4").Asks.Measure = nil }, "warning recommendation_without_measure b4"},
		{"no date", func(d *Document) { block(d, "b4").Asks.Date = "" }, "warning recommendation_without_date b4"},
		{"no asks", func(d *Document) { block(d, "b4").Asks = nil },
			"warning recommendation_without_actor b4\nwarning recommendation_without_measure b4\nwarning recommendation_without_date b4"},
		{"no owner", func(d *Document) { block(d, "b3").Owner = "" }, "warning block_without_owner b3"},
		{"an empty section", func(d *Document) { d.Sections[1].Blocks = nil }, "warning section_empty s2"},
		{"no heading", func(d *Document) { d.Sections[1].Heading = nil }, "warning section_without_heading s2 en"},
		{"a translation that fell behind", func(d *Document) {
			block(d, "b2").Text["en"] = Wording{Text: "Speakers asked for data.", Status: Editors}
		}, "warning translation_behind b2 fr"},
		{"a machine's translation", func(d *Document) {
			w := block(d, "b2").Text["fr"]
			w.Status = Machine
			block(d, "b2").Text["fr"] = w
		}, "warning translation_machine b2 fr"},
	} {
		d := sampleDocument()
		c.change(&d)
		var got []string
		for _, f := range Lint(&d, nil, sampleSources) {
			seen[f.Code] = true
			line := []string{string(f.Severity), string(f.Code)}
			if f.Block == "" && f.Source == "" {
				line = append(line, string(f.Section))
			}
			for _, s := range []string{string(f.Block), string(f.Citation)} {
				if s != "" {
					line = append(line, s)
				}
			}
			if f.Source != "" && (f.Citation == "" || f.Code == CitedTwice) {
				line = append(line, f.Source)
			}
			if f.Lang != "" {
				line = append(line, string(f.Lang))
			}
			if f.Near != "" {
				line = append(line, fmt.Sprintf("near %q", f.Near))
			}
			got = append(got, strings.Join(line, " "))
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), c.want)
		}
	}
	d := sampleDocument()
	missing := Lint(&d, []locale.Lang{"en", "fr"}, sampleSources)
	if len(missing) != 3 || missing[0].Code != TranslationMissing || missing[0].Lang != "fr" || Errors(missing) {
		t.Errorf("%+v", missing)
	}
	seen[TranslationMissing] = true
	for _, code := range LintCodes() {
		if !seen[code] {
			t.Errorf("no case finds %s", code)
		}
	}
	d.Sections[0].Blocks[1].Citations = nil
	if !Errors(Lint(&d, nil, sampleSources)) {
		t.Error("a point without citation can be published")
	}
}
