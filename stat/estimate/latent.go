package estimate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// LatentOptions sets up the latent class model. The zero value stands for the
// values in brackets.
type LatentOptions struct {
	Classes int     // most classes (10)
	Shape   float64 // shape of the gamma prior of the concentration (0.25)
	Rate    float64 // its rate (0.25)
	Chains  int     // independent chains, at least 4 (4)
	Burn    int     // sweeps of each chain that are thrown away (20,000)
	Draws   int     // draws kept from each chain (2,500)
	Thin    int     // sweeps per draw kept (40)
}

func (o LatentOptions) withDefaults() LatentOptions {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.Classes, 10)
	set(&o.Chains, 4)
	set(&o.Burn, 20_000)
	set(&o.Draws, 2_500)
	set(&o.Thin, 40)
	o.Chains = max(o.Chains, 4)
	if !(o.Shape > 0) {
		o.Shape = 0.25
	}
	if !(o.Rate > 0) {
		o.Rate = 0.25
	}
	return o
}

// latent is a posterior sample of the number of people.
type latent struct {
	chains [][]float64 // totals, chain by chain
	sorted []float64
	rhat   float64 // largest split R-hat of bulk and spread
	ess    float64 // effective number of draws for the bulk
}

// latentClasses samples the posterior of the Bayesian latent class model of
// Manrique-Vallier (2016): people fall into classes, within a class the lists
// catch them independently, and the class sizes have a Dirichlet process
// prior, cut off at a number of classes. Probabilities of capture are uniform
// a priori and the prior of N is proportional to 1/N. The blocked Gibbs
// sampler works on the counts of each pattern, not on persons, so that a sweep
// takes the same time for any population.
func latentClasses(ctx context.Context, s *sample, o LatentOptions, seed uint64, progress func(done, total int)) (*latent, error) {
	o = o.withDefaults()
	out := &latent{chains: make([][]float64, o.Chains)}
	// Progress counts draws, over all chains.
	err := parallel(ctx, o.Chains, progress, func() func(int) {
		return func(i int) {
			c := newChain(s, o, stream(seed, "chain", uint64(i)))
			draws := make([]float64, 0, o.Draws)
			for sweep := range o.Burn + o.Draws*o.Thin {
				if sweep&255 == 0 && ctx.Err() != nil {
					return
				}
				c.sweep()
				if past := sweep - o.Burn; past >= 0 && past%o.Thin == o.Thin-1 {
					draws = append(draws, s.n+float64(c.hidden))
				}
			}
			out.chains[i] = draws
		}
	})
	if err != nil {
		return nil, fmt.Errorf("latent classes: %w", err)
	}
	for _, c := range out.chains {
		out.sorted = append(out.sorted, c...)
	}
	slices.Sort(out.sorted)
	out.rhat, out.ess = diagnose(out.chains)
	return out, nil
}

func (l *latent) mean() float64 {
	sum := 0.0
	for _, v := range l.sorted {
		sum += v
	}
	return sum / float64(len(l.sorted))
}

func (l *latent) interval(level float64) Interval {
	tail := (1 - level) / 2
	return Interval{quantile(l.sorted, tail), quantile(l.sorted, 1-tail)}
}

// chain is the state of one Gibbs sampler with K classes.
type chain struct {
	s        *sample
	rng      *rand.Rand
	classes  int
	shape    float64
	rate     float64
	patterns []int // patterns with people, and 0 last

	alpha   float64
	logPi   []float64   // log sizes of classes
	in      [][]float64 // by list and class, probability of capture
	out     [][]float64 // and of not being captured
	hidden  int64
	members []float64   // people in each class, hidden ones included
	caught  [][]float64 // by list and class, people captured
	size    []float64   // of classes, on the way
	weight  []float64
	counts  []float64
}

func newChain(s *sample, o LatentOptions, rng *rand.Rand) *chain {
	k := o.Classes
	c := &chain{
		s: s, rng: rng, classes: k, shape: o.Shape, rate: o.Rate,
		logPi: make([]float64, k), in: matrix(s.t, k), out: matrix(s.t, k),
		members: make([]float64, k), caught: matrix(s.t, k),
		size: make([]float64, k), weight: make([]float64, k), counts: make([]float64, k),
	}
	for p, y := range s.y {
		if y > 0 {
			c.patterns = append(c.patterns, p)
		}
	}
	c.patterns = append(c.patterns, 0)
	// Chains start far apart: concentration, class sizes and probabilities of
	// capture are drawn from the prior.
	c.alpha = 0.1 + 2*rng.Float64()
	c.drawSizes()
	for j := range s.t {
		for h := range k {
			c.in[j][h] = rng.Float64()
			c.out[j][h] = 1 - c.in[j][h]
		}
	}
	return c
}

func matrix(rows, cols int) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = make([]float64, cols)
	}
	return out
}

// sweep draws every unknown once, given the others.
func (c *chain) sweep() {
	for h, l := range c.logPi {
		c.size[h] = math.Exp(l)
	}
	c.drawHidden()
	c.drawMembers()
	c.drawParameters()
}

// chances sets the weight of each class for a pattern and gives their sum, the
// probability of the pattern.
func (c *chain) chances(pattern int) float64 {
	copy(c.weight, c.size)
	for j := range c.s.t {
		factor := c.out[j]
		if pattern>>j&1 == 1 {
			factor = c.in[j]
		}
		for h, v := range factor {
			c.weight[h] *= v
		}
	}
	total := 0.0
	for _, v := range c.weight {
		total += v
	}
	return total
}

// drawHidden draws the number of people in no list: given the rest it is
// negative binomial, which is Poisson with a gamma mean.
func (c *chain) drawHidden() {
	missed := min(c.chances(0), 1-1e-12)
	c.hidden = poisson(c.rng, gamma(c.rng, c.s.n)*missed/(1-missed))
}

// drawMembers distributes the people of each pattern over the classes.
func (c *chain) drawMembers() {
	clear(c.members)
	for j := range c.caught {
		clear(c.caught[j])
	}
	for _, p := range c.patterns {
		n := int64(c.s.y[p])
		if p == 0 {
			n = c.hidden
		}
		total := c.chances(p)
		if !(total > 0) {
			// Every class gives the pattern a probability below the smallest
			// number: any class is as good as another.
			for h := range c.weight {
				c.weight[h] = 1
			}
			total = float64(c.classes)
		}
		multinomial(c.rng, n, c.weight, total, c.counts)
		for h, m := range c.counts {
			if m == 0 {
				continue
			}
			c.members[h] += m
			for j := range c.s.t {
				if p>>j&1 == 1 {
					c.caught[j][h] += m
				}
			}
		}
	}
}

// drawParameters draws probabilities of capture, class sizes and the
// concentration.
func (c *chain) drawParameters() {
	for j := range c.caught {
		for h, m := range c.caught[j] {
			if c.members[h] == 0 {
				c.in[j][h] = c.rng.Float64()
				c.out[j][h] = 1 - c.in[j][h]
				continue
			}
			x, y := gamma(c.rng, 1+m), gamma(c.rng, 1+c.members[h]-m)
			c.in[j][h], c.out[j][h] = x/(x+y), y/(x+y)
		}
	}
	for range c.classes / 2 {
		c.swapLabels()
	}
	logRest := c.drawSizes()
	c.alpha = gamma(c.rng, c.shape+float64(c.classes-1)) / (c.rate - logRest)
	c.alpha = max(c.alpha, 1e-8)
}

// swapLabels lets two classes trade places along the stick. Which class comes
// first matters to the prior alone, and the sweep itself hardly ever changes it
// (Papaspiliopoulos & Roberts 2008).
func (c *chain) swapLabels() {
	h := c.rng.IntN(c.classes)
	k := c.rng.IntN(c.classes)
	if h == k {
		return
	}
	// People stay with their class; its size in the prior is what changes.
	logAccept := (c.members[k] - c.members[h]) * (c.logPi[h] - c.logPi[k])
	if logAccept < 0 && math.Log(1-c.rng.Float64()) >= logAccept {
		return
	}
	c.members[h], c.members[k] = c.members[k], c.members[h]
	for j := range c.caught {
		c.caught[j][h], c.caught[j][k] = c.caught[j][k], c.caught[j][h]
		c.in[j][h], c.in[j][k] = c.in[j][k], c.in[j][h]
		c.out[j][h], c.out[j][k] = c.out[j][k], c.out[j][h]
	}
}

// drawSizes breaks the stick and gives the log of its last piece.
func (c *chain) drawSizes() float64 {
	after := 0.0
	for _, m := range c.members {
		after += m
	}
	rest := 0.0
	for h := range c.classes - 1 {
		after -= c.members[h]
		v, u := logBeta(c.rng, 1+c.members[h], c.alpha+after)
		c.logPi[h] = rest + v
		rest += u
	}
	c.logPi[c.classes-1] = rest
	return rest
}
