package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// words is what the record says of an entry's text.
type words struct {
	kind   wordsKind
	notice noticeText // of a notice, when its text could be read
	by     Notice     // of a withdrawn text
}

type wordsKind int

const (
	unread wordsKind = iota
	public
	gone
	sealed
)

// noticeEntry is an entry that withdraws another.
type noticeEntry struct {
	index int64
	leaf  *Leaf
	text  noticeText
	read  bool
}

// withdrawnEntry is an entry whose text the record says is withdrawn.
type withdrawnEntry struct {
	index int64
	leaf  *Leaf
	by    Notice
}

// readTexts reads the texts and holds each against the digest in its leaf.
func (v *verification) readTexts(ctx context.Context, b *bundle, p place) error {
	data, problem, err := v.fetch(ctx, p.path())
	if err != nil {
		return err
	}
	if problem != "" {
		b.fail(b.first, p.path(), "%s; the texts of entries %d to %d are not there", problem, b.first, b.first+int64(p.width)-1)
		return nil
	}
	lines, err := splitLines(data)
	if err != nil {
		b.fail(b.first+int64(p.width)-1, p.path(), "%v", err)
		lines, _ = splitLines(append(data, '\n'))
	}
	whole := len(lines) == p.width
	for k := range min(len(lines), p.width) {
		problem := b.checkLine(k, lines[k])
		if problem == "" {
			continue
		}
		b.fail(b.first+int64(k), p.path(), "%s", problem)
		if !whole {
			break // the lines after it have lost their place
		}
	}
	if !whole {
		b.fail(b.first+int64(min(len(lines), p.width-1)), p.path(), "the text bundle has %d lines for %d entries", len(lines), p.width)
	}
	return nil
}

// checkLine checks one line against its leaf and answers what is wrong.
func (b *bundle) checkLine(k int, data []byte) string {
	n, err := parseLine(data)
	if err != nil {
		return err.Error()
	}
	leaf := b.leaves[k]
	if leaf == nil {
		return "" // the leaf failed already, and there is nothing to hold the text against
	}
	if n.ID != leaf.ID {
		return fmt.Sprintf("the line of its text is for %s, the leaf says %s", n.ID, leaf.ID)
	}
	switch {
	case n.Withdrawn != nil:
		if leaf.Notice() {
			return "a notice is said to be withdrawn"
		}
		b.words[k] = words{kind: gone, by: *n.Withdrawn}
	case n.Text == nil:
		if !leaf.Opaque() || leaf.Notice() {
			return fmt.Sprintf("its text is kept back as sealed, although its subject %s is public", leaf.Subject)
		}
		b.words[k] = words{kind: sealed}
	default:
		if DigestOf(n.Salt, n.Text) != leaf.Digest {
			return "the text and salt do not give the digest in the leaf: the text or the salt was changed"
		}
		if err := checkText(n.Text); err != nil {
			return err.Error()
		}
		b.words[k] = words{kind: public}
		if leaf.Notice() {
			notice, err := parseNotice(n.Text)
			if err != nil {
				return err.Error()
			}
			b.words[k].notice = notice
		}
	}
	return ""
}

// compactID is an ID without a pointer, for the one map that holds all of them.
type compactID [26]byte

func compact(id ID) (c compactID) {
	copy(c[:], id)
	return c
}

// relate checks what the entries of a bundle say of earlier ones, and notes what later ones are held against.
func (v *verification) relate(b bundle) {
	for k, leaf := range b.leaves {
		if leaf == nil {
			continue
		}
		index := b.first + int64(k)
		if other, taken := v.ids[compact(leaf.ID)]; taken {
			v.report.fail(Failure{index, "", fmt.Sprintf("its id %s is that of entry %d", leaf.ID, other)})
		} else {
			v.ids[compact(leaf.ID)] = index
		}
		for _, cited := range leaf.Cites {
			if at, known := v.ids[compact(cited)]; !known || at >= index {
				v.report.fail(Failure{index, "", fmt.Sprintf("it cites %s, which is not an earlier entry", cited)})
			}
		}
		w := b.words[k]
		switch w.kind {
		case public:
			v.report.Texts++
		case gone:
			v.report.Withdrawn++
			v.withdrawn[leaf.ID] = withdrawnEntry{index: index, leaf: leaf, by: w.by}
		case sealed:
			v.report.Sealed++
		}
		if leaf.Notice() {
			v.notices[leaf.ID] = noticeEntry{index: index, leaf: leaf, text: w.notice, read: w.kind == public}
		}
	}
}

// settle holds withdrawn texts and notices against each other.
func (v *verification) settle() {
	type finding struct {
		Failure
		unsettled bool
	}
	var found []finding
	add := func(entry int64, problem string, args ...any) {
		found = append(found, finding{Failure: Failure{entry, "", fmt.Sprintf(problem, args...)}})
	}
	for id, w := range v.withdrawn {
		n, ok := v.notices[w.by.ID]
		if !ok {
			problem := fmt.Sprintf("its text was withdrawn, and the notice %s that should say why is not in the record", w.by.ID)
			if at, known := v.ids[compact(w.by.ID)]; known {
				problem = fmt.Sprintf("its text was withdrawn by entry %d, which is not a notice", at)
				found = append(found, finding{Failure: Failure{w.index, "", problem}})
				continue
			}
			found = append(found, finding{Failure{w.index, "", problem}, true})
			continue
		}
		switch {
		case !slices.Equal(n.leaf.Cites, []ID{id}):
			add(w.index, "its text was withdrawn by the notice at entry %d, which is about another entry", n.index)
		case n.leaf.Type != w.leaf.Type+noticeWord || n.leaf.Subject != w.leaf.Subject:
			add(n.index, "the notice does not repeat the type and subject of entry %d, which it withdraws", w.index)
		case n.read && (n.text != noticeText{Withdraws: id, At: w.by.At, Reason: w.by.Reason} || n.text.At != n.leaf.At):
			add(w.index, "the words about its withdrawal are not those of the notice at entry %d", n.index)
		}
	}
	for id, n := range v.notices {
		if len(n.leaf.Cites) != 1 {
			add(n.index, "the notice cites %d entries, not the one that it withdraws", len(n.leaf.Cites))
			continue
		}
		w, ok := v.withdrawn[n.leaf.Cites[0]]
		at, known := v.ids[compact(n.leaf.Cites[0])]
		switch {
		case !known: // said already: it cites what is not there
		case !ok:
			add(at, "it was withdrawn by the notice at entry %d, and its text is not marked as withdrawn", n.index)
		case w.by.ID != id:
			add(n.index, "the notice withdraws entry %d, which names another notice", at)
		}
	}
	slices.SortFunc(found, func(a, b finding) int { // the maps have no order, the report has
		return cmp.Or(cmp.Compare(a.Entry, b.Entry), strings.Compare(a.Problem, b.Problem))
	})
	for _, f := range found {
		v.report.fail(f.Failure)
		if f.unsettled {
			v.report.unsettled++
		}
	}
}
