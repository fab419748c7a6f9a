// Package odt reads the words of OpenDocument texts (.odt, OASIS OpenDocument 1.3, ISO/IEC 26300): paragraphs, headings,
// lists, tables and footnotes in their order, and nothing of how they looked. Text that was deleted under change
// tracking, comments, headers and footers are left out.
package odt

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The bounds of a file.
const (
	MaxBytes    = 32 << 20  // packed
	maxUnpacked = 96 << 20  // of the part that is read
	maxRatio    = 250       // unpacked to packed, of more than a mebibyte
	maxDepth    = 200       // elements within each other
	maxElements = 1_000_000 // elements
	maxParts    = 2000
	maxSpaces   = 200 // in a row
)

// Code says what is wrong with a file, for messages in other languages.
type Code string

// The codes of problems.
const (
	TooLarge          Code = "too_large"
	NotODT            Code = "not_odt"
	Broken            Code = "broken" // the file cannot be unpacked, or what is in it cannot be read
	PasswordProtected Code = "password_protected"
	Bomb              Code = "zip_bomb"
)

// Codes lists all codes.
func Codes() []Code { return []Code{TooLarge, NotODT, Broken, PasswordProtected, Bomb} }

// Problem says what is wrong.
type Problem struct{ Code Code }

func (p *Problem) Error() string { return "reading an OpenDocument text: " + string(p.Code) }

// Text gives the paragraphs of a document. An error that is not the reader's is a *Problem.
func Text(r io.Reader) ([]string, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading an OpenDocument text: %w", err)
	}
	if len(data) > MaxBytes {
		return nil, &Problem{TooLarge}
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, &Problem{NotODT}
	}
	parts := map[string]*zip.File{}
	if len(z.File) > maxParts {
		return nil, &Problem{TooLarge}
	}
	for _, f := range z.File {
		if parts[f.Name] != nil {
			return nil, &Problem{Broken}
		}
		parts[f.Name] = f
	}
	kind, err := unpack(parts["mimetype"])
	if err != nil || !strings.HasPrefix(strings.TrimSpace(string(kind)), "application/vnd.oasis.opendocument.text") {
		return nil, &Problem{NotODT}
	}
	if manifest, err := unpack(parts["META-INF/manifest.xml"]); err == nil && bytes.Contains(manifest, []byte("encryption-data")) {
		return nil, &Problem{PasswordProtected}
	}
	content, err := unpack(parts["content.xml"])
	if err != nil {
		return nil, err
	}
	return paragraphs(content)
}

// unpack gives a part's bytes, and no more of them than it declares.
func unpack(f *zip.File) ([]byte, error) {
	switch {
	case f == nil:
		return nil, &Problem{Broken}
	case f.Flags&1 != 0:
		return nil, &Problem{PasswordProtected}
	case f.UncompressedSize64 > maxUnpacked:
		return nil, &Problem{TooLarge}
	case f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/maxRatio > f.CompressedSize64:
		return nil, &Problem{Bomb}
	}
	in, err := f.Open()
	if err != nil {
		return nil, &Problem{Broken}
	}
	defer in.Close()
	body, err := io.ReadAll(io.LimitReader(in, int64(f.UncompressedSize64)+1))
	if err != nil || uint64(len(body)) != f.UncompressedSize64 {
		return nil, &Problem{Broken}
	}
	return body, nil
}

// The namespaces of the elements that are read.
const (
	office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
	text   = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
	table  = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
)

// skipped are elements whose words are not the document's.
var skipped = map[xml.Name]bool{
	{Space: text, Local: "tracked-changes"}: true, {Space: office, Local: "annotation"}: true,
	{Space: office, Local: "forms"}: true, {Space: text, Local: "note-citation"}: true,
	{Space: office, Local: "script"}: true, {Space: text, Local: "ruby-text"}: true,
}

// paragraphs walks through the document. Footnotes follow the paragraph that they stand in, in square brackets.
func paragraphs(content []byte) ([]string, error) {
	d := xml.NewDecoder(bytes.NewReader(content))
	var all []string
	var open []*strings.Builder // a paragraph within a paragraph is a footnote's, or a text box's
	var notes []string
	depth, elements, skip, inNote := 0, 0, 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, &Problem{Broken}
		}
		switch t := token.(type) {
		case xml.Directive: // a document type could define entities
			return nil, &Problem{Broken}
		case xml.StartElement:
			depth++
			if elements++; depth > maxDepth || elements > maxElements {
				return nil, &Problem{TooLarge}
			}
			if skip > 0 || skipped[t.Name] {
				skip++
				continue
			}
			switch t.Name {
			case xml.Name{Space: text, Local: "p"}, xml.Name{Space: text, Local: "h"}:
				open = append(open, new(strings.Builder))
			case xml.Name{Space: text, Local: "note"}:
				inNote++
			case xml.Name{Space: text, Local: "s"}:
				write(open, strings.Repeat(" ", spaces(t)))
			case xml.Name{Space: text, Local: "tab"}, xml.Name{Space: table, Local: "covered-table-cell"}:
				write(open, " ")
			case xml.Name{Space: text, Local: "line-break"}:
				write(open, "\n")
			}
		case xml.EndElement:
			depth--
			if skip > 0 {
				skip--
				continue
			}
			switch t.Name {
			case xml.Name{Space: text, Local: "p"}, xml.Name{Space: text, Local: "h"}:
				if len(open) == 0 {
					return nil, &Problem{Broken}
				}
				p := tidy(open[len(open)-1].String())
				open = open[:len(open)-1]
				switch {
				case p == "":
				case inNote > 0:
					notes = append(notes, "["+p+"]")
				default:
					all = append(all, p)
				}
				if len(open) == 0 {
					all, notes = append(all, notes...), nil
				}
			case xml.Name{Space: text, Local: "note"}:
				inNote--
			}
		case xml.CharData:
			if skip == 0 {
				write(open, collapse(string(t)))
			}
		}
	}
	return all, nil
}

func write(open []*strings.Builder, s string) {
	if len(open) > 0 {
		open[len(open)-1].WriteString(s)
	}
}

// spaces is how many spaces an element stands for.
func spaces(t xml.StartElement) int {
	for _, a := range t.Attr {
		if a.Name.Local == "c" {
			if n, err := strconv.Atoi(a.Value); err == nil {
				return min(max(n, 1), maxSpaces)
			}
		}
	}
	return 1
}

// collapse makes white space one space (OpenDocument 1.3, 6.1.2).
func collapse(s string) string {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		if s == "" {
			return ""
		}
		return " "
	}
	out := strings.Join(fields, " ")
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune(" \t\r\n", first) {
		out = " " + out
	}
	if last, _ := utf8.DecodeLastRuneInString(s); strings.ContainsRune(" \t\r\n", last) {
		out += " "
	}
	return out
}

// tidy takes the white space off a paragraph's ends and lines.
func tidy(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
