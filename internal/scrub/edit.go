package scrub

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// rules say what to change in a part of XML. Names are local names; prefixes are ignored.
type rules struct {
	drop func(e xml.StartElement) bool                              // the element and all in it
	text func(e xml.StartElement) (text string, replace bool)       // what stands in it instead
	attr func(element string, a xml.Attr) (value string, kept bool) // what stands there instead
}

// edit changes a part and leaves every other byte of it as it is.
func edit(part []byte, r rules) ([]byte, error) {
	var out bytes.Buffer
	d := xml.NewDecoder(bytes.NewReader(part))
	skip, inner := 0, false // elements that are being left out, and whether only what is in the first of them is
	for {
		start := d.InputOffset()
		t, err := d.RawToken()
		if err == io.EOF {
			if skip > 0 {
				return nil, fmt.Errorf("%w: a part of XML", ErrDamaged)
			}
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: a part of XML", ErrDamaged)
		}
		raw := part[start:d.InputOffset()]
		switch t := t.(type) {
		case xml.StartElement:
			if skip > 0 {
				skip++
				continue
			}
			if r.drop != nil && r.drop(t) {
				skip, inner = 1, false
				continue
			}
			out.Write(editTag(raw, t, r.attr))
			if r.text == nil || bytes.HasSuffix(raw, []byte("/>")) {
				continue
			}
			if text, replace := r.text(t); replace {
				xml.EscapeText(&out, []byte(text))
				skip, inner = 1, true
			}
		case xml.EndElement:
			if skip > 0 {
				if skip--; skip > 0 || !inner {
					continue
				}
			}
			out.Write(raw)
		default:
			if skip == 0 {
				out.Write(raw)
			}
		}
	}
}

// editTag changes the attributes of a start tag, which stand in the order of e.Attr.
func editTag(raw []byte, e xml.StartElement, attr func(string, xml.Attr) (string, bool)) []byte {
	if attr == nil {
		return raw
	}
	var out []byte
	rest := raw
	take := func(n int) []byte {
		head := rest[:n]
		rest = rest[n:]
		return head
	}
	span := func(stop string) int { // to the first of these characters
		n := bytes.IndexAny(rest, stop)
		if n < 0 {
			n = len(rest)
		}
		return n
	}
	out = append(out, take(span(" \t\r\n/>"))...)
	for _, a := range e.Attr {
		space := take(len(rest) - len(bytes.TrimLeft(rest, " \t\r\n")))
		equals := take(span(`"'`))
		if len(rest) == 0 {
			return raw // not reached: the decoder has read this tag
		}
		quote := take(1)[0]
		value := take(bytes.IndexByte(rest, quote))
		take(1)
		now, kept := attr(e.Name.Local, a)
		if !kept {
			continue
		}
		out = append(append(append(out, space...), equals...), quote)
		if now == a.Value {
			out = append(out, value...)
		} else {
			var b strings.Builder
			xml.EscapeText(&b, []byte(now))
			out = append(out, b.String()...)
		}
		out = append(out, quote)
	}
	return append(out, rest...)
}

// valueOf gives an attribute by its local name.
func valueOf(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
