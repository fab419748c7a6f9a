package linkage

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Rates are the errors of the linkage as the model itself expects them, without a
// truth to compare with. They rest on the model's assumption that fields err
// independently, so real errors are rather larger; whoever uses linked counts
// should carry at least this much uncertainty on.
type Rates struct {
	Precision Estimate `json:"precision"`       // share of linked pairs that are one person
	Recall    Estimate `json:"recall"`          // share of pairs of one person that were linked
	Coverage  float64  `json:"blocking_recall"` // expected share of such pairs that were compared
}

// Estimate is a value with its 95 % interval.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// evidence sums up pairs of one pattern that met one fate.
type evidence struct {
	pattern pattern
	fate    fate
	pairs   float64
	odds    float64 // mean log2 odds
}

// fate is what became of a pair.
type fate uint8

const (
	missed  fate = iota // compared and not linked
	linked              // compared and linked
	implied             // linked through other records, not compared in a block
	fates
)

const (
	rateDraws   = 400
	largestFull = 512 // records of a cluster up to which all its pairs are weighed
)

// rates estimates precision and recall, and draws the match chances and the match
// share anew from what is known of them for the interval.
func (res *Result) rates(ctx context.Context, sc *scorer, state *State, c *clusterer, workers int) (Rates, error) {
	all, threes, err := res.linkedEvidence(ctx, sc, workers)
	if err != nil {
		return Rates{}, err
	}
	twos := 0.0
	for _, members := range res.clusters {
		if len(members) == 2 {
			twos++
		}
	}
	all = append(all, res.otherEvidence(sc, c)...)
	coverage := min(max(state.Coverage, 0.01), 1)
	random := rand.New(rand.NewPCG(0x9e37, uint64(res.frame.len())))
	none := make(rates, len(res.model.m))
	precision, recall := expected(all, none, 0, coverage, nil)
	pairs := float64(res.Pairs)
	if pairs > 0 {
		recall = min(recall, pairs/(pairs+threes.missed(twos, nil)))
	}
	out := Rates{Precision: Estimate{Value: precision}, Recall: Estimate{Value: recall}, Coverage: coverage}
	var ps, rs []float64
	spread := standardError(state.RuleLogs)
	for range rateDraws {
		if ctx.Err() != nil {
			return Rates{}, ctx.Err()
		}
		// The coverage was counted on that many likely matches.
		covered := coverage
		if n := float64(state.Templates); n > 0 {
			x, y := gamma(random, coverage*n+0.5), gamma(random, (1-coverage)*n+0.5)
			covered = x / (x + y)
		}
		p, r := expected(all, res.model.drawShift(random), random.NormFloat64()*spread, covered, random)
		if pairs > 0 {
			r = min(r, pairs/(pairs+threes.missed(twos, random)))
		}
		ps, rs = append(ps, p), append(rs, r)
	}
	slices.Sort(ps)
	slices.Sort(rs)
	lo, hi := rateDraws*25/1000, rateDraws-1-rateDraws*25/1000
	out.Precision.Low, out.Precision.High = min(ps[lo], precision), max(ps[hi], precision)
	out.Recall.Low, out.Recall.High = min(rs[lo], recall), max(rs[hi], recall)
	return out, nil
}

// expected gives precision and recall with the log2 odds shifted, and, given a
// source of randomness, with the number of true pairs drawn around its mean.
func expected(all []evidence, shift rates, share, coverage float64, random *rand.Rand) (precision, recall float64) {
	var pairs, right, variance [fates]float64
	for _, e := range all {
		odds := e.odds + share
		for i := range shift {
			odds += shift[i][e.pattern.level(i)]
		}
		p := chanceOf(odds)
		pairs[e.fate] += e.pairs
		right[e.fate] += e.pairs * p
		variance[e.fate] += e.pairs * p * (1 - p)
	}
	if random != nil {
		for i := range right {
			right[i] = min(max(right[i]+random.NormFloat64()*math.Sqrt(variance[i]), 0), pairs[i])
		}
	}
	precision, recall = 1, 1
	if n := pairs[linked] + pairs[implied]; n > 0 {
		precision = (right[linked] + right[implied]) / n
	}
	if n := right[linked] + right[missed]; n > 0 {
		recall = min((right[linked]+right[implied])/n*coverage, 1)
	}
	return precision, recall
}

// drawShift draws match chances from their Dirichlet posterior and gives the
// change of weight, field by level.
func (md *model) drawShift(random *rand.Rand) rates {
	shift := make(rates, len(md.m))
	for i := range md.m {
		if md.dull[i] {
			continue
		}
		var drawn [levels]float64
		sum := 0.0
		for l := 1; l < levels; l++ {
			if md.m[i][l] > 0 {
				drawn[l] = gamma(random, md.matches[i][l]+md.m[i][l]*priorWeight)
				sum += drawn[l]
			}
		}
		for l := 1; l < levels; l++ {
			if md.m[i][l] > 0 && sum > 0 {
				shift[i][l] = math.Log2(max(drawn[l]/sum, leastRate) / md.m[i][l])
			}
		}
	}
	return shift
}

// gamma draws from the gamma distribution of the given shape (Marsaglia & Tsang 2000).
func gamma(random *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(random, shape+1) * math.Pow(random.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := random.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-random.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

func standardError(x []float64) float64 {
	if len(x) < 2 {
		return 1
	}
	mean, sum := 0.0, 0.0
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum / float64(len(x)-1) / float64(len(x)))
}

// triples counts persons with three records by how many of the three pairs were
// found directly. It is a check on recall that does not trust the model: if each
// pair is found with chance r, whole triangles and open ones stand as r to 3(1-r).
type triples struct{ open, whole int64 }

// missed estimates how many pairs stay unfound because their two records are all
// there is of the person, given the pairs that were found of such persons. With a
// source of randomness, the chance r is drawn from what the triples tell of it.
func (t triples) missed(twos float64, random *rand.Rand) float64 {
	if t.open+t.whole < 20 {
		return 0
	}
	whole, open := float64(t.whole)+0.5, float64(t.open)+0.5
	q := whole / (whole + open)
	if random != nil {
		x, y := gamma(random, whole), gamma(random, open)
		q = x / (x + y)
	}
	r := 3 * q / (1 + 2*q)
	return twos * (1 - r) / r
}

// linkedEvidence weighs every pair within a cluster. A pair that looks weak by
// itself is as sure as the weakest step of the best path between its records.
func (res *Result) linkedEvidence(ctx context.Context, sc *scorer, workers int) ([]evidence, triples, error) {
	var work [][]uint32
	for _, members := range res.clusters {
		if len(members) > 1 {
			work = append(work, members)
		}
	}
	const chunk = 1 << 10
	direct := make([]map[pattern]evidence, (len(work)+chunk-1)/chunk)
	through := make([]map[pattern]evidence, len(direct))
	counts := make([]triples, len(direct))
	err := inParallel(ctx, workers, len(direct), func(c int) {
		direct[c], through[c] = map[pattern]evidence{}, map[pattern]evidence{}
		for _, members := range work[c*chunk : min((c+1)*chunk, len(work))] {
			res.weighCluster(members, sc, direct[c], through[c], &counts[c])
		}
	})
	if err != nil {
		return nil, triples{}, err
	}
	var all triples
	for _, c := range counts {
		all.open += c.open
		all.whole += c.whole
	}
	return append(sumEvidence(direct, linked), sumEvidence(through, implied)...), all, nil
}

func (res *Result) weighCluster(members []uint32, sc *scorer, direct, through map[pattern]evidence, count *triples) {
	fr, md := res.frame, res.model
	k := len(members)
	if k > largestFull {
		members, k = members[:largestFull], largestFull
	}
	odds := make([]float64, k*k)
	patterns := make([]pattern, k*k)
	for i := range k {
		for j := i + 1; j < k; j++ {
			p := fr.compare(members[i], members[j])
			o := md.odds(fr, members[i], members[j], p)
			patterns[i*k+j] = p
			odds[i*k+j], odds[j*k+i] = o, o
		}
	}
	path := widest(odds, k)
	found := 0
	for i := range k {
		for j := i + 1; j < k; j++ {
			sums := through
			if sc.covers(members[i], members[j]) {
				sums = direct
				if odds[i*k+j] >= res.cutoff {
					found++
				}
			}
			e := sums[patterns[i*k+j]]
			e.pairs++
			e.odds += max(odds[i*k+j], path[i*k+j])
			sums[patterns[i*k+j]] = e
		}
	}
	switch {
	case k == 3 && found == 3:
		count.whole++
	case k == 3 && found == 2:
		count.open++
	}
}

// widest gives for all pairs the best path's weakest step: along the maximum
// spanning tree (Prim).
func widest(weight []float64, k int) []float64 {
	path := make([]float64, k*k)
	in := make([]bool, k)
	best := make([]float64, k)
	from := make([]int, k)
	for j := 1; j < k; j++ {
		best[j] = weight[j]
	}
	in[0] = true
	for range k - 1 {
		v := -1
		for j := range k {
			if !in[j] && (v < 0 || best[j] > best[v]) {
				v = j
			}
		}
		for j := range k {
			if in[j] {
				w := best[v]
				if j != from[v] {
					w = min(w, path[from[v]*k+j])
				}
				path[v*k+j], path[j*k+v] = w, w
			}
		}
		in[v] = true
		for j := range k {
			if !in[j] && weight[v*k+j] > best[j] {
				best[j], from[j] = weight[v*k+j], v
			}
		}
	}
	return path
}

// sumEvidence merges sums, part by part and pattern by pattern in their order.
func sumEvidence(parts []map[pattern]evidence, f fate) []evidence {
	total := map[pattern]evidence{}
	for _, part := range parts {
		for p, e := range part {
			t := total[p]
			t.pairs += e.pairs
			t.odds += e.odds
			total[p] = t
		}
	}
	out := make([]evidence, 0, len(total))
	for p, e := range total {
		out = append(out, evidence{pattern: p, fate: f, pairs: e.pairs, odds: e.odds / e.pairs})
	}
	slices.SortFunc(out, func(a, b evidence) int {
		switch {
		case a.pattern < b.pattern:
			return -1
		case a.pattern > b.pattern:
			return 1
		}
		return 0
	})
	return out
}

// otherEvidence weighs the compared pairs that were not linked. Pairs that a list
// without duplicates rules out are no missed matches.
func (res *Result) otherEvidence(sc *scorer, c *clusterer) []evidence {
	sums := map[pattern]evidence{}
	left := make(map[pattern]int64, len(sc.tallies))
	for p, n := range sc.tallies {
		left[p] = n
	}
	for _, p := range sc.kept {
		left[p.pattern]--
		if res.cluster(p.a) == res.cluster(p.b) {
			continue
		}
		if a, b := c.root(p.a), c.root(p.b); c.lists[a]&c.lists[b] != 0 {
			continue
		}
		e := sums[p.pattern]
		e.pairs++
		e.odds += p.odds
		sums[p.pattern] = e
	}
	for p, n := range left {
		if n > 0 {
			e := sums[p]
			e.pairs += float64(n)
			e.odds += float64(n) * (res.model.priorOdds() + res.model.weight(p))
			sums[p] = e
		}
	}
	return sumEvidence([]map[pattern]evidence{sums}, missed)
}
