package place

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of a file, chosen far above any real record and far below what would
// trouble a small server.
const (
	MaxBytes  = 2 << 20 // a whole file
	MaxDepth  = 32      // values inside values
	MaxValues = 200_000 // values in a file
)

// parser reads one JSON text (RFC 8259) in a single pass. The standard
// library's decoder is not used because it replaces broken characters in
// silence, joins repeated fields, and does not say where a value began.
type parser struct {
	r      *Reader
	text   string
	pos    int
	depth  int
	values int
}

// stop is thrown by fail and caught in parse: after a break in the grammar
// nothing further can be trusted.
type stop struct{}

func parse(r *Reader, text string) (root *Node) {
	p := &parser{r: r, text: text}
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(stop); !ok {
				panic(e)
			}
			root = nil
		}
	}()
	p.space()
	if p.pos == len(text) {
		p.fail(nil, EmptyFile)
	}
	root = p.value(nil, "", 0)
	p.space()
	if p.pos < len(text) {
		p.fail(nil, TextAfterEnd, "found", p.found(nil))
	}
	return root
}

func (p *parser) fail(n *Node, code Code, args ...string) {
	p.r.reportAt(p.pos, n, "", code, args...)
	panic(stop{})
}

// want fails because something else stands where expected should.
func (p *parser) want(n *Node, expected string) {
	if p.pos >= len(p.text) {
		p.fail(n, FileCutShort, "expected", expected)
	}
	p.fail(n, BrokenJSON, "expected", expected, "found", p.found(n))
}

// found names the character that stands here.
func (p *parser) found(n *Node) string {
	r, size := utf8.DecodeRuneInString(p.text[p.pos:])
	switch {
	case r == utf8.RuneError && size == 1:
		p.fail(n, NotUTF8, "byte", hexByte(p.text[p.pos]))
	case r == '\n' || r == '\r':
		return "line_end"
	}
	return Shown(p.text[p.pos : p.pos+size])
}

func hexByte(b byte) string { return "0x" + strconv.FormatUint(uint64(b), 16) }

func (p *parser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// next reports whether c comes next, and steps over it.
func (p *parser) next(c byte) bool {
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) value(parent *Node, key string, index int) *Node {
	n := &Node{parent: parent, key: key, index: index, offset: p.pos}
	if p.values++; p.values > MaxValues {
		p.fail(n, TooManyValues, "limit", strconv.Itoa(MaxValues))
	}
	if p.depth++; p.depth > MaxDepth {
		p.fail(n, TooDeep, "limit", strconv.Itoa(MaxDepth))
	}
	defer func() { p.depth-- }()
	if p.pos >= len(p.text) {
		p.want(n, "value")
	}
	switch c := p.text[p.pos]; {
	case c == '{':
		p.object(n)
	case c == '[':
		p.array(n)
	case c == '"':
		n.Kind, n.Text = String, p.quoted(n)
	case c == '-' || c >= '0' && c <= '9':
		n.Kind, n.Text = Number, p.number(n)
	default:
		p.literal(n)
	}
	return n
}

func (p *parser) object(n *Node) {
	n.Kind = Object
	p.pos++
	first := map[string]*Node{}
	for p.space(); !p.next('}'); p.space() {
		if len(n.Children) > 0 && !p.next(',') {
			p.want(n, "comma_or_brace")
		}
		p.space()
		if p.pos >= len(p.text) || p.text[p.pos] != '"' {
			p.want(n, "field_name")
		}
		at := p.pos
		key := p.quoted(n)
		if p.space(); !p.next(':') {
			p.want(n, "colon")
		}
		p.space()
		c := p.value(n, key, 0)
		if before := first[key]; before != nil {
			p.r.reportAt(at, c, "", DuplicateField, "field", Shown(key), "first", p.r.Place(before))
			continue // the first one counts; this one is read no further
		}
		first[key] = c
		n.Children = append(n.Children, c)
	}
}

func (p *parser) array(n *Node) {
	n.Kind = Array
	p.pos++
	for p.space(); !p.next(']'); p.space() {
		if len(n.Children) > 0 && !p.next(',') {
			p.want(n, "comma_or_bracket")
		}
		p.space()
		n.Children = append(n.Children, p.value(n, "", len(n.Children)))
	}
}

func (p *parser) literal(n *Node) {
	for word, kind := range map[string]Kind{"true": Bool, "false": Bool, "null": Null} {
		if strings.HasPrefix(p.text[p.pos:], word) {
			n.Kind, n.Text = kind, word
			p.pos += len(word)
			return
		}
	}
	p.want(n, "value")
}

func (p *parser) number(n *Node) string {
	start := p.pos
	p.next('-')
	if !p.next('0') {
		p.digits(n)
	}
	if p.next('.') {
		p.digits(n)
	}
	if p.next('e') || p.next('E') {
		if !p.next('+') {
			p.next('-')
		}
		p.digits(n)
	}
	return p.text[start:p.pos]
}

func (p *parser) digits(n *Node) {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
	}
	if p.pos == start {
		p.want(n, "digit")
	}
}

// quoted reads a string. Characters that must not be in a record are reported
// at their own place, not at the start of the string, and reading goes on.
func (p *parser) quoted(n *Node) string {
	p.pos++
	start := p.pos
	var b strings.Builder // what came before start, once an escape was met
	for {
		if p.pos >= len(p.text) {
			p.want(n, "quote")
		}
		switch c := p.text[p.pos]; {
		case c == '"':
			b.WriteString(p.text[start:p.pos])
			p.pos++
			return b.String()
		case c == '\\':
			b.WriteString(p.text[start:p.pos])
			b.WriteRune(p.escape(n))
			start = p.pos
		case c == '\n' || c == '\r':
			p.want(n, "quote") // the quotation mark at the end was forgotten
		case c >= 0x20 && c < 0x7F:
			p.pos++
		default:
			r, size := utf8.DecodeRuneInString(p.text[p.pos:])
			if r == utf8.RuneError && size == 1 {
				p.r.reportAt(p.pos, n, "", NotUTF8, "byte", hexByte(c))
			} else {
				p.check(p.pos, n, r)
			}
			p.pos += size
		}
	}
}

func (p *parser) check(at int, n *Node, r rune) {
	switch {
	case hidden(r):
		p.r.reportAt(at, n, "", ControlCharacter, "character", codePoint(r))
	case turnsText(r):
		p.r.reportAt(at, n, "", DirectionCharacter, "character", codePoint(r))
	}
}

func codePoint(r rune) string {
	h := strings.ToUpper(strconv.FormatInt(int64(r), 16))
	return "U+" + strings.Repeat("0", max(0, 4-len(h))) + h
}

// escape reads a backslash and what belongs to it.
func (p *parser) escape(n *Node) rune {
	at := p.pos
	p.pos++
	if p.pos >= len(p.text) {
		p.want(n, "escape")
	}
	i := strings.IndexByte(`"\/bfnrtu`, p.text[p.pos])
	if i < 0 {
		p.want(n, "escape")
	}
	p.pos++
	if i < 8 {
		r := rune("\"\\/\b\f\n\r\t"[i])
		p.check(at, n, r)
		return r
	}
	r := p.hex(n)
	if utf16.IsSurrogate(r) {
		if strings.HasPrefix(p.text[p.pos:], `\u`) {
			back := p.pos
			p.pos += 2
			if pair := utf16.DecodeRune(r, p.hex(n)); pair != utf8.RuneError {
				p.check(at, n, pair)
				return pair
			}
			p.pos = back
		}
		p.r.reportAt(at, n, "", BrokenEscape, "escape", p.text[at:at+6])
		return utf8.RuneError
	}
	p.check(at, n, r)
	return r
}

func (p *parser) hex(n *Node) rune {
	for i := range 4 {
		if p.pos+i >= len(p.text) || !strings.ContainsRune("0123456789abcdefABCDEF", rune(p.text[p.pos+i])) {
			p.pos = min(p.pos+i, len(p.text))
			p.want(n, "escape")
		}
	}
	v, err := strconv.ParseUint(p.text[p.pos:p.pos+4], 16, 16)
	if err != nil {
		p.want(n, "escape")
	}
	p.pos += 4
	return rune(v)
}
