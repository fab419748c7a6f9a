package programme

import (
	"cmp"
	"reflect"
	"slices"

	"rostrum.example/internal/dialogue"
)

// Change is one difference between two published versions.
type Change struct {
	What   What     `json:"what"`
	Kind   string   `json:"kind"` // programme, day, sitting or item
	ID     ID       `json:"id,omitempty"`
	Fields []string `json:"fields,omitempty"`
	// What the thing is called, for readers: of a day its date, of a sitting its date and times, of an item its title.
	Title dialogue.Words `json:"title,omitempty"`
	Date  string         `json:"date,omitempty"`
	Start string         `json:"start,omitempty"`
	End   string         `json:"end,omitempty"`
}

// What says what happened to a part of the programme.
type What string

// The changes.
const (
	Added   What = "added"
	Removed What = "removed"
	Moved   What = "moved"
	Changed What = "changed"
)

// place is where a part stands, with the part without what it holds.
type place struct {
	kind   string
	id     ID
	parent ID
	before ID // the part of the same parent that stands before it
	day    string
	value  any
}

// places takes a published programme apart.
func (p *Programme) places() []place {
	var all []place
	for i, d := range p.Days {
		var before ID
		if i > 0 {
			before = p.Days[i-1].ID
		}
		bare := d
		bare.Sittings = nil
		all = append(all, place{"day", d.ID, "", before, d.Date, bare})
		for j, s := range d.Sittings {
			before = ""
			if j > 0 {
				before = d.Sittings[j-1].ID
			}
			bare := s
			bare.Items, bare.Sequence = nil, 0
			all = append(all, place{"sitting", s.ID, d.ID, before, d.Date, bare})
			for k, it := range s.Items {
				before = ""
				if k > 0 {
					before = s.Items[k-1].ID
				}
				all = append(all, place{"item", it.ID, s.ID, before, d.Date, it})
			}
		}
	}
	return all
}

// compare lists what a version changes. Neighbours of what was added, removed or moved are not moved by that.
func compare(old, next *Programme) []Change {
	var all []Change
	if !slices.Equal(old.Languages, next.Languages) {
		all = append(all, Change{What: Changed, Kind: "programme", Fields: []string{"languages"}})
	}
	before, after := old.places(), next.places()
	find := func(all []place, p place) (place, bool) {
		i := slices.IndexFunc(all, func(q place) bool { return q.kind == p.kind && q.id == p.id })
		if i < 0 {
			return place{}, false
		}
		return all[i], true
	}
	for _, p := range after {
		was, ok := find(before, p)
		if !ok {
			all = append(all, p.change(Added))
			continue
		}
		if fields := differing(was.value, p.value); len(fields) > 0 {
			c := p.change(Changed)
			c.Fields = fields
			all = append(all, c)
		}
		if was.parent != p.parent {
			all = append(all, p.change(Moved))
		}
	}
	for _, p := range before {
		if _, ok := find(after, p); !ok {
			all = append(all, p.change(Removed))
		}
	}
	return append(all, reordered(before, after)...)
}

// reordered finds the parts whose order among those that stayed with the same parent is new: all but a longest run
// that kept its order.
func reordered(before, after []place) []Change {
	var all []Change
	parents := map[[2]string]bool{}
	for _, p := range after {
		key := [2]string{p.kind, string(p.parent)}
		if parents[key] {
			continue
		}
		parents[key] = true
		same := func(from []place) []ID {
			var ids []ID
			for _, q := range from {
				if q.kind == p.kind && q.parent == p.parent {
					ids = append(ids, q.id)
				}
			}
			return ids
		}
		old, next := same(before), same(after)
		next = slices.DeleteFunc(next, func(id ID) bool { return !slices.Contains(old, id) })
		kept := longest(next, func(id ID) int { return slices.Index(old, id) })
		for _, q := range after {
			if q.kind == p.kind && q.parent == p.parent && slices.Contains(next, q.id) && !slices.Contains(kept, q.id) {
				all = append(all, q.change(Moved))
			}
		}
	}
	return all
}

// longest gives a longest subsequence whose ranks rise.
func longest(ids []ID, rank func(ID) int) []ID {
	best := make([][]ID, len(ids))
	var most []ID
	for i, id := range ids {
		for j := range i {
			if rank(ids[j]) < rank(id) && len(best[j]) > len(best[i]) {
				best[i] = best[j]
			}
		}
		best[i] = append(slices.Clone(best[i]), id)
		if len(best[i]) > len(most) {
			most = best[i]
		}
	}
	return most
}

func (p place) change(what What) Change {
	c := Change{What: what, Kind: p.kind, ID: p.id, Date: p.day}
	switch v := p.value.(type) {
	case Sitting:
		c.Start, c.End = v.Start, v.End
	case Item:
		c.Title, c.Date = v.Title, ""
	}
	return c
}

// differing names the fields of two parts that differ, in the order of their type.
func differing(a, b any) []string {
	var fields []string
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if !same(va.Field(i), vb.Field(i)) {
			fields = append(fields, fieldWords[va.Type().Field(i).Name])
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// fieldWords are what fields are called in a version's changes.
var fieldWords = map[string]string{
	"Date": "date", "Preparation": "preparation", "Start": "time", "End": "time", "Room": "room", "Title": "title", "Minutes": "minutes",
	"Panel": "panel", "Standing": "standing",
}

// same tells whether two values are equal; an empty list is as good as none.
func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice && cmp.Or(a.Len(), b.Len()) == 0 {
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}
