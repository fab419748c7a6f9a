// Package docx writes, reads and fills documents of word processors: the
// WordprocessingML of ECMA-376 and ISO/IEC 29500.
//
// [Write] makes a file from a [Document]. [Read] takes one in again after
// people have worked on it, with footnotes, comments, tracked changes and
// anchors. [Text] gives the words alone. [ReadTemplate] prepares a letter
// with fields, and [Template.Fill] fills it.
//
// Files come from outside and are treated so: they are read within [Limits],
// nothing that they refer to is fetched, and every refusal is a [Problem]
// with a stable code. What is read, written, refused and lost is specified in
// docs/formats/docx.md.
package docx

import (
	"iter"
	"time"
)

// Document is what a file says, apart from how it looks.
type Document struct {
	Title      string
	Language   string            // BCP 47, the language of what does not say otherwise; empty: not known
	Properties map[string]string // custom properties: an id, a version

	// Header and Footer stand on every page. In them "{page}" and "{pages}"
	// are the numbers of the page and of all pages, a tab moves to the far
	// end of the line, and "\n" begins another line.
	Header, Footer string

	Track    bool // a word processor that opens the file tracks changes
	Blocks   []Block
	Comments []Comment

	// Notices lists what Read did not understand or left out. Write does
	// not look at it.
	Notices []Problem
}

// Block is a *Paragraph or a *Table.
type Block interface{ block() }

func (*Paragraph) block() {}
func (*Table) block()     {}

// Style is what a paragraph is to its document.
type Style string

// The styles. Any other style of a file is the nearest of these that it is
// based on.
const (
	Body      Style = ""
	Title     Style = "title"
	Subtitle  Style = "subtitle"
	Heading   Style = "heading"
	ListItem  Style = "list_item"
	Quotation Style = "quotation"
)

// Direction is the way a text is set. The zero value is that of its language.
type Direction string

// The directions.
const (
	Natural     Direction = ""
	LeftToRight Direction = "ltr"
	RightToLeft Direction = "rtl"
)

// Paragraph is a paragraph.
type Paragraph struct {
	Style    Style
	Level    int  // of a heading or list item: 1, the outermost, to 9
	Numbered bool // a list item has a number; otherwise it has a bullet
	List     int  // from 1: the list that a numbered item belongs to, through which numbers run on

	Language  string // empty: that of the document
	Direction Direction

	// Anchors are ids that stay with the paragraph while others edit the
	// file, sorted. After an edit more than one paragraph can have the same.
	Anchors []string
	Runs    []Run

	// Inserted and Deleted say that the end of the paragraph was: rejecting
	// the one or accepting the other joins it to the paragraph that follows.
	Inserted, Deleted *Change
}

// Run is a stretch of text whose letters have everything in common, or one
// reference to a footnote.
type Run struct {
	Text         string // "\t" is a tab, "\n" a line break
	Bold, Italic bool
	Link         string // address (http, https, mailto), or "#" and an anchor
	Language     string // empty: that of the paragraph
	Direction    Direction
	Footnote     *Footnote // then there is no text

	Anchors  []string // ids that stay with this stretch, such as a citation, sorted
	Comments []int    // ids of the comments on this stretch, sorted

	// A run may be both: inserted by one and deleted again by another.
	Inserted, Deleted *Change
}

// Change says who changed something, and when.
type Change struct {
	Author string
	Date   time.Time // in UTC, to the second; zero: not said
	Moved  bool      // taken from or to another place; Write does not say so
}

// Comment is a remark on a stretch of the document. One that lies on no run
// is kept, and word processors do not show it.
type Comment struct {
	ID       int // not negative
	Author   string
	Initials string
	Date     time.Time // in UTC, to the second; zero: not said
	Text     string    // paragraphs separated by "\n"
	Parent   int       // id of the comment that this one answers
	Reply    bool      // Parent is meant
	Resolved bool
}

// Footnote is a note to a place in the text.
type Footnote struct {
	End        bool // it stands at the end of the document
	Paragraphs []*Paragraph
}

// Table is a table.
type Table struct {
	Caption string // for those who do not see it
	Widths  []int  // of columns, in twentieths of a point; nil: all equal
	Rows    []Row
}

// Row is a row of a table.
type Row struct {
	Header            bool // repeated on each page
	Cells             []Cell
	Inserted, Deleted *Change
}

// Cell is a cell of a row. It ends with a paragraph.
type Cell struct {
	Span      int  // number of columns it takes; 0 and 1: one
	Continues bool // it is one with the cell above
	Blocks    []Block
}

// Paragraphs goes through the paragraphs of the body in reading order, those
// in tables among them, those of footnotes not.
func (d *Document) Paragraphs() iter.Seq[*Paragraph] {
	return func(yield func(*Paragraph) bool) { each(d.Blocks, yield) }
}

// Footnotes goes through the footnotes in the order of their references.
func (d *Document) Footnotes() iter.Seq[*Footnote] {
	return func(yield func(*Footnote) bool) {
		for p := range d.Paragraphs() {
			for i := range p.Runs {
				if f := p.Runs[i].Footnote; f != nil && !yield(f) {
					return
				}
			}
		}
	}
}

func each(blocks []Block, yield func(*Paragraph) bool) bool {
	for _, b := range blocks {
		switch b := b.(type) {
		case *Paragraph:
			if !yield(b) {
				return false
			}
		case *Table:
			for _, row := range b.Rows {
				for _, cell := range row.Cells {
					if !each(cell.Blocks, yield) {
						return false
					}
				}
			}
		}
	}
	return true
}
