package linkage

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
)

// Config says how to link. The zero value lets everything be found from the data.
type Config struct {
	ID      string          // column that identifies a record in its list; found if empty, else rows are numbered from 1
	Truth   string          // column that tells which records are one person, to measure errors by; never compared
	Pattern *regexp.Regexp  // part of the truth column that counts: its first group, or the whole match
	Ignore  []string        // columns that are not compared
	Types   map[string]Kind // kinds of columns; guessed for the others
	Seed    uint64          // of the random pairs from which non-matches are learned

	// Unique names lists known to hold each person once. With two or more lists,
	// those that show next to no duplicates are found without being named.
	Unique []string
	// Threshold is the chance from which a pair may join two records; 0.5 if 0.
	Threshold float64
	// BlockLimit is the most records that agree on a key and are still compared
	// with each other; 2,000 if 0. Pairs left out for it are reported.
	BlockLimit int
	// Budget is the number of comparisons per record that the rules may cost
	// together; 20 if 0. Small lists may always cost 500,000.
	Budget float64

	Saved    *State         // result of an earlier run to go on from
	Progress func(Progress) // called from the running goroutine
}

// Progress says how far a run has come.
type Progress struct {
	Step        string // "preparing", "learning", "comparing", "joining"
	Done, Total int    // of the step
}

const (
	defaultLimit  = 2000
	defaultBudget = 20
	leastBudget   = 500_000
)

// Link finds the records that belong to one person, within one list and across
// lists, by the method of Fellegi & Sunter (1969): see the package comment. The
// result depends on the content of the lists and on the configuration alone, not
// on the order of rows or columns or on the number of processors.
//
// When ctx ends, the error is that of ctx, and the state, if not nil, holds what
// was done; with it in Config.Saved a later call goes on from there.
func Link(ctx context.Context, t *Table, cfg Config) (*Result, *State, error) {
	if err := cfg.check(); err != nil {
		return nil, nil, err
	}
	roles, err := assign(t, &cfg)
	if err != nil {
		return nil, nil, err
	}
	progress := cfg.Progress
	if progress == nil {
		progress = func(Progress) {}
	}
	workers := runtime.GOMAXPROCS(0)
	progress(Progress{Step: "preparing", Total: 1})
	fr, err := prepare(t, roles, &cfg)
	if err != nil {
		return nil, nil, err
	}
	if fr.width == 0 || fr.len() < 2 {
		res := emptyResult(t, roles, fr)
		return res, nil, ctx.Err()
	}
	progress(Progress{Step: "learning", Total: 1})
	state, err := learn(ctx, fr, roles, &cfg, workers)
	if err != nil {
		return nil, nil, fmt.Errorf("learning the linkage model: %w", err)
	}
	md, plan, err := state.restore(fr)
	if err != nil {
		return nil, nil, err
	}
	sc, err := newScorer(ctx, fr, md, plan, state.Limit, workers)
	if err != nil {
		return nil, state, fmt.Errorf("comparing records: %w", err)
	}
	from, old, err := state.resume(sc)
	if err != nil {
		return nil, nil, err
	}
	finished := from
	err = sc.run(ctx, from, old, func(rules int) {
		finished = rules
		progress(Progress{Step: "comparing", Done: rules, Total: len(plan.rules)})
	})
	if err != nil {
		if old == nil {
			// An interrupted update starts again from the state it was given.
			state.record(sc, finished)
		}
		return nil, state, fmt.Errorf("comparing records: %w", err)
	}
	state.record(sc, finished)
	progress(Progress{Step: "joining", Total: 1})
	res, err := conclude(ctx, t, roles, fr, sc, state, &cfg, workers)
	if err != nil {
		return nil, state, fmt.Errorf("joining records: %w", err)
	}
	return res, state, nil
}

func (cfg *Config) check() error {
	switch {
	case cfg.Threshold < 0 || cfg.Threshold >= 1:
		return fmt.Errorf("linking: threshold %g is not a chance below 1", cfg.Threshold)
	case cfg.BlockLimit < 0 || cfg.BlockLimit == 1:
		return fmt.Errorf("linking: a block limit of %d compares nothing: use 2 or more", cfg.BlockLimit)
	case cfg.Budget < 0:
		return fmt.Errorf("linking: budget %g is below zero", cfg.Budget)
	}
	return nil
}

// prepare makes the frame: of the columns that seem fit, or of those of the saved model.
func prepare(t *Table, roles *roles, cfg *Config) (*frame, error) {
	s := cfg.Saved
	if s == nil {
		return newFrame(t, roles.compared, roles.kinds, roles.id, nil), nil
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("using saved linkage state: %w", err)
	}
	roles.id = nil
	if s.ID != "" {
		c, err := t.column(s.ID, "the saved state's record id")
		if err != nil {
			return nil, err
		}
		roles.id = c
	}
	var columns []*column
	var kinds []Kind
	for _, f := range s.Fields {
		c, err := t.column(f.Name, "the saved state")
		if err != nil {
			return nil, err
		}
		columns = append(columns, c)
		kinds = append(kinds, f.Kind)
	}
	return newFrame(t, columns, kinds, roles.id, s.Fields), nil
}

// learn gives the state to work from: the saved one, or a new model and plan.
func learn(ctx context.Context, fr *frame, roles *roles, cfg *Config, workers int) (*State, error) {
	if cfg.Saved != nil {
		saved := *cfg.Saved
		return &saved, nil
	}
	limit := cfg.BlockLimit
	if limit == 0 {
		limit = defaultLimit
	}
	perRecord := cfg.Budget
	if perRecord == 0 {
		perRecord = defaultBudget
	}
	tr, err := train(ctx, fr, cfg.Seed, limit, workers)
	if err != nil {
		return nil, err
	}
	plan, err := tr.choose(ctx, cfg.Seed, max(perRecord*float64(fr.len()), leastBudget))
	if err != nil {
		return nil, err
	}
	// Rules stand in the order in which they were chosen: the first that fits
	// takes a pair, so cheap and rich rules come first.
	state := newState(fr, tr, plan)
	if roles.id != nil {
		state.ID = roles.id.name
	}
	return state, nil
}

// uniqueLists gives the lists that hold each person once, one bit each: those
// named, and with two or more lists those in which hardly any records seem to
// belong together.
func uniqueLists(t *Table, fr *frame, pairs []pair, threshold float64, cfg *Config) (uint64, error) {
	unique := uint64(0)
	for _, name := range cfg.Unique {
		i := slices.Index(t.lists, name)
		if i < 0 {
			return 0, &InputError{List: name, What: "there is no list of this name", Next: "the lists are " + fmt.Sprint(t.lists)}
		}
		unique |= 1 << i
	}
	if len(t.lists) < 2 {
		return unique, nil
	}
	within := make([]int, len(t.lists))
	across := make([]int, len(t.lists))
	for _, p := range pairs {
		if p.odds < threshold {
			continue
		}
		x, y := fr.list[p.a], fr.list[p.b]
		if x == y {
			within[x]++
		} else {
			across[x]++
			across[y]++
		}
	}
	for i := range within {
		// One pair in two hundred records is what false matches alone may bring.
		if within[i]*200 <= t.sizes[i] && within[i]*10 <= across[i] {
			unique |= 1 << i
		}
	}
	return unique, nil
}
