package docx

import (
	"path"
	"slices"
	"strings"
)

// mood is what the elements around a run say of it.
type mood struct {
	inserted, deleted *Change
	link              string
}

// field is a field of which a part was read.
type field struct {
	instruction string
	result      bool   // what comes now is its result
	mutes       bool   // what comes now is no text
	link        string // that its result has, or the one around it
}

// inline reads what stands in a paragraph or in an element within one.
func (s *story) inline(parent *node, m mood) {
	for _, n := range parent.kids {
		switch {
		case n.is("w", "r"):
			s.readRun(n, m)
		case n.is("w", "hyperlink"):
			in := m
			if link := s.target(n); link != "" {
				in.link = link
			}
			s.inline(n, in)
		case n.is("w", "ins"), n.is("w", "moveTo"):
			in := m
			in.inserted = change(n)
			s.inline(n, in)
		case n.is("w", "del"), n.is("w", "moveFrom"):
			in := m
			in.deleted = change(n)
			s.inline(n, in)
		case n.is("w", "sdt"):
			undo := s.control(n)
			s.inline(contentOf(n), m)
			undo()
		case n.is("w", "fldSimple"):
			s.beginField(m)
			s.fields[len(s.fields)-1].instruction = n.val("instr")
			s.fieldResult(m)
			s.inline(n, m)
			s.endField()
		case n.is("w", "smartTag"), n.is("w", "customXml"), n.is("w", "dir"), n.is("w", "bdo"):
			s.inline(n, m)
		case n.is("mc", "AlternateContent"):
			s.inline(choice(n), m)
		case n.space == "m":
			s.formula(n, m)
		case n.is("w", "subDoc"):
			s.notice(Problem{Code: EmbeddedObject, Part: s.part, Paragraph: s.paragraph, Value: "subDoc"})
		case s.marker(n), n.space == "w" && passed[n.local], n.local == "":
		default:
			s.unknown(n)
			s.inline(n, m)
		}
	}
}

// target is where a w:hyperlink leads: an address, or "#" and an anchor.
func (s *story) target(n *node) string {
	anchor := n.val("anchor")
	if id, ok := n.attr("r", "id"); ok {
		if rel, ok := s.rels[id]; ok && rel.external {
			if anchor != "" {
				return s.link(rel.target + "#" + anchor)
			}
			return s.link(rel.target)
		}
		s.notice(Problem{Code: BrokenReference, Part: s.part, Paragraph: s.paragraph, Value: clip(id)})
	}
	if anchor == "" {
		return ""
	}
	return s.link("#" + anchor)
}

func (s *story) link(address string) string {
	if name, ok := strings.CutPrefix(address, "#"); ok {
		if _, id, ok := anchorID(name); ok {
			return "#" + id
		}
		return "" // to a bookmark that is no anchor
	}
	if !goodLink(address) {
		s.notice(Problem{Code: BadLink, Part: s.part, Paragraph: s.paragraph, Value: clip(address)})
		return ""
	}
	return address
}

// readRun reads a w:r.
func (s *story) readRun(n *node, m mood) {
	rPr := n.kid("rPr")
	direct := readLook(rPr)
	if id := rPr.kid("rStyle"); id != nil {
		direct = direct.over(s.styles.character[id.val("val")].run)
	}
	if rPr.kid("rPrChange") != nil {
		s.notice(Problem{Code: FormatChange, Part: s.part, Paragraph: s.paragraph})
	}
	r := Run{Bold: direct.bold == on, Italic: direct.italic == on, Inserted: m.inserted, Deleted: m.deleted}
	all := direct.over(s.base)
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			s.say(text.String(), r, all, m.link)
			text.Reset()
		}
	}
	s.content(n, m, &text, flush)
	flush()
}

// content reads what stands in a w:r.
func (s *story) content(n *node, m mood, text *strings.Builder, flush func()) {
	for _, k := range n.kids {
		if k.space != "w" {
			switch {
			case k.is("mc", "AlternateContent"):
				s.content(choice(k), m, text, flush)
			case k.space == "m":
				flush()
				s.formula(k, m)
			case k.local != "":
				s.unknown(k)
			}
			continue
		}
		switch k.local {
		case "t", "delText":
			text.WriteString(textOf(k))
		case "tab", "ptab":
			text.WriteByte('\t')
		case "br", "cr":
			text.WriteByte('\n')
		case "noBreakHyphen":
			text.WriteRune('\u2011')
		case "softHyphen":
			text.WriteRune('\u00ad')
		case "sym":
			s.notice(Problem{Code: Symbol, Part: s.part, Paragraph: s.paragraph, Value: clip(k.val("font") + " " + k.val("char"))})
		case "instrText", "delInstrText":
			if i := len(s.fields) - 1; i >= 0 && !s.fields[i].result && len(s.fields[i].instruction) < 4000 {
				s.fields[i].instruction += clipped(k.words(), 4000)
			}
		case "fldChar":
			flush()
			switch k.val("fldCharType") {
			case "begin":
				s.beginField(m)
			case "separate":
				s.fieldResult(m)
			case "end":
				s.endField()
			}
		case "footnoteReference", "endnoteReference":
			flush()
			s.readNote(k, m)
		case "commentReference":
			flush()
			if id := number(k.val("id")); s.comments[id] && !s.placed[id] && !s.plain {
				if s.begin(&s.open, span{key: "c" + k.val("id"), n: id}) {
					s.finish(&s.open, len(s.open)-1)
				}
			}
		case "footnoteRef", "endnoteRef":
			s.noteRef = true
		case "ruby":
			s.notice(Problem{Code: Ruby, Part: s.part, Paragraph: s.paragraph, Value: clip(kidWords(k, "rt"))})
			text.WriteString(kidWords(k, "rubyBase"))
		case "drawing", "pict", "object":
			flush()
			s.drawing(k)
		case "pgNum":
			if s.pages {
				text.WriteString("{page}")
			}
		default:
			if !passed[k.local] && !strings.HasSuffix(k.local, "Short") && !strings.HasSuffix(k.local, "Long") {
				s.unknown(k)
				text.WriteString(textOf(k))
			}
		}
	}
}

func clipped(s string, n int) string { return s[:min(len(s), n)] }

func kidWords(n *node, name string) string {
	if k := n.kid(name); k != nil {
		return k.words()
	}
	return ""
}

// textOf is the text of a w:t: a line end is a space, and spaces around it do
// not count unless it says so.
func textOf(n *node) string {
	t := n.words()
	if v, _ := n.attr("xml", "space"); v != "preserve" {
		t = strings.Trim(t, " \t\r\n")
	}
	if strings.ContainsAny(t, "\r\n") {
		t = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(t)
	}
	return t
}

// say adds a stretch of text, unless it is not to be seen.
func (s *story) say(text string, r Run, all look, link string) {
	if s.noteRef {
		if text[0] == ' ' || text[0] == '\t' {
			text = text[1:]
		}
		s.noteRef = false
	}
	if s.silent > 0 || s.muted > 0 || text == "" {
		return
	}
	if all.hidden == on {
		s.notice(Problem{Code: HiddenText, Part: s.part, Paragraph: s.paragraph, Value: clip(text)})
		return
	}
	which, letters := slotOf(text, all.rtl == on)
	r.Text, r.Language, r.Link = text, withoutRegion(all.lang[which], s.doc.Language), link
	if n := len(s.fields); n > 0 && s.fields[n-1].link != "" {
		r.Link = s.fields[n-1].link
	}
	if r.Direction = LeftToRight; all.rtl == on {
		r.Direction = RightToLeft
	}
	if letters && s.letters != nil && r.Language != "" {
		s.letters[r.Language] += len(text)
	}
	s.add(r)
}

// add puts a run into the paragraph, with the comments and anchors it lies in.
func (s *story) add(r Run) {
	if !s.fresh {
		s.fresh = true
		s.runComments, s.runAnchors = nil, nil
		for _, list := range [][]span{s.controls, s.open} {
			for i := range list {
				switch a := &list[i]; a.kind {
				case runAnchor:
					s.runAnchors = append(s.runAnchors, a.id)
				case "":
					s.runComments = append(s.runComments, a.n)
					s.placed[a.n] = true
				}
				list[i].used = true
			}
		}
		slices.Sort(s.runComments)
		slices.Sort(s.runAnchors)
		s.runComments, s.runAnchors = slices.Compact(s.runComments), slices.Compact(s.runAnchors)
	}
	r.Comments, r.Anchors = s.runComments, s.runAnchors
	s.runs = append(s.runs, r)
}

// readNote reads the footnote or endnote that is referred to, once: a second
// reference to it would let a small file grow without end.
func (s *story) readNote(ref *node, m mood) {
	end := ref.local == "endnoteReference"
	notes, id := s.notes[end], ref.val("id")
	n := notes.byID[id]
	if n == nil || s.note || s.plain {
		s.notice(Problem{Code: BrokenReference, Part: s.part, Paragraph: s.paragraph, Value: clip(ref.local + " " + id)})
		return
	}
	delete(notes.byID, id)
	inner := &story{reader: s.reader, part: notes.part, rels: notes.rels, note: true}
	f := &Footnote{End: end}
	each(inner.blocks(n), func(p *Paragraph) bool { f.Paragraphs = append(f.Paragraphs, p); return true })
	inner.close()
	if s.silent == 0 && s.muted == 0 {
		s.add(Run{Footnote: f, Inserted: m.inserted, Deleted: m.deleted})
	}
}

func (s *story) beginField(m mood) {
	f := field{mutes: true, link: m.link}
	if n := len(s.fields); n > 0 && f.link == "" {
		f.link = s.fields[n-1].link
	}
	s.fields = append(s.fields, f)
	s.muted++
}

// fieldResult comes where the instruction of the innermost field is complete.
func (s *story) fieldResult(m mood) {
	i := len(s.fields) - 1
	if i < 0 || s.fields[i].result {
		return
	}
	f := &s.fields[i]
	f.result = true
	words := instructionWords(f.instruction)
	if len(words) == 0 {
		words = []string{""}
	}
	switch kind := strings.ToUpper(words[0]); {
	case kind == "HYPERLINK":
		if link := s.fieldLink(words[1:]); link != "" {
			f.link = link
		}
	case activeFields[kind]:
		s.notice(Problem{Code: ExternalReference, Part: s.part, Paragraph: s.paragraph, Value: clip(f.instruction)})
	case s.pages && (kind == "PAGE" || kind == "NUMPAGES"):
		s.muted--
		s.say(map[string]string{"PAGE": "{page}", "NUMPAGES": "{pages}"}[kind], Run{Inserted: m.inserted, Deleted: m.deleted}, s.base, "")
		s.muted++
		return
	}
	f.mutes = false
	s.muted--
}

// activeFields fetch or run something when a word processor updates them.
var activeFields = map[string]bool{
	"INCLUDETEXT": true, "INCLUDEPICTURE": true, "INCLUDE": true, "IMPORT": true, "LINK": true, "DDE": true, "DDEAUTO": true,
	"DATABASE": true, "RD": true,
}

func (s *story) endField() {
	i := len(s.fields) - 1
	if i < 0 {
		return
	}
	s.fieldResult(mood{})
	if s.fields[i].mutes {
		s.muted--
	}
	s.fields = s.fields[:i]
}

// fieldLink reads the words after HYPERLINK (17.16.5.25).
func (s *story) fieldLink(words []string) string {
	address, anchor := "", ""
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == `\l` && i+1 < len(words):
			i++
			anchor = "#" + words[i]
		case w == `\o` || w == `\t`:
			i++
		case !strings.HasPrefix(w, `\`) && address == "":
			address = w
		}
	}
	if address+anchor == "" {
		return ""
	}
	return s.link(address + anchor)
}

// instructionWords takes a field's instruction apart. Words may stand in
// quotation marks, in which a backslash goes before a mark or a backslash.
func instructionWords(s string) (words []string) {
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] != '"' {
			w := s
			if i := strings.IndexAny(s, " \t\n\""); i > 0 {
				w = s[:i]
			}
			words, s = append(words, w), s[len(w):]
			continue
		}
		var b strings.Builder
		i := 1
		for ; i < len(s) && s[i] != '"'; i++ {
			if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
				i++
			}
			b.WriteByte(s[i])
		}
		words, s = append(words, b.String()), s[min(i+1, len(s)):]
	}
	return words
}

func (s *story) formula(n *node, m mood) {
	words := n.words()
	s.notice(Problem{Code: Formula, Part: s.part, Paragraph: s.paragraph, Value: clip(words)})
	if words != "" {
		s.say(words, Run{Inserted: m.inserted, Deleted: m.deleted}, s.base, m.link)
	}
}

// drawing reads the text boxes of a drawing and names what is left out.
func (s *story) drawing(n *node) {
	found := false
	n.each(func(k *node) bool {
		switch {
		case k.is("mc", "AlternateContent"):
			s.drawing(choice(k))
			found = true
			return false
		case k.is("w", "txbxContent"):
			found = true
			s.notice(Problem{Code: TextBox, Part: s.part, Paragraph: s.paragraph})
			outer := *s
			s.fields, s.muted, s.boxes, s.runs, s.own = nil, 0, nil, nil, nil
			read := s.blocks(k)
			s.fields, s.muted, s.runs, s.own = outer.fields, outer.muted, outer.runs, outer.own
			s.boxes = append(outer.boxes, read...)
			return false
		}
		return true
	})
	if found {
		return
	}
	code, name := Drawing, ""
	n.each(func(k *node) bool {
		switch {
		case k.is("wp", "docPr"):
			for _, a := range []string{"descr", "name"} {
				if v, _ := k.attr("", a); v != "" && name == "" {
					name = v
				}
			}
		case k.is("pic", "pic"), k.is("v", "imagedata"):
			if code == Drawing {
				code = Picture
			}
		case k.is("o", "OLEObject"), k.is("w", "control"), k.is("w", "objectEmbed"), k.is("w", "objectLink"):
			code = EmbeddedObject
			if v, _ := k.attr("", "ProgID"); v != "" {
				name = v
			}
		}
		if id, ok := k.attr("r", "embed"); ok && name == "" {
			name = path.Base(s.rels[id].target)
		}
		return true
	})
	s.notice(Problem{Code: code, Part: s.part, Paragraph: s.paragraph, Value: clip(name)})
}
