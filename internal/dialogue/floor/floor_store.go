package floor

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/store"
)

const (
	insertFloor = `
		insert into floor (org, dialogue, state, item, changes, desk, asked, begun)
		values ($1, $2, '', '', 0, 0, 0, 0)
		on conflict (org, dialogue) do nothing`

	selectFloor = `
		select state, item, changes, desk, asked, begun
		from floor
		where org = $1 and dialogue = $2`

	updateFloor = `
		update floor
		set state = $1, item = $2, changes = $3, desk = $4, asked = $5, begun = $6
		where org = $7 and dialogue = $8`

	selectLists = `
		select item, opened, phase, times
		from floor_list
		where org = $1 and dialogue = $2
		order by item`

	keepList = `
		insert into floor_list (org, dialogue, item, opened, phase, times)
		values ($1, $2, $3, $4, $5, $6)
		on conflict (org, dialogue, item) do update set
		  opened = excluded.opened, phase = excluded.phase, times = excluded.times`

	selectRequests = `
		select n, item, participant, kind, mode, lang, asked, moved, held, granted
		from floor_request
		where org = $1 and dialogue = $2 and state = 'waiting'
		order by n`

	insertRequest = `
		insert into floor_request (org, dialogue, n, item, participant, person, kind, mode, lang, asked, state, moved, held, granted)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0)`

	updateRequest = `
		update floor_request
		set moved = $1, held = $2, granted = $3
		where org = $4 and dialogue = $5 and n = $6`

	updateRequestState = `
		update floor_request
		set state = $1
		where org = $2 and dialogue = $3 and n = $4 and state = 'waiting'`

	selectTurns = `
		select n, item, request, participant, person, speaker, kind, naming, who, type, mode, lang, allotted, began, ended, since, spans, entry
		from floor_turn
		where org = $1 and dialogue = $2
		order by n`

	insertTurn = `
		insert into floor_turn (org, dialogue, n, item, request, participant, person, speaker, kind, naming, who, type, mode, lang,
		  allotted, began, ended, since, spans, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, '[]', '')`

	updateTurn = `
		update floor_turn
		set allotted = $1, ended = $2, since = $3, spans = $4, entry = $5
		where org = $6 and dialogue = $7 and n = $8`

	sealTurn = `
		update floor_turn
		set salt = $1, body = $2
		where org = $3 and dialogue = $4 and n = $5`

	selectActs = `
		select desk, at, what, item, request, participant, naming, who, type, before, seconds, reason, person, entry
		from floor_act
		where org = $1 and dialogue = $2
		order by desk desc`

	insertAct = `
		insert into floor_act (org, dialogue, desk, at, what, item, request, participant, naming, who, type, before, seconds, reason, person, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`

	insertForm = `
		insert into floor_form (org, dialogue, token, at)
		values ($1, $2, $3, $4)
		on conflict (org, dialogue, token) do nothing`

	selectChanges = `
		select dialogue, changes
		from floor
		where org = $1`
)

// counters are the numbers of a floor's row that its nouns do not show.
type counters struct{ asked, begun int }

// readFloor reads the floor of a dialogue; one that nothing has happened on is as new.
func readFloor(tx *store.Tx, org store.Org, id dialogue.ID, lock bool) (*Floor, counters, error) {
	f := &Floor{Dialogue: id}
	var c counters
	query := selectFloor
	if lock {
		if _, err := tx.Exec(insertFloor, string(org), string(id)); err != nil {
			return nil, c, err
		}
		query += tx.ForUpdate()
	}
	err := tx.QueryRow(query, string(org), string(id)).Scan(&f.State, &f.Item, &f.Change, &f.Desk, &c.asked, &c.begun)
	if errors.Is(err, sql.ErrNoRows) {
		return f, c, nil
	}
	if err != nil {
		return nil, c, err
	}
	for _, read := range []func(*store.Tx, store.Org, *Floor) error{readLists, readRequests, readTurns, readActs} {
		if err := read(tx, org, f); err != nil {
			return nil, c, fmt.Errorf("reading the floor of %s: %w", id, err)
		}
	}
	return f, c, nil
}

func readLists(tx *store.Tx, org store.Org, f *Floor) error {
	return each(tx, func(rows *sql.Rows) error {
		var l List
		var settings string
		if err := rows.Scan(&l.Item, &l.Open, &l.Phase, &settings); err != nil {
			return err
		}
		f.Lists = append(f.Lists, l)
		return json.Unmarshal([]byte(settings), &f.Lists[len(f.Lists)-1].Settings)
	}, selectLists, string(org), string(f.Dialogue))
}

func readRequests(tx *store.Tx, org store.Org, f *Floor) error {
	return each(tx, func(rows *sql.Rows) error {
		var r Request
		var asked int64
		if err := rows.Scan(&r.N, &r.Item, &r.Participant, &r.Kind, &r.Mode, &r.Lang, &asked, &r.Moved, &r.Held, &r.Granted); err != nil {
			return err
		}
		r.Asked = store.Time(asked)
		f.Requests = append(f.Requests, r)
		return nil
	}, selectRequests, string(org), string(f.Dialogue))
}

func readTurns(tx *store.Tx, org store.Org, f *Floor) error {
	return each(tx, func(rows *sql.Rows) error {
		var s Speech
		var began, ended, since int64
		var spans string
		if err := rows.Scan(&s.N, &s.Item, &s.Request, &s.Participant, &s.Person, &s.Speaker, &s.Kind, &s.Naming, &s.Who, &s.Type, &s.Mode, &s.Lang,
			&s.Allotted, &began, &ended, &since, &spans, &s.Entry); err != nil {
			return err
		}
		s.Began, s.Ended, s.Since = store.Time(began), store.Time(ended), store.Time(since)
		var err error
		s.Spans, err = parseSpans(spans)
		f.Speeches = append(f.Speeches, s)
		return err
	}, selectTurns, string(org), string(f.Dialogue))
}

func readActs(tx *store.Tx, org store.Org, f *Floor) error {
	return each(tx, func(rows *sql.Rows) error {
		var a Act
		var at int64
		if err := rows.Scan(&a.Desk, &at, &a.What, &a.Item, &a.Request, &a.participant, &a.Naming, &a.Who, &a.Type, &a.Before, &a.Seconds, &a.Reason, &a.Person, &a.Entry); err != nil {
			return err
		}
		a.At = store.Time(at)
		f.Acts = append(f.Acts, a)
		return nil
	}, selectActs, string(org), string(f.Dialogue))
}

// each reads the rows of a query to the end.
func each(tx *store.Tx, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Spans are kept as pairs of microseconds.
func writeSpans(spans []Span) string {
	pairs := [][2]int64{}
	for _, s := range spans {
		pairs = append(pairs, [2]int64{store.Micros(s.From), store.Micros(s.To)})
	}
	text, err := json.Marshal(pairs)
	if err != nil {
		panic(err) // numbers
	}
	return string(text)
}

func parseSpans(text string) ([]Span, error) {
	var pairs [][2]int64
	if err := json.Unmarshal([]byte(text), &pairs); err != nil {
		return nil, fmt.Errorf("reading the spans of a turn: %w", err)
	}
	var spans []Span
	for _, p := range pairs {
		spans = append(spans, Span{store.Time(p[0]), store.Time(p[1])})
	}
	return spans, nil
}

// micros keeps a zero instant zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *work) keepFloor() error {
	f := w.Floor
	_, err := w.tx.Exec(updateFloor, string(f.State), string(f.Item), f.Change, f.Desk, w.counters.asked, w.counters.begun, string(w.room.o.Org), string(f.Dialogue))
	return err
}

func (w *work) keepList(l List) error {
	settings, err := json.Marshal(l.Settings)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(keepList, string(w.room.o.Org), string(w.Dialogue), string(l.Item), flag(l.Open), string(l.Phase), string(settings))
	return err
}

func (w *work) insertRequest(r Request, person string, state string) error {
	_, err := w.tx.Exec(insertRequest, string(w.room.o.Org), string(w.Dialogue), r.N, string(r.Item), string(r.Participant), person,
		string(r.Kind), string(r.Mode), r.Lang, micros(r.Asked), state)
	return err
}

func (w *work) keepRequest(r *Request) error {
	_, err := w.tx.Exec(updateRequest, r.Moved, r.Held, flag(r.Granted), string(w.room.o.Org), string(w.Dialogue), r.N)
	return err
}

// endRequest takes a request out of those that wait.
func (w *work) endRequest(n int, state string) error {
	_, err := w.tx.Exec(updateRequestState, state, string(w.room.o.Org), string(w.Dialogue), n)
	return err
}

func (w *work) insertTurn(s Speech) error {
	_, err := w.tx.Exec(insertTurn, string(w.room.o.Org), string(w.Dialogue), s.N, string(s.Item), s.Request, string(s.Participant), string(s.Person), s.Speaker,
		string(s.Kind), string(s.Naming), s.Who, s.Type, string(s.Mode), s.Lang, s.Allotted, micros(s.Began), micros(s.Since))
	return err
}

func (w *work) keepTurn(s *Speech) error {
	_, err := w.tx.Exec(updateTurn, s.Allotted, micros(s.Ended), micros(s.Since), writeSpans(s.Spans), string(s.Entry), string(w.room.o.Org), string(w.Dialogue), s.N)
	return err
}

func (w *work) insertAct(a Act) error {
	_, err := w.tx.Exec(insertAct, string(w.room.o.Org), string(w.Dialogue), a.Desk, micros(a.At), string(a.What), string(a.Item), a.Request,
		string(a.participant), string(a.Naming), a.Who, a.Type, a.Before, a.Seconds, a.Reason, string(a.Person), string(a.Entry))
	return err
}

// firstTime tells whether a form has not been taken before, and notes that it now is.
func (w *work) firstTime(token string) (bool, error) {
	result, err := w.tx.Exec(insertForm, string(w.room.o.Org), string(w.Dialogue), token, micros(w.now))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
