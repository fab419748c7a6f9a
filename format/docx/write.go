package docx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	_ "embed"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// Write writes a document as a .docx file. The same document always gives the
// same bytes. A document that cannot be written gives a *Problem, and nothing
// is written; every other error is the writer's.
func Write(w io.Writer, d *Document) error {
	d = d.normal()
	if err := d.check(); err != nil {
		return err
	}
	f := &writer{doc: d, bookmarked: map[string]bool{}, targets: map[string]bool{}}
	f.defaults = [3]string{latin: d.Language, asian: "zh-CN", bidi: "ar-SA"}
	switch {
	case d.Language == "":
		f.defaults = [3]string{}
	case rightToLeft(d.Language):
		f.defaults[latin], f.defaults[bidi] = "en-GB", d.Language
	case eastAsian(d.Language):
		f.defaults[asian] = d.Language
	}
	f.write()
	if err := f.pack(w); err != nil {
		return fmt.Errorf("writing the document: %w", err)
	}
	return nil
}

const (
	head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	// spaceDecl declares what the parts with text use.
	spaceDecl = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"` +
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"` +
		` xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"` +
		` xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"` +
		` xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" mc:Ignorable="w14 w15">`
	typePrefix = "application/vnd.openxmlformats-officedocument."
	wordPrefix = typePrefix + "wordprocessingml."
	relPrefix  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	pageWidth  = 9070 // of the text, in twentieths of a point: A4 less two margins of 25 mm
)

// writer makes the parts of one file.
type writer struct {
	doc      *Document
	defaults [3]string // languages of a run that does not say one
	ids      int       // of bookmarks, changes and content controls

	bookmarked map[string]bool // names of bookmarks that are taken
	targets    map[string]bool // names of all anchors, for links
	notes      [2]*page        // footnotes and endnotes
	counts     [2]int          // how many there are
	parts      []part
}

type part struct {
	name, kind string // kind is the content type; empty: the default of the ending
	data       []byte
}

// page is one part with text as it is written.
type page struct {
	*writer
	b           []byte
	links       []string       // addresses, relation rId1 being the first
	linked      map[string]int // address to its number
	first, last map[int]*Run   // runs that comments begin and end on
	open        []int          // ids of comments that have begun
}

func (f *writer) add(name, kind string, data []byte) {
	f.parts = append(f.parts, part{name, kind, data})
}

func (f *writer) newPage(root string) *page {
	return &page{writer: f, b: []byte(head + "<w:" + root + spaceDecl), linked: map[string]int{}}
}

// finish adds a page and its relations to the file.
func (p *page) finish(name, root, kind string, more string) {
	p.add(name, wordPrefix+kind+"+xml", append(p.b, "</w:"+root+">"...))
	if len(p.links) == 0 && more == "" {
		return
	}
	b := []byte(head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + more)
	for i, address := range p.links {
		b = fmt.Appendf(b, `<Relationship Id="rId%d" Type="%shyperlink" Target="`, i+1, relPrefix)
		b = append(appendText(b, address), `" TargetMode="External"/>`...)
	}
	p.add(relationsOf(name), "", append(b, "</Relationships>"...))
}

func (f *writer) write() {
	d := f.doc
	for p := range d.Paragraphs() {
		f.target(p)
	}
	body := f.newPage("document")
	for i, root := range []string{"footnotes", "endnotes"} {
		f.notes[i] = f.newPage(root)
		note := strings.TrimSuffix(root, "s")
		for id, kind := range []string{"separator", "continuationSeparator"} {
			f.notes[i].b = fmt.Appendf(f.notes[i].b, `<w:%s w:type="%s" w:id="%d"><w:p><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:%s/></w:r></w:p></w:%s>`, note, kind, id-1, kind, note)
		}
	}
	body.raw("<w:body>")
	body.ranges(d.Blocks)
	body.blocks(d.Blocks, Body)

	var rels strings.Builder
	var settings string
	rel := func(kind, target string) {
		fmt.Fprintf(&rels, `<Relationship Id="%s" Type="%s" Target="%s"/>`, strings.TrimSuffix(target, ".xml"), kind, target)
	}
	rel(relPrefix+"styles", "styles.xml")
	rel(relPrefix+"settings", "settings.xml")
	if numbering := f.numbering(); numbering != nil {
		f.add("word/numbering.xml", wordPrefix+"numbering+xml", numbering)
		rel(relPrefix+"numbering", "numbering.xml")
	}
	for i, root := range []string{"footnotes", "endnotes"} {
		if f.counts[i] > 0 {
			f.notes[i].finish("word/"+root+".xml", root, root, "")
			rel(relPrefix+root, root+".xml")
			note := strings.TrimSuffix(root, "s")
			settings += fmt.Sprintf(`<w:%sPr><w:%s w:id="-1"/><w:%s w:id="0"/></w:%sPr>`, note, note, note, note)
		}
	}
	if len(d.Comments) > 0 {
		f.writeComments()
		rel(relPrefix+"comments", "comments.xml")
		if f.writeExtended() {
			rel("http://schemas.microsoft.com/office/2011/relationships/commentsExtended", "commentsExtended.xml")
		}
	}
	body.raw("<w:sectPr>")
	for _, m := range []struct{ root, kind, style, text string }{{"hdr", "header", "Header", d.Header}, {"ftr", "footer", "Footer", d.Footer}} {
		if m.text != "" {
			f.writeMargin(m.root, m.kind, m.style, m.text)
			rel(relPrefix+m.kind, m.kind+".xml")
			body.raw(`<w:`, m.kind, `Reference w:type="default" r:id="`, m.kind, `"/>`)
		}
	}
	body.raw(`<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1588" w:right="1418" w:bottom="1588" w:left="1418" w:header="794" w:footer="794" w:gutter="0"/>`)
	if rightToLeft(d.Language) {
		body.raw("<w:bidi/>")
	}
	body.raw("</w:sectPr></w:body>")
	f.add("word/styles.xml", wordPrefix+"styles+xml", f.styles())
	f.add("word/settings.xml", wordPrefix+"settings+xml", f.settings(settings))
	body.finish("word/document.xml", "document", "document.main", rels.String())
	f.writePackage()
}

// target remembers the names that links within the document can lead to.
func (f *writer) target(p *Paragraph) {
	for _, id := range p.Anchors {
		f.targets[anchorName(paragraphAnchor, id)] = true
	}
	for i := range p.Runs {
		for _, id := range p.Runs[i].Anchors {
			f.targets[anchorName(runAnchor, id)] = true
		}
		if n := p.Runs[i].Footnote; n != nil {
			for _, q := range n.Paragraphs {
				f.target(q)
			}
		}
	}
}

// writePackage adds the properties and what says which part is what.
func (f *writer) writePackage() {
	d := f.doc
	b := []byte(head + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>`)
	b = append(appendText(b, d.Title), "</dc:title><dc:creator></dc:creator>"...)
	b = append(b, "<dc:language>"+d.Language+"</dc:language>"...)
	f.add("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml", append(b, "</cp:coreProperties>"...))
	rels := `<Relationship Id="rId1" Type="` + relPrefix + `officeDocument" Target="word/document.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>`
	if len(d.Properties) > 0 {
		b := []byte(head + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">`)
		for i, name := range sortedKeys(d.Properties) {
			b = fmt.Appendf(b, `<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="%d" name="`, i+2)
			b = append(appendText(b, name), `"><vt:lpwstr>`...)
			b = append(appendText(b, d.Properties[name]), "</vt:lpwstr></property>"...)
		}
		f.add("docProps/custom.xml", typePrefix+"custom-properties+xml", append(b, "</Properties>"...))
		rels += `<Relationship Id="rId3" Type="` + relPrefix + `custom-properties" Target="docProps/custom.xml"/>`
	}
	f.add("_rels/.rels", "", []byte(head+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+rels+`</Relationships>`))
	types := []byte(head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`)
	slices.SortFunc(f.parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
	for _, p := range f.parts {
		if p.kind != "" {
			types = fmt.Appendf(types, `<Override PartName="/%s" ContentType="%s"/>`, p.name, p.kind)
		}
	}
	f.parts = slices.Insert(f.parts, 0, part{"[Content_Types].xml", "", append(types, "</Types>"...)})
}

func (f *writer) pack(w io.Writer) error {
	z := zip.NewWriter(w)
	pack := newPacker()
	for _, p := range f.parts {
		h := partHeader(p.name)
		packed, err := pack.pack(&h, p.data)
		if err == nil {
			err = writePart(z, &h, packed)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

// packer compresses parts, one after another with the same tables.
type packer struct {
	out     bytes.Buffer
	deflate *flate.Writer
}

func newPacker() *packer {
	p := &packer{}
	p.deflate, _ = flate.NewWriter(&p.out, flate.DefaultCompression) // the level is a valid one
	return p
}

// partHeader dates a part 1 January 1980, the first day that a zip file knows.
func partHeader(name string) zip.FileHeader {
	return zip.FileHeader{Name: name, Method: zip.Deflate, ModifiedDate: 1<<5 | 1}
}

// pack compresses a part and says in the header what comes out. The bytes
// hold until the next one.
func (p *packer) pack(h *zip.FileHeader, data []byte) ([]byte, error) {
	p.out.Reset()
	p.deflate.Reset(&p.out)
	if _, err := p.deflate.Write(data); err != nil {
		return nil, err
	}
	if err := p.deflate.Close(); err != nil {
		return nil, err
	}
	h.CRC32, h.UncompressedSize64, h.CompressedSize64 = crc32.ChecksumIEEE(data), uint64(len(data)), uint64(p.out.Len())
	return p.out.Bytes(), nil
}

// writePart writes a packed part with its sizes before it.
func writePart(z *zip.Writer, h *zip.FileHeader, packed []byte) error {
	w, err := z.CreateRaw(h)
	if err != nil {
		return err
	}
	_, err = w.Write(packed)
	return err
}
