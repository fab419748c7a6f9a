package linkage

import (
	"context"
	"math/rand/v2"
	"slices"
)

// A plan is the union of rules whose pairs are compared.
type plan struct {
	rules     []rule
	coverage  float64 // expected share of matches that some rule brings together
	templates int     // likely matches on which that was counted
}

const (
	templates     = 1 << 14
	maxRules      = 32
	pairsPerMatch = 1000 // comparisons that one more expected match is worth
)

// template is a likely match: the features on which its two records agree.
type template struct{ agrees uint64 }

// choose builds the plan greedily: of all single features and pairs of features of
// different fields, it takes the one that brings most expected matches not yet
// covered for the comparisons it costs, until a match costs more than it is worth
// or the budget is used up. What matches look like is taken from likely matches
// found in training; the fields by which a match was found tell nothing about how
// often they agree, so they are replaced by those of another match.
func (t *trainer) choose(ctx context.Context, seed uint64, budget float64) (*plan, error) {
	fr := t.fr
	likely := t.likelyMatches(seed)
	p := &plan{templates: len(likely)}
	if len(likely) == 0 {
		return t.fallback(p, budget), nil
	}
	rules := t.candidates()
	type candidate struct {
		mask  uint64
		pairs float64
		kept  float64 // share of the rule's pairs that lie in blocks under the cap
	}
	found := make([]candidate, len(rules))
	const chunk = 16
	err := inParallel(ctx, t.workers, (len(rules)+chunk-1)/chunk, func(c int) {
		var count counter
		for i := c * chunk; i < min((c+1)*chunk, len(rules)); i++ {
			pairs, over := rules[i].cost(fr, t.limit, &count)
			found[i] = candidate{pairs: pairs, kept: pairs / max(pairs+over, 1)}
			for _, x := range rules[i].features {
				found[i].mask |= 1 << x
			}
		}
	})
	if err != nil {
		return nil, err
	}
	matches := t.model.share * fr.pairs()
	perTemplate := matches / float64(len(likely))
	open := slices.Clone(likely)
	used := 0.0
	for len(p.rules) < maxRules && ctx.Err() == nil {
		best, bestWorth, bestGain := -1, 0.0, 0
		for i, c := range found {
			if used+c.pairs > budget || c.kept < 0.5 {
				continue
			}
			gain := 0
			for _, x := range open {
				if x.agrees&c.mask == c.mask {
					gain++
				}
			}
			worth := float64(gain) * perTemplate * c.kept / (c.pairs + float64(fr.len())/4)
			if worth > bestWorth {
				best, bestWorth, bestGain = i, worth, gain
			}
		}
		if best < 0 || float64(bestGain)*perTemplate*pairsPerMatch < found[best].pairs || bestGain < 1 {
			break
		}
		p.rules = append(p.rules, rules[best])
		used += found[best].pairs
		mask := found[best].mask
		open = slices.DeleteFunc(open, func(x template) bool { return x.agrees&mask == mask })
	}
	p.coverage = 1 - float64(len(open))/float64(len(likely))
	if len(p.rules) == 0 {
		return t.fallback(p, budget), ctx.Err()
	}
	return p, ctx.Err()
}

// candidates lists single features and pairs of features of different fields.
func (t *trainer) candidates() []rule {
	var rules []rule
	features := t.fr.features
	n := min(len(features), 64)
	for x := range n {
		if t.model.dull[features[x].field] {
			continue
		}
		rules = append(rules, rule{[]int{x}})
		for y := x + 1; y < n; y++ {
			if features[y].field != features[x].field && !t.model.dull[features[y].field] {
				rules = append(rules, rule{[]int{x, y}})
			}
		}
	}
	return rules
}

// fallback serves when no likely match was seen: exact agreement on every field
// that is selective enough, within the budget.
func (t *trainer) fallback(p *plan, budget float64) *plan {
	var count counter
	for x, f := range t.fr.features {
		if !f.whole || len(p.rules) == maxRules {
			continue
		}
		r := rule{[]int{x}}
		if pairs, _ := r.cost(t.fr, t.limit, &count); pairs <= budget {
			p.rules = append(p.rules, r)
			budget -= pairs
		}
	}
	return p
}

// likelyMatches turns training pairs that are more likely matches than not into
// templates.
func (t *trainer) likelyMatches(seed uint64) []template {
	fr := t.fr
	type seen struct {
		agrees uint64
		use    []bool
	}
	var matches []seen
	masks := make([]uint64, fr.width)
	for x, f := range fr.features[:min(len(fr.features), 64)] {
		masks[f.field] |= 1 << x
	}
	quota := templates / max(len(t.samples), 1)
	for i := range t.samples {
		s := &t.samples[i]
		if !s.sound {
			continue
		}
		taken := 0
		for _, p := range s.pairs {
			if taken == quota {
				break
			}
			if s.chance(t.model, p.pattern) < 0.5 {
				continue
			}
			taken++
			matches = append(matches, seen{fr.agreeing(p.a, p.b), s.use})
		}
	}
	if len(matches) == 0 {
		return nil
	}
	random := rand.New(rand.NewPCG(seed, 0x7e31))
	out := make([]template, len(matches))
	for i, m := range matches {
		agrees := m.agrees
		for f := range fr.width {
			if m.use[f] {
				continue
			}
			agrees &^= masks[f]
			for range 64 {
				other := matches[random.IntN(len(matches))]
				if other.use[f] {
					agrees |= other.agrees & masks[f]
					break
				}
			}
		}
		out[i] = template{agrees}
	}
	return out
}

// agreeing gives the features on which two records agree, one bit each.
func (fr *frame) agreeing(a, b uint32) uint64 {
	x, y := fr.record(a), fr.record(b)
	var out uint64
	for i := range fr.features[:min(len(fr.features), 64)] {
		f := &fr.features[i]
		if v := f.of[x[f.field]]; v != 0 && v == f.of[y[f.field]] {
			out |= 1 << i
		}
	}
	return out
}
