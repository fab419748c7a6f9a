package linkage

// joint is how often two fields agree exactly at once among all pairs of records.
type joint struct {
	pairs  float64 // scaled to all records
	seen   float64 // pairs actually seen in the sample
	filled float64 // share of pairs in which both fields have values
}

// depend estimates how fields hang together, for ordered pairs: element [i][j] is
// the dependence of i on j.
func (t *trainer) depend() [][]dependence {
	fr, md := t.fr, t.model
	out := make([][]dependence, fr.width)
	for i := range out {
		out[i] = make([]dependence, fr.width)
		for j := range out[i] {
			out[i][j] = dependence{On: j}
			if i == j {
				continue
			}
			out[i][j].Same = t.same(i, j)
			if n := t.bothDiffer[i][j]; t.differs[i][j] >= 10 {
				out[i][j].Moved = excess(n/t.differs[i][j], md.m[i][differ], md.u[i][differ])
			}
		}
	}
	return out
}

// same estimates the chance that records of different persons that agree on j have
// the same true value of i: the agreement on both beyond what matches bring, over
// the agreement on j. It is believed only where it stands out from the matches.
func (t *trainer) same(i, j int) float64 {
	fr, md := t.fr, t.model
	x, ok := t.joints[[2]int{min(i, j), max(i, j)}]
	if !ok || x.filled == 0 {
		return 0
	}
	matches := fr.pairs() * md.share * md.m[i][exact] * md.m[j][exact] * x.filled
	other := x.pairs - matches
	// The estimate of matches may be off by much, and the sample is a sample.
	if other < matches || x.seen*other/x.pairs < 20 {
		return 0
	}
	given := other / (fr.pairs() * x.filled * md.u[j][exact])
	s := excess(min(given, 1), md.u[i][exact], md.m[i][exact])
	if s < 0.01 {
		return 0
	}
	return s
}

// excess solves observed = (1-s)·without + s·with for s in [0, 1].
func excess(observed, without, with float64) float64 {
	if with <= without {
		return 0
	}
	return min(max((observed-without)/(with-without), 0), 1)
}

// countDiffering counts, among pairs that training takes for sure matches, how
// often a field differs when another one does.
func (t *trainer) countDiffering() {
	fr, md := t.fr, t.model
	t.differs, t.bothDiffer = make([][]float64, fr.width), make([][]float64, fr.width)
	for i := range fr.width {
		t.differs[i], t.bothDiffer[i] = make([]float64, fr.width), make([]float64, fr.width)
	}
	for k := range t.samples {
		s := &t.samples[k]
		if !s.sound {
			continue
		}
		for _, x := range s.tallies {
			if s.chance(md, x.pattern) < 0.95 {
				continue
			}
			for i := range fr.width {
				for j := range fr.width {
					if i == j || !s.use[i] || !s.use[j] || x.pattern.level(j) != differ || x.pattern.level(i) == missing {
						continue
					}
					t.differs[i][j] += float64(x.count)
					if x.pattern.level(i) == differ {
						t.bothDiffer[i][j] += float64(x.count)
					}
				}
			}
		}
	}
}

// given gives the chances of levels among non-matches that agree on a rule.
func (t *trainer) given(s *sample, all [][]dependence) rates {
	md := t.model
	out := make(rates, len(md.u))
	for i := range out {
		same := 0.0
		for _, x := range s.rule.features {
			same = max(same, all[i][t.fr.features[x].field].Same)
		}
		for l := range levels {
			out[i][l] = (1-same)*md.u[i][l] + same*md.m[i][l]
		}
	}
	return out
}

// before keeps of the dependences those on earlier fields that matter.
func before(all [][]dependence) [][]dependence {
	out := make([][]dependence, len(all))
	for i := range all {
		for j := range i {
			if d := all[i][j]; d.Same > 0 || d.Moved > 0 {
				out[i] = append(out[i], d)
			}
		}
	}
	return out
}
