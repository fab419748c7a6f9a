package docx

import (
	"slices"
	"strings"
)

// story is one text of the file as it is read: the body, a note, a comment,
// a header.
type story struct {
	*reader
	part  string
	rels  map[string]relation
	plain bool // only the words count
	note  bool
	pages bool // page numbers become {page} and {pages}

	paragraph int
	fields    []field
	muted     int    // fields whose text is not a result
	silent    int    // placeholders that show instead of a text
	open      []span // comments and bookmarks
	controls  []span // content controls

	// What the next run carries; nil lists that may be stale when fresh is false.
	runComments []int
	runAnchors  []string
	fresh       bool

	runs    []Run
	own     []span  // anchors of the paragraph that is being read
	boxes   []Block // what text boxes in it hold
	base    look    // of its style
	noteRef bool    // the mark of the note came last: a space belongs to it
}

// span is a comment or anchor that is open.
type span struct {
	key   string // what its end is told by
	kind  string // paragraphAnchor, runAnchor or "" for a comment
	id    string // of an anchor
	n     int    // of a comment
	used  bool   // a run lies in it
	early bool   // it was open when the paragraph began
}

// blocks reads what stands in a body, cell, note or text box.
func (s *story) blocks(parent *node) []Block {
	var list []Block
	for _, n := range parent.kids {
		switch {
		case n.is("w", "p"):
			list = append(list, s.readParagraph(n))
			if len(s.boxes) > 0 {
				list, s.boxes = append(list, s.boxes...), nil
			}
		case n.is("w", "tbl"):
			if t := s.readTable(n); len(t.Rows) > 0 {
				list = append(list, t)
			}
		case n.is("w", "sdt"):
			undo := s.control(n)
			list = append(list, s.blocks(contentOf(n))...)
			undo()
		case n.is("w", "sectPr"):
			s.section(n)
		case n.is("mc", "AlternateContent"):
			list = append(list, s.blocks(choice(n))...)
		case n.is("w", "altChunk"):
			s.notice(Problem{Code: EmbeddedObject, Part: s.part, Paragraph: s.paragraph, Value: "altChunk"})
		case n.is("w", "ins"), n.is("w", "del"), n.is("w", "moveFrom"), n.is("w", "moveTo"), n.is("w", "customXml"):
			list = append(list, s.blocks(n)...)
		case s.marker(n), passed[n.local] && n.space == "w", n.local == "":
		default:
			s.unknown(n)
			list = append(list, s.blocks(n)...)
		}
	}
	return list
}

// passed are elements that say nothing about the text.
var passed = map[string]bool{
	"pPr": true, "tblPr": true, "tblGrid": true, "tcPr": true, "trPr": true, "tblPrEx": true, "sdtPr": true, "sdtEndPr": true,
	"customXmlPr": true, "smartTagPr": true, "proofErr": true, "permStart": true, "permEnd": true, "lastRenderedPageBreak": true,
	"moveFromRangeStart": true, "moveFromRangeEnd": true, "moveToRangeStart": true, "moveToRangeEnd": true,
	"customXmlInsRangeStart": true, "customXmlInsRangeEnd": true, "customXmlDelRangeStart": true, "customXmlDelRangeEnd": true,
	"customXmlMoveFromRangeStart": true, "customXmlMoveFromRangeEnd": true, "customXmlMoveToRangeStart": true, "customXmlMoveToRangeEnd": true,
	"annotationRef": true, "separator": true, "continuationSeparator": true, "fldData": true, "rPr": true, "ffData": true,
}

func (s *story) unknown(n *node) {
	if n.space == "w14" || n.space == "w15" || strings.HasPrefix(n.space, "http://schemas.microsoft.com/office/word/") {
		return // Word's additions that carry no text of their own
	}
	name := n.local
	if n.prefix != "" {
		name = n.prefix + ":" + n.local
	}
	s.notice(Problem{Code: UnknownElement, Part: s.part, Paragraph: s.paragraph, Value: clip(name)})
}

// contentOf is what a content control holds.
func contentOf(sdt *node) *node {
	if c := sdt.kid("sdtContent"); c != nil {
		return c
	}
	return &node{}
}

// choice is the one of two ways to say something that is read: the newer one.
func choice(n *node) *node {
	for _, k := range n.kids {
		if k.is("mc", "Choice") {
			return k
		}
	}
	for _, k := range n.kids {
		if k.is("mc", "Fallback") {
			return k
		}
	}
	return &node{}
}

func (s *story) section(n *node) {
	if s.plain || s.note {
		return
	}
	if s.first == nil {
		s.first = n
	}
	for _, k := range n.kids {
		if k.is("w", "headerReference") || k.is("w", "footerReference") {
			s.headers = append(s.headers, k)
		}
	}
}

func (s *story) readParagraph(n *node) *Paragraph {
	s.paragraph++
	p := &Paragraph{}
	runs, own, base := s.runs, s.own, s.base // of the paragraph that a text box stands in
	s.runs, s.own, s.noteRef = make([]Run, 0, 4), nil, false
	pPr := n.kid("pPr")

	st := s.styles.plain
	if id := pPr.kid("pStyle"); id != nil {
		if named, ok := s.styles.paragraph[id.val("val")]; ok {
			st = named
		}
	}
	s.base = st.run.over(s.styles.defaults)
	p.Style, p.Level = st.kind, st.level
	if level, ok := outline(pPr); ok && (p.Style == Body || p.Style == Heading) {
		p.Style, p.Level = Heading, level
	}
	s.readList(p, pPr, st)
	mark := pPr.kid("rPr")
	for _, k := range kidsOf(mark) {
		if k.space != "w" {
			continue
		}
		switch k.local {
		case "ins", "moveTo":
			p.Inserted = change(k)
		case "del", "moveFrom":
			p.Deleted = change(k)
		case "rPrChange":
			s.notice(Problem{Code: FormatChange, Part: s.part, Paragraph: s.paragraph})
		}
	}
	if pPr.kid("pPrChange") != nil {
		s.notice(Problem{Code: FormatChange, Part: s.part, Paragraph: s.paragraph})
	}
	if sect := pPr.kid("sectPr"); sect != nil {
		defer s.section(sect)
	}
	p.Direction = LeftToRight
	which := latin
	if readBidi(pPr).or(st.bidi) == on {
		p.Direction, which = RightToLeft, bidi
	}
	p.Language = withoutRegion(readLook(mark).over(s.base).lang[which], s.doc.Language)
	for i := range s.open {
		s.open[i].early = true
		if s.open[i].kind == paragraphAnchor {
			s.own = append(s.own, s.open[i])
		}
	}
	for _, c := range s.controls {
		if c.kind == paragraphAnchor {
			s.own = append(s.own, c)
		}
	}
	s.inline(n, mood{})
	p.Runs = s.runs
	for _, a := range s.own {
		p.Anchors = append(p.Anchors, a.id)
	}
	s.runs, s.own, s.base = runs, own, base
	return p
}

func kidsOf(n *node) []*node {
	if n == nil {
		return nil
	}
	return n.kids
}

// readList says whether the paragraph is an item of a list.
func (s *story) readList(p *Paragraph, pPr *node, st style) {
	num, depth := st.num, st.depth
	if n := pPr.kid("numPr"); n != nil {
		if id := n.kid("numId"); id != nil {
			num = atoi(id.val("val"))
		}
		if l := n.kid("ilvl"); l != nil {
			depth = atoi(l.val("val"))
		}
	}
	if p.Style == Body && num > 0 {
		p.Style = ListItem
	}
	if p.Style != ListItem {
		return
	}
	if p.Level = min(depth, 8) + 1; num == 0 && st.kind == ListItem && st.num == 0 {
		p.Style, p.Level = Body, 0 // "List Paragraph" is only indented
		return
	}
	if s.num.numbered[[2]int{num, p.Level - 1}] {
		p.Numbered, p.List = true, s.num.list(num)
	}
}

func (s *story) readTable(n *node) *Table {
	t := &Table{Caption: n.kid("tblPr").kid("tblCaption").val("val")}
	columns := 0
	rows := inside(n, "tr")
	for _, tr := range rows {
		var row Row
		trPr := tr.kid("trPr")
		if h := trPr.kid("tblHeader"); h != nil {
			row.Header = h.on()
		}
		if k := trPr.kid("ins"); k != nil {
			row.Inserted = change(k)
		}
		if k := trPr.kid("del"); k != nil {
			row.Deleted = change(k)
		}
		width := 0
		for _, tc := range inside(tr, "tc") {
			tcPr := tc.kid("tcPr")
			cell := Cell{Span: atoi(tcPr.kid("gridSpan").val("val"))}
			if m := tcPr.kid("vMerge"); m != nil {
				cell.Continues = m.val("val") != "restart"
			}
			for _, name := range []string{"cellIns", "cellDel", "cellMerge"} {
				if tcPr.kid(name) != nil {
					s.notice(Problem{Code: CellChange, Part: s.part, Paragraph: s.paragraph})
				}
			}
			cell.Blocks = s.blocks(tc)
			width += max(cell.Span, 1)
			row.Cells = append(row.Cells, cell)
		}
		columns = max(columns, width)
		if len(row.Cells) > 0 {
			t.Rows = append(t.Rows, row)
		}
	}
	for _, col := range kidsOf(n.kid("tblGrid")) {
		if col.is("w", "gridCol") {
			t.Widths = append(t.Widths, atoi(col.val("w")))
		}
	}
	if len(t.Widths) != columns || slices.Contains(t.Widths, 0) {
		t.Widths = nil
	}
	return t
}

// inside gives the rows of a table or the cells of a row, those in content
// controls among them.
func inside(n *node, local string) (list []*node) {
	for _, k := range n.kids {
		switch {
		case k.is("w", local):
			list = append(list, k)
		case k.is("w", "sdt"):
			list = append(list, inside(contentOf(k), local)...)
		case k.is("w", "customXml"), k.is("w", "ins"), k.is("w", "del"), k.is("mc", "AlternateContent"):
			if k.local == "AlternateContent" {
				k = choice(k)
			}
			list = append(list, inside(k, local)...)
		}
	}
	return list
}

// change reads who made a tracked change, and when.
func change(n *node) *Change {
	return &Change{Author: n.val("author"), Date: date(n.val("date")), Moved: strings.HasPrefix(n.local, "move")}
}

// control goes into a content control. The function that it gives goes out.
func (s *story) control(n *node) (undo func()) {
	pr := n.kid("sdtPr")
	placeholder := pr.kid("showingPlcHdr") != nil && pr.kid("showingPlcHdr").on()
	if placeholder {
		s.silent++
	}
	tag := pr.kid("tag").val("val")
	kind, id, ok := anchorID(tag)
	if ok && !s.plain {
		ok = s.begin(&s.controls, span{kind: kind, id: id})
		if ok && kind == paragraphAnchor && s.runs != nil {
			s.own = append(s.own, s.controls[len(s.controls)-1])
		}
	} else {
		if tag != "" && !s.plain {
			s.notice(Problem{Code: ForeignAnchor, Part: s.part, Paragraph: s.paragraph, Value: clip(tag)})
		}
		ok = false
	}
	return func() {
		if placeholder {
			s.silent--
		}
		if ok {
			s.finish(&s.controls, len(s.controls)-1)
		}
	}
}

// marker reads the beginning or end of a bookmark or of a comment's range.
func (s *story) marker(n *node) bool {
	if n.space != "w" {
		return false
	}
	switch n.local {
	case "bookmarkStart":
		kind, id, ok := anchorID(n.val("name"))
		if s.plain {
			return true
		}
		if !ok {
			if !strings.HasPrefix(n.val("name"), "_") { // those are Word's own
				s.notice(Problem{Code: ForeignAnchor, Part: s.part, Paragraph: s.paragraph, Value: clip(n.val("name"))})
			}
			return true
		}
		if s.begin(&s.open, span{key: "b" + n.val("id"), kind: kind, id: id}) && kind == paragraphAnchor && s.runs != nil {
			s.own = append(s.own, s.open[len(s.open)-1])
		}
	case "bookmarkEnd":
		s.end("b" + n.val("id"))
	case "commentRangeStart":
		if id := number(n.val("id")); s.comments[id] && !s.plain {
			s.begin(&s.open, span{key: "c" + n.val("id"), n: id})
		}
	case "commentRangeEnd":
		s.end("c" + n.val("id"))
	default:
		return false
	}
	return true
}

func (s *story) begin(list *[]span, a span) bool {
	if len(*list) >= maxOpen {
		s.notice(Problem{Code: TooManyRanges, Part: s.part, Paragraph: s.paragraph, Limit: maxOpen, Value: clip(a.key + a.id)})
		return false
	}
	*list = append(*list, a)
	s.fresh = false
	return true
}

func (s *story) end(key string) {
	for i := range s.open {
		if s.open[i].key == key {
			s.finish(&s.open, i)
			return
		}
	}
}

// finish closes a comment or anchor. One on nothing gets an empty run, within
// a paragraph; an anchor of paragraphs that ends where a paragraph begins is
// not on that one.
func (s *story) finish(list *[]span, i int) {
	a := (*list)[i]
	unused := func(o span) bool { return o.kind != paragraphAnchor && !o.used }
	if s.runs != nil && a.kind != paragraphAnchor && (slices.ContainsFunc(s.open, unused) || slices.ContainsFunc(s.controls, unused)) {
		s.add(Run{}) // the only place, perhaps, where they lie together
	}
	if a.kind == paragraphAnchor && a.early && len(s.runs) == 0 && s.runs != nil {
		s.own = slices.DeleteFunc(s.own, func(o span) bool { return o.key == a.key && o.early })
	}
	*list = slices.Delete(*list, i, i+1)
	s.fresh = false
}

// close ends what the file left open.
func (s *story) close() {
	for len(s.open) > 0 {
		s.finish(&s.open, len(s.open)-1)
	}
}
