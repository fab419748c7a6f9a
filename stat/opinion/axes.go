package opinion

import (
	"context"
	"fmt"
	"math"
)

// A matrix is the vote matrix of those who are mapped: statements that
// anyone among them voted on, and participants, both by identifier.
type matrix struct {
	columns []column
	counts  []Counts
	zeroed  []bool  // moderated out: counts as zero for everybody
	people  []int   // bit positions
	cast    []int   // votes cast, by people
	words   int     // length of the longest column
	precise float64 // residual allowed of the axes
	compare func(a, b int) pair
}

// A Point is a place on the map.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

func (p Point) minus(q Point) Point { return Point{p.X - q.X, p.Y - q.Y} }

// square is the squared distance from the origin, rounded alike everywhere.
func (p Point) square() float64 { return float64(p.X*p.X) + float64(p.Y*p.Y) }

func (p Point) length() float64 { return math.Sqrt(p.square()) }

// A projection lays the vote matrix on two axes.
type projection struct {
	statements int       // with votes
	means      []float64 // column means of the votes seen
	axes       []Point   // loading of each statement on the two axes
	share      [2]float64
	residual   float64
	points     []Point // of people
	seen       []int   // votes that count in the projection, by people
}

// project finds the two leading principal components of the matrix with
// every unseen vote replaced by the mean of its column, and lays the people
// on them.
func project(ctx context.Context, m matrix, workers int) (projection, error) {
	n := len(m.columns)
	p := projection{means: make([]float64, n), axes: make([]Point, n)}
	var active []int
	total := 0.0
	for j, c := range m.counts {
		if m.zeroed[j] || c.Seen == 0 {
			continue
		}
		p.means[j] = float64(c.sum()) / float64(c.Seen)
		// The sum of squares about the mean, as a fraction of whole numbers.
		seen, sum := int64(c.Seen), int64(c.sum())
		spread := int64(c.Agree+c.Disagree)*seen - sum*sum
		if spread > 0 {
			active = append(active, j)
			total += float64(spread) / float64(seen)
		}
	}
	if len(active) > 0 {
		op, err := m.operator(ctx, active, p.means, workers)
		if err != nil {
			return p, fmt.Errorf("comparing statements: %w", err)
		}
		pairs, err := leading(ctx, op, 2, m.precise)
		if err != nil {
			return p, err
		}
		for k, e := range pairs {
			p.share[k] = e.value / total
			p.residual = max(p.residual, e.residual/pairs[0].value)
			sign := signOf(e.vector)
			for i, j := range active {
				if k == 0 {
					p.axes[j].X = sign * e.vector[i]
				} else {
					p.axes[j].Y = sign * e.vector[i]
				}
			}
		}
	}
	p.place(m, workers)
	return p, ctx.Err()
}

// denseLimit is the number of statements up to which all pairs are compared
// whatever their votes.
const denseLimit = 1024

// operator chooses how the matrix of inner products is held. The choice
// depends on the votes alone.
func (m matrix) operator(ctx context.Context, active []int, means []float64, workers int) (operator, error) {
	n := len(active)
	if m.dense() {
		counts := make([]Counts, n)
		for i, j := range active {
			counts[i] = m.counts[j]
		}
		return newGram(ctx, counts, func(a, b int) pair { return m.compare(active[a], active[b]) }, workers)
	}
	return m.fromVotes(active, means, workers), nil
}

// fromVotes is the operator that works straight from the votes. Its sums over
// people follow the order of their identifiers, not of arrival.
func (m matrix) fromVotes(active []int, means []float64, workers int) operator {
	columns, centres := make([]column, len(active)), make([]float64, len(active))
	for i, j := range active {
		columns[i], centres[i] = m.columns[j], means[j]
	}
	return newVotes(pack(columns, m.people, workers), centres, (len(m.people)+63)/64, workers)
}

// dense reports whether comparing all pairs of statements is cheaper than
// passing over the votes some hundred times.
func (m matrix) dense() bool {
	n := len(m.columns)
	if n <= denseLimit {
		return true
	}
	seen := 0
	for _, c := range m.counts {
		seen += c.Seen
	}
	return n*n/2*m.words < 60*seen && n <= 4*denseLimit
}

// signOf fixes the sign of an axis: its largest loading, the first of equals,
// is positive.
func signOf(v []float64) float64 {
	best := 0.0
	for _, x := range v {
		if math.Abs(x) > math.Abs(best) {
			best = x
		}
	}
	if best < 0 {
		return -1
	}
	return 1
}

// place lays the people on the axes. What a participant has not seen says
// nothing; the rest is scaled up to the full number of statements. A
// statement that was moderated out counts as seen by everybody.
func (p *projection) place(m matrix, workers int) {
	at := make([]Point, m.words*64)
	seen := make([]int, m.words*64)
	zeroed := 0
	for j, n := range m.counts {
		if n.Seen > 0 {
			p.statements++
			if m.zeroed[j] {
				zeroed++
			}
		}
	}
	stripes := (m.words + stripe - 1) / stripe
	each(workers, stripes, true, func(s int) {
		lo, hi := s*stripe, min(m.words, (s+1)*stripe)
		at, seen := at[lo*64:hi*64], seen[lo*64:hi*64]
		for j, c := range m.columns {
			if m.zeroed[j] {
				continue
			}
			var x, y [3]float64
			for v := range 3 {
				d := float64(v-1) - p.means[j]
				x[v], y[v] = d*p.axes[j].X, d*p.axes[j].Y
			}
			eachVote(c, lo, hi, func(i int, v uint64) {
				at[i].X += x[v%3]
				at[i].Y += y[v%3]
				seen[i]++
			})
		}
	})
	p.points = make([]Point, len(m.people))
	p.seen = make([]int, len(m.people))
	for i, b := range m.people {
		if b < len(at) {
			p.points[i], p.seen[i] = at[b], seen[b]
		}
		p.seen[i] += zeroed
		scale := math.Sqrt(float64(p.statements) / float64(max(p.seen[i], 1)))
		p.points[i].X *= scale
		p.points[i].Y *= scale
	}
}

// statement is where a single vote for statement j would lay someone who saw
// nothing else.
func (p projection) statement(j int) Point {
	scale := math.Sqrt(float64(p.statements)) * (1 - p.means[j])
	return Point{scale * p.axes[j].X, scale * p.axes[j].Y}
}
