package estimate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// MaxLists is the largest number of lists in a table. With ten lists a
	// table has 1,023 cells, more than any published study fills.
	MaxLists = 10
	// MaxObserved is the largest number of people in a table.
	MaxObserved = 1_000_000_000
	maxNameLen  = 80
)

// Table counts people by the combination of lists that hold them. Two people
// who are in the same lists are counted in the same cell; nobody in a table is
// in no list. A Table is a value that never changes.
//
// The lists stand in an order of their own (size, then content, then name) and
// not in the order of the source, so that two tables with the same content are
// equal whatever the order of the columns and rows they came from.
type Table struct {
	lists  []string
	counts []int64 // by bit pattern: bit j set means in lists[j]; counts[0] is 0
}

// NewTable makes a table of the named lists. counts is indexed by bit pattern
// and has 2^len(lists) entries: in counts[p], bit j of p says whether the
// people counted are in lists[j]. counts[0] must be 0, for it is the number
// that is unknown. The error is a *InputError.
func NewTable(lists []string, counts []int64) (Table, error) {
	if err := checkLists(lists); err != nil {
		return Table{}, err
	}
	if len(counts) != 1<<len(lists) {
		return Table{}, &InputError{
			Problem: fmt.Sprintf("%d lists need %d counts, there are %d", len(lists), 1<<len(lists), len(counts)),
			Advice:  "give one count for every combination of lists",
		}
	}
	var total int64
	for p, c := range counts {
		switch {
		case c < 0:
			return Table{}, &InputError{
				Problem: fmt.Sprintf("the count of combination %d is %d", p, c),
				Advice:  "counts of people are 0, 1, 2 and so on",
			}
		case c > MaxObserved || total+c > MaxObserved:
			return Table{}, &InputError{
				Problem: fmt.Sprintf("the counts add up to more than %d people", int64(MaxObserved)),
				Advice:  "check for a column that is not a count",
			}
		}
		total += c
	}
	if counts[0] != 0 {
		return Table{}, &InputError{
			Problem: fmt.Sprintf("%d people are counted as being in no list", counts[0]),
			Advice:  "remove that row: the number of people in no list is what is estimated",
		}
	}
	if total == 0 {
		return Table{}, &InputError{Problem: "every count is 0", Advice: "give the counts of people for each combination of lists"}
	}
	t := Table{lists: slices.Clone(lists), counts: slices.Clone(counts)}
	if err := t.checkContent(); err != nil {
		return Table{}, err
	}
	return t.canonical(), nil
}

// checkLists checks names and number of lists.
func checkLists(lists []string) error {
	if len(lists) < 2 {
		problem := "the table has one list"
		if len(lists) == 0 {
			problem = "the table has no list"
		}
		return &InputError{
			few:     true,
			Problem: problem,
			Advice:  "estimation needs at least two lists; give one column of 0 and 1 for each list and a last column of counts",
		}
	}
	if len(lists) > MaxLists {
		return &InputError{
			Problem: fmt.Sprintf("the table has %d lists, more than %d", len(lists), MaxLists),
			Advice:  "merge lists of the same kind, or check that every column but the last is a list",
		}
	}
	seen := make(map[string]int, len(lists))
	for j, name := range lists {
		switch prior, twice := seen[name]; {
		case strings.TrimSpace(name) == "":
			return &InputError{Row: 1, Column: fmt.Sprint(j + 1), Problem: "the list has no name", Advice: "name every column in the first row"}
		case twice:
			return &InputError{
				Row: 1, Column: fmt.Sprint(j + 1),
				Problem: fmt.Sprintf("the name %q is also that of column %d", name, prior+1),
				Advice:  "give every list a name of its own",
			}
		case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == utf8.RuneError }):
			return &InputError{Row: 1, Column: fmt.Sprint(j + 1), Problem: "the name has characters that cannot be printed", Advice: "save the file as UTF-8 text"}
		case utf8.RuneCountInString(name) > maxNameLen:
			return &InputError{Row: 1, Column: fmt.Sprint(j + 1), Problem: fmt.Sprintf("the name has more than %d characters", maxNameLen), Advice: "shorten the name of the list"}
		}
		seen[name] = j
	}
	return nil
}

// checkContent refuses lists that hold nobody and lists that hold the same
// people: neither adds anything, and both break the arithmetic.
func (t Table) checkContent() error {
	for j, name := range t.lists {
		if t.size(1<<j) == 0 {
			return &InputError{
				Column:  name,
				Problem: "the list holds nobody",
				Advice:  "leave this list out of the table",
			}
		}
	}
	for j := range t.lists {
		for i := range j {
			differs := false
			for p, c := range t.counts {
				if c > 0 && p>>i&1 != p>>j&1 {
					differs = true
					break
				}
			}
			if !differs {
				return &InputError{
					Column:  t.lists[j],
					Problem: fmt.Sprintf("the list holds exactly the same people as %q", t.lists[i]),
					Advice:  "keep one of the two: a copy of a list is not a second observation",
				}
			}
		}
	}
	return nil
}

// canonical puts the lists in the table's own order: larger lists first, then
// by the sorted counts of the cells that make up the list, then by name.
func (t Table) canonical() Table {
	type key struct {
		name  string
		bit   int
		size  int64
		cells []int64
	}
	keys := make([]key, len(t.lists))
	for j, name := range t.lists {
		k := key{name: name, bit: 1 << j, size: t.size(1 << j)}
		for p, c := range t.counts {
			if p&k.bit != 0 {
				k.cells = append(k.cells, c)
			}
		}
		slices.Sort(k.cells)
		keys[j] = k
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(b.size, a.size), slices.Compare(a.cells, b.cells), strings.Compare(a.name, b.name))
	})
	out := Table{lists: make([]string, len(keys)), counts: make([]int64, len(t.counts))}
	for p, c := range t.counts {
		q := 0
		for j, k := range keys {
			if p&k.bit != 0 {
				q |= 1 << j
			}
		}
		out.counts[q] = c
	}
	for j, k := range keys {
		out.lists[j] = k.name
	}
	return out
}

// Lists gives the names of the lists in the table's own order.
func (t Table) Lists() []string { return slices.Clone(t.lists) }

// Observed is the number of people in at least one list.
func (t Table) Observed() int64 {
	var n int64
	for _, c := range t.counts {
		n += c
	}
	return n
}

// Count is the number of people who are in all the named lists and in no
// other. It is 0 for a name that the table does not have.
func (t Table) Count(lists ...string) int64 {
	p, ok := t.pattern(lists)
	if !ok {
		return 0
	}
	return t.counts[p]
}

// Size is the number of people who are in all the named lists, whatever other
// lists they are in. It is 0 for a name that the table does not have.
func (t Table) Size(lists ...string) int64 {
	p, ok := t.pattern(lists)
	if !ok {
		return 0
	}
	return t.size(p)
}

func (t Table) pattern(lists []string) (int, bool) {
	p := 0
	for _, name := range lists {
		j := slices.Index(t.lists, name)
		if j < 0 {
			return 0, false
		}
		p |= 1 << j
	}
	return p, true
}

// size is N* of a pattern: the number of people in at least its lists.
func (t Table) size(pattern int) int64 {
	var n int64
	for p, c := range t.counts {
		if p&pattern == pattern {
			n += c
		}
	}
	return n
}

// Without is the table as it would be had the list never been collected: those
// who are in that list alone are not in it.
func (t Table) Without(list string) (Table, error) {
	return t.project(list, "leaving out", func(p, bit int) int { return p &^ bit })
}

// Within is the table of the people of one list, seen through the other lists;
// lists that share nobody with it are left out. Its true total is known: it is
// Size(list).
func (t Table) Within(list string) (Table, error) {
	return t.project(list, "looking inside", func(p, bit int) int {
		if p&bit == 0 {
			return 0
		}
		return p &^ bit
	})
}

// project sends every cell to another one, drops what falls on the empty
// pattern, and removes the column of the list.
func (t Table) project(list, action string, to func(p, bit int) int) (Table, error) {
	j := slices.Index(t.lists, list)
	if j < 0 {
		return Table{}, fmt.Errorf("%s list %q: no list has this name", action, list)
	}
	counts := make([]int64, len(t.counts)/2)
	for p, c := range t.counts {
		q := to(p, 1<<j)
		q = q&(1<<j-1) | q>>(j+1)<<j
		if q != 0 {
			counts[q] += c
		}
	}
	lists, counts := dropEmpty(slices.Delete(slices.Clone(t.lists), j, j+1), counts)
	out, err := NewTable(lists, counts)
	if err != nil {
		return Table{}, fmt.Errorf("%s list %q: %w", action, list, err)
	}
	return out, nil
}

// dropEmpty removes the lists that hold nobody.
func dropEmpty(lists []string, counts []int64) ([]string, []int64) {
	for j := len(lists) - 1; j >= 0; j-- {
		var size int64
		rest := make([]int64, len(counts)/2)
		for p, c := range counts {
			if p>>j&1 == 1 {
				size += c
			} else {
				rest[p&(1<<j-1)|p>>(j+1)<<j] = c
			}
		}
		if size == 0 {
			lists, counts = slices.Delete(lists, j, j+1), rest
		}
	}
	return lists, counts
}

// Merge is the table with two lists taken as one, which holds everybody who is
// in either. The name of the new list is "a+b", the names in order.
func (t Table) Merge(a, b string) (Table, error) {
	i, j := slices.Index(t.lists, a), slices.Index(t.lists, b)
	if i < 0 || j < 0 || i == j {
		return Table{}, fmt.Errorf("merging lists %q and %q: the table needs two different lists of these names", a, b)
	}
	i, j = min(i, j), max(i, j)
	counts := make([]int64, len(t.counts)/2)
	for p, c := range t.counts {
		q := p
		if p>>j&1 == 1 {
			q |= 1 << i
		}
		counts[q&(1<<j-1)|q>>(j+1)<<j] += c
	}
	lists := slices.Clone(t.lists)
	lists[i] = min(a, b) + "+" + max(a, b)
	out, err := NewTable(slices.Delete(lists, j, j+1), counts)
	if err != nil {
		return Table{}, fmt.Errorf("merging lists %q and %q: %w", a, b, err)
	}
	return out, nil
}

// Overlap is the number of people that two lists share.
type Overlap struct {
	Lists  [2]string `json:"lists"`
	Shared int64     `json:"shared"`
}

// Overlaps gives the number of shared people for every pair of lists, zeros
// included.
func (t Table) Overlaps() []Overlap {
	var out []Overlap
	for j := range t.lists {
		for i := range j {
			out = append(out, Overlap{Lists: [2]string{t.lists[i], t.lists[j]}, Shared: t.size(1<<i | 1<<j)})
		}
	}
	return out
}

// Hash is the SHA-256 of the table's content in hexadecimal: the same for
// every order of rows and columns. A table with few people can be guessed from
// its hash, so the hash belongs beside the unsuppressed table only.
func (t Table) Hash() string {
	// Names in byte order, so that the hash can be recomputed without knowing
	// the order in which the engine works.
	names := slices.Sorted(slices.Values(t.lists))
	rows := make([]string, 0, len(t.counts))
	for p, c := range t.counts {
		if c == 0 {
			continue
		}
		row := make([]byte, len(names))
		for j, name := range names {
			row[j] = '0' + byte(p>>slices.Index(t.lists, name)&1)
		}
		rows = append(rows, fmt.Sprintf("%s,%d\n", row, c))
	}
	slices.Sort(rows)
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", names)
	for _, row := range rows {
		h.Write([]byte(row))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// name writes a pattern as the names of its lists.
func (t Table) name(pattern int) string {
	if pattern == 0 {
		return "(none)"
	}
	parts := make([]string, 0, bits.OnesCount(uint(pattern)))
	for j, list := range t.lists {
		if pattern>>j&1 == 1 {
			parts = append(parts, list)
		}
	}
	return strings.Join(parts, "*")
}
