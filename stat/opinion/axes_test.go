package opinion

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// naive computes means, axes and places from the definition, with a dense
// matrix and another eigensolver.
func naive(c *Conversation, r *Result) (share [2]float64, axes []Point, places map[ParticipantID]Point) {
	var statements []StatementResult
	for _, s := range r.StatementResults {
		if s.Seen > 0 {
			statements = append(statements, s)
		}
	}
	n, m := len(r.ParticipantResults), len(statements)
	x := mat.NewDense(n, m, nil)
	means := make([]float64, m)
	for j, s := range statements {
		if s.ModeratedOut {
			continue
		}
		sum, seen := 0.0, 0.0
		for _, p := range r.ParticipantResults {
			if v, ok := c.Vote(p.ID, s.ID); ok {
				sum += float64(v)
				seen++
			}
		}
		means[j] = sum / seen
		for i, p := range r.ParticipantResults {
			if v, ok := c.Vote(p.ID, s.ID); ok {
				x.Set(i, j, float64(v)-means[j])
			}
		}
	}
	var product mat.SymDense
	product.SymOuterK(1, x.T())
	var eigen mat.EigenSym
	eigen.Factorize(&product, true)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values, total := eigen.Values(nil), 0.0
	for _, v := range values {
		total += v
	}
	axes = make([]Point, m)
	for k := range 2 {
		column := make([]float64, m)
		for j := range column {
			column[j] = vectors.At(j, m-1-k)
		}
		sign := signOf(column)
		share[k] = values[m-1-k] / total
		for j := range column {
			if k == 0 {
				axes[j].X = sign * column[j]
			} else {
				axes[j].Y = sign * column[j]
			}
		}
	}
	places = make(map[ParticipantID]Point)
	for _, p := range r.ParticipantResults {
		var at Point
		seen := 0
		for j, s := range statements {
			v, ok := c.Vote(p.ID, s.ID)
			if s.ModeratedOut {
				seen++
			} else if ok {
				seen++
				at.X += (float64(v) - means[j]) * axes[j].X
				at.Y += (float64(v) - means[j]) * axes[j].Y
			}
		}
		scale := math.Sqrt(float64(m) / math.Max(float64(seen), 1))
		places[p.ID] = Point{at.X * scale, at.Y * scale}
	}
	return share, axes, places
}

func TestProjectionAgainstDefinition(t *testing.T) {
	check := func(name string, conversation func(t *testing.T) *Conversation) {
		t.Run(name, func(t *testing.T) {
			c := conversation(t)
			r := mustMap(t, c, Options{})
			share, axes, places := naive(c, r)
			for k := range 2 {
				if math.Abs(share[k]-r.Axes[k].Share) > 1e-12 {
					t.Errorf("axis %d: share %v, by definition %v", k, r.Axes[k].Share, share[k])
				}
			}
			j := 0
			columns := math.Sqrt(float64(len(axes)))
			for _, s := range r.StatementResults {
				if s.Seen == 0 {
					continue
				}
				if d := s.Loading.minus(axes[j]).length(); d > 1e-10 {
					t.Fatalf("statement %s: loading %v, by definition %v", s.ID, s.Loading, axes[j])
				}
				if want := columns * math.Abs(1-s.Mean) * axes[j].length(); math.Abs(s.Extremity-want) > 1e-9 {
					t.Fatalf("statement %s: extremity %v, by definition %v", s.ID, s.Extremity, want)
				}
				j++
			}
			for _, p := range r.ParticipantResults {
				if d := p.Place.minus(places[p.ID]).length(); d > 1e-9 {
					t.Fatalf("participant %s at %v, by definition %v", p.ID, p.Place, places[p.ID])
				}
			}
		})
	}
	check("made up", func(*testing.T) *Conversation { return madeUp(80, 30, 3, 60, 12) })
	check("more statements than people", func(*testing.T) *Conversation { return madeUp(20, 90, 2, 60, 13) })
	for _, folder := range folders {
		check(folder, func(t *testing.T) *Conversation { return published(t, folder) })
	}
}

// A dense matrix as an operator.
type dense struct{ *mat.SymDense }

func (d dense) size() int { return d.SymmetricDim() }

func (d dense) apply(dst, src []float64) {
	mat.NewVecDense(len(dst), dst).MulVec(d.SymDense, mat.NewVecDense(len(src), src))
}

// withSpectrum is a symmetric matrix with the eigenvalues given.
func withSpectrum(values []float64, seed uint64) *mat.SymDense {
	n := len(values)
	var qr mat.QR
	qr.Factorize(mat.NewDense(n, n, noise(n*n, seed)))
	var q mat.Dense
	qr.QTo(&q)
	out := mat.NewSymDense(n, nil)
	for k, v := range values {
		out.SymRankOne(out, v, q.ColView(k))
	}
	return out
}

func TestLeading(t *testing.T) {
	flat := func(n int, first ...float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = 1 / float64(i+4)
		}
		copy(v, first)
		return v
	}
	for name, values := range map[string][]float64{
		"one":              {3},
		"two":              {3, 1},
		"zero":             make([]float64, 9),
		"rank one":         append([]float64{5}, make([]float64, 30)...),
		"plain":            flat(60, 9, 4),
		"equal pair":       flat(60, 9, 9),
		"equal three":      flat(60, 9, 9, 9),
		"equal second":     flat(60, 9, 4, 4),
		"close":            flat(200, 9, 9*(1-1e-9), 9*(1-2e-9)),
		"crowded":          flat(300, 0.2501, 0.25001, 0.25),
		"wide range":       flat(80, 1e12, 1),
		"small":            flat(80, 1e-150, 0.5e-150),
		"identity":         {1, 1, 1, 1, 1, 1, 1, 1},
		"larger than ever": flat(700, 2, 1.999),
	} {
		t.Run(name, func(t *testing.T) {
			a := withSpectrum(values, 3)
			pairs, err := leading(context.Background(), dense{a}, 2, exact)
			if err != nil {
				t.Fatal(err)
			}
			var eigen mat.EigenSym
			eigen.Factorize(a, false)
			want := eigen.Values(nil)
			for k, p := range pairs {
				w := 0.0
				if k < len(want) {
					w = want[len(want)-1-k]
				}
				if w <= 1e-13*want[len(want)-1] {
					w = 0
				}
				if math.Abs(p.value-w) > 1e-12*math.Abs(want[len(want)-1]) {
					t.Errorf("eigenvalue %d = %v, want %v", k, p.value, w)
				}
				if n := math.Sqrt(dot(p.vector, p.vector)); p.value > 0 && math.Abs(n-1) > 1e-14 {
					t.Errorf("vector %d has length %v", k, n)
				}
				if p.residual > 1e-12*pairs[0].value {
					t.Errorf("residual %d = %v", k, p.residual)
				}
			}
			if d := dot(pairs[0].vector, pairs[1].vector); math.Abs(d) > 1e-14 {
				t.Errorf("the vectors are not orthogonal: %v", d)
			}
		})
	}
}

func TestTridiagonal(t *testing.T) {
	for n := 1; n < 40; n++ {
		d, o := noise(n, uint64(n)), noise(n, uint64(n+100))[:n-1]
		a := mat.NewSymDense(n, nil)
		for i := range n {
			a.SetSym(i, i, d[i])
			if i > 0 {
				a.SetSym(i, i-1, o[i-1])
			}
		}
		var eigen mat.EigenSym
		eigen.Factorize(a, true)
		var vectors mat.Dense
		eigen.VectorsTo(&vectors)
		value, vector := tridiagonal{d, o}.largest()
		if want := eigen.Values(nil)[n-1]; math.Abs(value-want) > 1e-14 {
			t.Errorf("n = %d: largest eigenvalue %v, want %v", n, value, want)
		}
		overlap := 0.0
		for i, x := range vector {
			overlap += x * vectors.At(i, n-1)
		}
		if math.Abs(math.Abs(overlap)-1) > 1e-12 {
			t.Errorf("n = %d: vector overlaps by %v", n, overlap)
		}
	}
}
