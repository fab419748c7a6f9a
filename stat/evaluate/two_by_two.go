package evaluate

import (
	"context"
	"fmt"
	"math"
)

// TwoByTwo is the comparison of means before and after, in units treated at
// one time and units never treated. It comes with a difference-in-differences
// of one group.
const TwoByTwo Method = "two-by-two"

// maxEnumerated is the number of clusters up to which all signs are tried
// instead of drawn.
const maxEnumerated = 12

// twoByTwo compares the change of means in treated and untreated units, with
// clustered standard errors and, with resamples, a p-value by the wild cluster
// bootstrap with the null hypothesis imposed (Cameron, Gelbach & Miller 2008).
func (a *analysis) twoByTwo(ctx context.Context, st *study) (Result, error) {
	r := newResult(TwoByTwo)
	g := st.groupList()[0]
	n := len(st.units)
	change, treated := make([]float64, n), make([]float64, n)
	ones := make([]float64, n)
	for i := range n {
		var sum [2]float64
		var count [2]float64
		for k, t := range st.periods {
			post := 0
			switch {
			case t >= g:
				post = 1
			case t+a.Groups.Anticipation >= g:
				continue
			}
			sum[post] += st.y[i][k]
			count[post]++
		}
		change[i] = sum[1]/count[1] - sum[0]/count[0]
		ones[i] = 1
		treated[i] = indicator(st.first[i] == g)
	}
	if math.IsNaN(change[0]) {
		return r, notEstimable("lower the anticipation, or give earlier periods", "no period is left before the treatment")
	}
	x := [][]float64{ones, treated}
	q := factorise(x, nil)
	bread := q.inverse()
	clusters := float64(st.clusters)
	factor := clusters / (clusters - 1) * float64(n-1) / float64(n-2)
	fit := func(y []float64) (b, se float64) {
		coefficients := q.solve(y)
		e := residuals(x, y, coefficients)
		influence := make([]float64, st.clusters)
		for i := range e {
			influence[st.cluster[i]] += (bread[1][0] + bread[1][1]*treated[i]) * e[i]
		}
		return coefficients[1], math.Sqrt(factor * dot(influence, influence))
	}
	b, se := fit(change)
	d := reference{}
	if a.Student {
		d.degrees = clusters - 1
	}
	r.Term, r.Quantity = "two-by-two", "change of the mean in treated units less that in untreated units"
	r.Model = "difference of differences of means"
	r.SEKind = fmt.Sprintf("clustered by %s (%d clusters), factor G/(G-1) (n-1)/(n-2)", a.clusterName(), st.clusters)
	r.state(b, se, d, a.report.Groups.logarithmic)
	r.Tests = a.report.Groups.PreTrends
	a.judgeGroups(st, &r)
	if a.Resamples == 0 || !(se > 0) {
		return r, nil
	}
	mean := dot(ones, change) / float64(n)
	all := a.Resamples
	enumerated := st.clusters <= maxEnumerated
	if enumerated {
		all = 1 << st.clusters
	}
	beyond := make([]bool, all)
	err := parallel(ctx, all, a.stage("wild bootstrap"), func(k int) {
		rng := stream(a.Seed, "wild", uint64(k))
		sign := make([]float64, st.clusters)
		for c := range sign {
			switch {
			case !enumerated:
				sign[c] = multiplier(rng, "webb")
			case k>>c&1 == 0:
				sign[c] = 1
			default:
				sign[c] = -1
			}
		}
		y := make([]float64, n)
		for i := range y {
			y[i] = mean + sign[st.cluster[i]]*(change[i]-mean)
		}
		bs, ses := fit(y)
		beyond[k] = !(ses > 0) || math.Abs(bs/ses) >= math.Abs(b/se)*(1-1e-12)
	})
	if err != nil {
		return r, err
	}
	count := 0
	for _, v := range beyond {
		if v {
			count++
		}
	}
	p := float64(count+1) / float64(all+1)
	kind := "wild cluster bootstrap, null imposed, Webb weights"
	if enumerated {
		p, kind = float64(count)/float64(all), "wild cluster bootstrap, null imposed, all signs"
	}
	r.P, r.PKind = pointer(p), kind
	return r, nil
}
