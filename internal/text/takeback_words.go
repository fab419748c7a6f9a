package text

import (
	"slices"
	"strings"
	"time"

	"rostrum.example/format/docx"
)

// changed finds what was done to the words of a part.
func (t *taking) changed(id string) {
	x := t.parts[id]
	lines := t.owned[id]
	if len(lines) == 0 {
		if x.shown != "" {
			t.removes(id, Suggestion{Untracked: true})
		}
		return
	}
	original := t.words(id, lines, func(*docx.Change, *docx.Change) (bool, bool) { return false, false })
	t.originals[id] = original
	t.joined(id, lines, original)
	if x.shown != "" && t.words(id, lines, func(*docx.Change, *docx.Change) (bool, bool) { return true, true }) == "" {
		by := Suggestion{Untracked: true}
		for _, l := range lines {
			for _, r := range l.p.Runs {
				if r.Deleted != nil && original != "" {
					by = Suggestion{Author: Author{Name: strip(r.Deleted.Author)}, At: r.Deleted.Date}
				}
			}
		}
		t.removes(id, by)
		return
	}
	base := x.text
	shown := Clean(strip(x.shown))
	if divided := len(lines) > 1 && strings.Count(original, "\n") != strings.Count(shown, "\n"); divided || fold(original).text != fold(shown).text {
		t.suggest(Suggestion{Kind: ToChange, Part: id, Lang: x.lang, Base: base, Text: original, Untracked: true})
		if x.text != "" {
			base = original
		}
	}
	for _, a := range authors(lines) {
		mine := func(ins, del *docx.Change) (bool, bool) {
			return ins != nil && ins.Author == a.name, del != nil && del.Author == a.name
		}
		if text := t.words(id, lines, mine); text != original {
			t.suggest(Suggestion{Kind: ToChange, Part: id, Lang: x.lang, Base: base, Text: text, Author: Author{Name: strip(a.name)}, At: a.last})
		}
	}
	for _, l := range lines {
		for _, r := range l.p.Runs {
			if r.Inserted != nil && r.Deleted != nil && r.Inserted.Author != r.Deleted.Author && r.Text != "" {
				t.list(Unplaced{Code: DeletesProposal, Part: id, Text: r.Text, Author: r.Deleted.Author, At: r.Deleted.Date})
			}
		}
	}
}

// removes notes that a part is to go. It may turn out to stand elsewhere.
func (t *taking) removes(id string, by Suggestion) {
	if b, _ := t.document.Block(BlockID(id)); b == nil {
		t.list(Unplaced{Code: HeadingRemoved, Part: id, Text: t.parts[id].shown, Author: by.Author.Name, At: by.At})
		return
	}
	by.Kind, by.Part, by.Lang, by.Base = ToRemove, id, t.parts[id].lang, t.parts[id].text
	t.removed = append(t.removed, &by)
}

// words gives the text of a part with some of the tracked changes accepted: take tells whether an insertion, and whether
// a deletion, is. Where the words of several parts are in one line, only those of this part.
func (t *taking) words(id string, lines []*line, take func(ins, del *docx.Change) (bool, bool)) string {
	var b strings.Builder
	for i, l := range lines {
		for _, r := range l.p.Runs {
			inserted, deleted := take(r.Inserted, r.Deleted)
			if (r.Inserted == nil || inserted) && (r.Deleted == nil || !deleted) {
				b.WriteString(r.Text)
			}
		}
		if i+1 < len(lines) {
			inserted, deleted := take(l.p.Inserted, l.p.Deleted)
			if (l.p.Inserted == nil || inserted) && (l.p.Deleted == nil || !deleted) {
				b.WriteString("\n")
			}
		}
	}
	s := Clean(strip(b.String()))
	if shared := lines[0].shared; len(shared) > 1 {
		var bases []string
		for _, p := range shared {
			bases = append(bases, t.parts[p].shown)
		}
		at := slices.Index(shared, id)
		if t.may(2*len(s)) && at >= 0 {
			return divide(bases, s)[at]
		}
		if at > 0 {
			return ""
		}
	}
	return s
}

// joined lists paragraphs that were made one.
func (t *taking) joined(id string, lines []*line, original string) {
	shared := lines[0].shared
	above := shared[:max(0, slices.Index(shared, id))]
	if original != "" && slices.ContainsFunc(above, func(other string) bool { return t.originals[other] != "" }) {
		t.list(Unplaced{Code: BlocksJoined, Part: id, Text: original})
	}
	last := lines[len(lines)-1]
	if d := last.p.Deleted; d != nil && strings.TrimSpace(last.p.Text(docx.Accepted)) != "" {
		at := slices.Index(t.lines, last)
		for _, next := range t.lines[at+1:] {
			if next.part != "" && next.part != id {
				if strings.TrimSpace(next.p.Text(docx.Accepted)) != "" {
					t.list(Unplaced{Code: BlocksJoined, Part: next.part, Text: next.original(), Author: d.Author, At: d.Date})
				}
				break
			}
		}
	}
}

// divide cuts a text that was several into as many pieces, where comparing says that one ends and the next begins.
func divide(bases []string, s string) []string {
	before, after := tokens(strings.Join(bases, "\n")), tokens(s)
	hunks := diff(before, after)
	// place gives where in after what stood at before[k] stands, or would.
	place := func(k int) int {
		shift := 0
		for _, h := range hunks {
			if k < h.a0 {
				break
			}
			if k < h.a1 {
				if k-h.a0 > h.a1-1-k {
					return h.b1
				}
				return h.b0
			}
			shift = h.b1 - h.a1
		}
		return k + shift
	}
	var pieces []string
	at, k := 0, 0
	for i, base := range bases {
		k += len(tokens(base))
		end := len(after)
		if i+1 < len(bases) {
			end = max(at, min(place(k), len(after)))
		}
		pieces = append(pieces, strings.TrimSpace(strings.Join(after[at:end], "")))
		at = end
		k++ // the line end between them
	}
	return pieces
}

type writer struct {
	name string
	last time.Time
}

// authors lists who has tracked changes in some lines, in the order of their first change.
func authors(lines []*line) (all []writer) {
	see := func(c *docx.Change) {
		if c == nil {
			return
		}
		i := slices.IndexFunc(all, func(a writer) bool { return a.name == c.Author })
		if i < 0 {
			all, i = append(all, writer{name: c.Author}), len(all)
		}
		if c.Date.After(all[i].last) {
			all[i].last = c.Date
		}
	}
	for i, l := range lines {
		for _, r := range l.p.Runs {
			if r.Text != "" {
				see(r.Inserted)
				see(r.Deleted)
			}
		}
		if i+1 < len(lines) {
			see(l.p.Inserted)
			see(l.p.Deleted)
		}
	}
	return all
}
