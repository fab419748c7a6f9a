package estimate

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// chosen is the model that a selection took for a sample, with its fit.
type chosen struct {
	plan *plan
	fit  fitted
	bic  float64
}

func (c chosen) total(s *sample) float64 { return s.n + c.fit.dark }

// selector is a rule that takes a model for a sample. It says false where no
// model of its family has an estimate. A selector is shared by workers and
// changes nothing of its own.
type selector interface {
	choose(w *worker, s *sample) (chosen, bool)
}

// worker holds the memory of one goroutine. What it remembers never changes a
// result, only the time it takes.
type worker struct {
	fitter  *fitter
	checker *checker
	lists   map[support][]Code     // codes of a list of candidates
	single  map[checkKey]Code      // codes of models met on the way
	visited map[termSet]*candidate // fits to the sample at hand
	stopped func() bool            // asked now and then in long walks
	limit   int                    // most codes that are remembered
	bound   []float64              // by candidate, no log-likelihood is above it
}

type checkKey struct {
	support support
	set     termSet
}

// memoryLimit bounds what a worker remembers.
const memoryLimit = 1 << 13

func newWorker(ctx context.Context, t int) *worker {
	return &worker{
		stopped: func() bool { return ctx.Err() != nil }, limit: memoryLimit,
		fitter: newFitter(t), checker: newChecker(t),
		lists: map[support][]Code{}, single: map[checkKey]Code{}, visited: map[termSet]*candidate{},
	}
}

// code is the existence code of a model, remembered.
func (w *worker) code(s *sample, p *plan) Code {
	key := checkKey{s.support, p.model.set}
	if c, ok := w.single[key]; ok {
		return c
	}
	c := w.checker.check(s, p)
	if len(w.single) >= w.limit {
		clear(w.single)
	}
	w.single[key] = c
	return c
}

// codes are the existence codes of a list of candidates, remembered.
func (w *worker) codes(s *sample, plans []*candidate) []Code {
	if c, ok := w.lists[s.support]; ok {
		return c
	}
	c := make([]Code, len(plans))
	for i, p := range plans {
		c[i] = w.checker.check(s, p.plan)
	}
	if len(w.lists) >= w.limit {
		clear(w.lists)
	}
	w.lists[s.support] = c
	return c
}

// fixed takes the same model whatever the sample.
type fixed struct {
	plan *plan
	warm []float64
}

func (f fixed) choose(w *worker, s *sample) (chosen, bool) {
	if w.code(s, f.plan) != Exists {
		return chosen{}, false
	}
	fit := w.fitter.fit(s, f.plan, f.warm, false)
	return chosen{f.plan, fit, fit.bic(f.plan, s)}, fit.ok
}

// candidate is a model of a search with its result for the observed table.
type candidate struct {
	plan *plan
	code Code
	fit  fitted
	bic  float64
	warm []float64
}

// candidates takes the model of least BIC from a list. Ties go to the first in
// the order of compareModels.
//
// Not every model needs a fit. A model's likelihood is at most that of any
// model that holds it; so where the largest model without some interaction
// already fits badly, all models without that interaction are out at once.
type candidates struct {
	list   []*candidate
	pivots []pivot
}

// pivot is the largest model without a certain interaction.
type pivot struct {
	plan  *plan
	warm  []float64
	inner []int // the models of the list that lie within it
}

// pivotsFrom is the length of list from which pivots pay.
const pivotsFrom = 40

// newCandidates prepares a list, best model for the observed table first.
func newCandidates(s *sample, list []*candidate, w *worker) candidates {
	c := candidates{list: list}
	if len(list) < pivotsFrom {
		return c
	}
	order := 2
	for _, cand := range list {
		for _, term := range cand.plan.terms {
			order = max(order, onesCount(term))
		}
	}
	terms := interactions(s.t, order)
	for _, missing := range terms {
		m := mainEffects(s.t)
		for _, term := range terms {
			if term&missing != missing {
				m.set.add(term)
			}
		}
		p := pivot{plan: newPlan(m)}
		for i, cand := range list {
			if !cand.plan.model.set.has(missing) {
				p.inner = append(p.inner, i)
			}
		}
		if len(p.inner) < 2 || w.code(s, p.plan) != Exists || !w.fitter.fit(s, p.plan, nil, true).ok {
			continue
		}
		p.warm = w.fitter.coefficients()
		c.pivots = append(c.pivots, p)
	}
	return c
}

func (c candidates) choose(w *worker, s *sample) (chosen, bool) {
	codes := w.codes(s, c.list)
	logN := math.Log(s.n)
	var best chosen
	found, failed := false, false
	try := func(i int) {
		cand := c.list[i]
		fit := w.fitter.fit(s, cand.plan, cand.warm, false)
		if !fit.ok {
			failed = true
			return
		}
		bic := float64(cand.plan.params)*logN - 2*fit.loglik
		if !found || bic < best.bic || bic == best.bic && compareModels(&cand.plan.model, &best.plan.model) < 0 {
			best, found = chosen{cand.plan, fit, bic}, true
		}
	}
	w.bound = w.bound[:0]
	for range c.list {
		w.bound = append(w.bound, math.Inf(1))
	}
	first := slices.Index(codes, Exists)
	if first < 0 {
		return chosen{}, false
	}
	try(first)
	for _, p := range c.pivots {
		if w.code(s, p.plan) != Exists {
			continue
		}
		fit := w.fitter.fit(s, p.plan, p.warm, false)
		if !fit.ok {
			continue
		}
		for _, i := range p.inner {
			w.bound[i] = min(w.bound[i], fit.loglik)
		}
	}
	for i := first + 1; i < len(c.list) && !failed; i++ {
		if codes[i] != Exists {
			continue
		}
		// The margin is far above the rounding of a log-likelihood.
		if found && float64(c.list[i].plan.params)*logN-2*w.bound[i] > best.bic+1e-3 {
			continue
		}
		try(i)
	}
	return best, found && !failed
}

// searched is a search over a list of models for the observed table.
type searched struct {
	all      []*candidate // in the order of compareModels
	ranked   []*candidate // those with an estimate, by BIC
	codes    [4]int       // how many models have each code
	diverged int          // models whose fit did not converge; none is known
}

// search fits all hierarchical models with terms of at most order lists.
func search(ctx context.Context, s *sample, order int, progress func(done, total int)) (*searched, error) {
	models := hierarchical(s.t, order)
	out := &searched{all: make([]*candidate, len(models))}
	err := parallel(ctx, len(models), progress, func() func(int) {
		w := newWorker(ctx, s.t)
		return func(i int) {
			c := &candidate{plan: newPlan(models[i])}
			c.code = w.checker.check(s, c.plan)
			if c.code == Exists {
				c.fit = w.fitter.fit(s, c.plan, nil, true)
				c.bic = c.fit.bic(c.plan, s)
				if c.fit.ok {
					c.warm = w.fitter.coefficients()
				}
			}
			out.all[i] = c
		}
	})
	if err != nil {
		return nil, err
	}
	for _, c := range out.all {
		out.codes[c.code]++
		if c.code != Exists {
			continue
		}
		if !c.fit.ok {
			out.diverged++
			continue
		}
		out.ranked = append(out.ranked, c)
	}
	slices.SortStableFunc(out.ranked, func(a, b *candidate) int {
		switch {
		case a.bic < b.bic:
			return -1
		case a.bic > b.bic:
			return 1
		}
		return 0
	})
	return out, nil
}

// parallel calls the functions that start makes, one per worker, for every
// index below n. Whatever an index produces must depend on the index alone.
// It stops early, with the context's error, when the context ends. progress
// may be nil; its calls do not overlap.
func parallel(ctx context.Context, n int, progress func(done, total int), start func() func(i int)) error {
	workers := max(1, min(runtime.GOMAXPROCS(0), n))
	var next, done atomic.Int64
	var group sync.WaitGroup
	var reporting sync.Mutex
	reported := 0
	every := int64(max(1, n/100))
	for range workers {
		group.Go(func() {
			work := start()
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				work(i)
				if d := done.Add(1); progress != nil && (d%every == 0 || d == int64(n)) {
					reporting.Lock()
					if int(d) > reported {
						reported = int(d)
						progress(int(d), n)
					}
					reporting.Unlock()
				}
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
