package linkage

import (
	"cmp"
	"slices"
	"sort"
	"sync"
)

// maxFields bounds the fields compared: three bits each in a pattern.
const maxFields = 20

// frame is a table made ready for comparison. Records stand in canonical order,
// by a hash of their content, so that nothing computed from it can depend on the
// order of rows, and its beginning is a random sample.
type frame struct {
	fields   []*field
	features []featureOf
	width    int      // fields per record
	cells    []uint32 // records × width, values of each record side by side
	list     []uint16 // per record
	row      []uint32 // per record: its row in the table
	content  []uint64 // per record: hash of list and content, ascending
	lists    int
}

type featureOf struct {
	field int
	feature
}

// pattern holds the levels of a pair, three bits per field.
type pattern uint64

func (p pattern) level(field int) level { return level(p >> (3 * field) & 7) }

func (p pattern) with(field int, l level) pattern {
	return p&^(7<<(3*field)) | pattern(l)<<(3*field)
}

// newFrame prepares the chosen columns. id, which may be nil, takes part in the
// canonical order only. With known, the fields are those of a model that was
// learned before.
func newFrame(t *Table, chosen []*column, kinds []Kind, id *column, known []fieldScheme) *frame {
	fr := &frame{fields: make([]*field, len(chosen)), lists: len(t.lists)}
	var wait sync.WaitGroup
	for i := range chosen {
		var scheme *fieldScheme
		if known != nil {
			scheme = &known[i]
		}
		wait.Go(func() { fr.fields[i] = newField(chosen[i], kinds[i], scheme) })
	}
	wait.Wait()
	if known == nil {
		fr.keepBest(t.Records())
	}
	fr.width = len(fr.fields)
	fr.order(t, id)
	if known == nil {
		fr.pairNames()
	}
	for i := range known {
		if known[i].Leads {
			fr.pair(i, known[i].Partner)
		}
	}
	for i, f := range fr.fields {
		for _, x := range f.features {
			fr.features = append(fr.features, featureOf{field: i, feature: x})
		}
	}
	return fr
}

// keepBest drops fields that tell nothing, and the least telling of more than
// maxFields, and puts the rest into an order of their own: the order of columns
// in the file must not matter.
func (fr *frame) keepBest(records int) {
	kept := fr.fields[:0]
	for _, f := range fr.fields {
		if f.total >= 2 && len(f.values) > 2 {
			kept = append(kept, f)
		}
	}
	slices.SortFunc(kept, func(a, b *field) int {
		return cmp.Or(cmp.Compare(b.bits(records), a.bits(records)), cmp.Compare(a.name, b.name))
	})
	fr.fields = kept[:min(len(kept), maxFields)]
}

func (fr *frame) len() int { return len(fr.row) }

// record gives the values of a record in canonical order.
func (fr *frame) record(r uint32) []uint32 {
	at := int(r) * fr.width
	return fr.cells[at : at+fr.width : at+fr.width]
}

// order sorts the records by a hash of their values; ties are settled by the
// values themselves, then by list and id. Records still equal are interchangeable.
func (fr *frame) order(t *Table, id *column) {
	n := t.Records()
	hashes := make([][]uint64, fr.width)
	var wait sync.WaitGroup
	for i, f := range fr.fields {
		wait.Go(func() {
			h := make([]uint64, len(f.values))
			for v := 1; v < len(f.values); v++ {
				h[v] = hash64(string(f.letters(&f.values[v]))) ^ hash64(f.name)
			}
			hashes[i] = h
		})
	}
	var idHash []uint64
	if id != nil {
		idHash = make([]uint64, len(id.values))
		for v, s := range id.values {
			idHash[v] = hash64(s)
		}
	}
	names := make([]uint64, len(t.lists))
	for i, s := range t.lists {
		names[i] = hash64(s)
	}
	wait.Wait()
	type keyed struct {
		hash uint64
		row  uint32
	}
	keys := make([]keyed, n)
	for r := range n {
		h := names[t.list[r]]
		if id != nil {
			h = mix64(h ^ idHash[id.cells[r]])
		}
		for i, f := range fr.fields {
			h = mix64(h*31 + hashes[i][f.cells[r]])
		}
		keys[r] = keyed{h, uint32(r)}
	}
	slices.SortFunc(keys, func(a, b keyed) int {
		if a.hash != b.hash {
			return cmp.Compare(a.hash, b.hash)
		}
		for _, f := range fr.fields {
			x, y := f.cells[a.row], f.cells[b.row]
			if x != y {
				return cmp.Compare(string(f.letters(&f.values[x])), string(f.letters(&f.values[y])))
			}
		}
		if id != nil {
			return cmp.Compare(id.values[id.cells[a.row]], id.values[id.cells[b.row]])
		}
		return 0
	})
	fr.row = make([]uint32, n)
	fr.list = make([]uint16, n)
	fr.content = make([]uint64, n)
	fr.cells = make([]uint32, n*fr.width)
	for r, k := range keys {
		fr.row[r] = k.row
		fr.list[r] = t.list[k.row]
		fr.content[r] = k.hash
		out := fr.record(uint32(r))
		for i, f := range fr.fields {
			out[i] = f.cells[k.row]
		}
	}
	for _, f := range fr.fields {
		f.cells = nil
	}
}

// pairNames finds fields of one kind whose values are put into each other by
// mistake, as given name and family name are: of the fields that hold names or
// places, pairs that share values in at least a hundredth of their cells.
func (fr *frame) pairNames() {
	type candidate struct {
		i, j  int
		share float64
	}
	var found []candidate
	for i, f := range fr.fields {
		for j := i + 1; j < len(fr.fields); j++ {
			g := fr.fields[j]
			if f.kind != g.kind || f.kind != Name && f.kind != Place {
				continue
			}
			if s := min(f.shared(g), g.shared(f)); s >= 0.01 {
				found = append(found, candidate{i, j, s})
			}
		}
	}
	sort.SliceStable(found, func(a, b int) bool { return found[a].share > found[b].share })
	for _, c := range found {
		if fr.fields[c.i].partner < 0 && fr.fields[c.j].partner < 0 {
			fr.pair(c.i, c.j)
		}
	}
}

// pair makes two fields partners, the first of which leads.
func (fr *frame) pair(i, j int) {
	f, g := fr.fields[i], fr.fields[j]
	f.partner, g.partner = j, i
	f.leads = true
	f.across, g.across = f.crossing(g), g.crossing(f)
}

// shared is the share of the filled cells of f whose value occurs in g as well.
func (f *field) shared(g *field) float64 {
	common := uint64(0)
	for v, n := range f.crossing(g) {
		if n != 0 {
			common += uint64(f.count[v])
		}
	}
	return float64(common) / float64(f.total)
}

// crossing gives for each value of f the number of the same value in g.
func (f *field) crossing(g *field) []uint32 {
	index := make(map[string]uint32, len(g.values))
	for v := 1; v < len(g.values); v++ {
		index[string(g.letters(&g.values[v]))] = uint32(v)
	}
	across := make([]uint32, len(f.values))
	for v := 1; v < len(f.values); v++ {
		across[v] = index[string(f.letters(&f.values[v]))]
	}
	return across
}

// compare gives the pattern of two records.
func (fr *frame) compare(a, b uint32) pattern {
	x, y := fr.record(a), fr.record(b)
	var p pattern
	for i, f := range fr.fields {
		if x[i] != 0 && y[i] != 0 {
			p |= pattern(f.compare(x[i], y[i])) << (3 * i)
		}
	}
	for i, f := range fr.fields {
		if f.leads {
			p = fr.exchange(p, x, y, i, f.partner)
		}
	}
	return p
}

// exchange looks, where two paired fields do not agree as they stand, whether
// they agree crosswise. Both agreements are then told by one level of the first
// field, and the second field counts as missing.
func (fr *frame) exchange(p pattern, x, y []uint32, i, j int) pattern {
	if p.level(i) >= close || p.level(j) >= close {
		return p
	}
	f, g := fr.fields[i], fr.fields[j]
	first := x[i] != 0 && y[j] != 0 && f.across[x[i]] == y[j]
	second := y[i] != 0 && x[j] != 0 && f.across[y[i]] == x[j]
	switch {
	case first && second,
		first && y[i] != 0 && x[j] != 0 && alike(f, y[i], g, x[j]),
		second && x[i] != 0 && y[j] != 0 && alike(f, x[i], g, y[j]):
		return p.with(i, exchanged).with(j, missing)
	case first && (y[i] == 0 || x[j] == 0), second && (x[i] == 0 || y[j] == 0):
		return p.with(i, strayed).with(j, missing)
	}
	return p
}

// alike reports whether values of two fields differ by a slip at most.
func alike(f *field, v uint32, g *field, w uint32) bool {
	a, b := &f.values[v], &g.values[w]
	if a.wide || b.wide {
		return jaroWinkler(f.wide(v), g.wide(w)) >= closeSimilarity
	}
	return mayBeClose(a, b) && jaroWinkler(f.letters(a), g.letters(b)) >= closeSimilarity
}

// pairs is the number of pairs of distinct records.
func (fr *frame) pairs() float64 {
	n := float64(fr.len())
	return n * (n - 1) / 2
}
