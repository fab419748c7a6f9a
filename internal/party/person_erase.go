package party

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// Erasure counts what one run of Erase did.
type Erasure struct {
	// Erased persons' day had come.
	Erased int
	// Kept persons' day had come, but they are the last officer.
	Kept int
	// Warned persons were told that their day is near.
	Warned int
}

// Erase erases the personal data whose day has come, tells the persons whose day is near, and removes what has
// run out: links, requests, sessions, counts. It is the handler of a daily job and may run at any time.
func (d *Directory) Erase(ctx context.Context, now time.Time) (Erasure, error) {
	var e Erasure
	var errs []error
	due, near, err := d.erasable(ctx, now)
	if err != nil {
		return e, err
	}
	for _, p := range due {
		err := d.o.DB.Write(ctx, func(tx *store.Tx) error {
			again, err := d.person(tx, p.ID)
			if err != nil {
				return err
			}
			if again.Erases.After(now) { // signed in since
				return ErrNotFound
			}
			if !again.Joined.IsZero() {
				if err := d.mayLeave(tx, p.ID); err != nil {
					return err
				}
			}
			return d.erase(tx, p.ID, now)
		})
		var last *page.Problem
		switch {
		case err == nil:
			e.Erased++
		case errors.As(err, &last) && last.Key == lastOfficerKey:
			e.Kept++
			d.o.Log.Warn("the last officer's data are due to be erased and were kept; another officer must be named", "person", p)
		case !errors.Is(err, ErrNotFound):
			errs = append(errs, err)
		}
	}
	for _, p := range near {
		err := d.o.DB.Write(ctx, func(tx *store.Tx) error {
			if err := one(tx.Exec(updateWarned, store.Micros(now), string(d.o.Org), string(p.ID))); err != nil {
				return err
			}
			day := d.o.Catalogues.Date(p.Lang, locale.DateOf(p.Erases.UTC()))
			return d.write(tx, p, "party.mail.erase", p.Erases, nil, "Day", day)
		})
		switch {
		case err == nil:
			e.Warned++
		case !errors.Is(err, ErrNotFound):
			errs = append(errs, err)
		}
	}
	errs = append(errs, d.prune(ctx, now))
	if err := errors.Join(errs...); err != nil {
		return e, fmt.Errorf("erasing what is due: %w", err)
	}
	return e, nil
}

// erasable reads the persons whose day has come, and those whose day is near and who have not been told.
func (d *Directory) erasable(ctx context.Context, now time.Time) (due, near []Person, err error) {
	err = d.o.DB.Read(ctx, func(tx *store.Tx) error {
		var err error
		if due, err = d.queryPersons(tx, selectErasable, string(d.o.Org), store.Micros(now)); err != nil {
			return err
		}
		all, err := d.queryPersons(tx, selectUnwarned, string(d.o.Org), store.Micros(now.Add(WarnBefore)))
		for _, p := range all {
			if p.Erases.After(now) {
				near = append(near, p)
			}
		}
		return err
	})
	return due, near, err
}

func (d *Directory) prune(ctx context.Context, now time.Time) error {
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		for _, statement := range []string{pruneLinks, pruneThrottle, pruneSpent} {
			if _, err := tx.Exec(statement, string(d.o.Org), store.Micros(now)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(pruneRequests, string(d.o.Org), store.Micros(now.Add(-LinkFor))); err != nil {
			return err
		}
		_, err := tx.Exec(pruneSessions, string(d.o.Org), store.Micros(now.Add(-SessionIdle)), store.Micros(now.Add(-SessionMax)))
		return err
	})
}
