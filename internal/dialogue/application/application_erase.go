package application

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// EraseJob is the kind of the daily job that runs Erase.
const EraseJob = "application.erase"

// withdrawable tells whether the mechanism lets an applicant withdraw from where an admission stands.
func (room *Room) withdrawable(m *Admission) bool {
	return slices.Contains(room.State(m.State).Next, Withdrawn)
}

// withdraw withdraws an application for one dialogue.
func (room *Room) withdraw(tx *store.Tx, a *Application, m *Admission) error {
	if !room.withdrawable(m) {
		return problem(http.StatusConflict, "application.withdraw.late")
	}
	_, err := room.Move(tx, a, m, Change{To: Withdrawn, By: ByApplicant})
	return err
}

// leave withdraws a whole application and erases its personal data at once; what the public record says of it is
// withdrawn with it.
func (room *Room) leave(tx *store.Tx, a *Application) error {
	stand, err := room.Admissions(tx, a.ID)
	if err != nil {
		return err
	}
	if err := room.unlist(tx, a); err != nil {
		return err
	}
	a.Listing = Secretariat // the last steps are opaque
	for _, m := range stand {
		if !room.withdrawable(m) {
			continue // a step that the mechanism does not know here: where it stands stays, without a name
		}
		if _, err := room.Move(tx, a, m, Change{To: Withdrawn, By: ByApplicant}); err != nil {
			return err
		}
	}
	return room.erase(tx, a)
}

// erase erases the personal data of an application. The row stays, with the type of stakeholder, so that totals stay
// right. A draft goes altogether.
func (room *Room) erase(tx *store.Tx, a *Application) error {
	for _, fn := range room.erased {
		if err := fn(tx, a); err != nil {
			return err
		}
	}
	if err := room.forget(tx, a); err != nil {
		return err
	}
	if a.Submitted.IsZero() {
		if _, err := tx.Exec(linksDrop, room.o.Org, a.ID); err != nil {
			return err
		}
		_, err := tx.Exec(applicationDrop, room.o.Org, a.ID)
		return err
	}
	left := Answers{}
	if kind, ok := a.Answers[FieldType]; ok {
		left[FieldType] = kind
	}
	answers, err := encode(left)
	if err != nil {
		return err
	}
	a.Erased = room.o.Clock()
	if _, err := tx.Exec(applicationErase, answers, []byte{}, []byte{}, store.Micros(a.Erased), room.o.Org, a.ID); err != nil {
		return err
	}
	a.Name, a.Email, a.Answers, a.SealedAt = "", "", left, time.Time{}
	_, err = tx.Exec(movesErase, []byte{}, room.o.Org, a.ID)
	return err
}

// forget removes the messages to everybody whom an application names, and the requests for their travel data.
func (room *Room) forget(tx *store.Tx, a *Application) error {
	requests, err := room.travelOf(tx, a.ID)
	if err != nil {
		return err
	}
	addresses := []party.Email{a.Email}
	for _, q := range requests {
		addresses = append(addresses, q.Email)
	}
	if room.o.Forget != nil {
		for _, to := range addresses {
			if to == "" {
				continue
			}
			if err := room.o.Forget(tx, to); err != nil {
				return err
			}
		}
	}
	_, err = tx.Exec(travelDrop, room.o.Org, a.ID)
	return err
}

// Erase erases the personal data whose day has come and removes what has run out, and tells how many applications it
// erased. It is the handler of EraseJob and may run at any time.
func (room *Room) Erase(ctx context.Context) (n int, err error) {
	now := room.o.Clock()
	var due []ID
	err = room.o.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := room.applications(tx, applicationsKept, room.o.Org)
		if err != nil {
			return err
		}
		calls := map[cycle.CallID]*call{}
		for _, a := range all {
			c, known := calls[a.Call]
			if !known {
				if c, err = room.call(tx, a.Call, now); err != nil {
					return err
				}
				calls[a.Call] = c
			}
			// The call's own day counts: it may have moved since the application was kept.
			if !c.erases(a).After(now) {
				due = append(due, a.ID)
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("looking for what is to be erased: %w", err)
	}
	var errs []error
	for _, id := range due {
		err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
			a, err := room.Application(tx, id)
			if err != nil || !a.Erased.IsZero() {
				return err
			}
			return room.erase(tx, a)
		})
		if err == nil {
			n++
		} else if !errors.Is(err, ErrNotFound) {
			errs = append(errs, err)
		}
	}
	errs = append(errs, room.o.DB.Write(ctx, room.prune))
	if err := errors.Join(errs...); err != nil {
		return n, fmt.Errorf("erasing applications: %w", err)
	}
	return n, nil
}
