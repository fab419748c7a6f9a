package docx

import (
	"cmp"
	"io"
	"strings"
)

// View is one of the ways to look at a document with tracked changes.
type View int

// The views.
const (
	Original View = iota // as it was: all changes rejected
	Accepted             // as it would be: all changes accepted
	Marked               // with the changes in it
)

// As gives the document in a view, in a copy that shares what is the same.
// Original and Accepted have no changes in them. Where the end of a paragraph
// goes, the paragraph that follows takes the text in.
func (d *Document) As(v View) *Document {
	c := *d
	if v != Marked {
		c.Blocks = viewer{v, d.Language}.blocks(d.Blocks)
	}
	return &c
}

// Text gives the text of each paragraph in a view, in reading order, the
// footnotes after the body, and none that is empty. In the view Marked,
// "{+…+}" is inserted and "[-…-]" deleted; "¶" is the end of a paragraph.
func (d *Document) Text(v View) []string {
	c := d.As(v)
	var texts []string
	add := func(p *Paragraph) {
		if t := p.Text(v); strings.TrimSpace(t) != "" {
			texts = append(texts, t)
		}
	}
	for p := range c.Paragraphs() {
		add(p)
	}
	for f := range c.Footnotes() {
		for _, p := range f.Paragraphs {
			add(p)
		}
	}
	return texts
}

// Text gives the text of the paragraph in a view, without its footnotes.
func (p *Paragraph) Text(v View) string {
	var b strings.Builder
	state := ""
	mark := func(next string) {
		if next != state && v == Marked {
			b.WriteString(map[string]string{"+": "+}", "-": "-]"}[state])
			b.WriteString(map[string]string{"+": "{+", "-": "[-"}[next])
		}
		state = next
	}
	for i := range p.Runs {
		r := &p.Runs[i]
		if v.drops(r.Inserted, r.Deleted) || r.Text == "" {
			continue
		}
		mark(sign(r.Inserted, r.Deleted))
		b.WriteString(r.Text)
	}
	if p.Inserted != nil || p.Deleted != nil {
		mark(sign(p.Inserted, p.Deleted))
		if v == Marked {
			b.WriteString("¶")
		}
	}
	mark("")
	return b.String()
}

func sign(inserted, deleted *Change) string {
	switch {
	case deleted != nil:
		return "-"
	case inserted != nil:
		return "+"
	}
	return ""
}

// drops says whether the view is without what was changed so.
func (v View) drops(inserted, deleted *Change) bool {
	return v == Original && inserted != nil || v == Accepted && deleted != nil
}

// viewer makes the copy of a document in a view.
type viewer struct {
	View
	language string // of the document
}

func (v viewer) blocks(from []Block) []Block {
	var to []Block
	var open []*Paragraph // what waits for the paragraph that takes it in
	flush := func() {
		if p := v.join(open); p != nil && len(p.Runs) > 0 {
			to = append(to, p)
		}
		open = nil
	}
	for _, b := range from {
		switch b := b.(type) {
		case *Paragraph:
			open = append(open, v.paragraph(b))
			if !v.drops(b.Inserted, b.Deleted) {
				to = append(to, v.join(open))
				open = nil
			}
		case *Table:
			flush()
			if t := v.table(b); len(t.Rows) > 0 {
				to = append(to, t)
			}
		}
	}
	flush()
	return to
}

// join makes paragraphs one. The last one, whose end stays, says what the
// paragraph is, unless all the text comes from those before it.
func (v viewer) join(list []*Paragraph) *Paragraph {
	if len(list) == 0 {
		return nil
	}
	p := *list[len(list)-1]
	if len(list) == 1 {
		return &p
	}
	for i := len(list) - 1; i >= 0 && len(p.Runs) == 0; i-- {
		if len(list[i].Runs) > 0 {
			p = *list[i]
		}
	}
	language := cmp.Or(p.Language, v.language)
	var runs []Run
	var anchors []string
	for _, q := range list {
		for _, r := range q.Runs {
			if r.Footnote == nil && r.Text != "" {
				if r.Language = cmp.Or(r.Language, q.Language, v.language); r.Language == language {
					r.Language = ""
				}
			}
			runs = append(runs, r)
		}
		if len(q.Runs) > 0 {
			anchors = append(anchors, q.Anchors...)
		}
	}
	if len(runs) > 0 {
		p.Anchors = set(anchors)
	}
	p.Runs = joined(runs)
	return &p
}

func (v viewer) paragraph(from *Paragraph) *Paragraph {
	p := *from
	p.Inserted, p.Deleted = nil, nil
	p.Runs = nil
	for i := range from.Runs {
		r := from.Runs[i]
		if v.drops(r.Inserted, r.Deleted) {
			continue
		}
		r.Inserted, r.Deleted = nil, nil
		if r.Footnote != nil {
			f := &Footnote{End: r.Footnote.End}
			var blocks []Block
			for _, q := range r.Footnote.Paragraphs {
				blocks = append(blocks, q)
			}
			for _, b := range v.blocks(blocks) {
				f.Paragraphs = append(f.Paragraphs, b.(*Paragraph))
			}
			r.Footnote = f
		}
		p.Runs = append(p.Runs, r)
	}
	p.Runs = joined(p.Runs)
	return &p
}

func (v viewer) table(from *Table) *Table {
	t := &Table{Caption: from.Caption, Widths: from.Widths}
	for _, row := range from.Rows {
		if v.drops(row.Inserted, row.Deleted) {
			continue
		}
		row.Inserted, row.Deleted = nil, nil
		cells := make([]Cell, len(row.Cells))
		for i, cell := range row.Cells {
			cell.Blocks = v.blocks(cell.Blocks)
			cells[i] = cell
		}
		row.Cells = cells
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Text gives the words of a document, paragraph by paragraph, with all
// tracked changes accepted: what Document.Text says of the view Accepted.
func Text(r io.Reader) ([]string, error) { return DefaultLimits().Text(r) }

// Text is Text within other limits.
func (l Limits) Text(r io.Reader) ([]string, error) {
	d, err := l.Read(r)
	if err != nil {
		return nil, err
	}
	return d.Text(Accepted), nil
}
