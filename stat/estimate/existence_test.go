package estimate

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// The codes that Chan, Silverman & Vincent (2021) give for Artificial_3.
func TestKnownCodes(t *testing.T) {
	tab := mustRead(t, artificialCSV)
	s := tab.sample()
	for _, c := range []struct {
		generators [][]string
		want       Code
	}{
		{[][]string{{"A", "B"}, {"A", "C"}, {"B", "C"}}, NotIdentified},
		{[][]string{{"A", "B"}, {"C"}}, NoEstimate},
		{[][]string{{"A", "C"}, {"B", "C"}}, Exists},
		{[][]string{{"A"}, {"B"}, {"C"}}, Exists},
	} {
		m, ok := parseModel(tab, c.generators)
		if !ok {
			t.Fatal(c.generators)
		}
		if got := newChecker(s.t).check(s, newPlan(m)); got != c.want {
			t.Errorf("%s: code %d (%v), want %d", m.name(tab), got, got, c.want)
		}
	}
	// All eight models: four have an estimate.
	found, err := search(t.Context(), s, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	if found.codes != [4]int{4, 3, 1, 0} {
		t.Errorf("codes %v", found.codes)
	}
}

func TestNoOverlapIsNotEstimable(t *testing.T) {
	tab := mustRead(t, "A,B,C,n\n1,0,0,5\n0,1,0,7\n0,0,1,9\n")
	s := tab.sample()
	for _, m := range hierarchical(3, 3) {
		if c := newChecker(3).check(s, newPlan(m)); c == Exists {
			t.Errorf("%s exists", m.name(tab))
		}
	}
}

// sparseSample is a random table with many empty cells.
func sparseSample(rng *rand.Rand, t int) *sample {
	s := newSample(t)
	share := 0.15 + 0.7*rng.Float64()
	for p := 1; p < len(s.y); p++ {
		if onesCount(p) == 1 || rng.Float64() < share {
			s.y[p] = float64(1 + rng.IntN(9))
		}
		if onesCount(p) == 1 && rng.Float64() < 0.1 {
			s.y[p] = 0
		}
	}
	s.update()
	return s
}

func randomModel(rng *rand.Rand, t int) model {
	m := mainEffects(t)
	for _, term := range interactions(t, t) {
		if m.canAdd(term) && rng.Float64() < 0.6 {
			m.set.add(term)
		}
	}
	return m
}

// The linear program of Fienberg & Rinaldo, in floating point: the largest s
// with A x = A y and all x >= s. And the rank of A by singular values.
func programCode(t *testing.T, s *sample, p *plan) Code {
	t.Helper()
	c := newChecker(s.t)
	_, terms := c.columnsOf(s, p)
	a := mat.NewDense(len(terms), len(c.columns), nil)
	for i, term := range terms {
		for j, w := range c.columns {
			if w&term == term {
				a.Set(i, j, 1)
			}
		}
	}
	var svd mat.SVD
	svd.Factorize(a, mat.SVDThin)
	rank := svd.Rank(1e-10)
	code := Exists
	if rank < len(p.terms)-(len(p.terms)-len(terms)) {
		code |= NotIdentified
	}
	// x = x' + s: A x' + s A 1 = A y, x' >= 0, s >= 0; independent rows only.
	rows := independentRows(a, rank)
	n := len(c.columns)
	lhs := mat.NewDense(len(rows), n+1, nil)
	rhs := make([]float64, len(rows))
	for k, i := range rows {
		for j, w := range c.columns {
			v := a.At(i, j)
			lhs.Set(k, j, v)
			lhs.Set(k, n, lhs.At(k, n)+v)
			rhs[k] += v * s.y[w]
		}
	}
	cost := make([]float64, n+1)
	cost[n] = -1
	if len(rows) >= n+1 {
		t.Skip("no freedom left")
	}
	value, _, err := lp.Simplex(cost, lhs, rhs, 1e-10, nil)
	if err != nil {
		return -1 // the general solver gave up; nothing to compare with
	}
	if -value < 1e-7 {
		code |= NoEstimate
	}
	return code
}

func independentRows(a *mat.Dense, rank int) []int {
	var rows []int
	_, n := a.Dims()
	var kept []float64
	for i := range a.RawMatrix().Rows {
		try := append(append([]float64{}, kept...), mat.Row(nil, i, a)...)
		var svd mat.SVD
		svd.Factorize(mat.NewDense(len(rows)+1, n, try), mat.SVDNone)
		if svd.Rank(1e-10) == len(rows)+1 {
			rows, kept = append(rows, i), try
		}
		if len(rows) == rank {
			break
		}
	}
	return rows
}

func TestCodesAgreeWithLinearProgram(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[Code]int{}
	compared := 0
	for range 600 {
		lists := 3 + rng.IntN(2)
		s := sparseSample(rng, lists)
		p := newPlan(randomModel(rng, lists))
		want := programCode(t, s, p)
		if want < 0 {
			continue
		}
		compared++
		got := newChecker(lists).check(s, p)
		seen[got]++
		if got != want {
			t.Fatalf("model %v, support %v: code %d, the linear program says %d", p.terms, s.y, got, want)
		}
	}
	if compared < 500 || seen[Exists] == 0 || seen[NoEstimate] == 0 || seen[NotIdentified] == 0 || seen[NeitherOfThose] == 0 {
		t.Errorf("%d comparisons, codes %v: not every case was met", compared, seen)
	}
}

// Integers of any size give the same codes as the fast ones.
func TestLargeIntegersAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		s := sparseSample(rng, 4)
		p := newPlan(randomModel(rng, 4))
		c := newChecker(4)
		positive, terms := c.columnsOf(s, p)
		small := c.fill(terms, c.columns)
		large := &tableau[*big.Int]{arith: bigInt{}, rows: len(terms), cols: len(c.columns)}
		for _, v := range small {
			large.a = append(large.a, big.NewInt(v))
		}
		want, _ := decide(large, positive)
		if got := c.check(s, p); got != want {
			t.Fatalf("code %d, with large integers %d", got, want)
		}
	}
}

func TestOverflowIsReported(t *testing.T) {
	if _, ok := (smallInt{}).cross(1<<29, 1<<29, 0, 0, 1); ok {
		t.Error("a product of 2^58 was accepted")
	}
}
