package linkage

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// roles are the columns of a table by what they are used for.
type roles struct {
	id, truth *column
	compared  []*column
	kinds     []Kind
	notes     []string
}

// assign gives every column its role: as the configuration says, and for what it
// leaves open by what the column holds.
func assign(t *Table, cfg *Config) (*roles, error) {
	r := &roles{}
	aside := map[*column]bool{}
	var err error
	if cfg.Truth != "" {
		if r.truth, err = t.column(cfg.Truth, "--truth"); err != nil {
			return nil, err
		}
		aside[r.truth] = true
	}
	for _, name := range cfg.Ignore {
		c, err := t.column(name, "--ignore")
		if err != nil {
			return nil, err
		}
		aside[c] = true
	}
	if cfg.ID != "" {
		if r.id, err = t.column(cfg.ID, "--id"); err != nil {
			return nil, err
		}
	} else {
		r.id = guessID(t, r.truth)
	}
	if r.id != nil {
		aside[r.id] = true
		if n := t.duplicateIDs(r.id); n > 0 {
			r.notes = append(r.notes, fmt.Sprintf("%d records share their %s with another record of the same list: they are told apart by ~2, ~3, …", n, r.id.name))
		}
	}
	kinds := map[*column]Kind{}
	for name, kind := range cfg.Types {
		c, err := t.column(name, "--type")
		if err != nil {
			return nil, err
		}
		kinds[c] = kind
	}
	for _, c := range t.columns {
		if aside[c] {
			continue
		}
		kind, told := kinds[c]
		if !told && bits.OnesCount64(c.lists) < len(t.lists) {
			r.notes = append(r.notes, fmt.Sprintf("column %s is missing in some lists and is not compared", c.name))
			continue
		}
		if !told {
			kind = guessKind(c.name, c.values)
		}
		r.compared = append(r.compared, c)
		r.kinds = append(r.kinds, kind)
	}
	if t.ragged > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%d rows have fewer cells than their header: the missing ones count as unknown", t.ragged))
	}
	slices.Sort(r.notes)
	if len(r.compared) == 0 {
		return nil, &InputError{List: strings.Join(t.lists, " and "), What: "no column is left to compare", Next: "leave some out of --ignore, or use the same column names in all lists"}
	}
	return r, nil
}

// ID gives the name of the column that seems to number the records, "" if none does.
func (t *Table) ID() string {
	if c := guessID(t, nil); c != nil {
		return c.name
	}
	return ""
}

// guessID finds the column that numbers the records: filled everywhere, no value
// twice in a list, and first in the table or called so.
func guessID(t *Table, truth *column) *column {
	for i, c := range t.columns {
		if i > 0 && !namesID(c.name) {
			continue
		}
		if c == truth && !namesID(c.name) {
			continue // but the truth may be a part of the id, as in rec-17-dup-2
		}
		if k := headerKind(c.name); k != 0 && !namesID(c.name) {
			continue
		}
		if slices.Contains(c.cells, 0) || len(c.cells) == 0 || t.duplicateIDs(c) > 0 {
			continue
		}
		if k := guessKind("", c.values); k == Code || k == Number || namesID(c.name) {
			return c
		}
	}
	return nil
}

// namesID reports whether a header calls its column the number of the record.
func namesID(header string) bool {
	switch strings.ReplaceAll(Fold(header), " ", "") {
	case "id", "recid", "recordid", "uniqueid", "uuid", "guid", "rowid", "row", "rownumber", "key", "recordno", "recordnumber", "nr", "no", "identifier", "caseid", "case", "index":
		return true
	}
	return false
}

// duplicateIDs counts records whose id another record of their list has had before.
func (t *Table) duplicateIDs(c *column) int {
	seen := make([]uint64, len(c.values))
	n := 0
	for r, v := range c.cells {
		bit := uint64(1) << t.list[r]
		if v != 0 && seen[v]&bit != 0 {
			n++
		}
		seen[v] |= bit
	}
	return n
}
