package text

import (
	"slices"
	"strings"

	"rostrum.example/format/docx"
)

// maxAfter is how many blocks a suggestion names behind which it could stand.
const maxAfter = 20

// arranged finds what stands elsewhere, what is new and what is gone.
func (t *taking) arranged() {
	t.returned()
	// Where each line stands: the section of the last heading before it, and the blocks between.
	var section SectionID
	var above []BlockID
	stands := map[*line]SectionID{}
	ahead := map[*line][]BlockID{}
	after := func() []BlockID {
		all := slices.Clone(above[max(0, len(above)-maxAfter):])
		slices.Reverse(all)
		return all
	}
	met := map[string]bool{}
	var headings, moved []string
	stayed := map[SectionID][]*line{} // lines of blocks that are in their own section
	for _, l := range t.lines {
		stands[l], ahead[l] = section, after()
		if l.part == "" {
			if l.added {
				if id := t.add(l, section, ahead[l]); id != "" {
					above = append(above, id)
				}
			}
			continue
		}
		if met[l.part] {
			continue
		}
		met[l.part] = true
		if s := t.document.Section(SectionID(l.part)); s != nil {
			section, above = s.ID, nil
			headings = append(headings, l.part)
			continue
		}
		b, own := t.document.Block(BlockID(l.part))
		if b == nil || t.isRemoved(l.part) {
			continue
		}
		if own.ID == section || t.owned[string(own.ID)] == nil {
			stayed[own.ID] = append(stayed[own.ID], l)
		} else if section != "" {
			moved = append(moved, l.part)
			t.move(l.part, section, ahead[l], Suggestion{Untracked: true})
		}
		above = append(above, b.ID)
	}
	kept := map[int]bool{}
	var order []int
	for _, id := range headings {
		order = append(order, t.ranks[id])
	}
	rising(order, kept)
	for _, id := range headings {
		if !kept[t.ranks[id]] {
			t.list(Unplaced{Code: SectionMoved, Part: id, Text: t.parts[id].shown})
		}
	}
	for i := range t.document.Sections {
		lines := stayed[t.document.Sections[i].ID]
		order = order[:0]
		for _, l := range lines {
			order = append(order, t.ranks[l.part])
		}
		rising(order, kept)
		for _, l := range lines {
			if !kept[t.ranks[l.part]] && !slices.Contains(moved, l.part) {
				t.move(l.part, t.document.Sections[i].ID, ahead[l], Suggestion{Untracked: true})
			}
		}
	}
	for _, s := range t.removed {
		t.suggest(*s)
	}
}

// returned finds removed blocks that stand elsewhere as new paragraphs with the same words.
func (t *taking) returned() {
	at := map[string]*line{}
	for _, l := range t.added {
		if text := fold(Clean(strip(l.p.Text(docx.Accepted)))).text; at[text] == nil {
			at[text] = l
		}
	}
	t.moves = map[*line]*Suggestion{}
	t.removed = slices.DeleteFunc(t.removed, func(s *Suggestion) bool {
		l := at[fold(Clean(s.Base)).text]
		if l == nil || t.moves[l] != nil || s.Base == "" {
			return false
		}
		t.moves[l] = s
		return true
	})
}

func (t *taking) isRemoved(part string) bool {
	return slices.ContainsFunc(t.removed, func(s *Suggestion) bool { return s.Part == part })
}

func (t *taking) move(part string, section SectionID, after []BlockID, by Suggestion) {
	by.Kind, by.Part, by.Section = ToMove, part, section
	by.After = slices.DeleteFunc(slices.Clone(after), func(id BlockID) bool { return string(id) == part })
	by.Base, by.Lang = "", ""
	t.suggest(by)
}

// add suggests a new block, or lists what can be none, and gives the id that it would have.
func (t *taking) add(l *line, section SectionID, after []BlockID) BlockID {
	if s := t.moves[l]; s != nil {
		l.part = s.Part // its citations came along
		if section == "" {
			t.list(Unplaced{Code: NewParagraph, Part: s.Part, Text: s.Base, Author: s.Author.Name, At: s.At})
			return ""
		}
		t.move(s.Part, section, after, *s)
		return BlockID(s.Part)
	}
	text := Clean(strip(l.p.Text(docx.Accepted)))
	if strings.TrimSpace(text) == "" {
		return ""
	}
	by := Suggestion{Untracked: !l.fresh}
	for _, r := range l.p.Runs {
		if r.Inserted != nil && r.Deleted == nil && by.At.IsZero() && l.fresh {
			by.Author, by.At = Author{Name: strip(r.Inserted.Author)}, r.Inserted.Date
		}
	}
	u := Unplaced{Text: text, Author: by.Author.Name, At: by.At}
	if len(after) > 0 {
		u.Part = string(after[0])
	}
	switch {
	case l.p.Style == docx.Heading || l.p.Style == docx.Title:
		u.Code = NewHeading
		t.list(u)
		return ""
	case section == "":
		u.Code = NewParagraph
		t.list(u)
		return ""
	}
	if len(l.known) > 0 && !l.fresh {
		t.list(Unplaced{Code: AnchorDouble, Part: l.known[0], Text: text})
	}
	by.Kind, by.Section, by.After, by.Lang, by.Text, by.Block = ToAdd, section, after, t.options.Lang, text, Paragraph
	if l.p.Style == docx.ListItem {
		by.Block = Point
	}
	return BlockID(t.suggest(by))
}

// cited finds what became of the citations.
func (t *taking) cited() {
	type place struct {
		part string
		r    *docx.Run
	}
	home := map[CitationID]string{}
	byText := map[string][]CitationID{}
	var all []CitationID
	t.document.Each(func(_ *Section, b *Block) bool {
		for _, q := range b.Citations {
			if _, ok := home[q.ID]; !ok {
				home[q.ID] = string(b.ID)
				all = append(all, q.ID)
				text := fold(t.notes[q.ID]).text
				byText[text] = append(byText[text], q.ID)
			}
		}
		return true
	})
	there := map[CitationID][]place{}
	var strange []place
	behind := ""
	for _, l := range t.lines {
		if l.part != "" {
			behind = l.part
		}
		for i := range l.p.Runs {
			r := &l.p.Runs[i]
			if r.Footnote == nil || r.Inserted != nil && r.Deleted != nil {
				continue
			}
			at := place{behind, r}
			if j := slices.IndexFunc(r.Anchors, func(a string) bool { return home[CitationID(a)] != "" }); j >= 0 {
				there[CitationID(r.Anchors[j])] = append(there[CitationID(r.Anchors[j])], at)
			} else {
				strange = append(strange, at)
			}
		}
	}
	note := func(r *docx.Run) (text, author string) {
		var lines []string
		for _, p := range r.Footnote.Paragraphs {
			lines = append(lines, strip(p.Text(docx.Accepted)))
			for _, run := range p.Runs {
				for _, c := range []*docx.Change{run.Inserted, run.Deleted} {
					if c != nil {
						author = c.Author
					}
				}
			}
		}
		return strings.TrimSpace(strings.Join(lines, "\n")), author
	}
	for _, at := range strange { // known by its words
		text, author := note(at.r)
		ids := byText[fold(text).text]
		// Its own paragraph's citation first: two blocks may cite the same.
		best := slices.IndexFunc(ids, func(id CitationID) bool { return len(there[id]) == 0 && home[id] == at.part })
		if best < 0 {
			best = slices.IndexFunc(ids, func(id CitationID) bool {
				return !slices.ContainsFunc(there[id], func(p place) bool { return p.r.Deleted == nil })
			})
		}
		if best >= 0 {
			there[ids[best]] = append(there[ids[best]], at)
			continue
		}
		if at.r.Deleted == nil {
			u := Unplaced{Code: FootnoteAdded, Part: at.part, Text: text, Author: author}
			if c := at.r.Inserted; c != nil {
				u.Author, u.At = c.Author, c.Date
			}
			t.list(u)
		}
	}
	for _, id := range all {
		if t.isRemoved(home[id]) {
			continue
		}
		var kept []place
		by := Suggestion{Untracked: true}
		for _, at := range there[id] {
			if c := at.r.Deleted; c != nil {
				by = Suggestion{Author: Author{Name: strip(c.Author)}, At: c.Date}
			} else {
				kept = append(kept, at)
			}
		}
		if len(kept) == 0 {
			by.Kind, by.Part, by.Citation = ToUncite, home[id], id
			t.suggest(by)
			continue
		}
		at := slices.IndexFunc(kept, func(p place) bool { return p.part == home[id] })
		if at < 0 {
			at = 0
			if c := kept[0].r.Inserted; c != nil {
				by = Suggestion{Author: Author{Name: strip(c.Author)}, At: c.Date}
			}
			if b, _ := t.document.Block(BlockID(kept[0].part)); b != nil && !t.shares(kept[0].part, home[id]) {
				by.Kind, by.Part, by.Citation, by.To = ToRecite, home[id], id, b.ID
				t.suggest(by)
			}
		}
		for i, p := range kept {
			text, author := note(p.r)
			switch {
			case i != at:
				t.list(Unplaced{Code: FootnoteAdded, Part: p.part, Text: text, Citation: id})
			case fold(text).text != fold(strings.TrimSpace(strip(t.notes[id]))).text:
				t.list(Unplaced{Code: FootnoteChanged, Part: p.part, Text: text, Author: author, Citation: id})
			}
		}
	}
}

// shares tells whether the words of two parts are in one line: then a citation has not gone from one to the other.
func (t *taking) shares(a, b string) bool {
	one, two := t.owned[a], t.owned[b]
	return len(one) == 1 && len(two) == 1 && one[0] == two[0]
}

// commented takes comments in. Those that left with the file are known again by who wrote what when.
func (t *taking) commented() {
	type key struct {
		author, text string
		at           int64
	}
	name := func(c docx.Comment) key {
		return key{strings.Join(strings.Fields(strip(c.Author)), " "), fold(strings.TrimSpace(strip(c.Text))).text, c.Date.Unix()}
	}
	known := map[key][]int{}
	for i, c := range t.File.Comments {
		known[name(c)] = append(known[name(c)], i)
	}
	ids := map[int]CommentID{} // of comments of the file that came back
	roots := map[int]docx.Comment{}
	for _, c := range t.back.Comments {
		roots[c.ID] = c
	}
	// Which words each comment is on.
	type spot struct {
		part       string
		start, end int
		covered    string
	}
	spots := map[int]*spot{}
	sizes := map[string]int{}
	var last *line
	for _, l := range t.lines {
		if l.part != "" && last != nil && last.part == l.part && last.p.Inserted == nil {
			sizes[l.part]++ // the line end
		}
		last = l
		for _, r := range l.p.Runs {
			for _, id := range r.Comments {
				s := spots[id]
				if s == nil {
					s = &spot{part: l.part, start: sizes[l.part]}
					spots[id] = s
				}
				s.covered += strip(r.Text)
				if s.part == l.part && r.Inserted == nil {
					s.end = sizes[l.part] + len(strip(r.Text))
				}
			}
			if r.Inserted == nil {
				sizes[l.part] += len(strip(r.Text))
			}
		}
	}
	var root func(c docx.Comment, depth int) docx.Comment
	root = func(c docx.Comment, depth int) docx.Comment {
		if above, ok := roots[c.Parent]; c.Reply && ok && depth < 100 {
			return root(above, depth+1)
		}
		return c
	}
	settled := map[CommentID]bool{}
	for i, pass := range []bool{false, true} { // threads before their answers
		for _, c := range t.back.Comments {
			top := root(c, 0)
			answer := top.ID != c.ID
			if answer != pass {
				continue
			}
			if at := known[name(c)]; len(at) > 0 {
				known[name(c)] = at[1:]
				mine := t.comments[at[0]]
				ids[c.ID] = mine.ID
				if mine.Thread == "" && c.Resolved && !settled[mine.ID] {
					settled[mine.ID] = true
					t.list(Unplaced{Code: ThreadResolved, Part: mine.Part, Thread: mine.ID, Text: mine.Text})
				}
				continue
			}
			text := strings.TrimSpace(strip(c.Text))
			if text == "" {
				continue
			}
			out := Comment{Version: t.options.Version, Text: text, Origin: FromFile, Author: Author{Name: clip(strip(c.Author), MaxName-4)}, At: c.Date}
			if len(text) > MaxText {
				t.list(Unplaced{Code: TextTooLong, Text: text, Author: c.Author, At: c.Date})
				continue
			}
			if answer && ids[top.ID] != "" && i == 1 {
				out.Thread = ids[top.ID]
			} else if s := spots[c.ID]; s != nil && s.part != "" {
				x := t.parts[s.part]
				out.Part, out.Lang = s.part, x.lang
				whole := t.originals[s.part]
				if s.start < s.end && s.end <= len(whole) && (s.start > 0 || s.end < len(whole)) {
					if sel, err := Select(whole, Passage{s.start, s.end}); err == nil && fold(sel.Exact).text != "" {
						out.Range = &sel
					}
				}
			} else {
				u := Unplaced{Code: CommentUnplaced, Author: c.Author, At: c.Date, Text: text}
				if s != nil && s.covered != "" {
					u.Text = s.covered
				}
				t.list(u)
			}
			if c.Resolved && out.Thread == "" {
				out.Resolved = c.Date
			}
			out.ID = CommentID(t.id(out))
			ids[c.ID] = out.ID
			t.out.Comments = append(t.out.Comments, out)
		}
	}
}
