package opinion

import (
	"context"
	"sync"
	"sync/atomic"
)

// each calls f for 0 … n−1, on several goroutines where it is worth it. What
// f computes must not depend on the order of the calls.
func each(workers, n int, worth bool, f func(i int)) {
	workers = min(workers, n)
	if workers < 2 || !worth {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// eachErr is each that stops early when the context ends.
func eachErr(ctx context.Context, workers, n int, worth bool, f func(i int)) error {
	each(workers, n, worth, func(i int) {
		if ctx.Err() == nil {
			f(i)
		}
	})
	return ctx.Err()
}
