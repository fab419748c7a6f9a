package evaluate

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// runs are one run of each design.
func runs() map[Design]Options {
	return map[Design]Options{
		Series:    {Design: Series, Formula: "y ~ t + law + since(law) + harmonics(1)"},
		Groups:    {Design: Groups, Formula: "y ~ treated + x | unit + year", Resamples: 200, Seed: 3},
		Synthetic: {Design: Synthetic, Formula: "y ~ treated | unit + year"},
		Flows:     {Design: Flows, Formula: "flow ~ x + log(wage) | origin + dest + year"},
	}
}

func sampleOf(d Design) string {
	switch d {
	case Series:
		return sampleSeries()
	case Groups:
		return sampleGroups()
	case Synthetic:
		return sampleBlock(13)
	}
	return sampleFlows()
}

// The same on one core as on four, and other bands for another seed.
func TestSameOnAllCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for d, o := range runs() {
		f := mustRead(t, sampleOf(d))
		runtime.GOMAXPROCS(1)
		one := mustEvaluate(t, f, o)
		runtime.GOMAXPROCS(4)
		if !sameJSON(t, one, mustEvaluate(t, f, o)) {
			t.Errorf("%s: the number of cores changes the report", d)
		}
		if d == Groups {
			o.Seed++
			if *one.Groups.Dynamic[0].Band95 == *mustEvaluate(t, f, o).Groups.Dynamic[0].Band95 {
				t.Error("the seed has no effect")
			}
		}
	}
}

// A run whose context has ended gives its error, and long ones tell how far
// they are.
func TestCancelAndProgress(t *testing.T) {
	for d, o := range runs() {
		f := mustRead(t, sampleOf(d))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Evaluate(ctx, f, o); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", d, err)
		}
		if d == Series {
			continue
		}
		var calls atomic.Int64
		ctx, cancel = context.WithCancel(t.Context())
		o.Progress = func(stage string, done, total int) {
			if stage == "" || done > total {
				t.Errorf("%s: %q %d of %d", d, stage, done, total)
			}
			calls.Add(1)
			cancel()
		}
		if _, err := Evaluate(ctx, f, o); !errors.Is(err, context.Canceled) || calls.Load() == 0 {
			t.Errorf("%s: stopped with %v after %d calls", d, err, calls.Load())
		}
	}
}

func TestOptions(t *testing.T) {
	f := mustRead(t, sampleSeries())
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Design: "magic"}, "there is no design"},
		{Options{Method: "dr"}, `its has no method "dr"`},
		{Options{Resamples: -1}, "the number of resamples"},
		{Options{Series: SeriesOptions{Order: 99}}, "the order of autoregressive errors"},
		{Options{Method: PraisWinsten, Series: SeriesOptions{Order: 2}}, "use ml or reml"},
		{Options{Design: Groups, Groups: GroupOptions{Control: "some"}}, "there is no control group"},
		{Options{Design: Groups, Groups: GroupOptions{Weights: "some"}}, "there are no multipliers"},
		{Options{Design: Synthetic, Synthetic: SyntheticOptions{Inference: "some"}}, "there is no inference"},
		{Options{Design: Flows, Flows: FlowOptions{Factor: "some"}}, "there is no factor"},
		{Options{Time: "when"}, "the data have no such column"},
	} {
		c.o.Formula = "y ~ t + law"
		if _, err := Evaluate(t.Context(), f, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.want, err)
		}
	}
}

// Student's t widens intervals.
func TestStudent(t *testing.T) {
	for d, o := range runs() {
		if d == Synthetic {
			continue
		}
		f := mustRead(t, sampleOf(d))
		normal := mustEvaluate(t, f, o)
		o.Student = true
		student := mustEvaluate(t, f, o)
		a, b := normal.Results[0].Interval95, student.Results[0].Interval95
		if b[1]-b[0] <= a[1]-a[0] || !strings.Contains(student.Results[0].IntervalKind, "Student") {
			t.Errorf("%s: %v, %v, %s", d, *a, *b, student.Results[0].IntervalKind)
		}
	}
}
