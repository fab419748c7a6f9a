package estimate

import "math"

// sample is a capture table as the fitting code sees it: an observed table or
// a resample of one. Everything a log-linear fit needs from the data is in the
// superset sums.
type sample struct {
	t       int
	y       []float64 // counts by pattern; y[0] = 0
	star    []float64 // N*: for each pattern the number of people in at least its lists
	n       float64   // people observed, = star[0]
	support support   // cells with people
}

// support is the set of patterns with people, as a bitmap.
type support = termSet

func newSample(t int) *sample {
	return &sample{t: t, y: make([]float64, 1<<t), star: make([]float64, 1<<t)}
}

func (t Table) sample() *sample {
	s := newSample(len(t.lists))
	for p, c := range t.counts {
		s.y[p] = float64(c)
	}
	s.update()
	return s
}

// update recomputes what follows from the counts.
func (s *sample) update() {
	s.y[0] = 0
	s.support = support{}
	copy(s.star, s.y)
	for p, y := range s.y {
		if y > 0 {
			s.support.add(p)
		}
	}
	supersetSums(s.star)
	s.n = s.star[0]
}

// logFactorials is the part of the log-likelihood that no model changes.
func (s *sample) logFactorials() float64 {
	sum := 0.0
	for _, y := range s.y {
		l, _ := math.Lgamma(y + 1)
		sum += l
	}
	return sum
}

// supersetSums replaces a[p] by the sum of a over all patterns that hold p.
func supersetSums(a []float64) {
	for bit := 1; bit < len(a); bit <<= 1 {
		for i := 0; i < len(a); i += 2 * bit {
			low, high := a[i:i+bit], a[i+bit:i+2*bit]
			for k := range low {
				low[k] += high[k]
			}
		}
	}
}

// subsetSums replaces a[p] by the sum of a over all patterns inside p.
func subsetSums(a []float64) {
	for bit := 1; bit < len(a); bit <<= 1 {
		for i := 0; i < len(a); i += 2 * bit {
			low, high := a[i:i+bit], a[i+bit:i+2*bit]
			for k := range low {
				high[k] += low[k]
			}
		}
	}
}

// spreadUp marks every pattern that holds a marked one.
func spreadUp(marked []bool) {
	for bit := 1; bit < len(marked); bit <<= 1 {
		for w := range marked {
			if w&bit != 0 && marked[w&^bit] {
				marked[w] = true
			}
		}
	}
}

// plan is a model made ready for fitting.
type plan struct {
	model  model
	terms  []int // interactions and main effects, the intercept (pattern 0) last
	params int
}

func newPlan(m model) *plan {
	return &plan{model: m, terms: append(m.set.terms(), 0), params: m.params()}
}

// fitted is the maximum-likelihood fit of one model to one sample.
type fitted struct {
	loglik float64 // log-likelihood without the factorials of the counts
	dark   float64 // fitted number of people in no list, exp(b0)
	b0     float64 // intercept
	se     float64 // standard error of the intercept; only if asked for
	ok     bool    // false: Newton's method did not converge
}

// bic is Schwarz's criterion with the number of people observed as sample size
// and with parameters at minus infinity counted (Silverman, Chan & Vincent
// 2024); the factorials of the counts are left out.
func (f fitted) bic(p *plan, s *sample) float64 {
	return float64(p.params)*math.Log(s.n) - 2*f.loglik
}

// fitter fits Poisson log-linear models to samples of t lists. It holds the
// memory of one worker and is not for concurrent use.
//
// For a hierarchical model on the lattice of lists, all of Newton's method
// follows from superset sums: with M* those of the fitted means, the gradient
// of term a is N*(a) - M*(a) and the information of terms a and b is M*(a|b).
// A term with N* = 0 has its estimate at minus infinity; it leaves the model
// together with the cells that hold it (Chan, Silverman & Vincent 2021).
type fitter struct {
	t       int
	terms   []int     // terms kept, the intercept last
	start   []float64 // coefficients by pattern: on entry the start, on exit the fit
	beta    []float64 // trial coefficients by pattern
	mean    []float64 // fitted means by pattern; 0 in dropped cells and at 0
	star    []float64 // superset sums of mean
	dropped []bool    // cells that hold a term at minus infinity
	info    []float64 // information matrix, then its Cholesky factor
	grad    []float64
	step    []float64
}

func newFitter(t int) *fitter {
	size := 1 << t
	return &fitter{
		t: t, terms: make([]int, 0, size), start: make([]float64, size), beta: make([]float64, size),
		mean: make([]float64, size), star: make([]float64, size), dropped: make([]bool, size),
		info: make([]float64, size*size), grad: make([]float64, size), step: make([]float64, size),
	}
}

const (
	// looseTolerance bounds the squared Newton decrement, in squared standard
	// errors, before the last step. Convergence is quadratic, so after that
	// step the estimate is exact to about nine digits.
	looseTolerance = 1e-9
	// tightTolerance is for the fits that are reported.
	tightTolerance = 1e-20
	maxSteps       = 200
	maxHalvings    = 60
)

// fit fits a model whose maximum-likelihood estimate is known to exist. warm
// holds coefficients by pattern to start from, or is nil. With exact the fit
// is taken to full precision and the standard error computed.
func (f *fitter) fit(s *sample, p *plan, warm []float64, exact bool) fitted {
	f.prepare(s, p)
	if warm != nil {
		for _, term := range f.terms {
			f.start[term] = warm[term]
		}
	} else if !f.coldStart(s) {
		return fitted{}
	}
	tolerance := looseTolerance
	if exact {
		tolerance = tightTolerance
	}
	loglik := f.evaluate(s, f.start)
	if !(loglik > math.Inf(-1)) {
		if !f.coldStart(s) {
			return fitted{}
		}
		if loglik = f.evaluate(s, f.start); !(loglik > math.Inf(-1)) {
			return fitted{}
		}
	}
	np := len(f.terms)
	for range maxSteps {
		if !f.newton(s) {
			return fitted{}
		}
		decrement := 0.0
		for i, g := range f.grad[:np] {
			decrement += g * f.step[i]
		}
		if decrement <= tolerance || exact && decrement <= 1e-12 && decrement <= 1e-16*math.Abs(loglik) {
			for i, term := range f.terms {
				f.start[term] += f.step[i]
			}
			out := fitted{loglik: loglik + decrement/2, b0: f.start[0], dark: math.Exp(f.start[0]), ok: true}
			if exact {
				last := f.info[np*np-1]
				out.se = 1 / last
			}
			return out
		}
		// The log-likelihood is concave: some part of the step improves it.
		scale, better := 1.0, false
		for range maxHalvings {
			for i, term := range f.terms {
				f.beta[term] = f.start[term] + scale*f.step[i]
			}
			if l := f.evaluate(s, f.beta); l >= loglik || l >= loglik-1e-12*math.Abs(loglik) && decrement < 1e-6 {
				loglik, better = l, true
				break
			}
			scale /= 2
		}
		if !better {
			return fitted{}
		}
		for _, term := range f.terms {
			f.start[term] = f.beta[term]
		}
	}
	return fitted{}
}

// prepare finds the terms that stay and the cells that go.
func (f *fitter) prepare(s *sample, p *plan) {
	f.terms = f.terms[:0]
	clear(f.dropped)
	sparse := false
	for _, term := range p.terms {
		if s.star[term] > 0 {
			f.terms = append(f.terms, term)
		} else {
			f.dropped[term] = true
			sparse = true
		}
	}
	if sparse {
		spreadUp(f.dropped)
	}
	f.dropped[0] = true // the cell that is not observed
	clear(f.start)
	clear(f.beta)
}

// coldStart solves one weighted least-squares problem for the logarithms of
// the counts, with half a person added to each.
func (f *fitter) coldStart(s *sample) bool {
	np := len(f.terms)
	for w := range f.mean {
		f.mean[w], f.beta[w] = 0, 0
		if !f.dropped[w] {
			v := s.y[w] + 0.5
			f.mean[w] = v
			f.beta[w] = v * math.Log(v)
		}
	}
	copy(f.star, f.mean)
	supersetSums(f.star)
	supersetSums(f.beta)
	for i, term := range f.terms {
		f.step[i] = f.beta[term]
	}
	clear(f.beta)
	f.gatherInformation()
	if !cholesky(f.info, np) {
		return false
	}
	solveCholesky(f.info, f.step[:np], np)
	for i, term := range f.terms {
		f.start[term] = f.step[i]
	}
	return true
}

// evaluate computes means and their superset sums for the coefficients, which
// are 0 outside the model's terms, and returns the log-likelihood.
func (f *fitter) evaluate(s *sample, beta []float64) float64 {
	copy(f.mean, beta)
	subsetSums(f.mean)
	for w, gone := range f.dropped {
		if gone {
			f.mean[w] = 0
		} else {
			f.mean[w] = math.Exp(f.mean[w])
		}
	}
	copy(f.star, f.mean)
	supersetSums(f.star)
	l := -f.star[0]
	for _, term := range f.terms {
		l += beta[term] * s.star[term]
	}
	if math.IsNaN(l) {
		return math.Inf(-1)
	}
	return l
}

func (f *fitter) gatherInformation() {
	np := len(f.terms)
	for i, a := range f.terms {
		row := f.info[i*np : i*np+i+1]
		for j := range row {
			row[j] = f.star[a|f.terms[j]]
		}
	}
}

// newton sets the gradient and the Newton step at the evaluated coefficients.
func (f *fitter) newton(s *sample) bool {
	np := len(f.terms)
	f.gatherInformation()
	if !cholesky(f.info, np) {
		return false
	}
	for i, term := range f.terms {
		g := s.star[term] - f.star[term]
		f.grad[i], f.step[i] = g, g
	}
	solveCholesky(f.info, f.step[:np], np)
	return true
}

// coefficients copies the fit for use as a warm start.
func (f *fitter) coefficients() []float64 {
	out := make([]float64, len(f.start))
	copy(out, f.start)
	return out
}

// fittedStar is the fitted number of people in at least the lists of a
// pattern, over the cells that are observable.
func (f *fitter) fittedStar(pattern int) float64 { return f.star[pattern] }
