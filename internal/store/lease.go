package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const takeLease = `
insert into lease (name, holder, until)
values ($1, $2, $3)
on conflict (name) do update
set holder = excluded.holder,
    until  = excluded.until
where lease.holder = excluded.holder
   or lease.until <= $4`

// Lease tells whether holder may do, until now plus term, what the lease called name lets only one program do at a
// time. Asking again prolongs it; a term of zero gives it back. Of several calls with the same holder the newest
// counts. The holder of a lease that has run out must stop: the answer is true only as long as now, the caller's
// clock, agrees with the clocks of the other programs, so leases are for not doing work twice, and what must never
// happen twice is also guarded by its own rows.
func (db *DB) Lease(ctx context.Context, name, holder string, now time.Time, term time.Duration) (bool, error) {
	if name == "" || holder == "" || term < 0 {
		return false, errors.New("taking a lease: it needs a name, a holder and a term that is not negative")
	}
	var held bool
	err := db.Write(ctx, func(tx *Tx) error {
		res, err := tx.Exec(takeLease, name, holder, Micros(now.Add(term)), Micros(now))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		held = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("taking the lease %s: %w", name, err)
	}
	return held, nil
}
