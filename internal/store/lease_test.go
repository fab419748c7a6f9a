package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestLease(t *testing.T) {
	start := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	// Each step: who asks, when (seconds after start), for how long, and the answer.
	steps := []struct {
		holder   string
		at, term time.Duration
		want     bool
		why      string
	}{
		{"a", 0, 10, true, "nobody has it"},
		{"b", 0, 10, false, "a has it"},
		{"b", 9, 10, false, "a still has it"},
		{"a", 9, 10, true, "a prolongs it, to 19"},
		{"b", 18, 10, false, "a still has it"},
		{"b", 19, 10, true, "it has run out; b has it to 29"},
		{"a", 20, 10, false, "a came too late"},
		{"b", -100, 10, true, "b's clock jumps back; b has it to -90"},
		{"a", -95, 10, false, "b has it"},
		{"a", -90, 10, true, "it has run out"},
		{"a", 1000, 10, true, "a's clock jumps ahead; a has it to 1010"},
		{"b", 30, 10, false, "by b's clock a still has it"},
		{"a", 30, 10, true, "a's clock is right again; a has it to 40"},
		{"a", 31, 0, true, "a gives it back"},
		{"b", 31, 10, true, "nobody has it"},
		{"a", 32, 0, false, "a cannot give back what b has"},
		{"a", 33, 10, false, "b still has it"},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for i, s := range steps {
			got, err := db.Lease(t.Context(), "sequencer", s.holder, start.Add(s.at*time.Second), s.term*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if got != s.want {
				t.Errorf("step %d: %s at %d: %v, but %s", i, s.holder, s.at, got, s.why)
			}
		}
		if got, err := db.Lease(t.Context(), "other", "a", start, time.Second); !got || err != nil {
			t.Errorf("another lease: %v, %v", got, err)
		}
		for _, bad := range []struct {
			name, holder string
			term         time.Duration
		}{{"", "a", 1}, {"x", "", 1}, {"x", "a", -1}} {
			if _, err := db.Lease(t.Context(), bad.name, bad.holder, start, bad.term); err == nil {
				t.Errorf("%+v was accepted", bad)
			}
		}
	})
}

// TestLeaseContenders lets many ask at once, on a clock that jumps. At no time may two hold the lease by that clock.
func TestLeaseContenders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const term = 10 * time.Second
		random := rand.New(rand.NewPCG(3, 9))
		now := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
		until := map[string]time.Time{} // what each contender believes
		for round := range 40 {
			now = now.Add(time.Duration(random.IntN(25)-8) * time.Second)
			var mu sync.Mutex
			var wg sync.WaitGroup
			for i := range 4 {
				wg.Go(func() {
					holder := fmt.Sprint("h", i)
					held, err := db.Lease(context.Background(), "sequencer", holder, now, term)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					if held {
						until[holder] = now.Add(term)
					} else {
						delete(until, holder)
					}
				})
			}
			wg.Wait()
			var holders []string
			for holder, end := range until {
				if end.After(now) {
					holders = append(holders, holder)
				}
			}
			if len(holders) > 1 {
				t.Fatalf("round %d: %v hold the lease at once", round, holders)
			}
		}
	})
}
