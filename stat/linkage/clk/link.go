package clk

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/stat/linkage"
)

// Config says how to link encodings. The zero value finds everything from them.
type Config struct {
	ID        string         // column with the record's id; found if empty, else rows are numbered from 1
	Truth     string         // column that tells which records are one person
	Pattern   *regexp.Regexp // part of the truth that counts
	Seed      uint64
	Unique    []string // lists known to hold each person once
	Threshold float64  // least Dice coefficient of a link; found from the data if 0
	// AllPairs is the number of pairs up to which all encodings are compared with
	// all; 500 million if 0. Beyond it only those that share a blocking hash are.
	AllPairs   int64
	BlockLimit int // most records that share a blocking hash and are compared; 2,000 if 0
	Progress   func(done, total int)
}

// Result is what was found.
type Result struct {
	Records   int
	Compared  int64
	Skipped   int64 // pairs left out because too many records share a blocking hash
	Pairs     int64
	Persons   int
	Person    []uint32 // by table row
	Unique    []string
	Threshold float64
	Truth     *linkage.Truth
	Expected  linkage.Rates
	Notes     []string

	table    *linkage.Table
	id       string
	set      *set
	matches  []match
	mixture  mixture
	clusters [][]uint32
}

// set holds the encodings in canonical order: by ones, then by bits, list and id.
type set struct {
	codes  []Code
	ones   []uint16
	list   []int
	row    []int // in the table
	blocks []string
	empty  int
}

// Link finds the encodings that belong to one person. The result depends on the
// encodings alone, not on the order of rows or on the number of processors.
func Link(ctx context.Context, t *linkage.Table, cfg Config) (*Result, error) {
	if cfg.Threshold < 0 || cfg.Threshold > 1 {
		return nil, fmt.Errorf("linking encodings: a threshold of %g is not between 0 and 1", cfg.Threshold)
	}
	if cfg.ID == "" {
		cfg.ID = t.ID()
	}
	s, err := newSet(t, cfg.ID)
	if err != nil {
		return nil, err
	}
	res := &Result{Records: t.Records(), table: t, id: cfg.ID, set: s}
	if s.empty > 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("%d records have no encoding and were not compared", s.empty))
	}
	if len(s.codes) >= 2 {
		if err := res.search(ctx, cfg); err != nil {
			return nil, fmt.Errorf("linking encodings: %w", err)
		}
	}
	if err := res.join(cfg); err != nil {
		return nil, err
	}
	if cfg.Truth != "" {
		if res.Truth, err = t.Measure(cfg.Truth, cfg.Pattern, res.Person); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// newSet decodes the column of encodings.
func newSet(t *linkage.Table, id string) (*set, error) {
	column := ""
	s := &set{}
	for _, c := range t.Columns() {
		switch {
		case strings.HasPrefix(c, prefix):
			if column != "" {
				return nil, &linkage.InputError{List: strings.Join(t.Lists(), " and "), What: "the encodings were made with different keys, fields or settings: " + column + " and " + c, Next: "encode all lists with the key of this study and the same columns"}
			}
			column = c
		case len(c) > 1 && c[0] == 'b' && strings.Trim(c[1:], "0123456789") == "":
			s.blocks = append(s.blocks, c)
		}
	}
	if column == "" {
		return nil, &linkage.InputError{List: strings.Join(t.Lists(), " and "), What: "there is no column of encodings", Next: "make one with rostrum encode"}
	}
	type entry struct {
		code Code
		row  int
	}
	var entries []entry
	for r := range t.Records() {
		text := t.Value(r, column)
		if text == "" {
			s.empty++
			continue
		}
		code, err := ParseCode(text)
		if err != nil {
			return nil, &linkage.InputError{List: t.Lists()[t.List(r)], What: fmt.Sprintf("record %s: %v", recordID(t, r, id), err), Next: "encode the list again"}
		}
		entries = append(entries, entry{code, r})
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.code.Ones(), b.code.Ones()), slices.Compare(a.code[:], b.code[:]),
			cmp.Compare(t.List(a.row), t.List(b.row)), cmp.Compare(t.Value(a.row, id), t.Value(b.row, id)))
	})
	for _, e := range entries {
		s.codes = append(s.codes, e.code)
		s.ones = append(s.ones, uint16(e.code.Ones()))
		s.row = append(s.row, e.row)
		s.list = append(s.list, t.List(e.row))
	}
	return s, nil
}

func recordID(t *linkage.Table, row int, id string) string {
	if id != "" {
		return t.Value(row, id)
	}
	n := 0
	for r := range row + 1 {
		if t.List(r) == t.List(row) {
			n++
		}
	}
	return strconv.Itoa(n)
}

// search compares encodings and finds what coefficient tells one person.
func (res *Result) search(ctx context.Context, cfg Config) error {
	s := res.set
	workers := runtime.GOMAXPROCS(0)
	mean, sd := background(s.codes, cfg.Seed)
	floor := min(mean+3.5*sd, 0.95)
	if cfg.Threshold > 0 {
		floor = min(floor, cfg.Threshold)
	}
	limit := cfg.AllPairs
	if limit == 0 {
		limit = 500_000_000
	}
	n := int64(len(s.codes))
	var err error
	complete := n*(n-1)/2 <= limit || len(s.blocks) == 0
	if complete {
		res.matches, res.Compared, err = all(ctx, s.codes, s.ones, floor, workers, cfg.Progress)
	} else {
		err = res.block(ctx, cfg, floor, workers)
	}
	if err != nil {
		return err
	}
	slices.SortFunc(res.matches, func(a, b match) int { return cmp.Or(cmp.Compare(a.i, b.i), cmp.Compare(a.j, b.j)) })
	var counts [bins + 1]int64
	for _, m := range res.matches {
		counts[int(res.dice(m)*bins)]++
	}
	seen := &counts
	if !complete {
		if seen, err = s.sample(ctx, floor, workers); err != nil {
			return err
		}
	}
	res.mixture = fitMixture(&counts, floor, slope(seen, floor, sd, sd/3.5))
	res.Threshold = cfg.Threshold
	if res.Threshold == 0 {
		res.Threshold = res.mixture.threshold()
	}
	return nil
}

// sampled is the number of encodings compared all to all to learn how alike those
// of different persons are.
const sampled = 10_000

// sample counts the coefficients of all pairs of a part of the encodings.
func (s *set) sample(ctx context.Context, floor float64, workers int) (*[bins + 1]int64, error) {
	step := max(len(s.codes)/sampled, 1)
	var codes []Code
	var ones []uint16
	for i := 0; i < len(s.codes); i += step {
		codes = append(codes, s.codes[i])
		ones = append(ones, s.ones[i])
	}
	found, _, err := all(ctx, codes, ones, floor, workers, nil)
	var counts [bins + 1]int64
	for _, m := range found {
		counts[int(2*float64(m.shared)/float64(int(ones[m.i])+int(ones[m.j]))*bins)]++
	}
	return &counts, err
}

func (res *Result) dice(m match) float64 {
	return 2 * float64(m.shared) / float64(int(res.set.ones[m.i])+int(res.set.ones[m.j]))
}

// block compares the records that share a blocking hash, each pair once.
func (res *Result) block(ctx context.Context, cfg Config, floor float64, workers int) error {
	s := res.set
	limit := cfg.BlockLimit
	if limit == 0 {
		limit = 2000
	}
	needed := need(floor)
	hashes := make([][]string, len(s.blocks))
	for b, column := range s.blocks {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		hashes[b] = make([]string, len(s.codes))
		groups := map[string][]uint32{}
		for i := range s.codes {
			if h := res.table.Value(s.row[i], column); h != "" {
				hashes[b][i] = h
				groups[h] = append(groups[h], uint32(i))
			}
		}
		var work [][]uint32
		for _, h := range slices.Sorted(maps.Keys(groups)) {
			g := groups[h]
			if len(g) > limit {
				res.Skipped += int64(len(g)) * int64(len(g)-1) / 2
				for _, i := range g {
					hashes[b][i] = ""
				}
				continue
			}
			if len(g) > 1 {
				work = append(work, g)
			}
		}
		found := make([][]match, len(work))
		compared := make([]int64, len(work))
		parallel(ctx, workers, len(work), func(w int) {
			g := work[w]
			for x, i := range g {
			next:
				for _, j := range g[x+1:] {
					for _, earlier := range hashes[:b] {
						if earlier[i] != "" && earlier[i] == earlier[j] {
							continue next
						}
					}
					compared[w]++
					if k := shared(&s.codes[i], &s.codes[j]); k >= int(needed[s.ones[i]+s.ones[j]]) {
						found[w] = append(found[w], match{i, j, uint16(k)})
					}
				}
			}
		})
		for w := range work {
			res.matches = append(res.matches, found[w]...)
			res.Compared += compared[w]
		}
		if cfg.Progress != nil {
			cfg.Progress(b+1, len(s.blocks))
		}
	}
	return ctx.Err()
}

// join makes clusters, from the most alike pairs down: a record of a list without
// duplicates meets at most one of it, and two clusters become one only if the mean
// coefficient between them is above the middle of threshold and floor.
func (res *Result) join(cfg Config) error {
	s := res.set
	unique, err := res.uniqueLists(cfg)
	if err != nil {
		return err
	}
	order := make([]int, 0, len(res.matches))
	for k, m := range res.matches {
		if res.dice(m) >= res.Threshold && !(s.list[m.i] == s.list[m.j] && unique>>s.list[m.i]&1 == 1) {
			order = append(order, k)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(res.dice(res.matches[b]), res.dice(res.matches[a])) })
	members := make([][]uint32, len(s.codes))
	lists := make([]uint64, len(s.codes))
	of := make([]uint32, len(s.codes))
	for i := range members {
		members[i] = []uint32{uint32(i)}
		lists[i] = 1 << s.list[i] & unique
		of[i] = uint32(i)
	}
	least := (res.Threshold + res.mixture.floor) / 2
	for _, k := range order {
		a, b := of[res.matches[k].i], of[res.matches[k].j]
		if a == b || lists[a]&lists[b] != 0 {
			continue
		}
		if len(members[a]) < len(members[b]) {
			a, b = b, a
		}
		if len(members[a])+len(members[b]) > 2 && res.meanDice(members[a], members[b]) < least {
			continue
		}
		for _, i := range members[b] {
			of[i] = a
		}
		members[a] = append(members[a], members[b]...)
		members[b] = nil
		lists[a] |= lists[b]
	}
	res.number(members)
	res.expect()
	return nil
}

func (res *Result) meanDice(a, b []uint32) float64 {
	sum, n := 0.0, 0
	for _, i := range a {
		for _, j := range b {
			sum += Dice(&res.set.codes[i], &res.set.codes[j])
			if n++; n == 4096 {
				return sum / float64(n)
			}
		}
	}
	return sum / float64(n)
}

// number names clusters in the order of their first record; records without an
// encoding are persons of their own.
func (res *Result) number(members [][]uint32) {
	res.Person = make([]uint32, res.Records)
	coded := make([]bool, res.Records)
	for _, m := range members {
		if len(m) == 0 {
			continue
		}
		slices.Sort(m)
		for _, i := range m {
			res.Person[res.set.row[i]] = uint32(len(res.clusters))
			coded[res.set.row[i]] = true
		}
		res.clusters = append(res.clusters, m)
		res.Pairs += int64(len(m)) * int64(len(m)-1) / 2
	}
	res.Persons = len(res.clusters)
	for r, c := range coded {
		if !c {
			res.Person[r] = uint32(res.Persons)
			res.Persons++
		}
	}
}

// uniqueLists finds the lists that hold each person once: those named, and those
// in which hardly any records are alike.
func (res *Result) uniqueLists(cfg Config) (uint64, error) {
	names := res.table.Lists()
	unique := uint64(0)
	for _, name := range cfg.Unique {
		i := slices.Index(names, name)
		if i < 0 {
			return 0, &linkage.InputError{List: name, What: "there is no list of this name", Next: "the lists are " + strings.Join(names, ", ")}
		}
		unique |= 1 << i
	}
	if len(names) > 1 {
		within, across, size := make([]int, len(names)), make([]int, len(names)), make([]int, len(names))
		for _, l := range res.set.list {
			size[l]++
		}
		for _, m := range res.matches {
			if res.dice(m) < res.Threshold {
				continue
			}
			x, y := res.set.list[m.i], res.set.list[m.j]
			if x == y {
				within[x]++
			} else {
				across[x]++
				across[y]++
			}
		}
		for i := range names {
			if within[i]*50 <= size[i] && within[i]*10 <= across[i] {
				unique |= 1 << i
			}
		}
	}
	for i, name := range names {
		if unique>>i&1 == 1 {
			res.Unique = append(res.Unique, name)
		}
	}
	return unique, nil
}

// expect estimates precision and recall from the fitted coefficients. What no
// blocking hash brought together is not known here and not counted.
func (res *Result) expect() {
	linked, right, missed := 0.0, 0.0, 0.0
	for _, m := range res.matches {
		p := res.mixture.chance(res.dice(m))
		if res.Person[res.set.row[m.i]] == res.Person[res.set.row[m.j]] {
			linked++
			right += p
		} else if len(res.Unique) == 0 {
			missed += p
		}
	}
	rate := func(k, n float64) linkage.Estimate {
		if n == 0 {
			return linkage.Estimate{Value: 1, Low: 0, High: 1}
		}
		// Wilson's interval, 95 %.
		p, z := k/n, 1.959964
		centre, half := (p+z*z/(2*n))/(1+z*z/n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))/(1+z*z/n)
		return linkage.Estimate{Value: p, Low: max(centre-half, 0), High: min(centre+half, 1)}
	}
	res.Expected = linkage.Rates{Precision: rate(right, linked), Recall: rate(right, right+missed), Coverage: 1}
}

// Summary gives the figures in the form of any linkage.
func (res *Result) Summary() linkage.Summary {
	s := linkage.Summary{Records: res.Records, Compared: res.Compared, Pairs: res.Pairs, Persons: res.Persons, Skipped: res.Skipped, Unique: res.Unique, Expected: &res.Expected, Share: res.mixture.share, Notes: res.Notes}
	if res.Truth != nil {
		s.Precision, s.Recall, s.F1 = &res.Truth.Precision, &res.Truth.Recall, &res.Truth.F1
	}
	return s
}

// WritePairs writes the linked pairs as CSV: the two records, their person, and
// their Dice coefficient. Nothing else leaves a private linkage.
func (res *Result) WritePairs(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	out := csv.NewWriter(buffered)
	out.Write([]string{"list_a", "id_a", "list_b", "id_b", "person", "dice"})
	lists := res.table.Lists()
	numbers := res.rowNumbers()
	name := func(i uint32) (string, string) {
		r := res.set.row[i]
		if res.id != "" {
			return lists[res.set.list[i]], res.table.Value(r, res.id)
		}
		return lists[res.set.list[i]], strconv.Itoa(numbers[r])
	}
	for k, m := range res.clusters {
		for x, i := range m {
			for _, j := range m[x+1:] {
				la, a := name(i)
				lb, b := name(j)
				if cmp.Or(cmp.Compare(la, lb), cmp.Compare(a, b)) > 0 {
					la, a, lb, b = lb, b, la, a
				}
				out.Write([]string{la, a, lb, b, strconv.Itoa(k + 1), strconv.FormatFloat(Dice(&res.set.codes[i], &res.set.codes[j]), 'f', 4, 64)})
			}
		}
	}
	out.Flush()
	if err := cmp.Or(out.Error(), buffered.Flush()); err != nil {
		return fmt.Errorf("writing pairs: %w", err)
	}
	return nil
}

// rowNumbers numbers the records within their lists from 1.
func (res *Result) rowNumbers() []int {
	out := make([]int, res.table.Records())
	seen := make([]int, len(res.table.Lists()))
	for r := range out {
		l := res.table.List(r)
		seen[l]++
		out[r] = seen[l]
	}
	return out
}
