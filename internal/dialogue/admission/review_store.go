package admission

import (
	"database/sql"
	"errors"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	reviewsQuery = `
		select application, dialogue, fit, fit_reason, fit_by, fit_at, complete, checked_by, checked_at, version
		from admission_review
		where org = $1 and dialogue = $2`

	reviewQuery = `
		select application, dialogue, fit, fit_reason, fit_by, fit_at, complete, checked_by, checked_at, version
		from admission_review
		where org = $1 and application = $2 and dialogue = $3`

	reviewKeep = `
		insert into admission_review (org, application, dialogue, fit, fit_reason, fit_by, fit_at, complete, checked_by, checked_at, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (org, application, dialogue) do update set
		  fit = excluded.fit, fit_reason = excluded.fit_reason, fit_by = excluded.fit_by, fit_at = excluded.fit_at,
		  complete = excluded.complete, checked_by = excluded.checked_by, checked_at = excluded.checked_at, version = excluded.version`

	notesQuery = `
		select id, application, at, author, text
		from admission_note
		where org = $1 and application = $2
		order by at, id`

	noteKeep = `
		insert into admission_note (org, id, application, at, author, text)
		values ($1, $2, $3, $4, $5, $6)`
)

type row interface{ Scan(...any) error }

// each reads all rows of a query.
func each[T any](tx *store.Tx, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// one gives ErrNotFound a row that is not there.
func one[T any](found T, err error) (T, error) {
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return found, err
}

func scanReview(r row) (Review, error) {
	var v Review
	var fitAt, checkedAt int64
	err := r.Scan(&v.Application, &v.Dialogue, &v.Fit, &v.FitReason, &v.FitBy, &fitAt, &v.Complete, &v.CheckedBy, &checkedAt, &v.Version)
	v.FitAt, v.CheckedAt = store.Time(fitAt), store.Time(checkedAt)
	return v, err
}

// reviews gives the reviews of a dialogue by application.
func (room *Room) reviews(tx *store.Tx, d dialogue.ID) (map[application.ID]Review, error) {
	all, err := each(tx, scanReview, reviewsQuery, room.o.Org, d)
	byID := make(map[application.ID]Review, len(all))
	for _, v := range all {
		byID[v.Application] = v
	}
	return byID, err
}

// review gives one review; one that nobody has begun is empty.
func (room *Room) review(tx *store.Tx, a application.ID, d dialogue.ID) (Review, error) {
	v, err := scanReview(tx.QueryRow(reviewQuery, room.o.Org, a, d))
	if errors.Is(err, sql.ErrNoRows) {
		return Review{Application: a, Dialogue: d, Fit: Unmarked}, nil
	}
	return v, err
}

func (room *Room) keepReview(tx *store.Tx, v Review) error {
	return room.write(tx, reviewKeep, v.Application, v.Dialogue, v.Fit, v.FitReason, v.FitBy, micros(v.FitAt), number(v.Complete), v.CheckedBy, micros(v.CheckedAt), v.Version)
}

// micros keeps no instant as zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t)
}

func scanNote(r row) (Note, error) {
	var n Note
	var at int64
	err := r.Scan(&n.ID, &n.Application, &at, &n.Author, &n.Text)
	n.At = store.Time(at)
	return n, err
}

func (room *Room) notes(tx *store.Tx, a application.ID) ([]Note, error) {
	return each(tx, scanNote, notesQuery, room.o.Org, a)
}

func (room *Room) addNote(tx *store.Tx, a application.ID, author party.PersonID, text string) error {
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return err
	}
	return room.write(tx, noteKeep, id, a, store.Micros(room.o.Clock()), author, text)
}
