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
	// leaseFor is how long a program that died without giving up the lease keeps the others from working. After
	// three times as long, in which nothing moved, they work without it.
	leaseFor = 3 * time.Second

	leaseName = "ledger"
)

// Run integrates entries and publishes checkpoints until ctx ends; every program of an instance runs it. Only the
// holder of the lease works, which spares the others from waiting for the head's lock; that the record stays
// right does not rest on the lease.
func (l *Ledger) Run(ctx context.Context) error {
	var s sequencer
	failures := 0
	for {
		again, err := l.turn(ctx, &s)
		switch {
		case ctx.Err() != nil:
			l.release(context.WithoutCancel(ctx), &s)
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
		s.polled = false
		select {
		case <-ctx.Done():
		case <-woken:
		case <-timer.C:
			s.polled = true
		}
		timer.Stop()
	}
}

// sequencer is what Run keeps from turn to turn.
type sequencer struct {
	until   time.Time // the lease is ours until then
	polled  bool      // the turn follows a pause, not an act
	refused int       // turns after a pause in which another program had the lease and the head stood still
	size    int64     // where it stood
}

// turn does what there is to do and tells when to look again.
func (l *Ledger) turn(ctx context.Context, s *sequencer) (time.Duration, error) {
	var row headRow
	var waiting int
	err := l.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if row, err = readHead(tx); err == nil {
			waiting, err = countWaiting(tx)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	if waiting == 0 && row.size == row.published {
		s.refused = 0
		return poll, l.Refresh(ctx)
	}
	ours, err := l.lease(ctx, s)
	if err != nil {
		return 0, err
	}
	if !ours && !s.overdue(row.size+row.published) {
		return poll, l.Refresh(ctx)
	}
	if _, err := l.Integrate(ctx); err != nil {
		return 0, err
	}
	if again := l.untilNext(row.signedAt); again > 0 {
		return min(again, poll), l.Refresh(ctx)
	}
	return poll, l.Publish(ctx)
}

// overdue tells, when the lease was refused, whether to work without it: a program that died while a clock ran
// ahead seems to hold the lease for as long as that clock was wrong.
func (s *sequencer) overdue(moved int64) bool {
	if moved != s.size {
		s.size, s.refused = moved, 0
	}
	if s.polled {
		s.refused++
	}
	return s.refused > int(3*leaseFor/poll)
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
func (l *Ledger) lease(ctx context.Context, s *sequencer) (bool, error) {
	now := l.o.Clock()
	if left := s.until.Sub(now); left > leaseFor/2 && left <= leaseFor {
		return true, nil
	}
	ours, err := l.o.DB.Lease(ctx, leaseName, l.holder, now, leaseFor)
	s.until = time.Time{}
	if ours {
		s.until, s.refused = now.Add(leaseFor), 0
	}
	return ours, err
}

// release lets another program work at once. A failure only makes it wait for the lease to end.
func (l *Ledger) release(ctx context.Context, s *sequencer) {
	if s.until.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if _, err := l.o.DB.Lease(ctx, leaseName, l.holder, l.o.Clock(), 0); err != nil {
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
