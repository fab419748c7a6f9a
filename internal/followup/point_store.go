package followup

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

const (
	pointQuery = `
		select id, origin, kind, need, text, cites, sample, place, at, entry, withdrawn
		from followup_point
		where org = $1 and id = $2`

	pointsQuery = `
		select id, origin, kind, need, text, cites, sample, place, at, entry, withdrawn
		from followup_point
		where org = $1 and origin = $2
		order by place, id`

	pointsPut = `
		select id, origin, kind, need, text, cites, sample, place, at, entry, withdrawn
		from followup_point
		where org = $1 and exists (
		  select 1
		  from followup_delivery d
		  where d.org = followup_point.org and d.point = followup_point.id and d.state = $2)
		order by origin, place, id`

	pointOrigins = `
		select origin, count(*)
		from followup_point
		where org = $1
		group by origin
		order by origin desc`

	pointKeep = `
		insert into followup_point (org, id, origin, kind, need, text, cites, sample, place, at, entry, withdrawn)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (org, id) do update set
		  kind = excluded.kind, need = excluded.need, text = excluded.text, cites = excluded.cites, place = excluded.place,
		  entry = excluded.entry, withdrawn = excluded.withdrawn`

	citeDrop = `
		delete from followup_cite
		where org = $1 and point = $2`

	citeKeep = `
		insert into followup_cite (org, entry, point)
		values ($1, $2, $3)
		on conflict (org, entry, point) do nothing`

	pointsResting = `
		select p.id, p.origin, p.kind, p.need, p.text, p.cites, p.sample, p.place, p.at, p.entry, p.withdrawn
		from followup_cite c
		join followup_point p on p.org = c.org and p.id = c.point
		where c.org = $1 and c.entry = $2
		order by p.origin, p.place, p.id`

	actKeep = `
		insert into followup_act (org, point, number, what, state, at, entry)
		values ($1, $2, $3, $4, $5, $6, $7)`

	actLast = `
		select coalesce(max(number), 0)
		from followup_act
		where org = $1 and point = $2`

	actsOf = `
		select point, number, what, state, at, entry
		from followup_act
		where org = $1 and point = $2
		order by number`

	actsBetween = `
		select point, number, what, state, at, entry
		from followup_act
		where org = $1 and at >= $2 and at < $3
		order by at, point, number`
)

type row interface{ Scan(...any) error }

// list reads all rows of a statement.
func list[T any](tx *store.Tx, scan func(row) (T, error), query string, args ...any) ([]T, error) {
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

// found turns the engine's word for nothing into ours.
func found[T any](one T, err error) (T, error) {
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return one, err
}

func scanPoint(r row) (*Point, error) {
	var p Point
	var text, cites string
	var at, withdrawn int64
	if err := r.Scan(&p.ID, &p.Origin, &p.Kind, &p.Need, &text, &cites, &p.Sample, &p.Place, &at, &p.Entry, &withdrawn); err != nil {
		return nil, err
	}
	p.At, p.Withdrawn = store.Time(at), store.Time(withdrawn)
	if err := errors.Join(json.Unmarshal([]byte(text), &p.Text), json.Unmarshal([]byte(cites), &p.Cites)); err != nil {
		return nil, fmt.Errorf("reading point %s: %w", p.ID, err)
	}
	return &p, nil
}

// Point finds a point, or answers ErrNotFound.
func (room *Room) Point(tx *store.Tx, id PointID) (*Point, error) {
	return found(scanPoint(tx.QueryRow(pointQuery, room.o.Org, id)))
}

// Points lists the points of a dialogue in their order.
func (room *Room) Points(tx *store.Tx, origin string) ([]*Point, error) {
	return list(tx, scanPoint, pointsQuery, room.o.Org, origin)
}

// pointsFor lists the points that were put to a State.
func (room *Room) pointsFor(tx *store.Tx, state string) ([]*Point, error) {
	return list(tx, scanPoint, pointsPut, room.o.Org, state)
}

type origin struct {
	ID     string
	Points int
}

// origins lists the dialogues that have points.
func (room *Room) origins(tx *store.Tx) ([]origin, error) {
	return list(tx, func(r row) (o origin, err error) {
		err = r.Scan(&o.ID, &o.Points)
		return o, err
	}, pointOrigins, room.o.Org)
}

func (room *Room) keepPoint(tx *store.Tx, p *Point) error {
	text, err := encode(p.Text)
	if err != nil {
		return err
	}
	cites, err := encode(p.Cites)
	if err != nil {
		return err
	}
	_, err = tx.Exec(pointKeep, room.o.Org, p.ID, p.Origin, p.Kind, p.Need, text, cites, number(p.Sample), p.Place, store.Micros(p.At), p.Entry, micros(p.Withdrawn))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(citeDrop, room.o.Org, p.ID); err != nil {
		return err
	}
	for _, id := range p.Cites {
		if _, err := tx.Exec(citeKeep, room.o.Org, id, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// Resting lists the points that rest on an entry: where what was said went.
func (room *Room) Resting(tx *store.Tx, entry ledger.ID) ([]*Point, error) {
	return list(tx, scanPoint, pointsResting, room.o.Org, entry)
}

// note keeps a public act.
func (room *Room) note(tx *store.Tx, a Act) (err error) {
	if err = tx.QueryRow(actLast, room.o.Org, a.Point).Scan(&a.Number); err != nil {
		return err
	}
	_, err = tx.Exec(actKeep, room.o.Org, a.Point, a.Number+1, a.What, a.State, store.Micros(a.At), a.Entry)
	return err
}

func scanAct(r row) (a Act, err error) {
	var at int64
	err = r.Scan(&a.Point, &a.Number, &a.What, &a.State, &at, &a.Entry)
	a.At = store.Time(at)
	return a, err
}

// Acts gives the public acts on a point, oldest first.
func (room *Room) Acts(tx *store.Tx, id PointID) ([]Act, error) {
	return list(tx, scanAct, actsOf, room.o.Org, id)
}

func (room *Room) actsBetween(tx *store.Tx, since, until time.Time) ([]Act, error) {
	return list(tx, scanAct, actsBetween, room.o.Org, micros(since), store.Micros(until))
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// micros keeps "no instant" as zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t)
}

func day(into *locale.Date, s string) (err error) {
	if s != "" {
		*into, err = locale.ParseDate(s)
	}
	return err
}

// dayText keeps "no day" as nothing.
func dayText(d locale.Date) string {
	if d == (locale.Date{}) {
		return ""
	}
	return d.String()
}
