package ledger

import (
	"context"
	"time"

	"rostrum.example/internal/store"
)

// takeLease follows a lease held beyond twice its length only if the clock was set back since, so it takes that too.
const takeLease = `
	insert into lease (name, holder, until)
	values ($1, $2, $3)
	on conflict (name) do update
	   set holder = excluded.holder,
	       until = excluded.until
	 where lease.holder = excluded.holder
	    or lease.until <= $4
	    or lease.until > $5`

func lease(ctx context.Context, db *store.DB, name, holder string, now time.Time, length time.Duration) (ours bool, err error) {
	err = db.Write(ctx, func(tx *store.Tx) error {
		res, err := tx.Exec(takeLease, name, holder, store.Micros(now.Add(length)), store.Micros(now), store.Micros(now.Add(2*leaseFor)))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		ours = n == 1
		return err
	})
	return ours, err
}
