package programme

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	selectDraft = `
		select edit, body
		from programme_draft
		where org = $1 and dialogue = $2`

	insertDraft = `
		insert into programme_draft (org, dialogue, edit, body, changed)
		values ($1, $2, 0, '', 0)
		on conflict (org, dialogue) do nothing`

	updateDraft = `
		update programme_draft
		set edit = $1, body = $2, changed = $3
		where org = $4 and dialogue = $5`

	selectNewest = `
		select number, body, changes, links, published, person, entry
		from programme_version
		where org = $1 and dialogue = $2
		order by number desc
		limit 1`

	selectVersion = `
		select number, body, changes, links, published, person, entry
		from programme_version
		where org = $1 and dialogue = $2 and number = $3`

	selectVersions = `
		select number, changes, published, entry
		from programme_version
		where org = $1 and dialogue = $2
		order by number desc`

	insertVersion = `
		insert into programme_version (org, dialogue, number, body, changes, links, published, person, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	selectPublishedBy = `
		select dialogue, number, published
		from programme_version
		where org = $1 and person = $2
		order by dialogue, number`

	erasePublisher = `
		update programme_version
		set person = ''
		where org = $1 and person = $2`
)

// newest asks for the newest version.
const newest = 0

// draft reads the programme that is worked on; ok is false where none was begun. lock holds it for a change.
func (room *Room) draft(tx *store.Tx, id dialogue.ID, lock bool) (p Programme, edit int, ok bool, err error) {
	query := selectDraft
	if lock {
		if _, err := tx.Exec(insertDraft, string(room.o.Org), string(id)); err != nil {
			return p, 0, false, err
		}
		query += tx.ForUpdate()
	}
	var body string
	err = tx.QueryRow(query, string(room.o.Org), string(id)).Scan(&edit, &body)
	if errors.Is(err, sql.ErrNoRows) || err == nil && body == "" {
		return p, edit, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &p)
	}
	return p, edit, err == nil, err
}

func (room *Room) keepDraft(tx *store.Tx, id dialogue.ID, p *Programme, edit int, now time.Time) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(updateDraft, edit, string(body), store.Micros(now), string(room.o.Org), string(id))
	return err
}

// version reads a published version; nil where there is none.
func (room *Room) version(tx *store.Tx, id dialogue.ID, number int) (*Version, error) {
	args := []any{string(room.o.Org), string(id)}
	query := selectNewest
	if number != newest {
		query, args = selectVersion, append(args, number)
	}
	v := &Version{}
	var body, changes, links string
	var published int64
	err := tx.QueryRow(query, args...).Scan(&v.Number, &body, &changes, &links, &published, &v.Person, &v.Entry)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v.Published = store.Time(published)
	var text versionText
	var joins map[ID]string
	err = errors.Join(json.Unmarshal([]byte(body), &text), json.Unmarshal([]byte(changes), &v.Changes), json.Unmarshal([]byte(links), &joins))
	if err != nil {
		return nil, fmt.Errorf("version %d: %w", v.Number, err)
	}
	v.Programme = text.Programme
	for sitting, link := range joins {
		if _, s := v.Programme.sitting(sitting); s != nil {
			s.Link = link
		}
	}
	return v, nil
}

// versionLine is a version in a list.
type versionLine struct {
	Number    int
	Changes   int
	Published time.Time
	Entry     ledger.ID
}

func (room *Room) versions(tx *store.Tx, id dialogue.ID) ([]versionLine, error) {
	var all []versionLine
	err := each(tx, func(rows *sql.Rows) error {
		var v versionLine
		var changes string
		var published int64
		if err := rows.Scan(&v.Number, &changes, &published, &v.Entry); err != nil {
			return err
		}
		v.Published = store.Time(published)
		var list []Change
		err := json.Unmarshal([]byte(changes), &list)
		v.Changes = len(list)
		all = append(all, v)
		return err
	}, selectVersions, string(room.o.Org), string(id))
	return all, err
}

func (room *Room) keepVersion(tx *store.Tx, id dialogue.ID, v *Version, body []byte, links map[ID]string) error {
	changes, err := json.Marshal(v.Changes)
	if err != nil {
		return err
	}
	joins, err := json.Marshal(links)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertVersion, string(room.o.Org), string(id), v.Number, string(body), string(changes), string(joins), store.Micros(v.Published), string(v.Person), string(v.Entry))
	return err
}

type publishedBy struct {
	Dialogue  dialogue.ID `json:"dialogue"`
	Version   int         `json:"version"`
	Published time.Time   `json:"published"`
}

func (room *Room) publishedBy(tx *store.Tx, person party.PersonID) (any, error) {
	var all []publishedBy
	err := each(tx, func(rows *sql.Rows) error {
		var p publishedBy
		var at int64
		err := rows.Scan(&p.Dialogue, &p.Version, &at)
		p.Published = store.Time(at)
		all = append(all, p)
		return err
	}, selectPublishedBy, string(room.o.Org), string(person))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all, nil
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
