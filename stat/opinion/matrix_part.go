package opinion

// pack gathers the votes of the people given, by bit position, into columns
// in which they stand in that order.
func pack(columns []column, people []int, workers int) []column {
	packed := make([]column, len(columns))
	each(workers, len(columns), len(columns)*len(people) > 1<<16, func(j int) {
		from, to := columns[j], make(column, (len(people)+63)/64)
		for i, b := range people {
			if b/64 >= len(from) {
				continue
			}
			w, shift := &from[b/64], b%64
			if w.seen>>shift&1 == 0 {
				continue
			}
			to[i/64].seen |= 1 << (i % 64)
			to[i/64].decided |= w.decided >> shift & 1 << (i % 64)
			to[i/64].agree |= w.agree >> shift & 1 << (i % 64)
		}
		packed[j] = to
	})
	return packed
}

func countAll(columns []column) []Counts {
	counts := make([]Counts, len(columns))
	for j, c := range columns {
		counts[j] = c.counts()
	}
	return counts
}

// only is the matrix of some of the people, given by their place.
func (m matrix) only(places []int, workers int) matrix {
	part := matrix{zeroed: m.zeroed, words: (len(places) + 63) / 64, precise: m.precise}
	chosen := make([]int, len(places))
	for i, p := range places {
		chosen[i] = m.people[p]
		part.people = append(part.people, i)
		part.cast = append(part.cast, m.cast[p])
	}
	part.columns = pack(m.columns, chosen, workers)
	part.counts = countAll(part.columns)
	part.compare = func(a, b int) pair { return comparePair(part.columns[a], part.columns[b]) }
	return part
}

// without is the matrix without some of the people, given by their place in
// ascending order. Only their votes are counted, and taken off the whole. Its
// axes need only show groups.
func (m matrix) without(places []int) matrix {
	part := matrix{columns: m.columns, zeroed: m.zeroed, words: m.words, precise: rough}
	var left []int
	for i, b := range m.people {
		if len(left) < len(places) && places[len(left)] == i {
			left = append(left, b)
			continue
		}
		part.people = append(part.people, b)
		part.cast = append(part.cast, m.cast[i])
	}
	gone := pack(m.columns, left, 1)
	part.counts = make([]Counts, len(m.counts))
	for j, n := range countAll(gone) {
		part.counts[j] = m.counts[j].minus(n)
	}
	if m.compare != nil {
		part.compare = func(a, b int) pair {
			p, q := m.compare(a, b), comparePair(gone[a], gone[b])
			return pair{p.both - q.both, p.product - q.product, p.left - q.left, p.right - q.right}
		}
	}
	return part
}
