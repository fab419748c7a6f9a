package evaluate

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// stream is the random stream for one piece of work. The key of the ChaCha8
// generator is made of the seed, the purpose and the index, so that every
// piece has its own numbers whichever worker does it and when.
func stream(seed uint64, purpose string, index uint64) *rand.Rand {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:8], seed)
	binary.LittleEndian.PutUint64(key[8:16], index)
	copy(key[16:], purpose)
	return rand.New(rand.NewChaCha8(key))
}

// parallel calls work for every index below n. What an index gives must depend
// on the index alone. It stops early, with the context's error, when the
// context ends. progress may be nil; its calls do not overlap.
func parallel(ctx context.Context, n int, progress func(done, total int), work func(i int)) error {
	workers := max(1, min(runtime.GOMAXPROCS(0), n))
	var next, done atomic.Int64
	var group sync.WaitGroup
	var reporting sync.Mutex
	reported := 0
	every := int64(max(1, n/100))
	for range workers {
		group.Go(func() {
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
