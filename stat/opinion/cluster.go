package opinion

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// A clustering assigns points to centres.
type clustering struct {
	centres []Point
	weights []int // members of each centre
	of      []int // centre of each point
}

// rowBlock is the number of points that are worked on together. Sums over
// blocks are added in the order of the blocks, whoever computed them.
const rowBlock = 4096

// kmeans moves the centres given (Lloyd's algorithm) until none moves by
// still or more, at most rounds times. Ties go to the later centre; a centre
// that loses all its points is dropped. weight may be nil.
func kmeans(ctx context.Context, points []Point, weight []int, centres []Point, rounds int, still float64, workers int) (clustering, error) {
	c := clustering{centres: slices.Clone(centres), of: make([]int, len(points))}
	blocks := (len(points) + rowBlock - 1) / rowBlock
	for round := 0; ; round++ {
		if err := ctx.Err(); err != nil {
			return c, err
		}
		k := len(c.centres)
		sums := make([]Point, blocks*k)
		sizes := make([]int, blocks*k)
		each(workers, blocks, len(points)*k > 1<<15, func(b int) {
			sums, sizes := sums[b*k:(b+1)*k], sizes[b*k:(b+1)*k]
			for i := b * rowBlock; i < min(len(points), (b+1)*rowBlock); i++ {
				p := points[i]
				near := nearest(p, c.centres)
				c.of[i] = near
				w := 1
				if weight != nil {
					w = weight[i]
				}
				sizes[near] += w
				sums[near].X += float64(float64(w) * p.X)
				sums[near].Y += float64(float64(w) * p.Y)
			}
		})
		for b := 1; b < blocks; b++ {
			for j := range k {
				sizes[j] += sizes[b*k+j]
				sums[j].X += sums[b*k+j].X
				sums[j].Y += sums[b*k+j].Y
			}
		}
		moved := 0.0
		kept := c.centres[:0]
		renamed := make([]int, k)
		c.weights = c.weights[:0]
		for j := range k {
			if sizes[j] == 0 {
				moved = math.Inf(1)
				continue
			}
			mean := Point{sums[j].X / float64(sizes[j]), sums[j].Y / float64(sizes[j])}
			moved = max(moved, mean.minus(c.centres[j]).length())
			renamed[j] = len(kept)
			kept = append(kept, mean)
			c.weights = append(c.weights, sizes[j])
		}
		c.centres = kept
		if len(kept) < k {
			for i := range c.of {
				c.of[i] = renamed[c.of[i]]
			}
		}
		if moved < still || moved == 0 || round+1 >= rounds {
			return c, nil
		}
	}
}

// nearest is the centre nearest to p, the last of equals.
func nearest(p Point, centres []Point) int {
	near, best := 0, math.Inf(1)
	for j := range centres {
		dx, dy := p.X-centres[j].X, p.Y-centres[j].Y
		if d := float64(dx*dx) + float64(dy*dy); d <= best {
			near, best = j, d
		}
	}
	return near
}

// baseLimit is the number of base clusters, small neighbourhoods of the map
// that groups are made of.
const baseLimit = 100

// baseClusters gathers points into at most baseLimit neighbourhoods. They
// start from points that are each the farthest from those before (Gonzalez
// 1985), the first being the farthest from the origin, so that they cover the
// map evenly and no order of the points enters. The points must be snapped.
func baseClusters(ctx context.Context, points []Point, workers int) (clustering, error) {
	if len(points) == 0 {
		return clustering{}, nil
	}
	return kmeans(ctx, points, nil, distant(points, baseLimit), 100, 0.01, workers)
}

// snap rounds points to a grid so fine that the map does not change, and so
// coarse that sums of them are exact and no order of addition matters.
func snap(points []Point) []Point {
	largest := 1.0
	for _, p := range points {
		largest = max(largest, math.Abs(p.X), math.Abs(p.Y))
	}
	_, exponent := math.Frexp(largest * float64(len(points)))
	step := math.Ldexp(1, exponent-53)
	out := make([]Point, len(points))
	for i, p := range points {
		out[i] = Point{math.RoundToEven(p.X/step) * step, math.RoundToEven(p.Y/step) * step}
	}
	return out
}

// distant chooses at most k distinct points: the one farthest from the
// origin, then each time the one farthest from those chosen.
func distant(points []Point, k int) []Point {
	gap := make([]float64, len(points))
	for i, p := range points {
		gap[i] = p.square()
	}
	var out []Point
	for len(out) < k {
		far := 0
		for i, p := range points {
			if gap[i] > gap[far] || gap[i] == gap[far] && comparePoints(p, points[far]) < 0 {
				far = i
			}
		}
		p := points[far]
		if len(out) > 0 && gap[far] == 0 {
			break
		}
		for i, q := range points {
			if d := q.minus(p).square(); d < gap[i] || len(out) == 0 {
				gap[i] = d
			}
		}
		out = append(out, p)
	}
	return out
}

// comparePoints orders points by place.
func comparePoints(p, q Point) int {
	return cmp.Or(cmp.Compare(p.X, q.X), cmp.Compare(p.Y, q.Y))
}

// A partition divides the base clusters into groups.
type partition struct {
	k          int
	silhouette float64
	of         []int
}

// silhouettes holds the distances between base clusters.
type silhouettes [][]float64

func newSilhouettes(points []Point) silhouettes {
	s := make(silhouettes, len(points))
	for i := range s {
		s[i] = make([]float64, len(points))
		for j := range i {
			d := points[i].minus(points[j]).length()
			s[i][j], s[j][i] = d, d
		}
	}
	return s
}

// mean is the mean silhouette (Rousseeuw 1987) of a division into k groups,
// each base cluster counting once. A single person who is alone in a group
// counts as zero, several people on one spot as one.
func (s silhouettes) mean(of, weights []int, k int) float64 {
	size := make([]int, k)
	for _, g := range of {
		size[g]++
	}
	sum := make([]float64, k)
	total := 0.0
	for i, row := range s {
		clear(sum)
		for j, d := range row {
			sum[of[j]] += d
		}
		own := of[i]
		if size[own] < 2 {
			if weights[i] > 1 {
				total++
			}
			continue
		}
		a, b := sum[own]/float64(size[own]-1), math.Inf(1)
		for g := range k {
			if g != own && size[g] > 0 {
				b = min(b, sum[g]/float64(size[g]))
			}
		}
		if m := max(a, b); m > 0 {
			total += (b - a) / m
		}
	}
	return total / float64(len(s))
}

// mostGroups is the number of groups that a number of people can bear: two,
// one more for every dozen, and never more than there are base clusters.
func (base clustering) mostGroups(most int) int {
	return min(most, 2+len(base.of)/12, len(base.centres))
}

// partitions divides the base clusters into 2, 3 … most groups. For each
// number the division with the best silhouette over the starts is kept, the
// first of equals.
func partitions(ctx context.Context, base clustering, most, workers int) ([]partition, error) {
	var found []partition
	distances := newSilhouettes(base.centres)
	lines := newLines(base)
	for k := 2; k <= most; k++ {
		starts := lines.starts(base, k, found)
		tried := make([]clustering, len(starts))
		worth := len(base.centres) > 50
		err := eachErr(ctx, workers, len(starts), worth, func(i int) {
			// An error is that of the context, which eachErr gives.
			tried[i], _ = kmeans(ctx, base.centres, base.weights, starts[i], 100, 0, 1)
		})
		if err != nil {
			return nil, err
		}
		tried = slices.DeleteFunc(distinct(tried), func(c clustering) bool { return len(c.centres) < k })
		scores := make([]float64, len(tried))
		each(workers, len(tried), worth, func(i int) {
			scores[i] = distances.mean(tried[i].of, base.weights, k)
		})
		best := partition{silhouette: math.Inf(-1)}
		for i, c := range tried {
			if scores[i] > best.silhouette {
				best = partition{k: k, silhouette: scores[i], of: c.of}
			}
		}
		if best.k > 0 {
			found = append(found, best)
		}
	}
	return found, nil
}

// distinct keeps the first of those clusterings that have the same centres.
func distinct(all []clustering) []clustering {
	var kept []clustering
	var seen [][]Point
	for _, c := range all {
		sorted := slices.Clone(c.centres)
		slices.SortFunc(sorted, comparePoints)
		if !slices.ContainsFunc(seen, func(s []Point) bool { return slices.Equal(s, sorted) }) {
			kept, seen = append(kept, c), append(seen, sorted)
		}
	}
	return kept
}

// lines holds the base clusters in order along both axes and both diagonals.
type lines [][]int

func newLines(base clustering) lines {
	all := make([]int, len(base.centres))
	for i := range all {
		all[i] = i
	}
	var l lines
	for _, direction := range []Point{{1, 0}, {0, 1}, {1, 1}, {1, -1}} {
		l = append(l, base.along(all, direction))
	}
	return l
}

// fewGroups is the number up to which equal shares are worth a try.
const fewGroups = 5

// starts are the fixed starts of a division into k groups: equal shares of
// the people along the lines, and the last division found with one of its
// groups cut in two. All of them begin from the middle of many people, never
// from someone at the rim.
func (l lines) starts(base clustering, k int, found []partition) [][]Point {
	var out [][]Point
	if k <= fewGroups {
		for _, order := range l {
			out = append(out, base.shares(order, k))
		}
	}
	if n := len(found); n > 0 && found[n-1].k == k-1 {
		groups := make([][]int, k-1)
		means := make([]Point, k-1)
		for i, g := range found[n-1].of {
			groups[g] = append(groups[g], i)
		}
		for g, members := range groups {
			means[g] = base.mean(members)
		}
		for cut, members := range groups {
			start := slices.Concat(means[:cut], means[cut+1:])
			order := base.along(members, base.spread(members).longest())
			out = append(out, append(start, base.shares(order, 2)...))
		}
	}
	out = slices.DeleteFunc(out, func(start []Point) bool { return len(start) < k })
	if len(out) == 0 {
		// Where most people stand on one spot, equal shares say nothing.
		out = append(out, distant(base.centres, k))
	}
	return out
}

// mean is the mean place of the people in some of the base clusters.
func (base clustering) mean(members []int) Point {
	var sum Point
	people := 0
	for _, i := range members {
		w := float64(base.weights[i])
		sum.X += float64(w * base.centres[i].X)
		sum.Y += float64(w * base.centres[i].Y)
		people += base.weights[i]
	}
	return Point{sum.X / float64(people), sum.Y / float64(people)}
}

// spread is how the people of some of the base clusters scatter about their
// mean.
func (base clustering) spread(members []int) spread {
	mean := base.mean(members)
	var s spread
	for _, i := range members {
		w, d := float64(base.weights[i]), base.centres[i].minus(mean)
		s.xx += float64(w * d.X * d.X)
		s.xy += float64(w * d.X * d.Y)
		s.yy += float64(w * d.Y * d.Y)
	}
	return s
}

// along orders some of the base clusters along a direction.
func (base clustering) along(members []int, direction Point) []int {
	type place struct {
		at   float64
		base int
	}
	line := make([]place, len(members))
	for n, i := range members {
		p := base.centres[i]
		line[n] = place{float64(p.X*direction.X) + float64(p.Y*direction.Y), i}
	}
	slices.SortFunc(line, func(a, b place) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.base, b.base)) })
	order := make([]int, len(line))
	for n, p := range line {
		order[n] = p.base
	}
	return order
}

// shares cuts the people of base clusters, in the order given, into k equal
// shares and gives the mean of each. It gives fewer where single base
// clusters hold more than a share.
func (base clustering) shares(order []int, k int) []Point {
	people := 0
	for _, i := range order {
		people += base.weights[i]
	}
	var out []Point
	first, passed := 0, 0
	for n, i := range order {
		passed += base.weights[i]
		if passed*k >= people*(len(out)+1) {
			out = append(out, base.mean(order[first:n+1]))
			first = n + 1
		}
	}
	return out
}
