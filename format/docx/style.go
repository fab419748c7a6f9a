package docx

import (
	"strconv"
	"strings"
)

// look is what of the formatting of a run or a style is read. Where a word
// of it is not said, what it is based on counts.
type look struct {
	bold, italic, rtl, hidden setting
	lang                      [3]string // by slot
}

type setting int8

const (
	unset setting = iota
	off
	on
)

func (s setting) or(below setting) setting {
	if s == unset {
		return below
	}
	return s
}

// over lays one look over another.
func (k look) over(below look) look {
	k.bold, k.italic = k.bold.or(below.bold), k.italic.or(below.italic)
	k.rtl, k.hidden = k.rtl.or(below.rtl), k.hidden.or(below.hidden)
	for i := range k.lang {
		if k.lang[i] == "" {
			k.lang[i] = below.lang[i]
		}
	}
	return k
}

// readLook reads w:rPr.
func readLook(rPr *node) (k look) {
	if rPr == nil {
		return k
	}
	for _, n := range rPr.kids {
		if n.space != "w" {
			continue
		}
		toggle := on
		if !n.on() {
			toggle = off
		}
		switch n.local {
		case "b":
			k.bold = toggle
		case "i":
			k.italic = toggle
		case "bCs":
			if k.bold == unset {
				k.bold = toggle
			}
		case "iCs":
			if k.italic == unset {
				k.italic = toggle
			}
		case "rtl":
			k.rtl = toggle
		case "vanish":
			k.hidden = toggle
		case "lang":
			for s, name := range []string{"val", "eastAsia", "bidi"} {
				if tag := n.val(name); plainTag(tag) {
					k.lang[s] = tag
				}
			}
		}
	}
	return k
}

// style is one of the file's styles with what it is based on laid under it.
type style struct {
	kind  Style
	level int // of a heading
	num   int // numbering, where the style has one
	depth int // level of a list, from 0
	bidi  setting
	run   look // of a paragraph's letters, or of a character style
}

// styles are those of a file, by kind and id.
type styles struct {
	paragraph, character map[string]style
	plain                style // the default paragraph style
	defaults             look
}

var styleNames = map[string]Style{
	"title": Title, "subtitle": Subtitle, "quote": Quotation, "intense quote": Quotation, "quotations": Quotation,
	"block text": Quotation, "list paragraph": ListItem, "list": ListItem, "list bullet": ListItem, "list number": ListItem,
}

func readStyles(root *node) *styles {
	s := &styles{paragraph: map[string]style{}, character: map[string]style{}}
	if root == nil {
		return s
	}
	nodes := map[string]*node{}
	var keys []string
	plain := ""
	for _, n := range root.kids {
		switch {
		case n.is("w", "docDefaults"):
			s.defaults = readLook(n.kid("rPrDefault").kid("rPr"))
			s.plain.bidi = readBidi(n.kid("pPrDefault").kid("pPr"))
		case n.is("w", "style"):
			key := n.val("type") + " " + n.val("styleId")
			if nodes[key] == nil {
				keys = append(keys, key)
			}
			nodes[key] = n
			if d := n.val("default"); n.val("type") == "paragraph" && (d == "1" || d == "true") {
				plain = key
			}
		}
	}
	done := map[string]style{}
	var resolve func(key string, depth int) style
	resolve = func(key string, depth int) style {
		if st, ok := done[key]; ok {
			return st
		}
		n := nodes[key]
		if n == nil || depth > 20 { // a style that is based on itself
			return style{}
		}
		st := style{}
		if based := n.kid("basedOn").val("val"); based != "" {
			st = resolve(n.val("type")+" "+based, depth+1)
		}
		name := strings.ToLower(n.kid("name").val("val"))
		if kind, ok := styleNames[name]; ok {
			st.kind, st.level = kind, 0
		} else if rest, ok := strings.CutPrefix(name, "heading "); ok && len(rest) == 1 && rest[0] >= '1' && rest[0] <= '9' {
			st.kind, st.level = Heading, int(rest[0]-'0')
		}
		pPr := n.kid("pPr")
		if level, ok := outline(pPr); ok && st.kind == Body {
			st.kind, st.level = Heading, level
		}
		if num := pPr.kid("numPr"); num != nil {
			if id := num.kid("numId"); id != nil {
				st.num = atoi(id.val("val"))
			}
			st.depth = atoi(num.kid("ilvl").val("val"))
		}
		st.bidi = readBidi(pPr).or(st.bidi)
		st.run = readLook(n.kid("rPr")).over(st.run)
		done[key] = st
		return st
	}
	for _, key := range keys {
		kind, id, _ := strings.Cut(key, " ")
		switch kind {
		case "paragraph":
			s.paragraph[id] = resolve(key, 0)
		case "character":
			s.character[id] = resolve(key, 0)
		}
	}
	if plain != "" {
		bidi := s.plain.bidi
		s.plain = resolve(plain, 0)
		s.plain.bidi = s.plain.bidi.or(bidi)
	}
	return s
}

func readBidi(pPr *node) setting {
	n := pPr.kid("bidi")
	switch {
	case n == nil:
		return unset
	case n.on():
		return on
	}
	return off
}

// outline reads w:outlineLvl, where 9 is the text itself.
func outline(pPr *node) (level int, ok bool) {
	n := pPr.kid("outlineLvl")
	if n == nil {
		return 0, false
	}
	v, err := strconv.Atoi(n.val("val"))
	return v + 1, err == nil && v >= 0 && v < 9
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// numbering says of each list whether its items have numbers.
type numbering struct {
	numbered map[[2]int]bool // by numId and level
	order    map[int]int     // numId to the number of the list in this document
}

func readNumbering(root *node) *numbering {
	n := &numbering{numbered: map[[2]int]bool{}, order: map[int]int{}}
	if root == nil {
		return n
	}
	levels := map[string][]*node{}
	set := func(num int, l *node) {
		if format := l.kid("numFmt").val("val"); format != "" {
			n.numbered[[2]int{num, atoi(l.val("ilvl"))}] = format != "bullet" && format != "none"
		}
	}
	for _, k := range root.kids {
		switch {
		case k.is("w", "abstractNum"):
			id := k.val("abstractNumId")
			for _, l := range k.kids {
				if l.is("w", "lvl") && len(levels[id]) < 9 {
					levels[id] = append(levels[id], l)
				}
			}
		case k.is("w", "num"):
			num := atoi(k.val("numId"))
			for _, l := range levels[k.kid("abstractNumId").val("val")] {
				set(num, l)
			}
			for _, o := range k.kids {
				if l := o.kid("lvl"); l != nil {
					set(num, l)
				}
			}
		}
	}
	return n
}

// list gives the number of a list in order of appearance.
func (n *numbering) list(num int) int {
	if n.order[num] == 0 {
		n.order[num] = len(n.order) + 1
	}
	return n.order[num]
}
