package linkage

import (
	"context"
	"sync"
	"sync/atomic"
)

// inParallel calls work once for each of n parts. Parts are numbered beforehand
// and write only what is theirs, so the number of workers changes nothing but time.
func inParallel(ctx context.Context, workers, n int, work func(part int)) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range max(min(workers, n), 1) {
		wait.Go(func() {
			for ctx.Err() == nil {
				part := int(next.Add(1)) - 1
				if part >= n {
					return
				}
				work(part)
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}
