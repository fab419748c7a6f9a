package docx

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

func (p *page) raw(list ...string) {
	for _, s := range list {
		p.b = append(p.b, s...)
	}
}

func (p *page) text(s string) { p.b = appendText(p.b, s) }

func (p *page) id() string {
	p.ids++
	return itoa(p.ids)
}

// ranges finds the first and the last run of each comment.
func (p *page) ranges(blocks []Block) {
	p.first, p.last = map[int]*Run{}, map[int]*Run{}
	each(blocks, func(q *Paragraph) bool {
		for i := range q.Runs {
			for _, id := range q.Runs[i].Comments {
				if p.first[id] == nil {
					p.first[id] = &q.Runs[i]
				}
				p.last[id] = &q.Runs[i]
			}
		}
		return true
	})
}

// The styles of paragraphs that are plain where they stand.
const (
	cellText Style = "TableText"
	cellHead Style = "TableHead"
	footText Style = "FootnoteText"
	endText  Style = "EndnoteText"
)

// blocks writes blocks; plain is the style of what has none.
func (p *page) blocks(list []Block, plain Style) {
	type bookmark struct{ anchor, id string }
	var open []bookmark
	for i, b := range list {
		q, ok := b.(*Paragraph)
		if !ok {
			p.table(b.(*Table))
			continue
		}
		p.raw("<w:p>")
		below := false // a table has no space of its own
		if i > 0 {
			_, below = list[i-1].(*Table)
		}
		p.properties(q, plain, below && q.Style != Heading)
		for _, id := range q.Anchors {
			if name := anchorName(paragraphAnchor, id); !p.bookmarked[name] {
				p.bookmarked[name] = true
				open = append(open, bookmark{id, p.bookmark(name)})
			}
		}
		for _, id := range q.Anchors {
			p.control(anchorName(paragraphAnchor, id))
		}
		start := len(p.b)
		if i == 0 && (plain == footText || plain == endText) {
			style, ref := "FootnoteReference", "footnoteRef"
			if plain == endText {
				style, ref = "EndnoteReference", "endnoteRef"
			}
			p.raw(`<w:r><w:rPr><w:rStyle w:val="`, style, `"/></w:rPr><w:`, ref, `/></w:r><w:r><w:t xml:space="preserve"> </w:t></w:r>`)
		}
		p.runs(q, q.Runs, 0)
		p.closeControls(len(q.Anchors), start)
		var next []string
		if i+1 < len(list) {
			if n, ok := list[i+1].(*Paragraph); ok {
				next = n.Anchors
			}
		}
		open = slices.DeleteFunc(open, func(m bookmark) bool {
			if slices.Contains(next, m.anchor) {
				return false
			}
			p.raw(`<w:bookmarkEnd w:id="`, m.id, `"/>`)
			return true
		})
		p.raw("</w:p>")
	}
}

func (p *page) bookmark(name string) (id string) {
	id = p.id()
	p.raw(`<w:bookmarkStart w:id="`, id, `" w:name="`, name, `"/>`)
	return id
}

// control opens a content control that is not drawn.
func (p *page) control(tag string) {
	p.raw(`<w:sdt><w:sdtPr><w:tag w:val="`, tag, `"/><w:id w:val="`, p.id(), `"/><w15:appearance w15:val="hidden"/></w:sdtPr><w:sdtContent>`)
}

// closeControls closes content controls, which must hold something.
func (p *page) closeControls(n, start int) {
	if n > 0 && len(p.b) == start {
		p.raw("<w:r/>")
	}
	p.raw(strings.Repeat("</w:sdtContent></w:sdt>", n))
}

// properties writes w:pPr.
func (p *page) properties(q *Paragraph, plain Style, spaced bool) {
	p.raw("<w:pPr>")
	switch q.Style {
	case Body:
		if plain != Body {
			p.raw(`<w:pStyle w:val="`, string(plain), `"/>`)
		}
	case Title:
		p.raw(`<w:pStyle w:val="Title"/>`)
	case Subtitle:
		p.raw(`<w:pStyle w:val="Subtitle"/>`)
	case Quotation:
		p.raw(`<w:pStyle w:val="Quote"/>`)
	case Heading:
		p.raw(`<w:pStyle w:val="Heading`, itoa(q.Level), `"/>`)
	case ListItem:
		p.raw(`<w:pStyle w:val="ListParagraph"/><w:numPr><w:ilvl w:val="`, itoa(q.Level-1), `"/><w:numId w:val="`, itoa(q.List+1), `"/></w:numPr>`)
	}
	tag := cmp.Or(q.Language, p.doc.Language)
	rtl := q.Direction.is(tag)
	if rtl {
		p.raw("<w:bidi/>")
	}
	if spaced {
		p.raw(`<w:spacing w:before="200"/>`)
	}
	p.raw("<w:rPr>")
	p.changed("ins", q.Inserted)
	p.changed("del", q.Deleted)
	which := latin
	if rtl {
		which = bidi
	}
	p.look("", false, false, rtl, tag, which)
	p.raw("</w:rPr></w:pPr>")
}

func (p *page) changed(name string, c *Change) {
	if c != nil {
		p.openChange(name, c)
		p.b = append(p.b[:len(p.b)-1], '/', '>')
	}
}

func (p *page) openChange(name string, c *Change) {
	p.raw(`<w:`, name, ` w:id="`, p.id(), `" w:author="`)
	p.text(c.Author)
	p.raw(`"`, dateAttr(c.Date), ">")
}

func dateAttr(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ` w:date="` + t.Format("2006-01-02T15:04:05Z") + `"`
}

// look writes what is in a w:rPr, in the order of the schema.
func (p *page) look(style string, bold, italic, rtl bool, tag string, which slot) {
	if style != "" {
		p.raw(`<w:rStyle w:val="`, style, `"/>`)
	}
	if bold {
		p.raw("<w:b/><w:bCs/>")
	}
	if italic {
		p.raw("<w:i/><w:iCs/>")
	}
	if rtl {
		p.raw("<w:rtl/>")
	}
	if tag != p.defaults[which] {
		p.raw(`<w:lang w:`, [...]string{latin: "val", asian: "eastAsia", bidi: "bidi"}[which], `="`, tag, `"/>`)
	}
}

// runs writes runs; what has anchors in common from the depth on stands in
// one content control, what has a link in common in one link.
func (p *page) runs(q *Paragraph, runs []Run, depth int) {
	for i := 0; i < len(runs); {
		j := i + 1
		if len(runs[i].Anchors) > depth {
			anchor := runs[i].Anchors[depth]
			for j < len(runs) && len(runs[j].Anchors) > depth && runs[j].Anchors[depth] == anchor {
				j++
			}
			name, id := anchorName(runAnchor, anchor), ""
			if !p.bookmarked[name] {
				p.bookmarked[name] = true
				id = p.bookmark(name)
			}
			p.control(name)
			start := len(p.b)
			p.runs(q, runs[i:j], depth+1)
			p.closeControls(1, start)
			if id != "" {
				p.raw(`<w:bookmarkEnd w:id="`, id, `"/>`)
			}
			i = j
			continue
		}
		link := runs[i].Link
		for link != "" && j < len(runs) && runs[j].Link == link && len(runs[j].Anchors) <= depth {
			j++
		}
		if link != "" {
			p.openLink(link)
		}
		for ; i < j; i++ {
			p.run(q, &runs[i])
		}
		if link != "" {
			p.raw("</w:hyperlink>")
		}
	}
}

func (p *page) openLink(address string) {
	if id, ok := strings.CutPrefix(address, "#"); ok {
		name := anchorName(paragraphAnchor, id)
		if !p.targets[name] && p.targets[anchorName(runAnchor, id)] {
			name = anchorName(runAnchor, id)
		}
		p.raw(`<w:hyperlink w:anchor="`, name, `" w:history="1">`)
		return
	}
	n := p.linked[address]
	if n == 0 {
		p.links = append(p.links, address)
		n = len(p.links)
		p.linked[address] = n
	}
	p.raw(`<w:hyperlink r:id="rId`, itoa(n), `" w:history="1">`)
}

func (p *page) run(q *Paragraph, r *Run) {
	for _, id := range r.Comments {
		if p.first[id] == r {
			p.raw(`<w:commentRangeStart w:id="`, itoa(id), `"/>`)
		}
	}
	if r.Text != "" || r.Footnote != nil {
		if r.Inserted != nil {
			p.openChange("ins", r.Inserted)
		}
		if r.Deleted != nil {
			p.openChange("del", r.Deleted)
		}
		if r.Footnote != nil {
			p.note(r.Footnote)
		} else {
			p.words(q, r)
		}
		if r.Deleted != nil {
			p.raw("</w:del>")
		}
		if r.Inserted != nil {
			p.raw("</w:ins>")
		}
	}
	for _, id := range r.Comments {
		if p.last[id] == r {
			p.raw(`<w:commentRangeEnd w:id="`, itoa(id), `"/><w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="`, itoa(id), `"/></w:r>`)
		}
	}
}

// words writes a run with text.
func (p *page) words(q *Paragraph, r *Run) {
	tag := cmp.Or(r.Language, q.Language, p.doc.Language)
	rtl := r.Direction.is(tag)
	which, _ := slotOf(r.Text, rtl)
	style := ""
	if r.Link != "" {
		style = "Hyperlink"
	}
	p.raw("<w:r><w:rPr>")
	start := len(p.b)
	if p.look(style, r.Bold, r.Italic, rtl, tag, which); len(p.b) == start {
		p.b = p.b[:start-len("<w:rPr>")]
	} else {
		p.raw("</w:rPr>")
	}
	element := "w:t"
	if r.Deleted != nil {
		element = "w:delText"
	}
	p.textWithBreaks(element, r.Text)
	p.raw("</w:r>")
}

// textWithBreaks writes tabs and line breaks as elements.
func (p *page) textWithBreaks(element, s string) {
	for s != "" {
		i := strings.IndexAny(s, "\t\n")
		if i < 0 {
			i = len(s)
		}
		if i > 0 {
			p.raw("<", element, ` xml:space="preserve">`)
			p.text(s[:i])
			p.raw("</", element, ">")
		}
		if i == len(s) {
			return
		}
		if s[i] == '\t' {
			p.raw("<w:tab/>")
		} else {
			p.raw("<w:br/>")
		}
		s = s[i+1:]
	}
}

// note writes a reference, and the note itself into its own part.
func (p *page) note(n *Footnote) {
	which, name, style, plain := 0, "footnote", "FootnoteReference", footText
	if n.End {
		which, name, style, plain = 1, "endnote", "EndnoteReference", endText
	}
	p.counts[which]++
	id := itoa(p.counts[which])
	p.raw(`<w:r><w:rPr><w:rStyle w:val="`, style, `"/></w:rPr><w:`, name, `Reference w:id="`, id, `"/></w:r>`)
	blocks := make([]Block, len(n.Paragraphs))
	for i, q := range n.Paragraphs {
		blocks[i] = q
	}
	to := p.notes[which]
	to.raw(`<w:`, name, ` w:id="`, id, `">`)
	to.ranges(blocks)
	to.blocks(blocks, plain)
	to.raw(`</w:`, name, `>`)
}

func (p *page) table(t *Table) {
	p.raw(`<w:tbl><w:tblPr><w:tblStyle w:val="RuledTable"/>`)
	if rightToLeft(p.doc.Language) {
		p.raw("<w:bidiVisual/>")
	}
	columns := 0
	for _, row := range t.Rows {
		width := 0
		for _, cell := range row.Cells {
			width += max(cell.Span, 1)
		}
		columns = max(columns, width)
	}
	widths := t.Widths
	if widths == nil {
		for range columns {
			widths = append(widths, max(pageWidth/columns, 1))
		}
	}
	total := 0
	for _, w := range widths {
		total += w
	}
	p.raw(`<w:tblW w:w="`, itoa(total), `" w:type="dxa"/><w:tblLayout w:type="fixed"/>`)
	if t.Caption != "" {
		p.raw(`<w:tblCaption w:val="`)
		p.text(t.Caption)
		p.raw(`"/>`)
	}
	p.raw("</w:tblPr><w:tblGrid>")
	for _, w := range widths {
		p.raw(`<w:gridCol w:w="`, itoa(w), `"/>`)
	}
	p.raw("</w:tblGrid>")
	for i, row := range t.Rows {
		p.raw("<w:tr><w:trPr><w:cantSplit/>")
		plain := cellText
		if row.Header {
			p.raw("<w:tblHeader/>")
			plain = cellHead
		}
		p.changed("ins", row.Inserted)
		p.changed("del", row.Deleted)
		p.raw("</w:trPr>")
		at := 0
		for _, cell := range row.Cells {
			start, width := at, 0
			for range max(cell.Span, 1) {
				width += widths[at]
				at++
			}
			p.raw(`<w:tc><w:tcPr><w:tcW w:w="`, itoa(width), `" w:type="dxa"/>`)
			if cell.Span > 1 {
				p.raw(`<w:gridSpan w:val="`, itoa(cell.Span), `"/>`)
			}
			if cell.Continues {
				p.raw(`<w:vMerge/>`)
			} else if i+1 < len(t.Rows) && continues(t.Rows[i+1], start) {
				p.raw(`<w:vMerge w:val="restart"/>`)
			}
			if row.Header {
				p.raw(`<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>`)
			}
			p.raw("</w:tcPr>")
			p.blocks(cell.Blocks, plain)
			p.raw("</w:tc>")
		}
		p.raw("</w:tr>")
	}
	p.raw("</w:tbl>")
}

// continues says whether the cell of a row at a column is one with that above.
func continues(row Row, column int) bool {
	at := 0
	for _, cell := range row.Cells {
		if at == column {
			return cell.Continues
		}
		at += max(cell.Span, 1)
	}
	return false
}
