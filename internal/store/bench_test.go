package store_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

const insertJob = `
insert into job (org, id, kind, payload, due)
values ($1, $2, $3, $4, $5)`

// BenchmarkWrite measures durable small writes (one row of about 400 bytes each) from 64 clients.
func BenchmarkWrite(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		const clients = 64
		payload := strings.Repeat("abcdefgh", 50)
		took := make([]time.Duration, b.N)
		var next atomic.Int64
		var wg sync.WaitGroup
		b.ResetTimer()
		for range clients {
			wg.Go(func() {
				for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
					begun := time.Now()
					err := db.Write(context.Background(), func(tx *store.Tx) error {
						id, err := store.NewID(rand.Reader)
						if err != nil {
							return err
						}
						_, err = tx.Exec(insertJob, fmt.Sprint("org", i%20), id, "mail", payload, i)
						return err
					})
					if err != nil {
						b.Error(err)
						return
					}
					took[i] = time.Since(begun)
				}
			})
		}
		wg.Wait()
		b.StopTimer()
		slices.Sort(took)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		b.ReportMetric(float64(took[b.N/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[b.N*99/100].Microseconds())/1000, "p99-ms")
	})
}

// BenchmarkRead measures a point read in a transaction of its own.
func BenchmarkRead(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		err := db.Write(b.Context(), func(tx *store.Tx) error {
			for i := range 1000 {
				if _, err := tx.Exec(insertJob, "org", fmt.Sprint(i), "mail", "{}", i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				err := db.Read(context.Background(), func(tx *store.Tx) error {
					var kind, payload string
					var due int64
					return tx.QueryRow("select kind, payload, due from job where org = $1 and id = $2", "org", fmt.Sprint(i%1000)).Scan(&kind, &payload, &due)
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

const joined = `
select j.org, j.id, j.kind, count(*)
from job j
join job k on k.org = j.org and k.id = j.id
left join setting s on s.name = j.kind and s.value <> $3
where j.org = $1 and j.id = $2 and exists (select 1 from lease l where l.name <> j.id or l.until < $4)
group by j.org, j.id, j.kind
order by j.org, j.id
limit 10`

func BenchmarkReadJoin(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				err := db.Read(context.Background(), func(tx *store.Tx) error {
					rows, err := tx.Query(joined, "org", fmt.Sprint(i%1000), "x", 5)
					if err != nil {
						return err
					}
					defer rows.Close()
					return rows.Err()
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
