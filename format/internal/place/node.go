// Package place reads JSON and remembers where everything stood, so that a
// person who made a mistake is told the line, the column and the next step.
// It also holds the few values that the mechanism and the dialogue format
// share: texts by language, dates and sources. It is written for these two
// formats and for nothing else.
package place

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is the JSON type of a Node.
type Kind uint8

// The kinds of a JSON value.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// word names a kind in the arguments of a Problem.
func (k Kind) word() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// Node is one value of a parsed file.
type Node struct {
	Kind     Kind
	Text     string  // of a string: its decoded characters; of a number, true or false: as written
	Children []*Node // of an object or an array, in file order

	parent *Node
	key    string // the field name, when parent is an object
	index  int    // the place, when parent is an array
	offset int    // in bytes from the start of the text
}

// Key is the field name of a value that stands in an object.
func (n *Node) Key() string { return n.key }

// Pointer is the JSON pointer (RFC 6901) of n. The root has the empty pointer.
func (n *Node) Pointer() string {
	if n == nil || n.parent == nil {
		return ""
	}
	step := n.key
	if n.parent.Kind == Array {
		step = strconv.Itoa(n.index)
	}
	return n.parent.Pointer() + "/" + pointerEscapes.Replace(Shown(step))
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// Position is a place in a file: both numbers start at 1, and a column counts
// characters (Unicode code points), not bytes. The zero Position is no place.
type Position struct{ Line, Column int }

// String gives "41:17".
func (p Position) String() string {
	return strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

// Document is a parsed file: its values and where they stand.
type Document struct {
	Root  *Node
	text  string
	lines []int // the offset at which each line starts
}

func newDocument(text string) *Document {
	d := &Document{text: text, lines: []int{0}}
	for i := 0; ; {
		j := strings.IndexByte(text[i:], '\n')
		if j < 0 {
			return d
		}
		i += j + 1
		d.lines = append(d.lines, i)
	}
}

// position turns an offset into a line and a column.
func (d *Document) position(offset int) Position {
	line := sort.SearchInts(d.lines, offset+1) - 1
	return Position{line + 1, utf8.RuneCountInString(d.text[d.lines[line]:offset]) + 1}
}

// Find gives the place of the value at a JSON pointer, or of its nearest
// ancestor where the value does not stand in the file. A nil Document, of a
// value that was not read from a file, has only the zero Position.
func (d *Document) Find(pointer string) Position {
	if d == nil || d.Root == nil {
		return Position{}
	}
	n := d.Root
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		next := n.child(step)
		if next == nil {
			break
		}
		n = next
	}
	return d.position(n.offset)
}

func (n *Node) child(step string) *Node {
	for i, c := range n.Children {
		if n.Kind == Object && c.key == step || n.Kind == Array && strconv.Itoa(i) == step {
			return c
		}
	}
	return nil
}

// Shown makes a value safe to print in one line: characters that would break
// or turn the line are written as \uXXXX, and what is long is cut.
func Shown(s string) string {
	const limit = 80
	var b strings.Builder
	count := 0
	for i, r := range s {
		if count++; count > limit {
			b.WriteString("…")
			break
		}
		switch {
		case r == utf8.RuneError && s[i] != 0xEF: // a broken byte, not a written U+FFFD
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[i]), 16))
		case hidden(r) || turnsText(r) || r == '\n':
			b.WriteString(escaped(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func escaped(r rune) string {
	h := strconv.FormatInt(int64(r), 16)
	return `\u` + strings.Repeat("0", max(0, 4-len(h))) + h
}

// hidden reports control characters and the byte order mark: nothing that a
// reader sees, and a way to make two names look alike.
func hidden(r rune) bool {
	return r < 0x20 && r != '\n' || r >= 0x7F && r <= 0x9F || r == 0xFEFF
}

// turnsText reports the characters that embed, override or isolate a writing
// direction (UAX #9). They can show a text in another order than it is read
// by a program. The marks U+200E, U+200F and U+061C stay allowed: Arabic
// needs them and they turn nothing.
func turnsText(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}
