package estimate

import (
	"math"
	"slices"
)

// downhill walks over hierarchical models: from each to the neighbour of least
// BIC, one term more or one term less, until no neighbour is better. It starts
// from several models and keeps the best end, because a walk from the main
// effects alone may stick (UK, five lists: 12,262 where the best model of all
// says 25,311).
type downhill struct {
	order  int // most lists in a term
	starts []model
	step   *stepwise // if set, the model it takes is one more start
}

// downhillStarts are the main effects, alone and with each pair of lists. From
// seven lists on, where walks are long, all pairs together take the place of
// each pair.
func downhillStarts(t int) []model {
	out := []model{mainEffects(t)}
	if t > 6 {
		m := mainEffects(t)
		for _, pair := range interactions(t, 2) {
			m.set.add(pair)
		}
		return append(out, m)
	}
	for _, pair := range interactions(t, 2) {
		m := mainEffects(t)
		m.set.add(pair)
		out = append(out, m)
	}
	return out
}

func (d downhill) choose(w *worker, s *sample) (chosen, bool) {
	ends := d.walks(w, s)
	if len(ends) == 0 {
		return chosen{}, false
	}
	best := ends[0]
	for _, c := range ends[1:] {
		if betterBIC(c, best) {
			best = c
		}
	}
	return chosen{best.plan, best.fit, best.bic}, true
}

// walks gives the different ends of the walks, in the order of the starts.
func (d downhill) walks(w *worker, s *sample) []*candidate {
	clear(w.visited)
	starts := d.starts
	if d.step != nil {
		if c, ok := d.step.choose(w, s); ok {
			starts = append(starts[:len(starts):len(starts)], c.plan.model)
		}
	}
	terms := interactions(s.t, d.order)
	var ends []*candidate
	for _, m := range starts {
		if c := d.walk(w, s, m, terms); c != nil && !slices.Contains(ends, c) {
			ends = append(ends, c)
		}
	}
	return ends
}

// betterBIC orders by BIC, ties by the order of models.
func betterBIC(a, b *candidate) bool {
	if a.bic != b.bic {
		return a.bic < b.bic
	}
	return compareModels(&a.plan.model, &b.plan.model) < 0
}

// walk goes downhill from a model. A start without an estimate is thinned: its
// last terms go until it has one.
func (d downhill) walk(w *worker, s *sample, m model, terms []int) *candidate {
	current := d.visit(w, s, m, nil)
	for i := len(terms) - 1; current == nil && i >= 0; i-- {
		if m.canRemove(terms[i]) {
			m.set.remove(terms[i])
			current = d.visit(w, s, m, nil)
		}
	}
	if current == nil {
		return nil
	}
	for {
		best := current
		if w.stopped() {
			return nil
		}
		for _, term := range terms {
			next := current.plan.model
			switch {
			case next.canAdd(term):
				next.set.add(term)
			case next.canRemove(term):
				next.set.remove(term)
			default:
				continue
			}
			if c := d.visit(w, s, next, current.warm); c != nil && betterBIC(c, best) {
				best = c
			}
		}
		if best == current {
			return current
		}
		current = best
	}
}

// visit fits a model, or recalls its fit; nil where it has no estimate.
func (d downhill) visit(w *worker, s *sample, m model, warm []float64) *candidate {
	if c, ok := w.visited[m.set]; ok {
		return c
	}
	p := newPlan(m)
	c := &candidate{plan: p, code: w.code(s, p)}
	if c.code == Exists {
		c.fit = w.fitter.fit(s, p, warm, false)
		c.bic = c.fit.bic(p, s)
		c.warm = w.fitter.coefficients()
	}
	if c.code != Exists || !c.fit.ok || math.IsNaN(c.bic) {
		c = nil
	}
	w.visited[m.set] = c
	return c
}
