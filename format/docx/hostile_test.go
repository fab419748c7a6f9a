package docx

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

// compound is the beginning of a compound file with one directory entry.
func compound(stream string) []byte {
	b := make([]byte, 2048)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for i, c := range stream {
		b[1024+2*i] = byte(c)
	}
	binary.LittleEndian.PutUint16(b[1024+64:], uint16(2*len(stream)+2))
	return b
}

// raw makes a zip whose headers are not checked.
func raw(headers ...*zip.FileHeader) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, h := range headers {
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write(make([]byte, h.CompressedSize64))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// document is a file whose main part is these bytes.
func document(xml string) []byte {
	return foreign("", map[string]string{"word/document.xml": xml})
}

// TestRefused has one of every refusal, from Read and from ReadTemplate.
func TestRefused(t *testing.T) {
	w := `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`
	end := `</w:body></w:document>`
	good := foreign(p("x"), nil)
	small := DefaultLimits()
	small.File, small.Parts, small.Part, small.Unpacked, small.Depth, small.Elements = 3000, 5, 2000, 3000, 8, 30
	tests := []struct {
		name   string
		data   []byte
		limits Limits
		want   Code
		value  string
	}{
		{"nothing", nil, DefaultLimits(), EmptyFile, ""},
		{"words", []byte("Dear all, here is our statement."), DefaultLimits(), NotDOCX, "?"},
		{"PDF", []byte("%PDF-1.7"), DefaultLimits(), NotDOCX, "PDF"},
		{"RTF", []byte(`{\rtf1`), DefaultLimits(), NotDOCX, "RTF"},
		{"HTML", []byte("\n<!DOCTYPE html>"), DefaultLimits(), NotDOCX, "HTML"},
		{"XML", []byte("<?xml version='1.0'?>"), DefaultLimits(), NotDOCX, "XML"},
		{"password", compound("EncryptedPackage"), DefaultLimits(), PasswordProtected, ""},
		{"old", compound("WordDocument"), DefaultLimits(), OldDOC, ""},
		{"old other", compound("Workbook"), DefaultLimits(), NotDOCX, "OLE"},
		{"a zip", zipOf(zipped{"a.txt", "x"}), DefaultLimits(), NotDOCX, "ZIP"},
		{"OpenDocument", zipOf(zipped{"mimetype", "application/vnd.oasis.opendocument.text"}, zipped{"content.xml", "<x/>"}), DefaultLimits(), NotDOCX, "OpenDocument"},
		{"spreadsheet", bytesReplaced(t, good, "[Content_Types].xml", typeDocument, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"), DefaultLimits(), NotDOCX, "XLSX"},
		{"presentation", bytesReplaced(t, good, "[Content_Types].xml", typeDocument, "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"), DefaultLimits(), NotDOCX, "PPTX"},
		{"another root", document(`<html/>`), DefaultLimits(), NotDOCX, "html"},
		{"cut short", good[:len(good)/2], DefaultLimits(), BrokenZip, ""},
		{"zip with a password", raw(&zip.FileHeader{Name: "a", Flags: 1}), DefaultLimits(), PasswordProtected, ""},
		{"unknown compression", raw(&zip.FileHeader{Name: "a", Method: 99}), DefaultLimits(), BrokenZip, ""},
		{"bad checksum", raw(&zip.FileHeader{Name: "[Content_Types].xml", CRC32: 1, CompressedSize64: 3, UncompressedSize64: 3}), DefaultLimits(), BrokenZip, ""},
		{"large", append(bytes.Clone(good), make([]byte, 3000)...), small, FileTooLarge, ""},
		{"many parts", zipOf(zipped{"1", ""}, zipped{"2", ""}, zipped{"3", ""}, zipped{"4", ""}, zipped{"5", ""}, zipped{"6", ""}), small, TooManyParts, ""},
		{"large part", zipOf(zipped{"1", strings.Repeat("a", 2001)}), small, PartTooLarge, ""},
		{"large parts", zipOf(zipped{"1", strings.Repeat("a", 2000)}, zipped{"2", strings.Repeat("a", 2000)}), small, UnpackedTooLarge, ""},
		{"bomb", zipOf(zipped{"1", strings.Repeat("a", 4<<20)}), DefaultLimits(), ZipBomb, ""},
		{"parts that overlap", overlapping(), DefaultLimits(), ZipBomb, ""},
		{"up", zipOf(zipped{"../../etc/passwd", ""}), DefaultLimits(), BadPartName, "../../etc/passwd"},
		{"absolute", zipOf(zipped{"/etc/passwd", ""}), DefaultLimits(), BadPartName, "/etc/passwd"},
		{"backslash", zipOf(zipped{`word\document.xml`, ""}), DefaultLimits(), BadPartName, `word\document.xml`},
		{"drive", zipOf(zipped{"C:x", ""}), DefaultLimits(), BadPartName, "C:x"},
		{"encoded", zipOf(zipped{"word/%2e%2e/x", ""}), DefaultLimits(), BadPartName, "word/%2e%2e/x"},
		{"not UTF-8", raw(&zip.FileHeader{Name: "a\xff", NonUTF8: true}), DefaultLimits(), BadPartName, "a\ufffd"},
		{"a target outside", foreign("", map[string]string{"rels": `<Relationship Id="x" Type="x" Target="../../x"/>`}), DefaultLimits(), BadPartName, "../x"},
		{"twice", zipOf(zipped{"word/a.xml", ""}, zipped{"Word/A.xml", ""}), DefaultLimits(), DuplicatePart, "Word/A.xml"},
		{"no main part", bytesReplaced(t, bytesReplaced(t, good, "_rels/.rels", "word/document.xml", "word/other.xml"), "[Content_Types].xml", "/word/document.xml", "/word/other.xml"), DefaultLimits(), MissingPart, "word/other.xml"},
		{"docm", bytesReplaced(t, good, "[Content_Types].xml", typeDocument, "application/vnd.ms-word.document.macroEnabled.main+xml"), DefaultLimits(), Macros, "VBA"},
		{"a project", foreign("", map[string]string{"word/vbaProject.bin": "x"}), DefaultLimits(), Macros, "VBA"},
		{"a hidden project", foreign("", map[string]string{"rels": `<Relationship Id="x" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="x.bin"/>`}), DefaultLimits(), Macros, "VBA"},
		{"a control", foreign("", map[string]string{"types": `<Override PartName="/word/activeX/activeX1.xml" ContentType="application/vnd.ms-office.activeX+xml"/>`}), DefaultLimits(), Macros, "ActiveX"},
		{"broken UTF-8", document(w + "<w:p>\xff</w:p>" + end), DefaultLimits(), BadEncoding, "96"},
		{"entity", document(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + w + "&b;" + end), DefaultLimits(), DTD, ""},
		{"external entity", document(`<!DOCTYPE x SYSTEM "http://tracker.example/">` + w + end), DefaultLimits(), DTD, ""},
		{"unknown entity", document(w + "&nbsp;" + end), DefaultLimits(), BrokenXML, "invalid character entity &nbsp;"},
		{"not closed", document(w), DefaultLimits(), BrokenXML, "it ends within body"},
		{"crossed", document(w + "<w:p><w:r></w:p></w:r>" + end), DefaultLimits(), BrokenXML, "a closing tag does not match: p"},
		{"two roots", document(w + end + w + end), DefaultLimits(), BrokenXML, "a second root element"},
		{"no namespace", document("<x:document><x:body/></x:document>"), DefaultLimits(), BrokenXML, "the prefix x is not declared"},
		{"many namespaces", document(strings.Replace(w, " ", " "+manySpaces(), 1) + end), DefaultLimits(), BrokenXML, "more than 300 namespaces"},
		{"many attributes", document(w + "<w:p " + strings.Repeat(`w:a="" `, 60) + "/>" + end), small, TooManyElements, ""},
		{"deep", document(w + strings.Repeat("<w:sdt>", 1000) + strings.Repeat("</w:sdt>", 1000) + end), DefaultLimits(), TooDeep, ""},
		{"many", document(w + strings.Repeat("<w:p/>", 60) + end), small, TooManyElements, ""},
	}
	for _, test := range tests {
		for i, open := range []func() error{
			func() error { _, err := test.limits.Read(bytes.NewReader(test.data)); return err },
			func() error { _, err := test.limits.ReadTemplate(bytes.NewReader(test.data)); return err },
		} {
			if i == 1 && test.name == "another root" {
				continue // a template is not read as a document
			}
			err := open()
			var problem *Problem
			if !errors.As(err, &problem) || problem.Code != test.want || problem.Value != test.value {
				t.Errorf("%s: %v, want %s %q", test.name, err, test.want, test.value)
			}
		}
	}
}

func manySpaces() string {
	var b strings.Builder
	for i := range 301 {
		b.WriteString(`xmlns:n` + itoa(i) + `="urn:x" `)
	}
	return b.String()
}

// overlapping has two entries that share the bytes of one.
func overlapping() []byte {
	b := zipOf(zipped{"aaaa", strings.Repeat("x", 10_000)}, zipped{"bbbb", strings.Repeat("x", 10_000)})
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		panic(err)
	}
	at := bytes.Index(b, []byte("PK\x01\x02"))
	for range r.File { // each claims more packed bytes than the file has
		binary.LittleEndian.PutUint32(b[at+20:], uint32(len(b)))
		at += 46 + 4 + int(binary.LittleEndian.Uint16(b[at+30:]))
	}
	return b
}

// TestReaderFails holds that an error of the reader is passed on as it is.
func TestReaderFails(t *testing.T) {
	broken := errors.New("the line is broken")
	_, err := Read(io.MultiReader(strings.NewReader("PK"), errorReader{broken}))
	var problem *Problem
	if !errors.Is(err, broken) || errors.As(err, &problem) {
		t.Error(err)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// TestGrowth reads files that would grow without bounds in a careless reader.
func TestGrowth(t *testing.T) {
	limits := DefaultLimits()
	limits.Ratio = 2000
	read := func(t *testing.T, data []byte) *Document {
		d, err := limits.Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	note := `<w:footnote w:id="2">` + strings.Repeat(p("words"), 2000) + `</w:footnote>`
	ref := strings.Repeat(`<w:p><w:r><w:footnoteReference w:id="2"/></w:r></w:p>`, 2000)
	d := read(t, foreign(ref, map[string]string{"footnotes": note}))
	if n := len(d.Text(Accepted)); n != 2000 {
		t.Errorf("%d paragraphs of a note", n)
	}
	var b, comments strings.Builder
	for i := range 3000 {
		b.WriteString(`<w:commentRangeStart w:id="` + itoa(i) + `"/><w:r><w:t>x</w:t></w:r>`)
		comments.WriteString(`<w:comment w:id="` + itoa(i) + `"/>`)
	}
	d = read(t, foreign("<w:p>"+b.String()+"</w:p>", map[string]string{"comments": comments.String()}))
	for _, r := range d.Blocks[0].(*Paragraph).Runs {
		if len(r.Comments) > maxOpen {
			t.Fatalf("%d comments on a run", len(r.Comments))
		}
	}
	if !strings.Contains(codes(d.Notices), "too_many_ranges") || len(d.Notices) > maxNotices {
		t.Errorf("%d notices", len(d.Notices))
	}
	mark := `<w:rPr><w:del w:author="x"/></w:rPr>`
	d = read(t, foreign(strings.Repeat(`<w:p><w:pPr>`+mark+`</w:pPr><w:r><w:t>x</w:t></w:r></w:p>`, 20_000)+p("y"), nil))
	if text := d.Text(Accepted); len(text) != 1 || len(text[0]) != 20_001 {
		t.Errorf("%d paragraphs", len(text))
	}
}
