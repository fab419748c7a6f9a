package estimate

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Values of type 8 by its definition: h = (n+1/3)p + 1/3.
func TestQuantile(t *testing.T) {
	ten := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, c := range []struct{ p, want float64 }{
		{0, 1}, {1, 10}, {0.5, 5.5}, {0.1, 31.0/30 + 1.0/3}, {0.9, 9 + 19.0/30}, {0.001, 1}, {0.25, 2 + 11.0/12},
	} {
		if got := quantile(ten, c.p); !near(got, c.want, 1e-12) {
			t.Errorf("quantile %g: %v, want %v", c.p, got, c.want)
		}
	}
	if got := quantile([]float64{4}, 0.3); got != 4 {
		t.Errorf("one value: %v", got)
	}
}

// Without bias and acceleration the interval is that of percentiles; with them
// the percentiles move as Efron's formula says.
func TestBCaInterval(t *testing.T) {
	b := &Bootstrap{}
	for i := range 999 {
		b.totals = append(b.totals, float64(i+1))
	}
	plain, _, err := b.interval(0.95)
	if err != nil || !near(plain[0], quantile(b.totals, 0.025), 1e-9) || !near(plain[1], quantile(b.totals, 0.975), 1e-9) {
		t.Errorf("%v %v", plain, err)
	}
	b.Z0, b.A = 0.3, 0.05
	moved, beyond, err := b.interval(0.95)
	if err != nil {
		t.Fatal(err)
	}
	for i, z := range []float64{-1.959963984540054, 1.959963984540054} {
		p := distuv.UnitNormal.CDF(0.3 + (0.3+z)/(1-0.05*(0.3+z)))
		if want := quantile(b.totals, p); !near(moved[i], want, 1e-6) {
			t.Errorf("end %d: %v, want %v", i, moved[i], want)
		}
	}
	if beyond > 25 {
		t.Errorf("beyond %v", beyond)
	}
	b.A = 2
	if _, _, err := b.interval(0.95); !errors.Is(err, errNoInterval) {
		t.Errorf("acceleration 2: %v", err)
	}
}

// The jackknife of one cell of the two-list table by hand.
func TestAcceleration(t *testing.T) {
	tab := mustRead(t, "A,B,n\n1,0,40\n0,1,30\n1,1,6\n")
	s := tab.sample()
	sel := fixed{newPlan(mainEffects(2)), nil}
	total := func(a, b, both float64) float64 { return a + b + both + a*b/both }
	observed := estimated{total(40, 30, 6), sel.plan.model.set}
	b, err := bootstrap(t.Context(), s, estimatorOf(sel), observed, 200, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	values := []float64{total(39, 30, 6), total(40, 29, 6), total(40, 30, 5)}
	weights := []float64{40, 30, 6}
	mean, n := 0.0, 0.0
	for i, v := range values {
		mean += weights[i] * v
		n += weights[i]
	}
	mean /= n
	squares, cubes := 0.0, 0.0
	for i, v := range values {
		d := mean - v
		squares += weights[i] * d * d
		cubes += weights[i] * d * d * d
	}
	if want := cubes / (6 * math.Pow(squares, 1.5)); !near(b.A, want, 1e-6) {
		t.Errorf("acceleration %v, want %v", b.A, want)
	}
	if b.Same != 1 && b.Failed == 0 {
		t.Errorf("one model, but %v chose it", b.Same)
	}
}

func TestBootstrapGivesUp(t *testing.T) {
	s := mustRead(t, sevenCSV).sample()
	half := func(_ *worker, s *sample) (estimated, bool) {
		return estimated{total: s.n}, int(s.y[1])%2 == 0
	}
	b, err := bootstrap(t.Context(), s, half, estimated{total: 200}, 200, 1, nil)
	if err != nil || b.Problem == "" || b.Failed < 50 || b.Failed > 150 {
		t.Errorf("%+v %v", b, err)
	}
	if _, _, err := b.interval(0.95); !errors.Is(err, errNoInterval) {
		t.Errorf("failed resamples: %v", err)
	}
	outside := func(_ *worker, s *sample) (estimated, bool) { return estimated{total: s.n}, true }
	b, err = bootstrap(t.Context(), s, outside, estimated{total: 1}, 100, 1, nil)
	if err != nil || b.Problem == "" {
		t.Errorf("estimate below all resamples: %+v %v", b, err)
	}
}

func TestContextEndsBootstrap(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := Estimate(ctx, mustRead(t, kosovoCSV), Options{Method: BIC, Resamples: 100_000, Progress: func(stage string, done, total int) {
		if stage == "resampling" {
			if calls++; calls == 2 {
				cancel()
			}
			if done < total && done > total/2 {
				t.Error("the work goes on after the end of the context")
			}
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	for _, m := range []Method{Downhill, Average, Latent, BIC2} {
		if _, err := Estimate(ctx, mustRead(t, kosovoCSV), Options{Method: m}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with an ended context: %v", m, err)
		}
	}
}

// Leaving out models that cannot win changes no choice.
func TestPivotsChangeNothing(t *testing.T) {
	uk := "mse_ukdat_5/UKdat_5.csv"
	for _, c := range []struct {
		table  func() Table
		order  int
		models int
	}{
		{func() Table { return mustRead(t, kosovoCSV) }, 4, 113},
		{func() Table { return shared(t, uk) }, 2, 1024},
		{func() Table { return shared(t, uk) }, 5, 500},
	} {
		s := c.table().sample()
		found, err := search(t.Context(), s, c.order, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := testWorker(s.t)
		list := found.ranked[:min(c.models, len(found.ranked))]
		quick := newCandidates(s, list, w)
		if len(quick.pivots) == 0 {
			t.Fatal("no pivots")
		}
		r := newSample(s.t)
		for i := range 40 {
			multinomial(stream(31, "pivots", uint64(i)), int64(s.n), s.y, s.n, r.y)
			r.update()
			clear(w.lists)
			want, ok := candidates{list: list}.choose(w, r)
			got, gotOK := quick.choose(w, r)
			if got != want || ok != gotOK {
				t.Fatalf("order %d, resample %d: %v with pivots, %v without", c.order, i, got, want)
			}
		}
	}
}
