package docx

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFieldDepth is how deep fields of the word processor may be nested.
const maxFieldDepth = 20

// text finds the fields of one part and folds its blocks.
func (c *compiler) text(part string, root *node) error {
	c.part = part
	if err := c.wordFields(root); err != nil {
		return err
	}
	c.paragraph = 0
	var opens, pending []*node // marks of blocks, in order
	root.each(func(n *node) bool {
		if n.is("w", "p") {
			c.paragraph++
			c.paragraphFields(n)
		}
		return true
	})
	if c.marks > maxFields {
		return &Problem{Code: TooManyFields, Limit: maxFields}
	}
	c.parent = map[*node]*node{}
	root.each(func(n *node) bool {
		for _, k := range n.kids {
			c.parent[k] = n
		}
		if n.mark != nil && n.mark.kind != fieldMark {
			pending = append(pending, n)
		}
		return true
	})
	for _, n := range pending {
		if n.mark.kind == openMark {
			opens = append(opens, n)
			continue
		}
		i := len(opens) - 1
		for i >= 0 && opens[i].mark.name != n.mark.name {
			i--
		}
		if i < 0 {
			c.literal(n, BlockNotOpened)
			continue
		}
		for _, o := range opens[i+1:] {
			c.literal(o, BlockNotClosed)
		}
		c.fold(opens[i], n)
		opens = opens[:i]
	}
	for _, o := range opens {
		c.literal(o, BlockNotClosed)
	}
	root.each(func(n *node) bool {
		if n.mark == nil || n.mark.kind != blockMark {
			return true
		}
		strip(n)
		return false
	})
	return nil
}

// literal leaves a mark that cannot be used as it is written.
func (c *compiler) literal(n *node, code Code) {
	c.notice(Problem{Code: code, Part: n.mark.part, Paragraph: n.mark.paragraph, Value: clip(n.mark.name)})
	*n = *textNode(n.mark.prefix, n.mark.as)
}

// textNode is a w:t.
func textNode(prefix, text string) *node {
	return &node{space: "w", prefix: prefix, local: "t", attrs: []attr{{"xml", "xml", "space", "preserve"}}, kids: []*node{{text: text}}}
}

func (c *compiler) newMark(kind markKind, name, as, prefix string) *node {
	c.marks++
	return &node{space: "w", mark: &mark{kind: kind, name: name, as: as, prefix: prefix, part: c.part, paragraph: c.paragraph}}
}

// piece is something within a run.
type piece struct {
	run, node *node
	paragraph *node
	number    int // of the paragraph
}

// pieces goes through what stands in the runs, in order.
func pieces(root *node) (list []piece) {
	number := 0
	var walk func(n, p *node, at int)
	walk = func(n, p *node, at int) {
		for _, k := range n.kids {
			switch {
			case k.is("w", "p"):
				number++
				walk(k, k, number)
			case k.is("w", "r"):
				for _, in := range k.kids {
					if !in.is("w", "rPr") {
						list = append(list, piece{k, in, p, at})
					}
					walk(in, p, at)
				}
			default:
				walk(k, p, at)
			}
		}
	}
	walk(root, nil, 0)
	return list
}

// wordFields turns MERGEFIELDs into marks and takes out fields that fetch
// something, their result apart.
func (c *compiler) wordFields(root *node) error {
	c.simpleFields(root)
	type open struct {
		at, separate int
		instruction  strings.Builder
		nested       bool
	}
	list := pieces(root)
	var stack []*open
	replaced := map[*node][]*node{}
	for i, p := range list {
		if len(stack) > 0 && p.node.is("w", "instrText") {
			if top := stack[len(stack)-1]; top.separate == 0 && top.instruction.Len() < 4000 {
				top.instruction.WriteString(clipped(p.node.words(), 4000))
			}
		}
		if !p.node.is("w", "fldChar") {
			continue
		}
		switch p.node.val("fldCharType") {
		case "begin":
			if len(stack) == maxFieldDepth {
				return &Problem{Code: TooDeep, Part: c.part, Paragraph: p.number, Limit: maxFieldDepth}
			}
			stack = append(stack, &open{at: i, nested: len(stack) > 0 && stack[len(stack)-1].separate == 0})
		case "separate":
			if len(stack) > 0 && stack[len(stack)-1].separate == 0 {
				stack[len(stack)-1].separate = i
			}
		case "end":
			if len(stack) == 0 {
				continue
			}
			f := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			c.paragraph = list[f.at].number
			words := instructionWords(f.instruction.String())
			if len(words) == 0 {
				continue
			}
			kind := strings.ToUpper(words[0])
			instructionEnd := f.separate
			if instructionEnd == 0 {
				instructionEnd = i
			}
			switch {
			case activeFields[kind]:
				c.notice(Problem{Code: ActiveField, Part: c.part, Paragraph: c.paragraph, Value: clip(f.instruction.String())})
				for _, q := range list[f.at : instructionEnd+1] {
					replaced[q.node] = nil
				}
				replaced[p.node] = nil
			case kind == "MERGEFIELD":
				name := c.mergeName(words)
				if name == "" || f.nested || list[f.at].paragraph != p.paragraph {
					c.notice(Problem{Code: UnsupportedField, Part: c.part, Paragraph: c.paragraph, Value: clip(f.instruction.String())})
					continue
				}
				at := f.at
				for j := instructionEnd + 1; j < i; j++ {
					if list[j].node.is("w", "t") {
						at = j
						break
					}
				}
				for _, q := range list[f.at : i+1] {
					replaced[q.node] = nil
				}
				replaced[list[at].node] = []*node{c.newMark(fieldMark, name, "«"+name+"»", list[at].run.prefix)}
			}
		}
	}
	if len(replaced) > 0 {
		replace(root, replaced)
	}
	return nil
}

// mergeName is the name of a MERGEFIELD. Switches other than for the format
// of letters and numbers change what is written; they cannot be kept.
func (c *compiler) mergeName(words []string) string {
	if len(words) < 2 || !goodName(words[1], true) {
		return ""
	}
	for _, w := range words[2:] {
		if w == `\b` || w == `\f` || w == `\v` {
			c.notice(Problem{Code: UnsupportedField, Part: c.part, Paragraph: c.paragraph, Value: clip(strings.Join(words, " "))})
		}
	}
	return words[1]
}

// simpleFields does the same for fields that are one element.
func (c *compiler) simpleFields(root *node) {
	number := 0
	var walk func(n *node)
	walk = func(n *node) {
		for i := 0; i < len(n.kids); i++ {
			k := n.kids[i]
			if k.is("w", "p") {
				number++
			}
			if k.is("w", "fldSimple") {
				c.paragraph = number
				words := instructionWords(k.val("instr"))
				if len(words) > 0 && activeFields[strings.ToUpper(words[0])] {
					c.notice(Problem{Code: ActiveField, Part: c.part, Paragraph: number, Value: clip(k.val("instr"))})
					n.kids = slices.Replace(n.kids, i, i+1, k.kids...)
					i--
					continue
				}
				if len(words) > 0 && strings.EqualFold(words[0], "MERGEFIELD") {
					if name := c.mergeName(words); name != "" {
						run := &node{space: "w", prefix: k.prefix, local: "r"}
						if r := k.kid("r"); r != nil {
							run.attrs = r.attrs
							if rPr := r.kid("rPr"); rPr != nil {
								run.kids = append(run.kids, rPr)
							}
						}
						run.kids = append(run.kids, c.newMark(fieldMark, name, "«"+name+"»", k.prefix))
						n.kids[i] = run
						continue
					}
					c.notice(Problem{Code: UnsupportedField, Part: c.part, Paragraph: number, Value: clip(k.val("instr"))})
				}
			}
			walk(k)
		}
	}
	walk(root)
}

// replace puts other nodes in the place of some. A run with nothing left but
// its formatting goes.
func replace(n *node, by map[*node][]*node) {
	kids := n.kids[:0:0]
	for _, k := range n.kids {
		if list, ok := by[k]; ok {
			kids = append(kids, list...)
			continue
		}
		had := len(k.kids)
		replace(k, by)
		if k.is("w", "r") && had > len(k.kids) && !slices.ContainsFunc(k.kids, func(in *node) bool { return !in.is("w", "rPr") }) {
			continue
		}
		kids = append(kids, k)
	}
	n.kids = kids
}

// paragraphFields finds {{name}}, {{#name}}, {{/name}} and «name» in the text
// of a paragraph, over the borders of its runs, and puts a mark into the run
// in which each begins.
func (c *compiler) paragraphFields(p *node) {
	type text struct {
		run, node  *node
		start, end int
	}
	var (
		list []text
		all  strings.Builder
		walk func(n *node)
	)
	walk = func(n *node) {
		for _, k := range n.kids {
			switch {
			case k.is("w", "p"), k.is("w", "del"), k.is("w", "moveFrom"), k.is("w", "txbxContent"):
			case k.is("w", "r"):
				for _, in := range k.kids {
					switch {
					case in.is("w", "t"):
						start := all.Len()
						all.WriteString(in.words())
						list = append(list, text{k, in, start, all.Len()})
					case in.is("w", "rPr"), in.is("w", "lastRenderedPageBreak"):
					default:
						all.WriteByte(0) // no field goes over a tab, a break or a note
					}
				}
			default:
				walk(k)
			}
		}
	}
	walk(p)
	if len(list) == 0 {
		return
	}
	s := all.String()
	if !strings.Contains(s, "{{") && !strings.Contains(s, "«") {
		return
	}
	found := c.scan(s)
	if len(found) == 0 {
		return
	}
	replaced := map[*node][]*node{}
	first := 0
	for _, t := range list {
		var nodes []*node
		pos := t.start
		say := func(end int) {
			if end > pos {
				nodes = append(nodes, textNode(t.run.prefix, s[pos:end]))
			}
			pos = max(pos, end)
		}
		for first < len(found) && found[first].end <= t.start {
			first++
		}
		for _, m := range found[first:] {
			if m.start >= t.end {
				break
			}
			if m.start >= t.start {
				say(m.start)
				nodes = append(nodes, c.newMark(m.kind, m.name, s[m.start:m.end], t.run.prefix))
			}
			pos = min(m.end, t.end)
		}
		if pos == t.start && len(nodes) == 0 {
			continue // no field in it
		}
		say(t.end)
		replaced[t.node] = nodes
	}
	replace(p, replaced)
}

// hit is a field in a text.
type hit struct {
	start, end int
	kind       markKind
	name       string
}

func (c *compiler) scan(s string) (found []hit) {
	for i := 0; i < len(s) && c.marks <= maxFields; {
		next := strings.IndexAny(s[i:], "{«")
		if next < 0 {
			return found
		}
		i += next
		if name, ok := strings.CutPrefix(s[i:], "«"); ok {
			end := strings.Index(name, "»")
			if end > 0 && end <= 64*utf8.UTFMax && goodName(name[:end], false) {
				stop := i + len("«") + end + len("»")
				found = append(found, hit{i, stop, fieldMark, name[:end]})
				i = stop
				continue
			}
			i += len("«")
			continue
		}
		rest, ok := strings.CutPrefix(s[i:], "{{")
		if !ok {
			i++
			continue
		}
		window := clipped(rest, 400)
		end := strings.Index(window, "}}")
		if end >= 0 {
			name, kind := strings.TrimSpace(rest[:end]), fieldMark
			if n, ok := strings.CutPrefix(name, "#"); ok {
				name, kind = strings.TrimSpace(n), openMark
			} else if n, ok := strings.CutPrefix(name, "/"); ok {
				name, kind = strings.TrimSpace(n), closeMark
			}
			if goodName(name, true) {
				found = append(found, hit{i, i + 2 + end + 2, kind, name})
				i += 2 + end + 2
				continue
			}
			window = window[:end+2]
		}
		c.marks++
		c.notice(Problem{Code: BrokenField, Part: c.part, Paragraph: c.paragraph, Value: clip(strings.ReplaceAll("{{"+clipped(window, 60), "\x00", " "))})
		i += 2
	}
	return found
}

// goodName says whether a field can be called so: letters and digits of any
// script, and points, hyphens and underscores between them; in braces and in
// a MERGEFIELD spaces too.
func goodName(name string, spaces bool) bool {
	if name == "" || utf8.RuneCountInString(name) > 64 {
		return false
	}
	for i, c := range name {
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c), c == '_', i > 0 && unicode.IsMark(c):
		case i > 0 && (c == '.' || c == '-' || c == ' ' && spaces):
		default:
			return false
		}
	}
	return !strings.HasSuffix(name, " ")
}
