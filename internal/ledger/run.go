package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/store"
)

const (
	// pace is the shortest time between two signed checkpoints.
	pace = time.Second
	// poll is how soon entries of other programs are noticed, and their checkpoints.
	poll = 250 * time.Millisecond
	// leaseFor is how long a program that died without giving up the lease keeps the others from integrating.
	leaseFor = 3 * time.Second

	leaseName = "ledger"
)

// Run integrates entries and publishes checkpoints until ctx ends; every program of an instance runs it. Only the
// holder of the lease works, which spares the others from waiting for the head's lock; that the record stays
// right does not rest on the lease.
func (l *Ledger) Run(ctx context.Context) error {
	var until time.Time // the lease is ours until then
	failures := 0
	for {
		again, err := l.turn(ctx, &until)
		switch {
		case ctx.Err() != nil:
			if !until.IsZero() {
				l.release(context.WithoutCancel(ctx))
			}
			return nil
		case errors.Is(err, store.ErrClosed):
			return fmt.Errorf("running the record: %w", err)
		case err != nil:
			failures++
			again = min(poll<<min(failures, 8), 30*time.Second)
			l.o.Log.Error("the record does not move on; it is tried again", "error", err, "in", again)
		default:
			failures = 0
		}
		timer := time.NewTimer(again)
		woken := l.woken
		if failures > 0 {
			woken = nil // an act does not shorten the pause after a failure
		}
		select {
		case <-ctx.Done():
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// turn does what there is to do and tells when to look again.
func (l *Ledger) turn(ctx context.Context, until *time.Time) (time.Duration, error) {
	var row headRow
	var waiting bool
	err := l.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if row, err = readHead(tx); err == nil {
			waiting, err = anyPending(tx)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	again := poll
	if waiting || row.size > row.published {
		ours, err := l.lease(ctx, until)
		if err != nil {
			return 0, err
		}
		if ours {
			if _, err := l.Integrate(ctx); err != nil {
				return 0, err
			}
			if again = l.untilNext(row.signedAt); again <= 0 {
				return poll, l.Publish(ctx)
			}
			return min(again, poll), nil
		}
	}
	return again, l.Refresh(ctx)
}

// untilNext is how long the next signature has to wait. A clock that was set back does not delay it.
func (l *Ledger) untilNext(signed time.Time) time.Duration {
	since := l.o.Clock().Sub(signed)
	if since < 0 {
		return 0
	}
	return pace - since
}

// lease takes or keeps the lease and tells whether it is ours. It is renewed when half of it has passed.
func (l *Ledger) lease(ctx context.Context, until *time.Time) (bool, error) {
	now := l.o.Clock()
	if left := until.Sub(now); left > leaseFor/2 && left <= leaseFor {
		return true, nil
	}
	ours, err := lease(ctx, l.o.DB, leaseName, l.holder, now, leaseFor)
	if err != nil {
		return false, fmt.Errorf("taking the lease of the record: %w", err)
	}
	*until = time.Time{}
	if ours {
		*until = now.Add(leaseFor)
	}
	return ours, nil
}

// release lets another program work at once. A failure only makes it wait for the lease to end.
func (l *Ledger) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if _, err := lease(ctx, l.o.DB, leaseName, l.holder, l.o.Clock(), 0); err != nil {
		l.o.Log.Debug("the lease of the record was not given up", "error", err)
	}
}

// Wait answers the entry's index as soon as a checkpoint that this program serves covers it. It answers
// ErrNotFound when there is no such entry, because its act was not committed or never took place.
func (l *Ledger) Wait(ctx context.Context, id ID) (int64, error) {
	for {
		l.mu.Lock()
		changed := l.changed
		l.mu.Unlock()
		entry, err := l.ByID(ctx, id)
		if err != nil {
			return 0, err
		}
		if entry.Index != Pending {
			return entry.Index, nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("waiting for entry %s: %w", id, ctx.Err())
		case <-changed:
		}
	}
}
