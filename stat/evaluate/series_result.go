package evaluate

import (
	"fmt"
	"math"
)

// fittedSeries is what every method gives of a series, on the scale of the
// model.
type fittedSeries struct {
	b          []float64
	covariance [][]float64
	link       bool      // the mean is the exponential of the linear part
	left       []float64 // residuals to be tested for autocorrelation
	spent      int       // autoregressive coefficients
}

// seriesResult fits a series by one method.
func (a *analysis) seriesResult(m *seriesModel, method Method) (Result, error) {
	r := newResult(method)
	r.Left = m.left
	for _, name := range m.left {
		r.warn("%s is left out: the terms before it make it up", name)
	}
	var f fittedSeries
	var err error
	switch method {
	case OLS, NeweyWest:
		f, err = a.leastSquares(m, &r)
	case QuasiPoisson, PoissonHAC:
		f, err = a.countModel(m, &r)
	default:
		f, err = a.autoregression(m, &r)
	}
	if err != nil {
		return r, err
	}
	d := reference{}
	if a.Student {
		d.degrees = float64(len(m.y) - len(m.x))
	}
	logarithmic := f.link || m.logarithmic
	r.coefficients(m.names, f.b, f.covariance, d, logarithmic)
	r.Term = m.names[m.main]
	r.Quantity = fmt.Sprintf("coefficient of %s", r.Term)
	if logarithmic {
		r.Quantity += ", logarithm of a ratio"
	}
	r.state(f.b[m.main], math.Sqrt(max(0, f.covariance[m.main][m.main])), d, logarithmic)
	m.path(&r, f, d)
	m.judge(&r, f)
	return r, nil
}

func (a *analysis) leastSquares(m *seriesModel, r *Result) (fittedSeries, error) {
	n, k := float64(len(m.y)), float64(len(m.x))
	y := m.net()
	q := factorise(m.x, nil)
	b := q.solve(y)
	e := residuals(m.x, y, b)
	rss := dot(e, e)
	if !(rss > 1e-20*dot(y, y)) {
		return fittedSeries{}, notEstimable("check whether a term is the outcome itself", "the model fits without any rest")
	}
	r.Residual = pointer(math.Sqrt(rss / (n - k)))
	f := fittedSeries{b: b, left: e}
	r.Model = "least squares"
	if r.Method == OLS {
		f.covariance = scaled(q.inverse(), rss/(n-k))
		r.SEKind = "classical: independent periods of equal variance, divisor n-k"
		return f, nil
	}
	f.covariance = a.robust(m, r, q.inverse(), e)
	return f, nil
}

// robust gives the Newey-West covariance and names it.
func (a *analysis) robust(m *seriesModel, r *Result, bread [][]float64, e []float64) [][]float64 {
	n, k := float64(len(m.y)), float64(len(m.x))
	scores := scoresOf(m.x, e)
	width, rule := a.Series.Lag.bandwidth(scores, m.constant, m.season)
	r.Lag = pointer(width - 1)
	r.SEKind = fmt.Sprintf("Newey-West, lag %.4g (%s), Bartlett weights, no prewhitening", width-1, rule)
	v := sandwich(bread, neweyWest(scores, width))
	if a.Series.Small {
		r.SEKind += ", times n/(n-k)"
		return scaled(v, n/(n-k))
	}
	r.SEKind += ", no small-sample factor"
	return v
}

// net is the outcome without the offset.
func (m *seriesModel) net() []float64 {
	y := append([]float64(nil), m.y...)
	for i := range y {
		y[i] -= m.offset[i]
	}
	return y
}

func (a *analysis) countModel(m *seriesModel, r *Result) (fittedSeries, error) {
	if m.logarithmic {
		return fittedSeries{}, &FormulaError{Position: a.formula.Response.Position, Problem: fmt.Sprintf("%s takes the count itself", r.Method), Advice: "write " + a.formula.Response.Args[0].String() + " before the ~"}
	}
	for i, v := range m.y {
		if v < 0 {
			return fittedSeries{}, &InputError{Row: m.frame.rows[m.rows[i]], Problem: fmt.Sprintf("the outcome is %g, and a count is not negative", v), Advice: "use newey-west or reml"}
		}
	}
	fit := loglinearFit(m.x, m.y, m.offset)
	if !fit.ok {
		return fittedSeries{}, notEstimable("leave out the term, or join periods", "the log-linear model has no finite estimate: the outcome is 0 wherever one of the terms is present")
	}
	n, k := float64(len(m.y)), float64(len(m.x))
	dispersion := fit.pearson / (n - k)
	r.Dispersion = pointer(dispersion)
	r.Model = "log-linear model of counts"
	e := make([]float64, len(m.y))
	f := fittedSeries{b: fit.b, link: true, left: make([]float64, len(m.y))}
	for i, mean := range fit.mean {
		e[i] = m.y[i] - mean
		f.left[i] = e[i] / math.Sqrt(mean)
	}
	if r.Method == PoissonHAC {
		f.covariance = a.robust(m, r, fit.bread, e)
		return f, nil
	}
	r.SEKind = "quasi-Poisson: that of the model times the root of the dispersion (Pearson's statistic by n-k)"
	f.covariance = scaled(fit.bread, dispersion)
	return f, nil
}

func (a *analysis) autoregression(m *seriesModel, r *Result) (fittedSeries, error) {
	order := max(1, a.Series.Order)
	if r.Method == PraisWinsten && order > 1 {
		return fittedSeries{}, fmt.Errorf("prais-winsten has autoregressive errors of order 1; use ml or reml for order %d", order)
	}
	if len(m.y) <= len(m.x)+order+1 {
		return fittedSeries{}, notEstimable("lower the order or use ols", "%d periods are too few for %d terms and %d autoregressive coefficients", len(m.y), len(m.x), order)
	}
	var fit autoregressive
	y := m.net()
	switch r.Method {
	case PraisWinsten:
		fit = praisWinsten(m.x, y)
		r.SEKind = "generalised least squares at the estimated autocorrelation, divisor n-k"
	case Likelihood:
		fit = mostLikely(m.x, y, order, false)
		r.SEKind = "generalised least squares at the estimated autocorrelation, divisor n"
	default:
		fit = mostLikely(m.x, y, order, true)
		r.SEKind = "generalised least squares at the estimated autocorrelation, divisor n-k"
	}
	if !fit.ok {
		return fittedSeries{}, notEstimable("use ols or newey-west", "the model with autoregressive errors does not converge")
	}
	r.Model = fmt.Sprintf("least squares with autoregressive errors of order %d, %s", order, map[Method]string{
		PraisWinsten: "Prais-Winsten, iterated", Likelihood: "exact maximum likelihood", Restricted: "restricted maximum likelihood",
	}[r.Method])
	r.Autoregression = fit.phi
	r.Residual = pointer(math.Sqrt(fit.variance))
	if r.Method != PraisWinsten {
		r.LogLikelihood = pointer(fit.loglik)
	}
	return fittedSeries{b: fit.b, covariance: fit.covariance, left: fit.innovation, spent: order}, nil
}

// path gives the series period by period, with what the model expects without
// the change.
func (m *seriesModel) path(r *Result, f fittedSeries, d reference) {
	n, k := len(m.y), len(m.x)
	linear := product(m.x, f.b, n)
	turn := func(v float64) float64 {
		if f.link || m.logarithmic {
			return back(v)
		}
		return v
	}
	without, effect := make([]float64, k), make([]float64, k)
	for t := range n {
		p := Point{Period: m.when.label(m.when.index[m.rows[t]]), Observed: m.y[t], Fitted: turn(linear[t] + m.offset[t])}
		if m.logarithmic {
			p.Observed = math.Exp(m.y[t])
		}
		if t >= m.onset {
			for j := range m.x {
				without[j], effect[j] = m.x[j][t], 0
			}
			for _, j := range m.effect {
				without[j], effect[j] = 0, m.x[j][t]
			}
			expected, moved := dot(without, f.b), dot(effect, f.b)
			in := d.interval(expected+m.offset[t], math.Sqrt(max(0, quadratic(f.covariance, without))), 0.95)
			by := d.interval(moved, math.Sqrt(max(0, quadratic(f.covariance, effect))), 0.95)
			p.Without, p.Without95 = pointer(turn(expected+m.offset[t])), &Interval{turn(in[0]), turn(in[1])}
			p.Effect, p.Effect95 = pointer(turn(moved)), &Interval{turn(by[0]), turn(by[1])}
		}
		r.Path = append(r.Path, p)
	}
}

// judge tests what a method takes for granted and says what may not be
// published.
func (m *seriesModel) judge(r *Result, f fittedSeries) {
	n := len(m.y)
	test := portmanteau(f.left, m.lags(), f.spent)
	r.Tests = append(r.Tests, test)
	top, before := 0.0, dot(f.left, f.left)
	for t := 1; t < n; t++ {
		top += (f.left[t] - f.left[t-1]) * (f.left[t] - f.left[t-1])
	}
	r.Tests = append(r.Tests, Test{Name: "Durbin-Watson", Statistic: top / before, P: 1, Meaning: "near 2 where neighbouring periods are independent; no p-value"})
	r.needsInterval()
	after := n - m.onset
	if m.onset < minSegment || after < minSegment {
		r.refuse("%d periods before the change and %d after it are too few, at least %d are needed on each side (Penfold & Zhang 2013): give more periods", m.onset, after, minSegment)
	}
	if m.season > 0 && (float64(m.onset) < m.season || float64(after) < m.season) {
		r.refuse("the series has less than one cycle of %g periods on one side of the change, so that season and change cannot be told apart", m.season)
	}
	dependent := test.P < 0.05
	switch r.Method {
	case OLS, QuasiPoisson:
		if dependent {
			r.refuse("the standard error takes the periods as independent, and they are not (%s, %s): use newey-west, poisson-newey-west or reml", test.Name, pText(test.P))
		}
	case PraisWinsten, Likelihood, Restricted:
		if dependent {
			r.refuse("autoregressive errors of order %d leave periods dependent (%s, %s): raise the order or use newey-west", f.spent, test.Name, pText(test.P))
		}
		sum := 0.0
		for _, phi := range r.Autoregression {
			sum += phi
		}
		if sum > 0.95 {
			r.refuse("the errors are nearly a random walk (autoregressive coefficients add up to %.2f): a level that wanders cannot be told from a change", sum)
		}
	default:
		if float64(n) < 5**r.Lag {
			r.warn("%d periods are few for lag %.4g: the interval is too narrow", n, *r.Lag)
		}
	}
	if r.Dispersion != nil && *r.Dispersion < 0.5 {
		r.warn("the counts vary less than chance would make them (dispersion %.2f): they may be smoothed or rounded", *r.Dispersion)
	}
}

// pText writes a p-value.
func pText(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.3f", p)
}
