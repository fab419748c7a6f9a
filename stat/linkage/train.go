package linkage

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	randomPairs   = 1 << 20 // pairs drawn to learn how non-matches agree
	trainingPairs = 1 << 17 // pairs taken from one training rule
	trainingRules = 14
	priorWeight   = 4.0 // pseudo-matches per field
)

// trainer learns a model from a frame.
type trainer struct {
	fr      *frame
	limit   int // largest block
	workers int
	all     rates // chances of levels among all pairs, matches included
	model   *model
	samples []sample
	joints  map[[2]int]joint
	// Among sure matches, by fields i and j: how often j differs where i is there,
	// and how often both differ.
	differs, bothDiffer [][]float64
}

// sample is what one training rule brings together.
type sample struct {
	rule    rule
	use     []bool // fields that the rule leaves free
	pairs   []trainingPair
	tallies []tally
	scale   float64 // pairs of the rule per pair in the sample
	fit     fit
	u       rates // chances of levels among non-matches that agree on the rule
	sound   bool  // sees about as many matches as the other rules
}

// chance is the chance of a match for a pattern among the rule's pairs.
func (s *sample) chance(md *model, p pattern) float64 {
	w := math.Log2(s.fit.share / (1 - s.fit.share))
	for i, used := range s.use {
		if l := p.level(i); used && l != missing {
			w += math.Log2(md.m[i][l] / s.u[i][l])
		}
	}
	return chanceOf(w)
}

type trainingPair struct {
	a, b    uint32
	pattern pattern
}

// train learns the model. Non-match chances come from random pairs, match chances
// from pairs that agree on a rule, the rule's own fields left out, many rules
// being pooled. Random pairs hold matches too; their part is subtracted.
func train(ctx context.Context, fr *frame, seed uint64, limit, workers int) (*trainer, error) {
	t := &trainer{fr: fr, limit: limit, workers: workers}
	if err := t.drawRandom(ctx, seed); err != nil {
		return nil, err
	}
	if err := t.drawSamples(ctx); err != nil {
		return nil, err
	}
	t.learn()
	return t, ctx.Err()
}

// drawRandom counts levels in random pairs; the exact level is computed from the
// frequencies of values instead.
func (t *trainer) drawRandom(ctx context.Context, seed uint64) error {
	fr := t.fr
	n := fr.len()
	counts := make([][levels]int64, fr.width)
	add := func(a, b uint32) {
		p := fr.compare(a, b)
		for i := range fr.width {
			counts[i][p.level(i)]++
		}
	}
	if fr.pairs() <= randomPairs {
		for a := range uint32(n) {
			for b := a + 1; b < uint32(n); b++ {
				add(a, b)
			}
		}
	} else {
		const chunk = 1 << 14
		parts := make([][][levels]int64, randomPairs/chunk)
		err := inParallel(ctx, t.workers, len(parts), func(c int) {
			random := rand.New(rand.NewPCG(seed, uint64(c)))
			part := make([][levels]int64, fr.width)
			for range chunk {
				a := uint32(random.Uint64N(uint64(n)))
				b := uint32(random.Uint64N(uint64(n - 1)))
				if b >= a {
					b++
				}
				p := fr.compare(a, b)
				for i := range fr.width {
					part[i][p.level(i)]++
				}
			}
			parts[c] = part
		})
		if err != nil {
			return err
		}
		for _, part := range parts {
			for i := range part {
				for l := range part[i] {
					counts[i][l] += part[i][l]
				}
			}
		}
	}
	t.all = make(rates, fr.width)
	for i, f := range fr.fields {
		sum := 0.0
		for _, l := range f.levelsOf() {
			t.all[i][l] = float64(counts[i][l]) + 0.5
			sum += t.all[i][l]
		}
		for _, l := range f.levelsOf() {
			t.all[i][l] /= sum
		}
		sampled := t.all[i][exact]
		if f.kind == Date {
			// Frequencies count partial dates as agreeing too.
			sampled += t.all[i][partial]
		}
		if f.exact > 0 && f.kind != Date && sampled < 1 {
			scale := (1 - f.exact) / (1 - sampled)
			for _, l := range f.levelsOf() {
				t.all[i][l] *= scale
			}
			t.all[i][exact] = f.exact
		}
	}
	return nil
}

// drawSamples chooses training rules and collects their pairs.
func (t *trainer) drawSamples(ctx context.Context) error {
	rules := t.trainingRules()
	samples := make([]sample, len(rules))
	err := inParallel(ctx, t.workers, len(rules), func(i int) { samples[i] = t.draw(rules[i]) })
	if err != nil {
		return err
	}
	for _, s := range samples {
		if len(s.pairs) > 0 {
			t.samples = append(t.samples, s)
		}
	}
	return nil
}

// trainingRules takes exact agreement on one field or on two that bring few
// enough pairs together to hold a fair share of matches, and sees to it that no
// field is part of most rules.
func (t *trainer) trainingRules() []rule {
	type candidate struct {
		rule   rule
		pairs  float64
		excess float64 // pairs beyond what chance would bring
	}
	fr := t.fr
	n := float64(fr.len())
	var whole []int
	for x, f := range fr.features {
		if f.whole {
			whole = append(whole, x)
		}
	}
	var rules []rule
	for i, x := range whole {
		rules = append(rules, rule{[]int{x}})
		for _, y := range whole[i+1:] {
			rules = append(rules, rule{[]int{x, y}})
		}
	}
	found := make([]candidate, len(rules))
	joints := make([]joint, len(rules))
	sampled := float64(min(fr.len(), costSample)) / n
	chunks := (len(rules) + 7) / 8
	inParallel(context.Background(), t.workers, chunks, func(c int) {
		var count counter
		for i := c * 8; i < min(c*8+8, len(rules)); i++ {
			pairs, over := rules[i].cost(fr, t.limit, &count)
			joints[i] = joint{pairs: pairs + over, seen: (pairs + over) * sampled * sampled, filled: 1}
			chance := fr.pairs()
			for _, x := range rules[i].features {
				f := fr.fields[fr.features[x].field]
				share := float64(f.total) / n
				chance *= f.exact * share * share
				joints[i].filled *= share * share
			}
			found[i] = candidate{rules[i], pairs, pairs - chance}
			if len(rules[i].features) == 1 {
				found[i].excess = pairs / 2
			}
		}
	})
	t.joints = map[[2]int]joint{}
	for i, r := range rules {
		if len(r.features) == 2 {
			x, y := fr.features[r.features[0]].field, fr.features[r.features[1]].field
			t.joints[[2]int{min(x, y), max(x, y)}] = joints[i]
		}
	}
	kept := found[:0]
	for _, c := range found {
		if c.pairs >= 1 && c.pairs <= 6*n && c.excess > 0 {
			kept = append(kept, c)
		}
	}
	used := make([]int, fr.width)
	var chosen []rule
	for len(chosen) < trainingRules && len(kept) > 0 {
		best := -1
		most := func(c candidate) (m int) {
			for _, x := range c.rule.features {
				m = max(m, used[fr.features[x].field])
			}
			return m
		}
		for i := range kept {
			if best < 0 {
				best = i
				continue
			}
			if o := cmp.Or(cmp.Compare(most(kept[i]), most(kept[best])), cmp.Compare(kept[best].excess, kept[i].excess)); o < 0 {
				best = i
			}
		}
		for _, x := range kept[best].rule.features {
			used[fr.features[x].field]++
		}
		chosen = append(chosen, kept[best].rule)
		kept = slices.Delete(kept, best, best+1)
	}
	return chosen
}

// draw collects the pairs of a rule, whole blocks at a time, chosen by their key
// so that about trainingPairs are taken.
func (t *trainer) draw(r rule) sample {
	fr := t.fr
	s := sample{rule: r, use: make([]bool, fr.width)}
	for i := range s.use {
		s.use[i] = !r.uses(fr, i)
	}
	members := r.blocks(fr)
	total := 0
	eachBlock(members, func(block []member) {
		if len(block) <= t.limit {
			total += len(block) * (len(block) - 1) / 2
		}
	})
	keep := ^uint32(0)
	if total > trainingPairs {
		keep = uint32(float64(keep) * trainingPairs / float64(total))
	}
	counts := map[pattern]int64{}
	eachBlock(members, func(block []member) {
		if len(block) > t.limit || uint32(mix64(uint64(block[0].key))) > keep {
			return
		}
		for i := range block {
			for j := i + 1; j < len(block); j++ {
				p := fr.compare(block[i].record, block[j].record)
				s.pairs = append(s.pairs, trainingPair{block[i].record, block[j].record, p})
				counts[p]++
			}
		}
	})
	if len(s.pairs) > 0 {
		s.scale = float64(total) / float64(len(s.pairs))
	}
	for p, n := range counts {
		s.tallies = append(s.tallies, tally{p, n})
	}
	sortTallies(s.tallies)
	return s
}

// learn alternates between fitting m in every sample and correcting u for the
// matches among random pairs.
func (t *trainer) learn() {
	fr := t.fr
	md := &model{dull: make([]bool, fr.width), links: make([][]dependence, fr.width)}
	for _, f := range fr.fields {
		md.kinds = append(md.kinds, f.kind)
	}
	md.u = slices.Clone(t.all)
	for i := range md.u {
		for _, l := range fr.fields[i].levelsOf() {
			md.u[i][l] = max(md.u[i][l], leastRate)
		}
	}
	md.m = make(rates, fr.width)
	prior := make(rates, fr.width)
	for i, f := range fr.fields {
		md.m[i] = usualRates(f)
		for l, p := range md.m[i] {
			prior[i][l] = p * priorWeight
		}
	}
	t.model = md
	md.share = 1 / max(float64(fr.len()), 2)
	for range 6 {
		t.countDiffering()
		all := t.depend()
		for i := range t.samples {
			t.samples[i].u = t.given(&t.samples[i], all)
		}
		inParallel(context.Background(), t.workers, len(t.samples), func(i int) {
			s := &t.samples[i]
			s.fit = estimate(s.tallies, s.use, s.u, md.m, prior, 0.5)
		})
		md.share = t.matchShare()
		md.matches = t.pool()
		for i := range md.matches {
			md.m[i] = shares(md.matches[i], prior[i])
		}
		md.share = t.matchShare()
		md.correct(fr, t.all)
	}
	t.countDiffering()
	md.links = before(t.depend())
	for i := range fr.fields {
		md.dull[i] = md.m[i][exact] <= md.u[i][exact]
	}
	md.spread = md.share * float64(max(fr.len()-1, 0))
}

// pool adds up the expected matches by field and level over the rules that leave
// the field free. A rule that sees several times more matches than rules see on
// the whole has taken something else for matches, and is left out; no rule counts
// for more than two usual ones. The sum is divided by the number of rules: most
// matches are found by many rules, and count once as evidence.
func (t *trainer) pool() rates {
	pooled := make(rates, t.fr.width)
	var found []float64
	for i := range t.samples {
		t.samples[i].sound = false
		f, c := t.found(i)
		if share := f / c / t.fr.pairs(); c > 0 && share < 2.5*t.model.share && share > t.model.share/5 {
			t.samples[i].sound = true
			found = append(found, f)
		}
	}
	usual := median(found)
	for x := range pooled {
		rules := 0.0
		for i := range t.samples {
			s := &t.samples[i]
			if !s.use[x] || !s.sound {
				continue
			}
			rules++
			f, _ := t.found(i)
			weight := s.scale
			if f > 2*usual {
				weight *= 2 * usual / f
			}
			for l := 1; l < levels; l++ {
				pooled[x][l] += s.fit.counts[x][l] * weight
			}
		}
		for l := range pooled[x] {
			pooled[x][l] /= max(rules, 1)
		}
	}
	return pooled
}

// median gives the middle of the values, 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// correct takes the matches out of the chances among all pairs.
func (md *model) correct(fr *frame, all rates) {
	for i, f := range fr.fields {
		sum := 0.0
		for _, l := range f.levelsOf() {
			left := (all[i][l] - md.share*md.m[i][l]) / (1 - md.share)
			// What chance alone would leave of a level is not known better than
			// to a twentieth of what was seen.
			md.u[i][l] = max(left, all[i][l]/20, leastRate)
			sum += md.u[i][l]
		}
		for _, l := range f.levelsOf() {
			md.u[i][l] /= sum
		}
	}
}

// matchShare estimates the share of matches among all pairs: for every rule, the
// matches that it finds over the chance that matches agree on it, and of these the
// median, because a rule can be misled.
func (t *trainer) matchShare() float64 {
	var seen []float64
	for i := range t.samples {
		if f, c := t.found(i); f > 0 && c > 0 && t.fr.pairs() > 0 {
			seen = append(seen, f/c/t.fr.pairs())
		}
	}
	if len(seen) == 0 {
		return 1 / max(float64(t.fr.len()), 2)
	}
	return math.Min(math.Max(median(seen), 0.1/t.fr.pairs()), 0.5)
}

// found gives the matches that training rule i brings together, and the chance
// that a match agrees on the rule.
func (t *trainer) found(i int) (matches, chance float64) {
	s := &t.samples[i]
	for _, x := range s.tallies {
		matches += float64(x.count)
	}
	chance = 1.0
	for _, x := range s.rule.features {
		f := t.fr.features[x].field
		filled := float64(t.fr.fields[f].total) / float64(t.fr.len())
		chance *= t.model.m[f][exact] * filled * filled
	}
	return matches * s.fit.share * s.scale, chance
}

// ruleShares gives log2 of the match share as each sound rule alone sees it.
// How far they are apart tells how far the model is from the data.
func (t *trainer) ruleShares() []float64 {
	var out []float64
	for i := range t.samples {
		if f, c := t.found(i); t.samples[i].sound && f > 0 {
			out = append(out, math.Log2(f/c/t.fr.pairs()))
		}
	}
	return out
}
