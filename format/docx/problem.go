package docx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Code names a kind of problem. Codes are stable: a page translates them.
type Code string

// Why a file is not taken in.
const (
	EmptyFile         Code = "empty_file"
	FileTooLarge      Code = "file_too_large"
	NotDOCX           Code = "not_docx"
	OldDOC            Code = "old_doc"
	PasswordProtected Code = "password_protected"
	BrokenZip         Code = "broken_zip"
	TooManyParts      Code = "too_many_parts"
	PartTooLarge      Code = "part_too_large"
	UnpackedTooLarge  Code = "unpacked_too_large"
	ZipBomb           Code = "zip_bomb"
	BadPartName       Code = "bad_part_name"
	DuplicatePart     Code = "duplicate_part"
	MissingPart       Code = "missing_part"
	Macros            Code = "macros"
	BadEncoding       Code = "bad_encoding"
	BrokenXML         Code = "broken_xml"
	DTD               Code = "dtd"
	TooDeep           Code = "too_deep"
	TooManyElements   Code = "too_many_elements"
)

// What Read lists: it was left out, or taken in with a loss.
const (
	ExternalReference Code = "external_reference"
	BadLink           Code = "bad_link" // of Write too
	BrokenReference   Code = "broken_reference"
	Picture           Code = "picture"
	Drawing           Code = "drawing"
	EmbeddedObject    Code = "embedded_object"
	Formula           Code = "formula"
	Symbol            Code = "symbol"
	Ruby              Code = "ruby"
	HiddenText        Code = "hidden_text"
	TextBox           Code = "text_box"
	OtherHeader       Code = "other_header"
	ForeignAnchor     Code = "foreign_anchor"
	FormatChange      Code = "format_change"
	CellChange        Code = "cell_change"
	CommentLoose      Code = "comment_loose"
	TooManyRanges     Code = "too_many_ranges"
	UnknownElement    Code = "unknown_element"
)

// What cannot be written.
const (
	BadAnchor      Code = "bad_anchor"
	BadComment     Code = "bad_comment"
	UnknownComment Code = "unknown_comment"
	BadLanguage    Code = "bad_language"
	BadStyle       Code = "bad_style"
	BadProperty    Code = "bad_property"
	BadDate        Code = "bad_date"
	BadTable       Code = "bad_table"
)

// What a template or its values have too much or too little of.
const (
	FieldWithoutValue Code = "field_without_value"
	BlockWithoutList  Code = "block_without_list"
	ValueWithoutField Code = "value_without_field"
	BrokenField       Code = "broken_field"
	BlockNotClosed    Code = "block_not_closed"
	BlockNotOpened    Code = "block_not_opened"
	BlockMisplaced    Code = "block_misplaced"
	UnsupportedField  Code = "unsupported_field"
	ActiveField       Code = "active_field"
	TooManyFields     Code = "too_many_fields"
)

// Problem is one thing that is wrong with a file, a document or a template,
// or that was left out of it. It is the type of every error of this package
// that is not the reader's or the writer's own.
type Problem struct {
	Code      Code   `json:"code"`
	Part      string `json:"part,omitempty"`      // of the file: word/document.xml
	Paragraph int    `json:"paragraph,omitempty"` // of the part, from 1
	Line      int    `json:"line,omitempty"`      // of the part's XML, from 1
	Value     string `json:"value,omitempty"`     // what it is about, cut to 80 characters and safe to print
	Limit     int64  `json:"limit,omitempty"`
	Count     int    `json:"count,omitempty"` // how often, where more than once; the place is the first
}

// Error is String.
func (p *Problem) Error() string { return p.String() }

// String gives place, sentence and next step in English.
func (p Problem) String() string {
	var at []string
	if p.Part != "" {
		at = append(at, p.Part)
	}
	if p.Paragraph > 0 {
		at = append(at, "paragraph "+strconv.Itoa(p.Paragraph))
	}
	if p.Line > 0 {
		at = append(at, "line "+strconv.Itoa(p.Line))
	}
	said := strings.NewReplacer("{value}", p.Value, "{limit}", strconv.FormatInt(p.Limit, 10)).Replace(sentences[p.Code])
	if p.Count > 1 {
		said += fmt.Sprintf(" (%d times)", p.Count)
	}
	if len(at) > 0 {
		return strings.Join(at, ", ") + ": " + said
	}
	return said
}

// Codes lists the codes of all problems, sorted.
func Codes() []Code {
	codes := make([]Code, 0, len(sentences))
	for c := range sentences {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}

var sentences = map[Code]string{
	EmptyFile:         "The file is empty. Choose another one, or save it again.",
	FileTooLarge:      "The file has more than {limit} bytes. Make its pictures smaller.",
	NotDOCX:           "This is not a Word document (.docx) but {value}. Open it in a word processor and save it as .docx.",
	OldDOC:            "This is a document of Word 97 to 2003 (.doc). Open it in a word processor and save it as .docx.",
	PasswordProtected: "The file is protected with a password. Save it without one.",
	BrokenZip:         "The file is damaged. Save it again, or send it another way.",
	TooManyParts:      "The file has more than {limit} parts. Save the text in a new document.",
	PartTooLarge:      "A part of the file has more than {limit} bytes. Divide the document, or make its pictures smaller.",
	UnpackedTooLarge:  "Unpacked, the file has more than {limit} bytes. Divide the document, or make its pictures smaller.",
	ZipBomb:           "The file unpacks to many times its size, as no document does. Save the text in a new document.",
	BadPartName:       "A part has a name that leads out of the file or cannot be one: {value}. Save the text in a new document.",
	DuplicatePart:     "The part {value} is there twice. Save the text in a new document.",
	MissingPart:       "The part {value} is missing. Save the document again in a word processor.",
	Macros:            "The file contains a program ({value}). Save it as .docx, without macros and controls.",
	BadEncoding:       "The text is not encoded as UTF-8 at byte {value}. Save the document again in a word processor.",
	BrokenXML:         "The XML is broken: {value}. Save the document again in a word processor.",
	DTD:               "The XML has a document type declaration, which a document never has. Save the text in a new document.",
	TooDeep:           "Elements are nested more than {limit} deep. Save the text in a new document.",
	TooManyElements:   "The file has more than {limit} elements. Divide the document.",

	ExternalReference: "It refers to something outside the file, which was not fetched and is left out: {value}.",
	BadLink:           "A link is not one of http, https, mailto or to an anchor, or too long: {value}.",
	BrokenReference:   "It refers to something that the file does not have, or refers to a note for a second time: {value}.",
	Picture:           "A picture was left out: {value}.",
	Drawing:           "A drawing was left out: {value}.",
	EmbeddedObject:    "An embedded object was left out: {value}.",
	Formula:           "A formula was taken in as plain text: {value}.",
	Symbol:            "A symbol of a font was left out: {value}.",
	Ruby:              "A reading above the characters was left out: {value}.",
	HiddenText:        "Hidden text was left out: {value}.",
	TextBox:           "The text of a text box was put behind the paragraph that it belongs to.",
	OtherHeader:       "Headers and footers of the first page, of even pages and of later sections were left out: {value}.",
	ForeignAnchor:     "A bookmark or content control is not an anchor: {value}.",
	FormatChange:      "A tracked change of formatting was left out.",
	CellChange:        "A tracked change of a table's cells was left out.",
	CommentLoose:      "A comment lies on nothing: {value}.",
	TooManyRanges:     "More than {limit} comments or anchors overlap; one was left out: {value}.",
	UnknownElement:    "An element is not known; its text was kept: {value}.",

	BadAnchor:      "This cannot be an anchor: {value}. Use up to {limit} small letters, digits and hyphens; other bytes count three.",
	BadComment:     "Comments need ids that are not negative and not used twice, and answer another one: {value}.",
	UnknownComment: "There is no comment with this id: {value}.",
	BadLanguage:    "This is not a language tag: {value}. Write it like en or ar-EG.",
	BadStyle:       "This is not a style, or not with this level: {value}. Levels are 1 to 9.",
	BadProperty:    "A property needs a name, of up to {limit} bytes: {value}.",
	BadDate:        "This date cannot be written: {value}. Years are 1 to 9999.",
	BadTable:       "A table cannot be written: {value}.",

	FieldWithoutValue: "There is no value for the field {value}; it was left as it stands.",
	BlockWithoutList:  "There is no list for the block {value}; it was left out.",
	TooManyFields:     "The template has more than {limit} fields. Divide it.",
	ValueWithoutField: "The template has no field {value}.",
	BrokenField:       "This looks like a field and is not one: {value}. Write {{name}}, with letters, digits, points, hyphens and underscores.",
	BlockNotClosed:    "The block {value} has no end. Write {{/{value}}} where it ends.",
	BlockNotOpened:    "The block {value} has no beginning. Write {{#{value}}} where it begins.",
	BlockMisplaced:    "The block {value} begins and ends in places that cannot be repeated together. Put both into paragraphs of their own.",
	UnsupportedField:  "This field of the word processor cannot be filled: {value}.",
	ActiveField:       "A field that would fetch or run something was replaced with its last result: {value}.",
}

// shown makes a foreign text safe to print and short.
func shown(s string) string {
	var b strings.Builder
	n := 0
	for _, c := range s {
		if n++; n > 80 {
			b.WriteRune('…')
			break
		}
		switch {
		case unicode.IsSpace(c):
			c = ' '
		case !unicode.IsPrint(c):
			c = unicode.ReplacementChar
		}
		b.WriteRune(c)
	}
	return strings.TrimSpace(b.String())
}

// clip is shown for a text whose length is not bounded.
func clip(s string) string { return shown(s[:min(len(s), 400)]) }

// notices collects problems; what is said twice is counted.
type notices struct {
	list []Problem
	seen map[Problem]int
}

// maxNotices is how many different ones are kept. The last one counts the rest.
const maxNotices = 200

func (n *notices) notice(p Problem) {
	key := Problem{Code: p.Code, Part: p.Part, Value: p.Value}
	i, ok := n.seen[key]
	if !ok && len(n.list) < maxNotices {
		if n.seen == nil {
			n.seen = map[Problem]int{}
		}
		n.seen[key] = len(n.list)
		n.list = append(n.list, p)
		return
	}
	if !ok {
		i = maxNotices - 1
	}
	n.list[i].Count = max(n.list[i].Count, 1) + 1
}
