package opinion

import (
	"context"
	"math/bits"
)

// A gram is the matrix of inner products of centred statements, the operator
// whose leading eigenvectors are the axes of the map.
type gram struct {
	rows    [][]float64
	workers int
}

func (g gram) size() int { return len(g.rows) }

func (g gram) apply(dst, src []float64) {
	const block = 64
	each(g.workers, (len(dst)+block-1)/block, len(dst) >= 256, func(b int) {
		for i := b * block; i < min(len(dst), (b+1)*block); i++ {
			dst[i] = dot(g.rows[i], src)
		}
	})
}

// newGram builds the matrix for the statements that have any spread. With c
// the column means, the entry for statements j and k is the sum over those
// who saw both of (v_j − c_j)(v_k − c_k). It is computed as one fraction of
// whole numbers, so no order of participants and no division of the work can
// change a bit; the numerator stays below 2^63 up to MaxParticipants.
func newGram(ctx context.Context, counts []Counts, compare func(a, b int) pair, workers int) (gram, error) {
	n := len(counts)
	g := gram{rows: make([][]float64, n), workers: workers}
	flat := make([]float64, n*n)
	for i := range g.rows {
		g.rows[i] = flat[i*n : (i+1)*n]
	}
	err := eachTile(ctx, n, workers, func(a, b int) {
		p := compare(a, b)
		na, nb := int64(counts[a].Seen), int64(counts[b].Seen)
		sa, sb := int64(counts[a].sum()), int64(counts[b].sum())
		numerator := int64(p.product)*na*nb - int64(p.left)*na*sb - int64(p.right)*nb*sa + int64(p.both)*sa*sb
		v := float64(numerator) / float64(na*nb)
		g.rows[a][b], g.rows[b][a] = v, v
	})
	return g, err
}

// eachTile calls f for every pair a ≥ b of n columns, in tiles of columns
// that stay in the processor's cache.
func eachTile(ctx context.Context, n, workers int, f func(a, b int)) error {
	const tile = 16
	across := (n + tile - 1) / tile
	return eachErr(ctx, workers, across*(across+1)/2, n > 64, func(t int) {
		row, col := triangle(t)
		for a := row * tile; a < min(n, (row+1)*tile); a++ {
			for b := col * tile; b < min(a+1, (col+1)*tile); b++ {
				f(a, b)
			}
		}
	})
}

// triangle gives row and column of the t-th entry of a lower triangle that
// is stored by rows.
func triangle(t int) (row, col int) {
	for row*(row+1)/2 <= t {
		row++
	}
	row--
	return row, t - row*(row+1)/2
}

// A votes operator applies the same matrix straight from the votes, where
// the statements are too many to compare in pairs.
type votes struct {
	means   []float64
	stripes []voteList
	workers int
}

// stripe is the number of words (of 64 people) that are worked on together.
// The sums over stripes are added in order of the stripes.
const stripe = 64

// A voteList holds the votes of the people of one stripe by column: those of
// column j lie between ends[j] and ends[j+1]. A vote is the place of the
// person in the stripe and, above it, the value plus one.
type voteList struct {
	ends  []int32
	votes []uint16
}

const placeBits = 12 // of the 4096 people of a stripe

// newVotes lists the votes of columns of a number of words.
func newVotes(columns []column, means []float64, words, workers int) votes {
	o := votes{means: means, stripes: make([]voteList, (words+stripe-1)/stripe), workers: workers}
	each(workers, len(o.stripes), true, func(s int) {
		l := voteList{ends: make([]int32, 1, len(columns)+1)}
		for _, c := range columns {
			eachVote(c, s*stripe, (s+1)*stripe, func(i int, v uint64) {
				l.votes = append(l.votes, uint16(v<<placeBits|uint64(i)))
			})
			l.ends = append(l.ends, int32(len(l.votes)))
		}
		o.stripes[s] = l
	})
	return o
}

func (o votes) size() int { return len(o.means) }

func (o votes) apply(dst, src []float64) {
	partial := make([][]float64, len(o.stripes))
	each(o.workers, len(o.stripes), true, func(s int) {
		var score [stripe * 64]float64
		l := &o.stripes[s]
		for j, x := range src {
			m := o.means[j]
			weight := [4]float64{(-1 - m) * x, -m * x, (1 - m) * x}
			for _, v := range l.votes[l.ends[j]:l.ends[j+1]] {
				score[v&(1<<placeBits-1)] += weight[v>>placeBits&3]
			}
		}
		sums := make([]float64, len(dst))
		for j := range sums {
			m := o.means[j]
			weight := [4]float64{-1 - m, -m, 1 - m}
			for _, v := range l.votes[l.ends[j]:l.ends[j+1]] {
				sums[j] += float64(weight[v>>placeBits&3] * score[v&(1<<placeBits-1)])
			}
		}
		partial[s] = sums
	})
	clear(dst)
	for _, p := range partial {
		for j, x := range p {
			dst[j] += x
		}
	}
}

// eachVote calls f with the place, counted from word lo, and the value plus
// one of every vote between words lo and hi.
func eachVote(c column, lo, hi int, f func(i int, v uint64)) {
	for w := lo; w < min(hi, len(c)); w++ {
		x, base := &c[w], (w-lo)*64
		for s := x.seen; s != 0; s &= s - 1 {
			bit := bits.TrailingZeros64(s)
			f(base+bit, 1-x.decided>>bit&1+2*(x.agree>>bit&1))
		}
	}
}
