package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// cell is the effect on one group in one period.
type cell struct {
	group, period, base int // periods
	treated, controls   int
	estimated           // the influence function is over all units of the study
	clustered           []float64
}

func (c *cell) since() int   { return c.period - c.group }
func (c *cell) before() bool { return c.period < c.group }

// cells lists the pairs of group and period with the period that each is
// compared with (Callaway & Sant'Anna 2021).
func (st *study) cells(o GroupOptions) []cell {
	var out []cell
	for _, g := range st.groupList() {
		base := -1 // place of the last period before anticipation sets in
		for k, t := range st.periods {
			if t+o.Anticipation < g {
				base = k
			}
		}
		if base < 0 {
			continue
		}
		for k, t := range st.periods {
			from := base
			if !o.Universal && t < g {
				from = k - 1
			}
			if from < 0 || from == k {
				continue
			}
			out = append(out, cell{group: g, period: t, base: st.periods[from]})
		}
	}
	return out
}

// estimate fills in a cell.
func (st *study) estimate(c *cell, m Method, o GroupOptions) {
	at, from := slices.Index(st.periods, c.period), slices.Index(st.periods, c.base)
	last := max(c.period, c.base)
	var who []int
	var p comparison
	for i, g := range st.first {
		control := g == never || o.Control == NotYetTreated && g > last+o.Anticipation
		if g != c.group && !control {
			continue
		}
		who = append(who, i)
		p.change = append(p.change, st.y[i][at]-st.y[i][from])
		p.treated = append(p.treated, g == c.group)
		if g == c.group {
			c.treated++
		} else {
			c.controls++
		}
	}
	if c.controls == 0 {
		c.problem = "no unit is left to compare with"
		return
	}
	p.x = make([][]float64, len(st.covariate)+1)
	for j := range p.x {
		p.x[j] = make([]float64, len(who))
		for i, u := range who {
			p.x[j][i] = st.x[u][from][j]
		}
	}
	e := p.effect(m)
	if e.problem != "" {
		c.problem = e.problem
		return
	}
	c.value = e.value
	c.influence = make([]float64, len(st.units))
	for i, u := range who {
		c.influence[u] = e.influence[i] * float64(len(st.units)) / float64(len(who))
	}
	c.clustered = st.sums(c.influence)
}

// sums adds an influence function up within clusters, divided by the number
// of units: its sum of squares is the variance.
func (st *study) sums(influence []float64) []float64 {
	out := make([]float64, st.clusters)
	for i, v := range influence {
		out[st.cluster[i]] += v / float64(len(influence))
	}
	return out
}

// combine averages cells. With byGroup the weights are the shares of their
// groups, whose own uncertainty counts (Callaway & Sant'Anna 2021, theorem 4);
// without, all weigh the same.
func (st *study) combine(cells []*cell, byGroup bool) estimated {
	n := float64(len(st.units))
	out := estimated{influence: make([]float64, len(st.units))}
	share := make([]float64, len(cells))
	total := 0.0
	for k, c := range cells {
		share[k] = 1
		if byGroup {
			share[k] = float64(c.treated) / n
		}
		total += share[k]
	}
	for k, c := range cells {
		w := share[k] / total
		out.value += w * c.value
		for i, v := range c.influence {
			out.influence[i] += w * v
		}
	}
	if !byGroup {
		return out
	}
	for i, g := range st.first {
		all := 0.0
		for k, c := range cells {
			all += indicator(g == c.group) - share[k]
		}
		for k, c := range cells {
			out.influence[i] += c.value * ((indicator(g == c.group)-share[k])/total - all*share[k]/(total*total))
		}
	}
	return out
}

// groupEffects estimates all effects by one method and their averages.
func (a *analysis) groupEffects(ctx context.Context, st *study, m Method, detail bool) error {
	cells := st.cells(a.Groups)
	if len(cells) == 0 {
		return notEstimable("lower the anticipation, or give earlier periods", "no group has a period before its treatment to compare with")
	}
	if err := parallel(ctx, len(cells), a.stage("effects"), func(i int) { st.estimate(&cells[i], m, a.Groups) }); err != nil {
		return err
	}
	d := a.report.Groups
	b := bands{st: st}
	effects := b.list()
	var all, post []*cell
	failed, problem := 0, ""
	for i := range cells {
		c := &cells[i]
		e := Effect{Group: st.label(c.group), Period: st.label(c.period), Base: st.label(c.base), Since: pointer(c.since()), Before: c.before(), Treated: c.treated, Controls: c.controls, Problem: c.problem}
		if c.problem != "" {
			effects.add(e, nil)
			if !c.before() {
				failed, problem = failed+1, c.problem
			}
			continue
		}
		all = append(all, c)
		if !c.before() {
			post = append(post, c)
		}
		effects.add(e, &c.estimated)
	}
	if len(post) == 0 {
		return notEstimable("change the covariates or the control group", "no effect can be estimated: %s", problem)
	}
	dynamic, later := b.list(), []*cell{}
	for _, s := range distinct(all, (*cell).since) {
		e := st.combine(matching(all, (*cell).since, s), true)
		dynamic.add(Effect{Since: pointer(s), Before: s < 0}, &e)
		if s >= 0 {
			later = append(later, &cell{estimated: e})
		}
	}
	group := func(c *cell) int { return c.group }
	period := func(c *cell) int { return c.period }
	byGroup, groups := b.list(), []*cell{}
	for _, g := range distinct(post, group) {
		own := matching(post, group, g)
		e := st.combine(own, false)
		byGroup.add(Effect{Group: st.label(g)}, &e)
		groups = append(groups, &cell{group: g, treated: own[0].treated, estimated: e})
	}
	byPeriod, calendar := b.list(), []*cell{}
	for _, t := range distinct(post, period) {
		e := st.combine(matching(post, period, t), true)
		byPeriod.add(Effect{Period: st.label(t)}, &e)
		calendar = append(calendar, &cell{estimated: e})
	}
	d2 := reference{}
	if a.Student {
		d2.degrees = float64(st.clusters - 1)
	}
	if err := b.draw(ctx, a, d2); err != nil {
		return err
	}
	tests := st.preTrends(all, effects)
	if detail {
		d.Effects, d.Dynamic, d.ByGroup, d.ByPeriod, d.PreTrends = effects.effects, dynamic.effects, byGroup.effects, byPeriod.effects, tests
		if a.Resamples > 0 {
			d.BandWeights = a.Groups.Weights
		}
	}
	for _, x := range []struct {
		term, quantity string
		estimated
	}{
		{"simple", "average effect on the treated, over all groups and periods after treatment", st.combine(post, true)},
		{"group", "average effect on the treated, over groups", st.combine(groups, true)},
		{"dynamic", "average effect on the treated, over time since treatment", st.combine(later, false)},
		{"calendar", "average effect on the treated, over periods", st.combine(calendar, false)},
	} {
		r := newResult(m)
		r.Term, r.Quantity = x.term, x.quantity
		r.Model = fmt.Sprintf("effects by group and time, %s, compared with %s", m.estimator(len(st.covariate)), a.Groups.Control.words())
		r.SEKind = fmt.Sprintf("influence function, clustered by %s (%d clusters), no small-sample factor", a.clusterName(), st.clusters)
		s := st.sums(x.influence)
		r.state(x.value, math.Sqrt(dot(s, s)), d2, d.logarithmic)
		r.Tests = tests
		if failed > 0 {
			r.refuse("%d effects could not be estimated (%s): the average leaves them out", failed, problem)
		}
		a.judgeGroups(st, &r)
		a.report.Results = append(a.report.Results, r)
	}
	return nil
}

func distinct(cells []*cell, key func(*cell) int) []int {
	var out []int
	for _, c := range cells {
		out = append(out, key(c))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func matching(cells []*cell, key func(*cell) int, want int) []*cell {
	var out []*cell
	for _, c := range cells {
		if key(c) == want {
			out = append(out, c)
		}
	}
	return out
}

// estimator names the method in a sentence.
func (m Method) estimator(covariates int) string {
	switch {
	case covariates == 0:
		return "differences of means"
	case m == Outcome:
		return "outcome regression"
	case m == Probability:
		return "normalised inverse probability weighting"
	}
	return "doubly robust"
}

func (c ControlGroup) words() string {
	if c == NotYetTreated {
		return "units not yet treated"
	}
	return "units never treated"
}

func (a *analysis) clusterName() string {
	if len(a.formula.Clusters) > 0 {
		return a.formula.Clusters[0].Name
	}
	return "unit"
}

// judgeGroups says why a number may not be published.
func (a *analysis) judgeGroups(st *study, r *Result) {
	r.needsInterval()
	if st.clusters < minClusters {
		r.refuse("%d clusters are too few for this standard error, at least %d are needed (Cameron & Miller 2015): take more units, or use synth for one treated unit", st.clusters, minClusters)
	}
	var treated []int
	for i, g := range st.first {
		if g != never && !slices.Contains(treated, st.cluster[i]) {
			treated = append(treated, st.cluster[i])
		}
	}
	if len(treated) < minTreatedUnits {
		r.refuse("%d treated clusters are too few for this standard error, at least %d are needed (MacKinnon & Webb 2018): use synth", len(treated), minTreatedUnits)
	}
	tested := false
	for _, t := range r.Tests {
		if t.Name == waldName {
			tested = true
			if t.P < preTrendThreshold {
				r.refuse("treated and untreated units moved apart before the treatment (%s): parallel trends do not hold", pText(t.P))
			}
		}
	}
	if !tested {
		r.refuse("parallel trends cannot be looked at: no group has two periods before its treatment, or the units are too few; give earlier periods")
	} else {
		r.warn("a pre-trend test that finds nothing does not show that trends would have stayed parallel (Roth 2022)")
	}
	if total := len(st.names); float64(st.incomplete) > maxIncomplete*float64(total) {
		r.refuse("%d of %d units are left out because they lack a period: make the panel complete", st.incomplete, total)
	}
	for _, g := range a.report.Groups.Groups {
		if g.Units < minTreatedUnits {
			r.warn("the group first treated in %s has %s: its own effects are not firm", g.First, many(g.Units, "unit"))
		}
	}
}

const (
	waldName = "pre-trends, Wald"
	supName  = "pre-trends, largest t"
)

// preTrends tests that all effects before treatment are zero.
func (st *study) preTrends(cells []*cell, l *effectList) []Test {
	var pre []*cell
	for _, c := range cells {
		if c.before() && dot(c.clustered, c.clustered) > 0 {
			pre = append(pre, c)
		}
	}
	if len(pre) == 0 || len(pre) >= st.clusters {
		return nil
	}
	v := square(len(pre))
	b := make([]float64, len(pre))
	for i := range pre {
		b[i] = pre[i].value
		for j := range pre {
			v[i][j] = dot(pre[i].clustered, pre[j].clustered)
		}
	}
	x, ok := symmetric(v, b)
	if !ok {
		return nil
	}
	w := dot(x, b)
	out := []Test{{Name: waldName, Statistic: w, Degrees: len(pre), P: distuv.ChiSquared{K: float64(len(pre))}.Survival(w), Meaning: "no effect before treatment, all groups and periods together"}}
	if l.supP != nil {
		out = append(out, Test{Name: supName, Statistic: l.supT, P: *l.supP, Meaning: "no effect before treatment, by the multiplier bootstrap of the largest one"})
	}
	return out
}
