package text

import (
	"reflect"
	"slices"
	"sort"

	"rostrum.example/internal/locale"
)

// Redlines are what happened to words, by language; languages in which nothing did are left out.
type Redlines map[locale.Lang]Redline

// PartChange is what happened to a section or a block between two versions.
type PartChange struct {
	// Section is where the block stands now, or stood; Block is empty where it is about the section itself.
	Section SectionID `json:"section"`
	Block   BlockID   `json:"block,omitempty"`
	Added   bool      `json:"added,omitempty"`
	Removed bool      `json:"removed,omitempty"`
	// Moved tells that it stands in another order or, with From, in another section.
	Moved bool      `json:"moved,omitempty"`
	From  SectionID `json:"from,omitempty"`
	// Words are the redlines of heading or text.
	Words Redlines `json:"words,omitempty"`
	// Cited and Uncited are citations that came and went.
	Cited   []Citation `json:"cited,omitempty"`
	Uncited []Citation `json:"uncited,omitempty"`
	// Fields names what else changed: kind, topics, asks, status (who stands behind a wording).
	Fields []string `json:"fields,omitempty"`
}

// Comparison is what happened between two versions of a document.
type Comparison struct {
	Title Redlines `json:"title,omitempty"`
	// Parts are in the order of the newer version; what was removed stands behind what it stood behind.
	Parts []PartChange `json:"parts"`
	// Omitted and Readmitted are sources whose omission came, or was stated otherwise, and went.
	Omitted    []string `json:"omitted,omitempty"`
	Readmitted []string `json:"readmitted,omitempty"`
}

// part is a section or a block in its place.
type part struct {
	id      string
	section SectionID
	head    *Section // nil for a block
	block   *Block
}

func parts(d *Document) (all []part) {
	for i := range d.Sections {
		s := &d.Sections[i]
		all = append(all, part{id: string(s.ID), section: s.ID, head: s})
		for j := range s.Blocks {
			b := &s.Blocks[j]
			all = append(all, part{id: string(b.ID), section: s.ID, block: b})
		}
	}
	return all
}

// Compare tells what happened between two versions of a document. As few parts as possible count as moved.
func Compare(before, after *Document) Comparison {
	c := Comparison{Title: redlines(before.Title, after.Title), Parts: []PartChange{}}
	old, now := parts(before), parts(after)
	stood := map[string]int{}
	for i, p := range old {
		stood[p.id] = i
	}
	stands := map[string]bool{}
	// Where the parts of now stood, in one list for the sections and one for the blocks of each section that stayed in
	// it: a block that moves with its section does not move.
	orders := map[SectionID][]int{}
	for _, p := range now {
		stands[p.id] = true
		i, ok := stood[p.id]
		switch {
		case ok && p.head != nil:
			orders[""] = append(orders[""], i)
		case ok && old[i].section == p.section:
			orders[p.section] = append(orders[p.section], i)
		}
	}
	kept := map[int]bool{}
	for _, order := range orders {
		rising(order, kept)
	}
	gone := map[int][]PartChange{} // by the place in old that they stood behind, -1 for the beginning
	last := -1
	for i, p := range old {
		if stands[p.id] {
			last = i
			continue
		}
		gone[last] = append(gone[last], change(p, part{}))
	}
	c.Parts = append(c.Parts, gone[-1]...)
	for _, p := range now {
		i, ok := stood[p.id]
		if !ok {
			c.Parts = append(c.Parts, change(part{}, p))
			continue
		}
		pc := change(old[i], p)
		if p.block != nil && old[i].section != p.section {
			pc.Moved, pc.From = true, old[i].section
		} else if !kept[i] {
			pc.Moved = true
		}
		if pc.Moved || pc.Words != nil || pc.Cited != nil || pc.Uncited != nil || pc.Fields != nil {
			c.Parts = append(c.Parts, pc)
		}
		c.Parts = append(c.Parts, gone[i]...)
	}
	c.Omitted, c.Readmitted = omissions(before.Omissions, after.Omissions)
	return c
}

// change compares two states of one part; an empty one stands for a part that was not there.
func change(old, now part) PartChange {
	at := now
	if now.id == "" {
		at = old
	}
	c := PartChange{Section: at.section, Added: old.id == "", Removed: now.id == ""}
	if at.head != nil {
		var a, b Section
		if old.head != nil {
			a = *old.head
		}
		if now.head != nil {
			b = *now.head
		}
		c.Words = redlines(a.Heading, b.Heading)
		if old.id != "" && now.id != "" && a.Topic != b.Topic {
			c.Fields = append(c.Fields, "topics")
		}
		return c
	}
	var a, b Block
	if old.block != nil {
		a = *old.block
	}
	if now.block != nil {
		b = *now.block
	}
	c.Block = at.block.ID
	c.Words = redlines(a.Text, b.Text)
	c.Uncited, c.Cited = without(a.Citations, b.Citations), without(b.Citations, a.Citations)
	if c.Added || c.Removed {
		return c
	}
	for _, f := range []struct {
		name string
		same bool
	}{
		{"kind", a.Kind == b.Kind},
		{"topics", slices.Equal(a.Topics, b.Topics)},
		{"asks", reflect.DeepEqual(a.Asks, b.Asks)},
		{"status", sameStatus(a.Text, b.Text)},
	} {
		if !f.same {
			c.Fields = append(c.Fields, f.name)
		}
	}
	return c
}

func redlines(a, b Words) Redlines {
	var all Redlines
	for _, w := range []Words{a, b} {
		for lang := range w {
			if all[lang] == nil && a[lang].Text != b[lang].Text {
				if all == nil {
					all = Redlines{}
				}
				all[lang] = Diff(a[lang].Text, b[lang].Text)
			}
		}
	}
	return all
}

func sameStatus(a, b Words) bool {
	for lang := range a {
		if w, ok := b[lang]; ok && w.Status != a[lang].Status {
			return false
		}
	}
	return true
}

// without gives the citations of a that b has not in the same words.
func without(a, b []Citation) (out []Citation) {
	for _, q := range a {
		if !slices.Contains(b, q) {
			out = append(out, q)
		}
	}
	return out
}

func omissions(before, after []Omission) (came, went []string) {
	old, now := map[string]Words{}, map[string]bool{}
	for _, o := range before {
		old[o.Source] = o.Reason
	}
	for _, o := range after {
		now[o.Source] = true
		if reason, ok := old[o.Source]; !ok || !reflect.DeepEqual(reason, o.Reason) {
			came = append(came, o.Source)
		}
	}
	for _, o := range before {
		if !now[o.Source] {
			went = append(went, o.Source)
		}
	}
	return came, went
}

// rising marks the numbers of a longest rising subsequence.
func rising(list []int, kept map[int]bool) {
	var ends []int // index in list of the smallest end of a rising subsequence of each length
	previous := make([]int, len(list))
	for i, n := range list {
		at := sort.Search(len(ends), func(j int) bool { return list[ends[j]] >= n })
		previous[i] = -1
		if at > 0 {
			previous[i] = ends[at-1]
		}
		if at == len(ends) {
			ends = append(ends, i)
		} else {
			ends[at] = i
		}
	}
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = previous[i] {
			kept[list[i]] = true
		}
	}
}
