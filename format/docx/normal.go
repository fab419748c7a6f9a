package docx

import (
	"slices"
	"strings"
	"time"
)

// normal gives the one way to say what a document says, in a copy: runs that
// have everything in common are one, languages and directions are said where
// they differ from what is above, lists count from 1, tables are apart from
// each other. Write writes it and Read gives it.
func (d *Document) normal() *Document {
	c := *d
	c.Title = strings.ReplaceAll(clean(d.Title), "\n", " ")
	c.Header, c.Footer = clean(d.Header), clean(d.Footer)
	c.Properties = nil
	for name, value := range d.Properties {
		if c.Properties == nil {
			c.Properties = map[string]string{}
		}
		c.Properties[clean(name)] = clean(value)
	}
	c.Comments = slices.Clone(d.Comments)
	for i := range c.Comments {
		m := &c.Comments[i]
		m.Author, m.Initials, m.Text, m.Date = line(m.Author), line(m.Initials), clean(m.Text), second(m.Date)
		if !m.Reply {
			m.Parent = 0
		}
	}
	n := normaliser{language: d.Language, lists: map[int]int{}, anchors: map[string]bool{}, comments: map[int]bool{}}
	each(d.Blocks, n.hold)
	c.Blocks = n.blocks(d.Blocks)
	return &c
}

type normaliser struct {
	language string
	lists    map[int]int
	anchors  map[string]bool // that lie on something
	comments map[int]bool
	note     bool
}

func (n *normaliser) blocks(from []Block) []Block {
	if len(from) == 0 {
		return nil
	}
	to := make([]Block, 0, len(from))
	for _, b := range from {
		switch b := b.(type) {
		case *Paragraph:
			to = append(to, n.paragraph(b))
		case *Table:
			if len(to) > 0 {
				if _, touching := to[len(to)-1].(*Table); touching { // word processors would make them one
					to = append(to, &Paragraph{})
				}
			}
			to = append(to, n.table(b))
		}
	}
	return to
}

func (n *normaliser) table(t *Table) *Table {
	c := &Table{Caption: line(t.Caption), Rows: make([]Row, len(t.Rows))}
	if len(t.Widths) > 0 && slices.Max(t.Widths)-slices.Min(t.Widths) > 1 {
		c.Widths = slices.Clone(t.Widths)
	}
	for i, row := range t.Rows {
		c.Rows[i] = Row{Header: row.Header, Inserted: row.Inserted.normal(), Deleted: row.Deleted.normal(), Cells: make([]Cell, len(row.Cells))}
		for j, cell := range row.Cells {
			blocks := n.blocks(cell.Blocks)
			if len(blocks) == 0 {
				blocks = []Block{&Paragraph{}}
			} else if _, ok := blocks[len(blocks)-1].(*Table); ok {
				blocks = append(blocks, &Paragraph{})
			}
			if cell.Span <= 1 {
				cell.Span = 0
			}
			c.Rows[i].Cells[j] = Cell{Span: cell.Span, Continues: cell.Continues, Blocks: blocks}
		}
	}
	return c
}

func (n *normaliser) paragraph(p *Paragraph) *Paragraph {
	c := &Paragraph{
		Style: p.Style, Anchors: set(p.Anchors),
		Inserted: p.Inserted.normal(), Deleted: p.Deleted.normal(),
	}
	switch p.Style {
	case Heading:
		c.Level = max(p.Level, 1)
	case ListItem:
		c.Level = max(p.Level, 1)
		if c.Numbered = p.Numbered; p.Numbered {
			if n.lists[p.List] == 0 {
				n.lists[p.List] = len(n.lists) + 1
			}
			c.List = n.lists[p.List]
		}
	}
	own := p.Language
	if own == "" {
		own = n.language
	}
	rtl := p.Direction.is(own)

	// Each run on its own first, with its language said in full.
	c.Runs = make([]Run, 0, len(p.Runs))
	letters := make([]bool, 0, len(p.Runs))
	for i := range p.Runs {
		r := p.Runs[i]
		if r.Footnote != nil {
			if n.note {
				continue // notes have no notes
			}
			r = Run{Footnote: n.footnote(r.Footnote), Anchors: r.Anchors, Comments: r.Comments, Inserted: r.Inserted, Deleted: r.Deleted}
		}
		r.Text = clean(r.Text)
		r.Anchors, r.Comments = set(r.Anchors), set(r.Comments)
		if r.Footnote == nil && r.Text == "" {
			if n.empty(&r) {
				c.Runs, letters = append(c.Runs, r), append(letters, false)
			}
			continue
		}
		r.Inserted, r.Deleted = r.Inserted.normal(), r.Deleted.normal()
		if r.Language == "" {
			r.Language = own
		}
		if r.Direction.is(r.Language) {
			r.Direction = RightToLeft
		} else {
			r.Direction = LeftToRight
		}
		_, has := slotOf(r.Text, false)
		c.Runs = append(c.Runs, r)
		letters = append(letters, has)
	}
	c.Language = mainLanguage(c.Runs, letters, own)
	mainRTL := rightToLeft(c.Language)
	for i := range c.Runs {
		r := &c.Runs[i]
		switch {
		case r.Footnote != nil:
			*r = Run{Footnote: r.Footnote, Anchors: r.Anchors, Comments: r.Comments, Inserted: r.Inserted, Deleted: r.Deleted}
			continue
		case r.Text == "":
			continue
		case letters[i]:
		case onlyNumber(r.Text):
			if r.Language, r.Direction = c.Language, LeftToRight; mainRTL {
				r.Direction = RightToLeft
			}
		case mainRTL == (r.Direction == RightToLeft):
			r.Language = c.Language
		}
		r.Direction = directed(r.Direction == RightToLeft, r.Language)
		if r.Language == c.Language {
			r.Language = ""
		}
	}
	c.Direction = directed(rtl, c.Language)
	if c.Language == n.language {
		c.Language = ""
	}
	c.Runs = joined(c.Runs)
	return c
}

// mainLanguage is the language a paragraph says it has, unless all its
// letters say otherwise: then that of most of them.
func mainLanguage(runs []Run, letters []bool, own string) string {
	count := map[string]int{}
	best := ""
	for i := range runs {
		if !letters[i] {
			continue
		}
		tag := runs[i].Language
		if tag == own {
			return own
		}
		count[tag] += len(runs[i].Text)
		if best == "" || count[tag] > count[best] {
			best = tag
		}
	}
	if best == "" {
		return own
	}
	return best
}

// joined makes neighbours with everything in common one.
func joined(runs []Run) []Run {
	out := runs[:0]
	for i := 0; i < len(runs); {
		first, j := runs[i], i+1
		for first.Footnote == nil && j < len(runs) && alike(&first, &runs[j]) {
			j++
		}
		if j > i+1 {
			var b strings.Builder
			for _, r := range runs[i:j] {
				b.WriteString(r.Text)
			}
			first.Text = b.String()
		}
		out, i = append(out, first), j
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// hold finds what lies on something, a text or a reference to a note.
func (n *normaliser) hold(p *Paragraph) bool {
	for i := range p.Runs {
		r := &p.Runs[i]
		if r.Footnote != nil {
			for _, q := range r.Footnote.Paragraphs {
				n.hold(q)
			}
		} else if r.Text == "" {
			continue
		}
		for _, id := range r.Anchors {
			n.anchors[id] = true
		}
		for _, id := range r.Comments {
			n.comments[id] = true
		}
	}
	return true
}

// empty is a run without text, where a comment or anchor lies that lies on
// nothing else; false says that there is none.
func (n *normaliser) empty(r *Run) bool {
	anchors, comments := r.Anchors, r.Comments
	*r = Run{}
	for _, id := range anchors {
		if !n.anchors[id] {
			n.anchors[id] = true
			r.Anchors = append(r.Anchors, id)
		}
	}
	for _, id := range comments {
		if !n.comments[id] {
			n.comments[id] = true
			r.Comments = append(r.Comments, id)
		}
	}
	return len(r.Anchors)+len(r.Comments) > 0
}

func alike(a, b *Run) bool {
	return b.Footnote == nil && a.Bold == b.Bold && a.Italic == b.Italic && a.Link == b.Link &&
		a.Language == b.Language && a.Direction == b.Direction && a.Inserted.same(b.Inserted) && a.Deleted.same(b.Deleted) &&
		slices.Equal(a.Anchors, b.Anchors) && slices.Equal(a.Comments, b.Comments)
}

func (n *normaliser) footnote(f *Footnote) *Footnote {
	c := &Footnote{End: f.End}
	inner := *n
	inner.note = true
	for _, p := range f.Paragraphs {
		c.Paragraphs = append(c.Paragraphs, inner.paragraph(p))
	}
	if len(c.Paragraphs) == 0 {
		c.Paragraphs = []*Paragraph{{}}
	}
	return c
}

func (c *Change) normal() *Change {
	if c == nil {
		return nil
	}
	return &Change{Author: line(c.Author), Date: second(c.Date), Moved: c.Moved}
}

func (c *Change) same(o *Change) bool {
	return c == o || c != nil && o != nil && c.Author == o.Author && c.Moved == o.Moved && c.Date.Equal(o.Date)
}

func second(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

func set[T interface{ ~int | ~string }](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	if !slices.IsSorted(list) {
		list = slices.Sorted(slices.Values(list))
	}
	return slices.Compact(slices.Clone(list))
}
