package docx

import "slices"

// fold makes what stands between two marks one node that is repeated.
func (c *compiler) fold(open, end *node) {
	from, to := c.path(open), c.path(end)
	depth := 0
	for depth < len(from) && depth < len(to) && from[depth] == to[depth] {
		depth++
	}
	parent, first, last := from[depth-1], from[depth], to[depth]
	block := &node{space: "w", mark: &mark{
		kind: blockMark, name: open.mark.name, as: open.mark.as, prefix: open.mark.prefix,
		part: open.mark.part, paragraph: open.mark.paragraph,
	}}
	misplaced := func() {
		c.literal(open, BlockMisplaced)
		c.literal(end, BlockMisplaced)
	}
	inParagraph := slices.ContainsFunc(from[:depth], func(n *node) bool { return n.is("w", "p") }) &&
		!slices.ContainsFunc(from[paragraphAt(from[:depth])+1:depth], func(n *node) bool { return n.is("w", "txbxContent") })
	switch {
	case parent.is("w", "r"): // words of one run
		if first != open || last != end {
			misplaced()
			return
		}
	case inParagraph: // runs of a paragraph
		if c.parent[open] != first || c.parent[end] != last || !first.is("w", "r") || !last.is("w", "r") {
			misplaced()
			return
		}
		first, last = c.split(first, open), c.splitBefore(last, end)
	case parent.is("w", "tr"): // one row
		c.remove(open)
		c.remove(end)
		first, last, parent = parent, parent, c.parent[parent]
	case first.is("w", "tr") && last.is("w", "tr"): // rows
		c.remove(open)
		c.remove(end)
	case first.is("w", "p") && last.is("w", "p") && c.parent[c.parent[open]] == first && c.parent[c.parent[end]] == last: // paragraphs
		c.remove(open)
		c.remove(end)
		c.foldParagraphs(block, parent, first, last)
		return
	default:
		misplaced()
		return
	}
	i, j := slices.Index(parent.kids, first), slices.Index(parent.kids, last)
	if parent.is("w", "r") {
		i, j = i+1, j-1 // without the marks
		c.wrap(block, parent, i, j)
		c.remove(open)
		c.remove(end)
		return
	}
	c.wrap(block, parent, i, j)
}

// paragraphAt is the innermost w:p of a path, or -1.
func paragraphAt(path []*node) int {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i].is("w", "p") {
			return i
		}
	}
	return -1
}

// foldParagraphs repeats whole paragraphs. Those that held nothing but a mark go.
func (c *compiler) foldParagraphs(block, parent, first, last *node) {
	i, j := slices.Index(parent.kids, first), slices.Index(parent.kids, last)
	empty := &node{space: "w", prefix: last.prefix, local: "p", attrs: last.attrs, kids: last.kids}
	lastGoes := bare(last)
	if lastGoes && parent.is("w", "tc") && j == len(parent.kids)-1 && (j-1 <= i || !parent.kids[j-1].is("w", "p")) {
		lastGoes = false // a cell must end with a paragraph
		if j > i {
			j--
		}
	} else if lastGoes {
		parent.kids = slices.Delete(parent.kids, j, j+1)
		j--
	}
	if bare(first) && i <= j {
		parent.kids = slices.Delete(parent.kids, i, i+1)
		j--
	}
	if i > j {
		c.insert(block, parent, i)
	} else {
		c.wrap(block, parent, i, j)
	}
	if !slices.ContainsFunc(parent.kids, func(k *node) bool { return k.is("w", "p") }) && !parent.is("w", "body") || parent.is("w", "tc") && parent.kids[len(parent.kids)-1] == block {
		empty.attrs = slices.DeleteFunc(slices.Clone(empty.attrs), once)
		empty.kids = slices.DeleteFunc(slices.Clone(empty.kids), func(k *node) bool { return !k.is("w", "pPr") })
		block.mark.instead = empty
	}
}

// bare says whether a paragraph has no content any more.
func bare(p *node) bool {
	for _, k := range p.kids {
		switch {
		case k.is("w", "pPr"), k.is("w", "proofErr"), k.is("w", "bookmarkStart"), k.is("w", "bookmarkEnd"):
			if k.kid("sectPr") != nil {
				return false
			}
		case k.is("w", "r"):
			for _, in := range k.kids {
				if in.is("w", "t") && in.words() != "" && !blank(in.words()) || !in.is("w", "t") && !in.is("w", "rPr") && !in.is("w", "lastRenderedPageBreak") {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}

func blank(s string) bool {
	for _, c := range s {
		if c != ' ' && c != '\u00a0' {
			return false
		}
	}
	return true
}

// path is the way from the root to a node.
func (c *compiler) path(n *node) []*node {
	var list []*node
	for ; n != nil; n = c.parent[n] {
		list = append(list, n)
	}
	slices.Reverse(list)
	return list
}

func (c *compiler) remove(n *node) {
	p := c.parent[n]
	if i := slices.Index(p.kids, n); i >= 0 {
		p.kids = slices.Delete(p.kids, i, i+1)
	}
}

// wrap puts the children i to j into the block, in their place.
func (c *compiler) wrap(block, parent *node, i, j int) {
	block.kids = slices.Clone(parent.kids[i : j+1])
	for _, k := range block.kids {
		c.parent[k] = block
	}
	parent.kids = slices.Replace(parent.kids, i, j+1, block)
	c.parent[block] = parent
}

func (c *compiler) insert(block, parent *node, i int) {
	parent.kids = slices.Insert(parent.kids, i, block)
	c.parent[block] = parent
}

// split divides a run behind a mark and gives the second half; the mark goes.
func (c *compiler) split(run, at *node) *node {
	i := slices.Index(run.kids, at)
	second := &node{space: run.space, prefix: run.prefix, local: run.local, attrs: run.attrs}
	if rPr := run.kid("rPr"); rPr != nil {
		second.kids = append(second.kids, rPr)
	}
	second.kids = append(second.kids, run.kids[i+1:]...)
	for _, k := range second.kids {
		c.parent[k] = second
	}
	run.kids = run.kids[:i:i]
	parent := c.parent[run]
	c.insert(second, parent, slices.Index(parent.kids, run)+1)
	return second
}

// splitBefore divides a run before a mark and gives the first half.
func (c *compiler) splitBefore(run, at *node) *node {
	c.split(run, at)
	return run
}

// once says whether an attribute may be in a file only once.
func once(a attr) bool { return a.space == "w14" && (a.local == "paraId" || a.local == "textId") }

// strip takes out of what is repeated that which may be in a file only once.
func strip(n *node) {
	n.attrs = slices.DeleteFunc(n.attrs, once)
	n.kids = slices.DeleteFunc(n.kids, func(k *node) bool {
		switch {
		case k.space != "w":
		case k.local == "bookmarkStart", k.local == "bookmarkEnd", k.local == "commentRangeStart", k.local == "commentRangeEnd", k.local == "commentReference":
			return true
		case k.local == "id" && n.is("w", "sdtPr"):
			return true
		}
		strip(k)
		return false
	})
}
