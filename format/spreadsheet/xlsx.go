package spreadsheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strconv"
	"strings"
)

// workbook reads an .xlsx file.
func (r *reader) workbook(in io.ReaderAt, size int64) error {
	z, err := zip.NewReader(in, size)
	if err != nil {
		return broken("its zip directory")
	}
	p := &parts{files: map[string]*zip.File{}, left: r.limits.Unpacked, limit: r.limits.Unpacked}
	for _, f := range z.File {
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/")) // names of parts do not tell case (part 2, 6.3.5)
		if p.files[name] != nil {
			return broken("two parts of one name")
		}
		p.files[name] = f
		switch {
		case strings.HasSuffix(name, "vbaproject.bin"):
			return newProblem(Macros, "", "")
		case name == "xl/workbook.bin":
			return newProblem(BinaryWorkbook, "", "")
		case name == "mimetype":
			return newProblem(OpenDocument, "", "")
		case strings.HasPrefix(name, "xl/externallinks/") && !p.external:
			p.external = true
			r.report(ExternalLinks, "", "")
		}
	}
	if p.files["[content_types].xml"] == nil {
		return newProblem(NotATable, "", "")
	}
	if macros, err := p.macros(); err != nil {
		return err
	} else if macros {
		return newProblem(Macros, "", "")
	}
	b := &workbook{reader: r, parts: p}
	if err := b.open(); err != nil {
		return err
	}
	r.book.Format = "xlsx"
	return nil
}

// parts are the files within the zip file. What they unpack to is counted.
type parts struct {
	files       map[string]*zip.File
	left, limit int64
	external    bool
}

// open gives a part by its path, in any case; nil when there is none.
func (p *parts) open(name string) (*part, error) {
	f := p.files[strings.ToLower(strings.TrimPrefix(path.Clean("/"+name), "/"))]
	if f == nil {
		return nil, nil
	}
	in, err := f.Open()
	if err != nil {
		return nil, broken(f.Name)
	}
	pt := &part{parts: p, in: in, name: f.Name}
	pt.Decoder = xml.NewDecoder(pt)
	return pt, nil
}

// part is one part as tokens of XML, without name spaces: the transitional and the strict form differ only there.
type part struct {
	*xml.Decoder
	parts   *parts
	in      io.ReadCloser
	name    string
	toolong bool
}

func (p *part) Read(b []byte) (int, error) {
	if p.parts.left <= 0 {
		p.toolong = true
		return 0, io.ErrUnexpectedEOF
	}
	n, err := p.in.Read(b[:min(int64(len(b)), p.parts.left)])
	p.parts.left -= int64(n)
	return n, err
}

// each calls do with every token of the part, and closes it.
func (p *part) each(do func(xml.Token) error) error {
	defer p.in.Close()
	for {
		t, err := p.RawToken()
		if err == io.EOF {
			return nil
		}
		if p.toolong {
			return newProblem(UnpacksTooLarge, "", "", "limit", megabytes(p.parts.limit))
		}
		if err != nil {
			return broken(p.name)
		}
		if err := do(t); err != nil {
			return err
		}
	}
}

// starts calls do with every start of an element of a part that may be missing.
func (p *parts) starts(name string, do func(xml.StartElement) error) error {
	pt, err := p.open(name)
	if err != nil || pt == nil {
		return err
	}
	return pt.each(func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok {
			return do(e)
		}
		return nil
	})
}

// macros tells whether the parts call themselves a workbook with macros.
func (p *parts) macros() (found bool, err error) {
	err = p.starts("[Content_Types].xml", func(e xml.StartElement) error {
		found = found || strings.Contains(strings.ToLower(attr(e, "ContentType")), "macroenabled")
		return nil
	})
	return found, err
}

// relation is what a part refers to.
type relation struct{ kind, target string }

// relations are those of one part, by id.
type relations map[string]relation

// first gives the target of the one relation of a kind; of several, which is against the rules, always the same.
func (rels relations) first(kind string) (target string) {
	for _, rel := range rels {
		if rel.kind == kind && (target == "" || rel.target < target) {
			target = rel.target
		}
	}
	return target
}

// relations gives what a part refers to. Targets are paths within the zip file; those outside are left out.
func (p *parts) relations(name string) (relations, error) {
	dir, base := path.Split(name)
	found := relations{}
	err := p.starts(dir+"_rels/"+base+".rels", func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		kind := attr(e, "Type")
		found[attr(e, "Id")] = relation{kind[strings.LastIndexByte(kind, '/')+1:], target}
		return nil
	})
	return found, err
}

func attr(e xml.StartElement, name string) string {
	for i := range e.Attr {
		if e.Attr[i].Name.Local == name {
			return e.Attr[i].Value
		}
	}
	return ""
}

// on reads a truth value of XML.
func on(s string) bool { return s == "1" || s == "true" || s == "on" }

// workbook is the workbook while it is read.
type workbook struct {
	*reader
	parts     *parts
	shared    []string
	formats   []numberFormat // by style of a cell
	since1904 bool
}

func (b *workbook) open() error {
	root, err := b.parts.relations("")
	if err != nil {
		return err
	}
	main := root.first("officeDocument")
	if main == "" {
		return broken("no workbook")
	}
	main = strings.TrimPrefix(path.Clean("/"+main), "/")
	type entry struct {
		name, id string
		hidden   bool
	}
	var sheets []entry
	isWorkbook := false
	err = b.parts.starts(main, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbook":
			isWorkbook = true
		case "workbookPr":
			b.since1904 = on(attr(e, "date1904"))
		case "sheet":
			s := entry{name: attr(e, "name"), hidden: attr(e, "state") != "" && attr(e, "state") != "visible"}
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					s.id = a.Value
				}
			}
			if sheets = append(sheets, s); len(sheets) > b.limits.Sheets {
				return newProblem(TooManySheets, "", "", "limit", strconv.Itoa(b.limits.Sheets))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !isWorkbook { // a document or a presentation
		return newProblem(NotATable, "", "")
	}
	rels, err := b.parts.relations(main)
	if err != nil {
		return err
	}
	if err := b.readShared(rels.first("sharedStrings")); err != nil {
		return err
	}
	if err := b.readStyles(rels.first("styles")); err != nil {
		return err
	}
	for _, s := range sheets {
		rel, ok := rels[s.id]
		if !ok {
			return broken("a sheet is missing")
		}
		if rel.kind != "worksheet" {
			continue // a chart
		}
		sheet := Sheet{Name: s.name, Hidden: s.hidden}
		if err := b.readSheet(rel.target, &sheet); err != nil {
			return err
		}
		b.book.Sheets = append(b.book.Sheets, sheet)
	}
	if len(b.book.Sheets) == 0 {
		return newProblem(NoSheet, "", "")
	}
	return nil
}

// readShared reads the texts that cells refer to by number.
func (b *workbook) readShared(name string) error {
	pt, err := b.parts.open(name)
	if err != nil || pt == nil {
		return err
	}
	var text richText
	return pt.each(func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			text.start(t.Name.Local)
		case xml.CharData:
			text.add(t)
		case xml.EndElement:
			text.end(t.Name.Local)
			if t.Name.Local == "si" {
				b.shared = append(b.shared, text.take())
			}
		}
		return nil
	})
}

// readStyles reads the number formats of cells.
func (b *workbook) readStyles(name string) error {
	own := map[int]numberFormat{}
	inCells := false
	pt, err := b.parts.open(name)
	if err != nil || pt == nil {
		return err
	}
	return pt.each(func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "numFmt":
				if id, err := strconv.Atoi(attr(t, "numFmtId")); err == nil {
					own[id] = parseFormat(attr(t, "formatCode"))
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells {
					id, _ := strconv.Atoi(attr(t, "numFmtId"))
					f, known := own[id]
					if !known {
						f = builtIn(id)
					}
					b.formats = append(b.formats, f)
				}
			}
		case xml.EndElement:
			if t.Name.Local == "cellXfs" {
				inCells = false
			}
		}
		return nil
	})
}

// richText gathers the texts of a string item: plain or in runs, without how it is pronounced.
type richText struct {
	b         bytes.Buffer
	in, aside bool
}

func (x *richText) start(name string) {
	switch name {
	case "t":
		x.in = true
	case "rPh":
		x.aside = true
	}
}

func (x *richText) end(name string) {
	switch name {
	case "t":
		x.in = false
	case "rPh":
		x.aside = false
	}
}

func (x *richText) add(text []byte) {
	if x.in && !x.aside {
		x.b.Write(text)
	}
}

func (x *richText) take() string {
	s := unescape(x.b.String())
	x.b.Reset()
	x.in, x.aside = false, false
	return s
}

// unescape reads what stands for characters that XML cannot hold (_x000D_, ECMA-376 part 1, 22.9.2.19), and makes
// line breaks one.
func unescape(s string) string {
	if strings.Contains(s, "_x") {
		var b strings.Builder
		for i := 0; i < len(s); i++ {
			if i+7 <= len(s) && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
				if c, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil && (c < 0xd800 || c > 0xdfff) {
					b.WriteRune(rune(c))
					i += 6
					continue
				}
			}
			b.WriteByte(s[i])
		}
		s = b.String()
	}
	return lineBreaks(s)
}

func lineBreaks(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
