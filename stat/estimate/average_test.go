package estimate

import (
	"math"
	"testing"
)

func TestDecomposableGraphs(t *testing.T) {
	for lists, want := range map[int]int{2: 1, 3: 7, 4: 60, 5: 821} {
		graphs := decomposable(lists)
		if len(graphs) != want {
			t.Errorf("%d lists: %d graphs, want %d", lists, len(graphs), want)
		}
		for _, g := range graphs {
			if len(g.separators) != len(g.cliques)-1 {
				t.Fatalf("%v: a decomposable graph has one separator fewer than cliques", g)
			}
			// Every list is once more in the cliques than in the separators.
			for j := range lists {
				n := 0
				for _, c := range g.cliques {
					n += c >> j & 1
				}
				for _, c := range g.separators {
					n -= c >> j & 1
				}
				if n != 1 {
					t.Fatalf("%v: list %d counts %d times", g, j, n)
				}
			}
		}
	}
	// The square without a diagonal is the smallest graph that is not
	// decomposable.
	if _, ok := decompose([]int{0b1010, 0b0101, 0b1010, 0b0101}); ok {
		t.Error("the square is taken as decomposable")
	}
}

// The average against a direct sum over all graphs and all whole numbers, with
// the marginal likelihood written out cell by cell.
func TestAverageAgainstDirectSum(t *testing.T) {
	tab := mustRead(t, "A,B,C,n\n1,0,0,9\n0,1,0,7\n0,0,1,8\n1,1,0,5\n1,0,1,4\n0,1,1,6\n1,1,1,5\n")
	s := tab.sample()
	const delta = 0.5
	a, err := average(t.Context(), s, delta, nil)
	if err != nil {
		t.Fatal(err)
	}
	marginal := func(set int, hidden float64) float64 {
		cells := map[int]float64{}
		size := 0
		for p, y := range s.y {
			if p == 0 {
				y = hidden
			}
			if _, ok := cells[p&set]; !ok {
				size++
			}
			cells[p&set] += y
		}
		d := 8 * delta / float64(size)
		l := lgamma(8*delta) - lgamma(8*delta+s.n+hidden)
		for _, n := range cells {
			l += lgamma(d+n) - lgamma(d)
		}
		return l
	}
	var total, mean float64
	shares := make([]float64, len(a.graphs))
	for h := 0.0; h < 20_000; h++ {
		for g, gr := range a.graphs {
			l := lgamma(s.n+h+1) - lgamma(h+1) - math.Log(s.n+h)
			for _, c := range gr.cliques {
				l += marginal(c, h)
			}
			for _, c := range gr.separators {
				l -= marginal(c, h)
			}
			w := math.Exp(l + 100)
			total += w
			mean += w * (s.n + h)
			shares[g] += w
		}
	}
	if got, want := a.mean(), mean/total; !near(got, want, 1e-4*want) {
		t.Errorf("mean %v, want %v", got, want)
	}
	for g := range shares {
		if !near(a.share[g], shares[g]/total, 1e-6) {
			t.Errorf("graph %v: %v, want %v", a.graphs[g], a.share[g], shares[g]/total)
		}
	}
	sum := 0.0
	for _, w := range a.weight {
		sum += w
	}
	if !near(sum, 1, 1e-12) {
		t.Errorf("probabilities add to %v", sum)
	}
}

func TestCutRange(t *testing.T) {
	for _, c := range []struct {
		first, last float64
		n           int
	}{{0, 50, 100}, {0, 1e6, 1000}, {900, 1e9, 500}, {3, 3, 10}} {
		edge := cutRange(c.first, c.last, c.n)
		if edge[0] != c.first || edge[len(edge)-1] <= c.last || len(edge) > 3*c.n+2 {
			t.Errorf("%v: from %v to %v in %d", c, edge[0], edge[len(edge)-1], len(edge))
		}
		for i := 1; i < len(edge); i++ {
			if edge[i] <= edge[i-1] || edge[i] != math.Floor(edge[i]) {
				t.Fatalf("%v: edge %v after %v", c, edge[i], edge[i-1])
			}
		}
	}
}

// A large study has a narrow posterior: the grid must find it.
func TestAverageOfLargeTable(t *testing.T) {
	// 40,000,000 people, each in three lists with probability 0.5, 0.4, 0.3.
	csv := "A,B,C,n\n"
	for _, row := range []string{"1,0,0,8400000", "0,1,0,5600000", "0,0,1,3600000", "1,1,0,5600000", "1,0,1,3600000", "0,1,1,2400000", "1,1,1,2400000"} {
		csv += row + "\n"
	}
	r := runMethod(t, mustRead(t, csv), Average, 0, 1)[0]
	if !near(*r.Estimate, 40e6, 20_000) || r.Interval95[1]-r.Interval95[0] > 60_000 || r.Interval95[0] > 40e6 || r.Interval95[1] < 40e6 {
		t.Errorf("estimate %v, interval %v", *r.Estimate, *r.Interval95)
	}
}
