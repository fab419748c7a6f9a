package estimate

import (
	"context"
	"fmt"
	"math"
	"slices"
)

const (
	// maxAverageLists bounds model averaging: six lists have 18,153 graphs.
	maxAverageLists = 6
	// gridCells is the most cells into which the range of the number of people
	// in no list is cut. A cell is a run of whole numbers; where the range has
	// fewer numbers than that, each is a cell of its own.
	gridCells = 1 << 15
	// negligible is the log of the posterior, relative to its top, below
	// which it is taken as nought.
	negligible = -35.0
)

// averaged is the posterior of the number of people, averaged over all
// decomposable graphical models.
type averaged struct {
	observed float64
	edge     []float64 // cell i holds the whole numbers from edge[i] up to edge[i+1]
	weight   []float64 // posterior probability of each cell
	graphs   []graph
	share    []float64 // posterior probability of each graph
	cut      bool      // the posterior does not fall off within the range looked at
}

// average computes the posterior of Madigan & York (1997): a uniform prior
// over decomposable graphs, hyper-Dirichlet priors with delta in every cell of
// the full table (2^-t is usual), and a prior proportional to 1/N. For a graph
// with cliques C and separators S and m people in no list, the marginal
// likelihood is
//
//	N!/m! * prod_C D(C) / prod_S D(S),
//	D(A) = G(d)/G(d+N) * prod_cells of A's margin G(d_A + n_cell)/G(d_A),
//
// with d = 2^t delta and d_A = 2^(t-|A|) delta. Only the cell of A's margin
// that holds nobody's lists depends on m, so that all graphs are built from
// one table of 2^t log-gamma values per m.
func average(ctx context.Context, s *sample, delta float64, progress func(done, total int)) (*averaged, error) {
	graphs := decomposable(s.t)
	parts := newMargins(s, delta)
	top, first, last, cut := parts.bounds(s, graphs)
	edge := cutRange(first, last, gridCells)
	cells := len(edge) - 1
	out := &averaged{
		observed: s.n, edge: edge, weight: make([]float64, cells),
		graphs: graphs, share: make([]float64, len(graphs)), cut: cut,
	}
	const block = 64
	blocks := (cells + block - 1) / block
	shares := make([][]float64, blocks)
	err := parallel(ctx, blocks, progress, func() func(int) {
		size := 1 << s.t
		logs, up, down := make([][block]float64, size), make([][block]float64, size), make([][block]float64, size)
		var shared, width, factor, value [block]float64
		return func(b int) {
			low := b * block
			n := min(block, cells-low)
			for i := range n {
				width[i] = edge[low+i+1] - edge[low+i]
				middle := (edge[low+i] + edge[low+i+1] - 1) / 2
				shared[i] = parts.shared(middle) - top
				for a := range size {
					logs[a][i] = parts.varying(a, middle)
				}
			}
			// Along a block each graph's density moves by a product of ratios,
			// one for each clique and separator, so that the exponential is
			// taken per pattern and not per graph.
			for i := 1; i < n; i++ {
				factor[i] = math.Exp(shared[i] - shared[i-1])
				for a := range size {
					up[a][i] = math.Exp(logs[a][i] - logs[a][i-1])
					down[a][i] = 1 / up[a][i]
				}
			}
			mine := make([]float64, len(graphs))
			weight := out.weight[low : low+n]
			for g, gr := range graphs {
				constant := parts.constants[g]
				at := func(i int) float64 {
					l := constant + shared[i]
					for _, c := range gr.cliques {
						l += logs[c][i]
					}
					for _, c := range gr.separators {
						l -= logs[c][i]
					}
					return l
				}
				begin, end := at(0), at(n-1)
				if max(begin, end) < 2*negligible {
					continue
				}
				value[0] = math.Exp(begin)
				if math.Abs(end-begin) > 200 {
					// Products could start from an underflow.
					for i := range n {
						value[i] = math.Exp(at(i))
					}
				} else {
					copy(value[1:n], factor[1:n])
					for _, c := range gr.cliques {
						for k, v := range up[c][1:n] {
							value[k+1] *= v
						}
					}
					for _, c := range gr.separators {
						for k, v := range down[c][1:n] {
							value[k+1] *= v
						}
					}
					for i := 1; i < n; i++ {
						value[i] *= value[i-1]
					}
				}
				total := 0.0
				for i, v := range value[:n] {
					v *= width[i]
					weight[i] += v
					total += v
				}
				mine[g] = total
			}
			shares[b] = mine
		}
	})
	if err != nil {
		return nil, fmt.Errorf("model averaging: %w", err)
	}
	total := 0.0
	for _, w := range out.weight {
		total += w
	}
	for i := range out.weight {
		out.weight[i] /= total
	}
	for _, mine := range shares {
		for g, v := range mine {
			out.share[g] += v / total
		}
	}
	return out, nil
}

// cutRange cuts the whole numbers from first to last into at most about n
// cells: single numbers as far as they go, then cells that grow in proportion.
func cutRange(first, last float64, n int) []float64 {
	edge := []float64{first}
	if last-first < float64(n) {
		for x := first + 1; x <= last+1; x++ {
			edge = append(edge, x)
		}
		return edge
	}
	ratio := math.Exp(math.Log((last+1)/(first+1)) / float64(n))
	for x := first; x <= last; {
		x = max(x+1, math.Floor((x+1)*ratio)-1)
		edge = append(edge, x)
	}
	return edge
}

// margins holds what the marginal likelihoods need, by pattern of lists.
type margins struct {
	n     float64
	prior float64   // 2^t delta
	zero  []float64 // d_A + observed people in none of the lists of A
	fixed []float64 // the part of ln D(A) that does not depend on m

	constants []float64 // by graph, the part that does not depend on m
}

func newMargins(s *sample, delta float64) *margins {
	size := 1 << s.t
	m := &margins{n: s.n, prior: float64(size) * delta, zero: make([]float64, size), fixed: make([]float64, size)}
	cells := make([]float64, size)
	for a := range size {
		clear(cells)
		for p, y := range s.y {
			cells[p&a] += y
		}
		inside := 0
		for sub := a; ; sub = (sub - 1) & a {
			inside++
			if sub == 0 {
				break
			}
		}
		d := m.prior / float64(inside)
		m.zero[a] = d + cells[0]
		base := lgamma(d)
		l := lgamma(m.prior) - base
		for sub := a; sub > 0; sub = (sub - 1) & a {
			l += lgamma(d+cells[sub]) - base
		}
		m.fixed[a] = l
	}
	return m
}

func lgamma(x float64) float64 {
	l, _ := math.Lgamma(x)
	return l
}

// varying is the part of ln D(A) that depends on the number in no list.
func (m *margins) varying(a int, hidden float64) float64 {
	return lgamma(m.zero[a]+hidden) - lgamma(m.prior+m.n+hidden)
}

// shared is ln N!/m! and the prior of N.
func (m *margins) shared(hidden float64) float64 {
	total := m.n + hidden
	return lgamma(total+1) - lgamma(hidden+1) - math.Log(total)
}

func (m *margins) constant(g graph) float64 {
	l := 0.0
	for _, c := range g.cliques {
		l += m.fixed[c]
	}
	for _, c := range g.separators {
		l -= m.fixed[c]
	}
	return l
}

// bounds finds the top of the posterior and the range outside which it is
// negligible, by zooming in. cut says that the posterior still matters at the
// end of what is looked at, a thousand times the people observed.
func (m *margins) bounds(s *sample, graphs []graph) (top, first, last float64, cut bool) {
	const coarse = 400
	m.constants = make([]float64, len(graphs))
	for g, gr := range graphs {
		m.constants[g] = m.constant(gr)
	}
	limit := 1000 * s.n
	first, last = 0, limit
	logs := make([]float64, 1<<s.t)
	for {
		grid := cutRange(first, last, coarse)
		best := make([]float64, len(grid))
		for i, x := range grid {
			for a := range logs {
				logs[a] = m.varying(a, x)
			}
			shared := m.shared(x)
			best[i] = math.Inf(-1)
			for g, gr := range graphs {
				l := m.constants[g] + shared
				for _, c := range gr.cliques {
					l += logs[c]
				}
				for _, c := range gr.separators {
					l -= logs[c]
				}
				best[i] = max(best[i], l)
			}
		}
		top = slices.Max(best)
		low := slices.IndexFunc(best, func(l float64) bool { return l > top+negligible })
		high := len(best) - 1
		for best[high] <= top+negligible {
			high--
		}
		// At the limit it is the mass of the tail that matters, which is at
		// most its height times its length.
		cut = grid[high] >= limit && best[high] > top+math.Log(1e-4)
		before := last - first
		first, last = grid[max(0, low-1)], min(grid[min(high+1, len(grid)-1)], limit)
		if last-first > before/2 || last-first < coarse {
			return top, first, last, cut
		}
	}
}

// mean and quantile are those of the total number of people.
func (a *averaged) mean() float64 {
	sum := 0.0
	for i, w := range a.weight {
		sum += w * (a.edge[i] + a.edge[i+1] - 1) / 2
	}
	return a.observed + sum
}

func (a *averaged) quantile(p float64) float64 {
	sum := 0.0
	for i, w := range a.weight {
		if sum+w >= p && w > 0 {
			inside := math.Ceil((p-sum)/w*(a.edge[i+1]-a.edge[i])) - 1
			return a.observed + a.edge[i] + max(0, inside)
		}
		sum += w
	}
	return a.observed + a.edge[len(a.edge)-1] - 1
}

func (a *averaged) interval(level float64) Interval {
	tail := (1 - level) / 2
	return Interval{a.quantile(tail), a.quantile(1 - tail)}
}

// best is the index of the graph of greatest posterior probability.
func (a *averaged) best() int {
	best := 0
	for g, share := range a.share {
		if share > a.share[best] {
			best = g
		}
	}
	return best
}

// name writes a graph by its cliques.
func (g graph) name(t Table) string {
	m := mainEffects(len(t.lists))
	for _, c := range g.cliques {
		for sub := c; sub > 0; sub = (sub - 1) & c {
			m.set.add(sub)
		}
	}
	return m.name(t)
}
