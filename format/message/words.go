package message

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Words gives the words of an HTML text: a line for each block, an empty one between paragraphs, and nothing of
// scripts, styles and pictures. Where a link says other words than its address, the address follows in brackets.
func Words(in string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(in))
	skip, href, said := atom.Atom(0), "", ""
	for {
		switch z.Next() {
		case html.ErrorToken: // the end; a tokenizer of a string has no other
			return tidy(out.String())
		case html.TextToken:
			if skip == 0 {
				text := string(z.Text())
				said += text
				out.WriteString(strings.Join(strings.FieldsFunc(keepEnds(text), func(r rune) bool { return r == '\n' || r == '\t' || r == '\r' }), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.DataAtom {
			case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template:
				if t.Type == html.StartTagToken && t.DataAtom != atom.Head {
					skip = t.DataAtom
				}
			case atom.Br, atom.Tr, atom.Li:
				out.WriteString("\n")
			case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.Blockquote, atom.Ul, atom.Ol, atom.Table:
				out.WriteString("\n\n")
			case atom.Td, atom.Th:
				out.WriteString(" ")
			case atom.A:
				href, said = "", ""
				for _, a := range t.Attr {
					if a.Key == "href" && (strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "https://")) {
						href = a.Val
					}
				}
			}
		case html.EndTagToken:
			t := z.Token()
			if t.DataAtom == skip {
				skip = 0
			}
			switch t.DataAtom {
			case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.Blockquote, atom.Ul, atom.Ol, atom.Table:
				out.WriteString("\n\n")
			case atom.A:
				if href != "" && strings.TrimSpace(said) != href {
					out.WriteString(" [" + href + "]")
				}
				href = ""
			}
		}
	}
}

// keepEnds makes one space of white space at the ends, which separates words of neighbouring elements.
func keepEnds(s string) string {
	trimmed := strings.TrimSpace(s)
	if trimmed == "" {
		if s == "" {
			return ""
		}
		return " "
	}
	if s[0] == ' ' || s[0] == '\n' || s[0] == '\t' || s[0] == '\r' {
		trimmed = " " + trimmed
	}
	switch s[len(s)-1] {
	case ' ', '\n', '\t', '\r':
		trimmed += " "
	}
	return trimmed
}

// tidy leaves single spaces, and at most one empty line.
func tidy(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		l = strings.Join(strings.Fields(l), " ")
		if l == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, l)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
