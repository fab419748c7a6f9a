package docx

import (
	"strings"
	"time"
)

const maxProperty = 255 // bytes of a property's name, which Word keeps

// check says what cannot be written. It looks at the normal form.
func (d *Document) check() error {
	if !plainTag(d.Language) {
		return &Problem{Code: BadLanguage, Value: clip(d.Language)}
	}
	for name := range d.Properties {
		if name == "" || len(name) > maxProperty {
			return &Problem{Code: BadProperty, Value: clip(name), Limit: maxProperty}
		}
	}
	c := checker{comments: map[int]bool{}}
	for _, m := range d.Comments {
		if m.ID < 0 || m.ID > 1<<29 || c.comments[m.ID] {
			return &Problem{Code: BadComment, Value: itoa(m.ID)}
		}
		c.comments[m.ID] = true
		if err := goodDate(m.Date); err != nil {
			return err
		}
	}
	for _, m := range d.Comments {
		if m.Reply && (m.Parent == m.ID || !c.comments[m.Parent]) {
			return &Problem{Code: BadComment, Value: itoa(m.ID)}
		}
	}
	return c.blocks(d.Blocks, 0)
}

type checker struct {
	comments  map[int]bool
	paragraph int
}

func (c *checker) blocks(list []Block, depth int) error {
	for _, b := range list {
		switch b := b.(type) {
		case *Paragraph:
			if err := c.check(b); err != nil {
				return err
			}
		case *Table:
			if depth == 8 {
				return c.problem(BadTable, "depth")
			}
			if len(b.Rows) == 0 {
				return c.problem(BadTable, "0 rows")
			}
			columns := 0
			for _, row := range b.Rows {
				if len(row.Cells) == 0 {
					return c.problem(BadTable, "0 cells")
				}
				for _, w := range []*Change{row.Inserted, row.Deleted} {
					if err := c.change(w); err != nil {
						return err
					}
				}
				width := 0
				for _, cell := range row.Cells {
					width += max(cell.Span, 1)
					if err := c.blocks(cell.Blocks, depth+1); err != nil {
						return err
					}
				}
				columns = max(columns, width)
			}
			if b.Widths != nil && len(b.Widths) != columns {
				return c.problem(BadTable, itoa(len(b.Widths))+" widths, "+itoa(columns)+" columns")
			}
		}
	}
	return nil
}

func (c *checker) problem(code Code, value string) error {
	return &Problem{Code: code, Paragraph: c.paragraph, Value: clip(value)}
}

func (c *checker) check(p *Paragraph) error {
	c.paragraph++
	switch p.Style {
	case Body, Title, Subtitle, Quotation:
	case Heading, ListItem:
		if p.Level > 9 {
			return c.problem(BadStyle, string(p.Style)+" "+itoa(p.Level))
		}
	default:
		return c.problem(BadStyle, string(p.Style))
	}
	if !plainTag(p.Language) {
		return c.problem(BadLanguage, p.Language)
	}
	if err := c.anchors(p.Anchors); err != nil {
		return err
	}
	for _, w := range []*Change{p.Inserted, p.Deleted} {
		if err := c.change(w); err != nil {
			return err
		}
	}
	for i := range p.Runs {
		r := &p.Runs[i]
		if !plainTag(r.Language) {
			return c.problem(BadLanguage, r.Language)
		}
		if id, ok := strings.CutPrefix(r.Link, "#"); r.Link != "" && (ok && !goodAnchor(id) || !ok && !goodLink(r.Link)) {
			return c.problem(BadLink, r.Link)
		}
		if err := c.anchors(r.Anchors); err != nil {
			return err
		}
		for _, id := range r.Comments {
			if !c.comments[id] {
				return c.problem(UnknownComment, itoa(id))
			}
		}
		for _, w := range []*Change{r.Inserted, r.Deleted} {
			if err := c.change(w); err != nil {
				return err
			}
		}
		if r.Footnote != nil {
			for _, q := range r.Footnote.Paragraphs {
				if err := c.check(q); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *checker) anchors(ids []string) error {
	for _, id := range ids {
		if !goodAnchor(id) {
			return &Problem{Code: BadAnchor, Paragraph: c.paragraph, Value: clip(id), Limit: int64(maxAnchor)}
		}
	}
	return nil
}

func (c *checker) change(w *Change) error {
	if w == nil {
		return nil
	}
	return goodDate(w.Date)
}

func goodDate(t time.Time) error {
	if y := t.Year(); !t.IsZero() && (y < 1 || y > 9999) {
		return &Problem{Code: BadDate, Value: t.String()}
	}
	return nil
}
