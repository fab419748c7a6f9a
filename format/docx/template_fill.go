package docx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Values fill a template. A text may have several lines. In an entry of a
// list, what the entry does not have is looked for around it.
type Values struct {
	Text  map[string]string
	Lists map[string][]Values
}

// Fill writes the template with values in its fields: always the same bytes
// for the same values. It lists fields without a value, which are left as they
// stand, blocks without a list, which are left out, and values without a
// field. A block whose name has a text in place of a list stands once when the
// text is not empty. Every error is the writer's.
func (t *Template) Fill(w io.Writer, v Values) ([]Problem, error) {
	f := filler{scopes: []Values{v}}
	z := zip.NewWriter(w)
	pack := newPacker()
	var b []byte
	for i := range t.parts {
		p := &t.parts[i]
		header, packed := p.header, p.packed
		if p.ops != nil {
			var err error
			b = f.run(b[:0], p.ops)
			if packed, err = pack.pack(&header, b); err != nil {
				return nil, fmt.Errorf("filling the template: %w", err)
			}
		}
		if err := writePart(z, &header, packed); err != nil {
			return nil, fmt.Errorf("filling the template: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("filling the template: %w", err)
	}
	names := map[string]bool{}
	for _, field := range t.fields {
		names[field.Name] = true
	}
	f.unused(v, names)
	return f.list, nil
}

// filler makes the parts of one filled document.
type filler struct {
	notices
	scopes []Values // the entry of the innermost block last
}

func (f *filler) run(b []byte, ops []op) []byte {
	for i := range ops {
		o := &ops[i]
		switch {
		case o.mark == nil && !o.table:
			b = append(b, o.raw...)
		case o.table:
			start := len(b)
			b = f.run(b, o.inner)
			if !bytes.Contains(b[start:], []byte(":tr>")) && !bytes.Contains(b[start:], []byte("<tr>")) {
				b = b[:start]
			}
		case o.mark.kind == blockMark:
			b = f.block(b, o)
		default:
			b = f.field(b, o.mark)
		}
	}
	return b
}

func (f *filler) field(b []byte, m *mark) []byte {
	for i := len(f.scopes) - 1; i >= 0; i-- {
		if text, ok := f.scopes[i].Text[m.name]; ok {
			return appendLines(b, m.prefix, text)
		}
	}
	f.notice(Problem{Code: FieldWithoutValue, Part: m.part, Paragraph: m.paragraph, Value: clip(m.name)})
	return appendLines(b, m.prefix, m.as)
}

func (f *filler) block(b []byte, o *op) []byte {
	m := o.mark
	entries, found := []Values(nil), false
	for i := len(f.scopes) - 1; i >= 0 && !found; i-- {
		if entries, found = f.scopes[i].Lists[m.name]; !found {
			var text string
			if text, found = f.scopes[i].Text[m.name]; text != "" {
				entries = []Values{{}}
			}
		}
	}
	if !found {
		f.notice(Problem{Code: BlockWithoutList, Part: m.part, Paragraph: m.paragraph, Value: clip(m.name)})
	}
	for _, entry := range entries {
		f.scopes = append(f.scopes, entry)
		b = f.run(b, o.inner)
		f.scopes = f.scopes[:len(f.scopes)-1]
	}
	if len(entries) == 0 && m.instead != nil {
		b = m.instead.appendXML(b)
	}
	return b
}

// unused lists the values that no field takes.
func (f *filler) unused(v Values, names map[string]bool) {
	for _, name := range sortedKeys(v.Text) {
		if !names[name] {
			f.notice(Problem{Code: ValueWithoutField, Value: clip(name)})
		}
	}
	for _, name := range sortedKeys(v.Lists) {
		if !names[name] {
			f.notice(Problem{Code: ValueWithoutField, Value: clip(name)})
			continue
		}
		for _, entry := range v.Lists[name] {
			f.unused(entry, names)
		}
	}
}

// appendLines writes a text as the content of a run.
func appendLines(b []byte, prefix, s string) []byte {
	s = clean(s)
	element := func(open, local, end string) {
		b = append(appendName(append(b, open...), prefix, local), end...)
	}
	for s != "" {
		i := strings.IndexAny(s, "\t\n")
		if i < 0 {
			i = len(s)
		}
		if i > 0 {
			element("<", "t", ` xml:space="preserve">`)
			b = appendText(b, s[:i])
			element("</", "t", ">")
		}
		if i == len(s) {
			break
		}
		if s[i] == '\t' {
			element("<", "tab", "/>")
		} else {
			element("<", "br", "/>")
		}
		s = s[i+1:]
	}
	return b
}
