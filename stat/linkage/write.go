package linkage

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Summary is the result as the command prints it.
type Summary struct {
	Records   int      `json:"records"`
	Compared  int64    `json:"compared"`
	Pairs     int64    `json:"pairs"`
	Precision *float64 `json:"precision,omitempty"`
	Recall    *float64 `json:"recall,omitempty"`
	F1        *float64 `json:"f1,omitempty"`

	Persons  int      `json:"persons"`
	Review   int64    `json:"review"`       // pairs not linked that a person should look at
	Weak     int      `json:"weak_bridges"` // clusters that one pair alone holds together
	Skipped  int64    `json:"skipped"`
	Unique   []string `json:"lists_without_duplicates,omitempty"`
	Expected *Rates   `json:"expected,omitempty"`
	Share    float64  `json:"match_share"`
	Fields   []Field  `json:"fields,omitempty"`
	Rules    []Rule   `json:"blocking,omitempty"`
	Notes    []string `json:"notes,omitempty"`
}

// Summary gives the figures of the result.
func (res *Result) Summary() Summary {
	s := Summary{
		Records: res.Records, Compared: res.Compared, Pairs: res.Pairs, Persons: res.Persons, Weak: res.Weak, Skipped: res.Skipped,
		Unique: res.Unique, Expected: &res.Rates, Share: res.Share, Fields: res.Fields, Rules: res.Rules, Notes: res.Notes,
	}
	if res.Truth != nil {
		s.Precision, s.Recall, s.F1 = &res.Truth.Precision, &res.Truth.Recall, &res.Truth.F1
	}
	for range res.review {
		s.Review++
	}
	return s
}

// WriteJSON writes the summary as one JSON object.
func (s Summary) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("writing linkage summary: %w", err)
	}
	return nil
}

// Pair is two records and what speaks for and against their being one person.
type Pair struct {
	A, B   RecordID
	Chance float64 // of being one person, by this pair alone
	Weight float64 // log2 of the likelihood ratio
	Linked bool
	Weak   bool   // its cluster hangs together by one pair alone
	Person uint32 // cluster of A
	Why    []Reason
}

// RecordID names a record: its list, and its id there or its row number from 1.
type RecordID struct{ List, ID string }

// Reason is the outcome of one field.
type Reason struct {
	Field  string
	Level  string
	Weight float64
}

func (r Reason) String() string {
	if r.Level == levelNames[missing] {
		return r.Field + " " + r.Level
	}
	return fmt.Sprintf("%s %s %+.1f", r.Field, r.Level, r.Weight)
}

// reviewChance is the chance from which a pair that was not linked is shown.
const reviewChance = 0.1

// review yields the compared pairs that were not linked and yet are likely enough
// that a person should look at them.
func (res *Result) review(yield func(pair) bool) {
	least := math.Log2(reviewChance / (1 - reviewChance))
	for _, p := range res.kept {
		if p.odds >= least && res.cluster(p.a) != res.cluster(p.b) {
			if !yield(p) {
				return
			}
		}
	}
}

// Each calls visit for every linked pair, then for every pair to be reviewed, and
// stops at the first error.
func (res *Result) Each(visit func(Pair) error) error {
	name := res.namer()
	for _, members := range res.clusters {
		for i, a := range members {
			for _, b := range members[i+1:] {
				p := res.frame.compare(a, b)
				if err := visit(res.describe(name, pair{a, b, p, res.model.odds(res.frame, a, b, p)})); err != nil {
					return err
				}
			}
		}
	}
	var err error
	for p := range res.review {
		if err = visit(res.describe(name, p)); err != nil {
			break
		}
	}
	return err
}

func (res *Result) describe(name func(uint32) RecordID, p pair) Pair {
	out := Pair{A: name(p.a), B: name(p.b), Chance: chanceOf(p.odds), Weight: p.odds - res.model.priorOdds(), Person: res.cluster(p.a)}
	out.Linked = res.cluster(p.a) == res.cluster(p.b)
	out.Weak = out.Linked && res.weak[out.Person]
	if cmp.Or(cmp.Compare(out.A.List, out.B.List), cmp.Compare(out.A.ID, out.B.ID)) > 0 {
		out.A, out.B = out.B, out.A
	}
	x := res.frame.record(p.a)
	for i, f := range res.frame.fields {
		l := p.pattern.level(i)
		out.Why = append(out.Why, Reason{f.name, levelName(f.kind, l), res.model.weightOf(res.frame, p.pattern, i, x[i])})
	}
	return out
}

// namer gives the names of records. Records that share an id within their list
// are numbered in canonical order.
func (res *Result) namer() func(uint32) RecordID {
	t, fr := res.table, res.frame
	if res.id == nil {
		first := make([]int, len(t.lists))
		rows := make([]int, t.Records())
		for r, l := range t.list {
			first[l]++
			rows[r] = first[l]
		}
		return func(r uint32) RecordID {
			row := fr.row[r]
			return RecordID{t.lists[t.list[row]], strconv.Itoa(rows[row])}
		}
	}
	type key struct {
		list uint16
		id   uint32
	}
	var copies map[uint32]int // by record
	if t.duplicateIDs(res.id) > 0 || slices.Contains(res.id.cells, 0) {
		copies = map[uint32]int{}
		seen := map[key]int{}
		for r, row := range fr.row {
			k := key{t.list[row], res.id.cells[row]}
			seen[k]++
			copies[uint32(r)] = seen[k]
		}
	}
	return func(r uint32) RecordID {
		row := fr.row[r]
		id := res.id.values[res.id.cells[row]]
		if n := copies[r]; n > 1 || id == "" {
			id += "~" + strconv.Itoa(n)
		}
		return RecordID{t.lists[t.list[row]], id}
	}
}

// WritePairs writes linked pairs and pairs to be reviewed as CSV, one row each,
// with the reasons field by field. It writes no value of any record but its id.
func (res *Result) WritePairs(w io.Writer) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	out := csv.NewWriter(buffered)
	out.Write([]string{"list_a", "id_a", "list_b", "id_b", "status", "person", "chance", "weight", "reasons"})
	err := res.Each(func(p Pair) error {
		status := "review"
		switch {
		case p.Weak:
			status = "weak link"
		case p.Linked:
			status = "link"
		}
		person := ""
		if p.Linked {
			person = strconv.FormatUint(uint64(p.Person)+1, 10)
		}
		reasons := make([]string, len(p.Why))
		for i, r := range p.Why {
			reasons[i] = r.String()
		}
		return out.Write([]string{p.A.List, p.A.ID, p.B.List, p.B.ID, status, person,
			strconv.FormatFloat(p.Chance, 'f', 4, 64), strconv.FormatFloat(p.Weight, 'f', 2, 64), strings.Join(reasons, "; ")})
	})
	out.Flush()
	if err = cmp.Or(err, out.Error(), buffered.Flush()); err != nil {
		return fmt.Errorf("writing pairs: %w", err)
	}
	return nil
}
