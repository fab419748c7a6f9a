package docx

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed styles.xml
var styleSheet string

func (f *writer) styles() []byte {
	var headings strings.Builder
	for level := 1; level <= 9; level++ {
		size, complex, before := 24, 28, 240
		switch level {
		case 1:
			size, complex, before = 30, 35, 400
		case 2:
			size, complex, before = 26, 30, 320
		}
		italic := ""
		if level > 2 {
			italic = "<w:i/><w:iCs/>"
			size, complex = 22, 26
		}
		fmt.Fprintf(&headings, `<w:style w:type="paragraph" w:styleId="Heading%d"><w:name w:val="heading %d"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:uiPriority w:val="9"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/><w:suppressAutoHyphens/><w:spacing w:before="%d" w:after="100" w:line="264" w:lineRule="auto"/><w:outlineLvl w:val="%d"/></w:pPr><w:rPr><w:b/><w:bCs/>%s<w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr></w:style>`,
			level, level, before, level-1, italic, size, complex)
	}
	languages := ""
	if f.defaults[latin] != "" {
		languages = fmt.Sprintf(`<w:lang w:val="%s" w:eastAsia="%s" w:bidi="%s"/>`, f.defaults[latin], f.defaults[asian], f.defaults[bidi])
	}
	return []byte(strings.NewReplacer("HEADINGS", headings.String(), "LANGUAGES", languages).Replace(styleSheet))
}

func (f *writer) settings(notes string) []byte {
	track := ""
	if f.doc.Track {
		track = "<w:trackRevisions/>"
	}
	return []byte(head + "<w:settings" + spaceDecl + track + `<w:defaultTabStop w:val="567"/>` + notes +
		`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`)
}

// numbering defines bullets, and for each numbered list one that begins at 1.
// It is nil when there is no list.
func (f *writer) numbering() []byte {
	lists, any := 0, false
	see := func(p *Paragraph) {
		if p.Style == ListItem {
			any, lists = true, max(lists, p.List)
		}
	}
	for p := range f.doc.Paragraphs() {
		see(p)
	}
	for n := range f.doc.Footnotes() {
		for _, p := range n.Paragraphs {
			see(p)
		}
	}
	if !any {
		return nil
	}
	b := []byte(head + "<w:numbering" + spaceDecl)
	formats := [...]struct{ format, text string }{{"decimal", "%%%d."}, {"lowerLetter", "(%%%d)"}, {"lowerRoman", "(%%%d)"}}
	for list := range lists + 1 { // each a definition of its own: programs differ in how they begin one anew
		b = fmt.Appendf(b, `<w:abstractNum w:abstractNumId="%d"><w:nsid w:val="%08X"/><w:multiLevelType w:val="multilevel"/>`, list, 0x20000000+list)
		for level := range 9 {
			format, text := "bullet", [...]string{"•", "–", "·"}[level%3]
			if list > 0 {
				format, text = formats[level%3].format, fmt.Sprintf(formats[level%3].text, level+1)
			}
			b = fmt.Appendf(b, `<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="%d" w:hanging="454"/></w:pPr></w:lvl>`,
				level, format, text, 454*(level+1))
		}
		b = append(b, "</w:abstractNum>"...)
	}
	for list := range lists + 1 {
		b = fmt.Appendf(b, `<w:num w:numId="%d"><w:abstractNumId w:val="%d"/></w:num>`, list+1, list)
	}
	return append(b, "</w:numbering>"...)
}

// paraID is the id of a comment's last paragraph, by which others answer it.
func paraID(i int) string { return fmt.Sprintf("%08X", 0x10000000+i) }

func (f *writer) writeComments() {
	p := f.newPage("comments")
	for i, c := range f.doc.Comments {
		p.raw(`<w:comment w:id="`, itoa(c.ID), `" w:author="`)
		p.text(c.Author)
		p.raw(`"`, dateAttr(c.Date))
		if c.Initials != "" {
			p.raw(` w:initials="`)
			p.text(c.Initials)
			p.raw(`"`)
		}
		p.raw(">")
		lines := strings.Split(c.Text, "\n")
		for j, line := range lines {
			p.raw("<w:p")
			if j == len(lines)-1 {
				p.raw(` w14:paraId="`, paraID(i), `"`)
			}
			p.raw(`><w:pPr><w:pStyle w:val="CommentText"/>`)
			which, _ := slotOf(line, false)
			if which == bidi {
				p.raw("<w:bidi/>")
			}
			p.raw("</w:pPr>")
			if j == 0 {
				p.raw(`<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r>`)
			}
			p.raw("<w:r>")
			if which == bidi {
				p.raw("<w:rPr><w:rtl/></w:rPr>")
			}
			p.textWithBreaks("w:t", line)
			p.raw("</w:r></w:p>")
		}
		p.raw("</w:comment>")
	}
	p.finish("word/comments.xml", "comments", "comments", "")
}

// writeExtended says which comments are answers and which are resolved.
func (f *writer) writeExtended() bool {
	at, needed := map[int]int{}, false
	for i, c := range f.doc.Comments {
		at[c.ID] = i
		needed = needed || c.Reply || c.Resolved
	}
	if !needed {
		return false
	}
	b := []byte(head + "<w15:commentsEx" + spaceDecl)
	for i, c := range f.doc.Comments {
		b = fmt.Appendf(b, `<w15:commentEx w15:paraId="%s"`, paraID(i))
		if c.Reply {
			b = fmt.Appendf(b, ` w15:paraIdParent="%s"`, paraID(at[c.Parent]))
		}
		done := 0
		if c.Resolved {
			done = 1
		}
		b = fmt.Appendf(b, ` w15:done="%d"/>`, done)
	}
	f.add("word/commentsExtended.xml", wordPrefix+"commentsExtended+xml", append(b, "</w15:commentsEx>"...))
	return true
}

// writeMargin writes a header or footer.
func (f *writer) writeMargin(root, kind, style, text string) {
	p := f.newPage(root)
	rtl := rightToLeft(f.doc.Language)
	for line := range strings.SplitSeq(text, "\n") {
		p.raw(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/>`)
		if rtl {
			p.raw("<w:bidi/>")
		}
		p.raw("</w:pPr>")
		run := func(element, text string) {
			p.raw("<w:r>")
			if rtl {
				p.raw("<w:rPr><w:rtl/></w:rPr>")
			}
			p.textWithBreaks(element, text)
			p.raw("</w:r>")
		}
		for line != "" {
			i, token, field := len(line), "", ""
			for t, name := range map[string]string{"{page}": "PAGE", "{pages}": "NUMPAGES"} {
				if at := strings.Index(line, t); at >= 0 && at < i {
					i, token, field = at, t, name
				}
			}
			if i > 0 {
				run("w:t", line[:i])
			}
			if field != "" {
				p.raw(`<w:fldSimple w:instr=" `, field, ` ">`)
				run("w:t", "1")
				p.raw("</w:fldSimple>")
			}
			line = line[i+len(token):]
		}
		p.raw("</w:p>")
	}
	p.finish("word/"+kind+".xml", root, kind, "")
}
