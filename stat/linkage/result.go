package linkage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Result is what a run found.
type Result struct {
	Records  int   // records in all lists
	Compared int64 // pairs of records compared in blocks
	Skipped  int64 // pairs not compared because too many records agree on the key, each key counted
	Pairs    int64 // pairs of records found to be one person: all pairs within the final clusters
	Persons  int   // clusters, single records included
	Weak     int   // clusters that hang together by one pair alone
	Person   []uint32
	Unique   []string // lists held to contain each person once
	Truth    *Truth   // nil without a truth column
	Rates    Rates
	Fields   []Field
	Rules    []Rule
	Share    float64 // estimated share of matches among all pairs of records
	Notes    []string

	table    *Table
	id       *column
	frame    *frame
	model    *model
	kept     []pair // compared pairs that may match, canonical order
	clusters [][]uint32
	weak     []bool // by cluster
	cutoff   float64
}

// Field reports how one field was read and weighed.
type Field struct {
	Name   string  `json:"name"`
	Kind   Kind    `json:"type"`
	Filled float64 `json:"filled"` // share of records with a value
	Unread int     `json:"unread"` // records whose value could not be read as this type
	Dull   bool    `json:"unused"` // agreement on it is no sign of a match, so it has no weight
	Levels []Level `json:"levels"`
}

// Level is an outcome of comparing a field, with the chances of it among matches
// and non-matches and its weight log2(m/u). The weight of exact agreement on a
// given value differs with how frequent the value is.
type Level struct {
	Name   string  `json:"level"`
	M      float64 `json:"m"`
	U      float64 `json:"u"`
	Weight float64 `json:"weight"`
}

// Rule is one key of the blocking plan.
type Rule struct {
	Name string `json:"key"`
}

func emptyResult(t *Table, roles *roles, fr *frame) *Result {
	res := &Result{Records: t.Records(), Persons: t.Records(), Person: make([]uint32, t.Records()), Notes: roles.notes, table: t, id: roles.id, frame: fr, model: &model{}}
	for r := range res.Person {
		res.Person[r] = uint32(r)
		res.clusters = append(res.clusters, []uint32{uint32(r)})
	}
	if t.Records() >= 2 {
		res.Notes = append(res.Notes, "no column tells records apart: nothing was linked")
	}
	res.weak = make([]bool, len(res.clusters))
	res.Rates = Rates{Precision: Estimate{1, 0, 1}, Recall: Estimate{1, 0, 1}}
	return res
}

// conclude weighs the compared pairs, joins records, and estimates the errors.
func conclude(ctx context.Context, t *Table, roles *roles, fr *frame, sc *scorer, state *State, cfg *Config, workers int) (*Result, error) {
	md := sc.model
	const chunk = 1 << 14
	err := inParallel(ctx, workers, (len(sc.kept)+chunk-1)/chunk, func(c int) {
		for i := c * chunk; i < min((c+1)*chunk, len(sc.kept)); i++ {
			p := &sc.kept[i]
			p.odds = md.odds(fr, p.a, p.b, p.pattern)
		}
	})
	if err != nil {
		return nil, err
	}
	threshold := cfg.Threshold
	if threshold == 0 {
		threshold = 0.5
	}
	cutoff := math.Log2(threshold / (1 - threshold))
	unique, err := uniqueLists(t, fr, sc.kept, cutoff, cfg)
	if err != nil {
		return nil, err
	}
	state.Unique = unique
	kept := slices.DeleteFunc(slices.Clone(sc.kept), func(p pair) bool {
		return fr.list[p.a] == fr.list[p.b] && unique>>fr.list[p.a]&1 == 1
	})
	c := newClusterer(fr, md, unique)
	c.mean = md.priorOdds() / 4
	if err := c.join(ctx, kept, cutoff); err != nil {
		return nil, err
	}
	res := &Result{Records: t.Records(), Compared: sc.compared, Skipped: sc.skipped, Share: md.share, Notes: roles.notes, table: t, id: roles.id, frame: fr, model: md, kept: kept, cutoff: cutoff}
	res.name(c)
	for i, name := range t.lists {
		if unique>>i&1 == 1 {
			res.Unique = append(res.Unique, name)
		}
	}
	if roles.truth != nil {
		res.Truth = measure(t, roles.truth, cfg.Pattern, res.Person)
	}
	res.report(state)
	res.flag()
	res.Rates, err = res.rates(ctx, sc, state, c, workers)
	return res, err
}

// name numbers the clusters by their first record in canonical order.
func (res *Result) name(c *clusterer) {
	n := res.frame.len()
	res.Person = make([]uint32, n)
	number := make([]uint32, n)
	for r := range uint32(n) {
		root := c.root(r)
		if number[root] == 0 {
			res.clusters = append(res.clusters, nil)
			number[root] = uint32(len(res.clusters))
		}
		k := number[root] - 1
		res.clusters[k] = append(res.clusters[k], r)
		res.Person[res.frame.row[r]] = k
	}
	for _, members := range res.clusters {
		k := int64(len(members))
		res.Pairs += k * (k - 1) / 2
	}
	res.Persons = len(res.clusters)
}

func (res *Result) report(state *State) {
	fr, md := res.frame, res.model
	for i, f := range fr.fields {
		x := Field{Name: f.name, Kind: f.kind, Filled: float64(f.total) / float64(max(fr.len(), 1)), Unread: f.unread, Dull: md.dull[i]}
		for _, l := range f.levelsOf() {
			x.Levels = append(x.Levels, Level{levelName(f.kind, l), md.m[i][l], md.u[i][l], math.Log2(md.m[i][l] / md.u[i][l])})
		}
		res.Fields = append(res.Fields, x)
		if md.dull[i] {
			res.Notes = append(res.Notes, fmt.Sprintf("agreement on %s is no sign of one person here: the field has no weight", f.name))
		}
		if f.unread > 0 {
			res.Notes = append(res.Notes, fmt.Sprintf("%d cells of %s could not be read as a %s and count as unknown", f.unread, f.name, f.kind))
		}
	}
	for _, names := range state.Rules {
		r := Rule{}
		for i, n := range names {
			if i > 0 {
				r.Name += " + "
			}
			r.Name += n
		}
		res.Rules = append(res.Rules, r)
	}
	if res.Skipped > 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("%d pairs agree on a key with more than %d records and were not compared by it", res.Skipped, state.Limit))
	}
}

// flag marks clusters that one pair alone holds together: taking it away would
// leave two parts of two or more records each with no other sure pair between them.
func (res *Result) flag() {
	res.weak = make([]bool, len(res.clusters))
	var edges []pair
	for _, p := range res.kept {
		k := res.cluster(p.a)
		if p.odds >= res.cutoff && k == res.cluster(p.b) && len(res.clusters[k]) >= 4 {
			edges = append(edges, p)
		}
	}
	slices.SortStableFunc(edges, func(x, y pair) int { return cmp.Compare(res.cluster(x.a), res.cluster(y.a)) })
	for i := 0; i < len(edges); {
		k := res.cluster(edges[i].a)
		j := i
		for j < len(edges) && res.cluster(edges[j].a) == k {
			j++
		}
		if hasBridge(res.clusters[k], edges[i:j]) {
			res.weak[k] = true
			res.Weak++
		}
		i = j
	}
}

func (res *Result) cluster(r uint32) uint32 { return res.Person[res.frame.row[r]] }

// hasBridge finds, by depth-first search (Tarjan 1974), an edge whose removal
// leaves two parts of two or more members.
func hasBridge(members []uint32, edges []pair) bool {
	at := make(map[uint32]int, len(members))
	for i, m := range members {
		at[m] = i
	}
	neighbours := make([][]int, len(members))
	for _, e := range edges {
		a, b := at[e.a], at[e.b]
		neighbours[a] = append(neighbours[a], b)
		neighbours[b] = append(neighbours[b], a)
	}
	order, low, size := make([]int, len(members)), make([]int, len(members)), make([]int, len(members))
	clock, found := 0, false
	var visit func(v, parent int)
	visit = func(v, parent int) {
		clock++
		order[v], low[v], size[v] = clock, clock, 1
		for _, w := range neighbours[v] {
			if w == parent {
				continue
			}
			if order[w] != 0 {
				low[v] = min(low[v], order[w])
				continue
			}
			visit(w, v)
			size[v] += size[w]
			low[v] = min(low[v], low[w])
			if low[w] > order[v] && size[w] >= 2 && len(members)-size[w] >= 2 {
				found = true
			}
		}
	}
	visit(0, -1)
	return found
}
