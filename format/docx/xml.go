package docx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// node is an element, or a text where local is empty. Names keep the prefix
// they were written with, so that what is not touched is written back as it
// was; space is the short name below, or the address of any other namespace.
type node struct {
	space, prefix, local string
	attrs                []attr
	kids                 []*node
	text                 string
	mark                 *mark // in a template: a field or block that stands here
}

type attr struct{ space, prefix, local, value string }

// spaces gives each namespace that matters its usual prefix, in the
// transitional and in the strict spelling.
var spaces = map[string]string{
	"http://schemas.openxmlformats.org/wordprocessingml/2006/main":            "w",
	"http://purl.oclc.org/ooxml/wordprocessingml/main":                        "w",
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships":     "r",
	"http://purl.oclc.org/ooxml/officeDocument/relationships":                 "r",
	"http://schemas.openxmlformats.org/officeDocument/2006/math":              "m",
	"http://purl.oclc.org/ooxml/officeDocument/math":                          "m",
	"http://schemas.openxmlformats.org/markup-compatibility/2006":             "mc",
	"http://schemas.openxmlformats.org/drawingml/2006/main":                   "a",
	"http://purl.oclc.org/ooxml/drawingml/main":                               "a",
	"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing":  "wp",
	"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing":              "wp",
	"http://schemas.openxmlformats.org/drawingml/2006/picture":                "pic",
	"http://purl.oclc.org/ooxml/drawingml/picture":                            "pic",
	"urn:schemas-microsoft-com:vml":                                           "v",
	"urn:schemas-microsoft-com:office:office":                                 "o",
	"http://schemas.microsoft.com/office/word/2010/wordml":                    "w14",
	"http://schemas.microsoft.com/office/word/2012/wordml":                    "w15",
	"http://schemas.openxmlformats.org/package/2006/metadata/core-properties": "cp",
	"http://purl.org/dc/elements/1.1/":                                        "dc",
	"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties": "op",
	"http://purl.oclc.org/ooxml/officeDocument/customProperties":              "op",
	"http://schemas.openxmlformats.org/package/2006/relationships":            "rel",
	"http://schemas.openxmlformats.org/package/2006/content-types":            "ct",
	"http://www.w3.org/XML/1998/namespace":                                    "xml",
}

// is says whether the element has this name, with a prefix of spaces.
func (n *node) is(space, local string) bool { return n.local == local && n.space == space }

// attr gives an attribute; the prefix "" means one without namespace.
func (n *node) attr(space, local string) (string, bool) {
	for i := range n.attrs {
		if a := &n.attrs[i]; a.local == local && a.space == space {
			return a.value, true
		}
	}
	return "", false
}

// val gives the attribute w:NAME.
func (n *node) val(local string) string {
	if n == nil {
		return ""
	}
	v, _ := n.attr("w", local)
	return v
}

// kid gives the first child w:NAME, of a nil node too.
func (n *node) kid(local string) *node {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.local == local && k.space == "w" {
			return k
		}
	}
	return nil
}

// words joins all text below.
func (n *node) words() string {
	if len(n.kids) == 1 && n.kids[0].local == "" {
		return n.kids[0].text
	}
	var b strings.Builder
	n.each(func(k *node) bool { b.WriteString(k.text); return true })
	return b.String()
}

// each goes through the node and what is below it; false passes over the children.
func (n *node) each(visit func(*node) bool) {
	if visit(n) {
		for _, k := range n.kids {
			k.each(visit)
		}
	}
}

// on reads a toggle such as w:b (17.17.4).
func (n *node) on() bool {
	switch n.val("val") {
	case "0", "false", "off":
		return false
	}
	return true
}

// budget is what the elements of a file may come to.
type budget struct{ depth, elements, left int }

// parse reads one part. It checks that the names of tags match, resolves
// namespaces, and refuses declarations of document types and entities.
func (g *budget) parse(part string, data []byte) (*node, error) {
	if bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.HasPrefix(data, []byte("\xff\xfe")) {
		data = fromUTF16(data)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		at := 0
		for at < len(data) {
			c, size := utf8.DecodeRune(data[at:])
			if c == utf8.RuneError && size < 2 {
				break
			}
			at += size
		}
		return nil, &Problem{Code: BadEncoding, Part: part, Value: itoa(at)}
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8, whatever it says
	var (
		root  node
		stack = []*node{&root}
		binds []bind
		marks = []int{0}
		slab  []node
	)
	broken := func(what string) error {
		line, _ := d.InputPos()
		return &Problem{Code: BrokenXML, Part: part, Line: line, Value: clip(what)}
	}
	fresh := func() *node {
		if len(slab) == 0 {
			slab = make([]node, 128)
		}
		n := &slab[0]
		slab = slab[1:]
		return n
	}
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				return nil, broken(syntax.Msg)
			}
			return nil, broken(err.Error())
		}
		top := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.Directive:
			line, _ := d.InputPos()
			return nil, &Problem{Code: DTD, Part: part, Line: line}
		case xml.StartElement:
			if len(stack) == 1 && len(root.kids) > 0 {
				return nil, broken("a second root element")
			}
			if len(stack) > g.depth {
				line, _ := d.InputPos()
				return nil, &Problem{Code: TooDeep, Part: part, Line: line, Limit: int64(g.depth)}
			}
			if g.left -= max(1, len(t.Attr)-1); g.left < 0 { // many attributes count as elements
				return nil, &Problem{Code: TooManyElements, Part: part, Limit: int64(g.elements)}
			}
			n := fresh()
			n.prefix, n.local = t.Name.Space, t.Name.Local
			marks = append(marks, len(binds))
			if len(t.Attr) > 0 {
				n.attrs = make([]attr, len(t.Attr))
				for i, a := range t.Attr {
					n.attrs[i] = attr{prefix: a.Name.Space, local: a.Name.Local, value: a.Value}
					if a.Name.Space == "xmlns" {
						binds = append(binds, bind{a.Name.Local, shortSpace(a.Value)})
					} else if a.Name.Space == "" && a.Name.Local == "xmlns" {
						binds = append(binds, bind{"", shortSpace(a.Value)})
					}
				}
			}
			if len(binds) > maxBinds {
				return nil, broken("more than " + itoa(maxBinds) + " namespaces")
			}
			if n.space, err = resolve(binds, n.prefix); err != nil {
				return nil, broken(err.Error())
			}
			for i := range n.attrs {
				if a := &n.attrs[i]; a.prefix != "" && a.prefix != "xmlns" {
					if a.space, err = resolve(binds, a.prefix); err != nil {
						return nil, broken(err.Error())
					}
				}
			}
			top.kids = append(top.kids, n)
			stack = append(stack, n)
		case xml.EndElement:
			if len(stack) == 1 || top.local != t.Name.Local || top.prefix != t.Name.Space {
				return nil, broken("a closing tag does not match: " + t.Name.Local)
			}
			stack = stack[:len(stack)-1]
			binds = binds[:marks[len(marks)-1]]
			marks = marks[:len(marks)-1]
		case xml.CharData:
			if len(stack) > 1 {
				// The space between elements counts only where text is.
				if top.local != "t" && top.local != "delText" && top.local != "instrText" && len(bytes.TrimSpace(t)) == 0 {
					continue
				}
				n := fresh()
				n.text = string(t)
				top.kids = append(top.kids, n)
			} else if len(bytes.TrimSpace(t)) > 0 {
				return nil, broken("text outside the root element")
			}
		}
	}
	if len(stack) != 1 {
		return nil, broken("it ends within " + stack[len(stack)-1].local)
	}
	if len(root.kids) == 0 {
		return nil, broken("there is no element")
	}
	return root.kids[0], nil
}

// maxBinds is how many namespaces may be declared at one place; each name is
// looked for among them.
const maxBinds = 300

type bind struct{ prefix, space string }

func shortSpace(address string) string {
	if s, ok := spaces[address]; ok {
		return s
	}
	return address
}

func resolve(binds []bind, prefix string) (string, error) {
	for i := len(binds) - 1; i >= 0; i-- {
		if binds[i].prefix == prefix {
			return binds[i].space, nil
		}
	}
	switch prefix {
	case "":
		return "", nil
	case "xml":
		return "xml", nil
	}
	return "", errors.New("the prefix " + prefix + " is not declared")
}

// fromUTF16 turns UTF-16 with a byte order mark, the other encoding that parts
// may have, into UTF-8. Halves of pairs become U+FFFD.
func fromUTF16(data []byte) []byte {
	hi, lo := 0, 1
	if data[0] == 0xff {
		hi, lo = 1, 0
	}
	out := make([]byte, 0, len(data))
	for i := 2; i+1 < len(data); i += 2 {
		c := rune(data[i+hi])<<8 | rune(data[i+lo])
		if c>>10 == 0xd800>>10 && i+3 < len(data) {
			if next := rune(data[i+2+hi])<<8 | rune(data[i+2+lo]); next>>10 == 0xdc00>>10 {
				c = (c-0xd800)<<10 | (next - 0xdc00) + 0x10000
				i += 2
			}
		}
		out = utf8.AppendRune(out, c)
	}
	return out
}

// appendXML writes a node as it was read.
func (n *node) appendXML(b []byte) []byte {
	if n.local == "" {
		return appendText(b, n.text)
	}
	b = n.appendStart(b)
	if len(n.kids) == 0 {
		return append(b[:len(b)-1], '/', '>')
	}
	for _, k := range n.kids {
		b = k.appendXML(b)
	}
	return n.appendEnd(b)
}

func (n *node) appendStart(b []byte) []byte {
	b = appendName(append(b, '<'), n.prefix, n.local)
	for _, a := range n.attrs {
		b = appendName(append(b, ' '), a.prefix, a.local)
		b = appendText(append(b, '=', '"'), a.value)
		b = append(b, '"')
	}
	return append(b, '>')
}

func (n *node) appendEnd(b []byte) []byte {
	return append(appendName(append(b, '<', '/'), n.prefix, n.local), '>')
}

func appendName(b []byte, prefix, local string) []byte {
	if prefix != "" {
		b = append(append(b, prefix...), ':')
	}
	return append(b, local...)
}

// appendText writes a text for an element or an attribute in double quotes.
func appendText(b []byte, s string) []byte {
	last := 0
	for i := 0; i < len(s); i++ {
		var esc string
		switch s[i] {
		case '&':
			esc = "&amp;"
		case '<':
			esc = "&lt;"
		case '>':
			esc = "&gt;"
		case '"':
			esc = "&quot;"
		case '\n':
			esc = "&#10;"
		case '\r':
			esc = "&#13;"
		case '\t':
			esc = "&#9;"
		default:
			continue
		}
		b = append(append(b, s[last:i]...), esc...)
		last = i + 1
	}
	return append(b, s[last:]...)
}

// clean makes a text one that XML can hold: line ends are "\n", and what is
// not a character of XML 1.0 is U+FFFD.
func clean(s string) string {
	ok := true
	for i := 0; i < len(s) && ok; i++ {
		c := s[i]
		ok = c >= 0x20 && c < 0x7f || c == '\t' || c == '\n'
	}
	if ok {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, c := range s {
		switch {
		case c == '\r':
			if strings.HasPrefix(s[i+1:], "\n") {
				continue
			}
			c = '\n'
		case c == '\v', c == '\f':
			c = '\n'
		case c < 0x20 && c != '\t' && c != '\n', c == 0xfffe, c == 0xffff:
			c = utf8.RuneError
		}
		b.WriteRune(c)
	}
	return b.String()
}
