package dialogue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"rostrum.example/internal/store"
)

// shelf keeps the record in memory and reads it again when its generation has moved.
type shelf struct {
	db  *store.DB
	org store.Org

	mu         sync.Mutex
	generation int64
	record     *Record
}

const (
	generationQuery = `
		select generation
		from dialogue_generation
		where org = $1`

	generationMove = `
		insert into dialogue_generation (org, generation)
		values ($1, 1)
		on conflict (org) do update set generation = dialogue_generation.generation + 1`

	itemsQuery = `
		select body, position, entry
		from dialogue_item
		where org = $1
		order by dialogue, position, id`

	sourcesQuery = `
		select body, entry
		from dialogue_source
		where org = $1
		order by id`

	itemKeep = `
		insert into dialogue_item (org, dialogue, id, kind, position, version, body, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (org, dialogue, id) do update set
		  kind = excluded.kind, position = excluded.position, version = excluded.version,
		  body = excluded.body, entry = excluded.entry`

	itemDrop = `
		delete from dialogue_item
		where org = $1 and dialogue = $2 and id = $3`

	sourceKeep = `
		insert into dialogue_source (org, id, version, body, entry)
		values ($1, $2, $3, $4, $5)
		on conflict (org, id) do update set
		  version = excluded.version, body = excluded.body, entry = excluded.entry`
)

// Record gives the whole record as it stands. It is shared and must not be changed.
func (s *shelf) Record(ctx context.Context) (*Record, error) {
	var record *Record
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		generation, err := readGeneration(tx, s.org)
		if err != nil {
			return err
		}
		s.mu.Lock()
		if s.record != nil && s.generation == generation {
			record = s.record
		}
		s.mu.Unlock()
		if record != nil {
			return nil
		}
		if record, err = readRecord(tx, s.org); err != nil {
			return err
		}
		s.mu.Lock()
		if s.record == nil || s.generation < generation {
			s.record, s.generation = record, generation
		}
		s.mu.Unlock()
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the dialogues: %w", err)
	}
	return record, nil
}

func readGeneration(tx *store.Tx, org store.Org) (int64, error) {
	var generation int64
	err := tx.QueryRow(generationQuery, org).Scan(&generation)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return generation, err
}

// readRecord reads the record inside a transaction.
func readRecord(tx *store.Tx, org store.Org) (*Record, error) {
	record := &Record{Sources: map[string]*Source{}}
	rows, err := tx.Query(itemsQuery, org)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	byID := map[ID]*Dialogue{}
	for rows.Next() {
		var body string
		it := new(Item)
		if err := rows.Scan(&body, &it.Position, &it.Entry); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), it); err != nil {
			return nil, fmt.Errorf("item %s: %w", it.Ref(), err)
		}
		d := byID[it.Dialogue]
		if d == nil {
			d = new(Dialogue)
			byID[it.Dialogue] = d
			record.Dialogues = append(record.Dialogues, d)
		}
		if it.Kind == Opening {
			d.Opening = it
		}
		d.Items = append(d.Items, it)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for id, d := range byID {
		if d.Opening == nil {
			return nil, fmt.Errorf("dialogue %s has items but no opening", id)
		}
	}
	slices.SortFunc(record.Dialogues, byDate)

	sources, err := tx.Query(sourcesQuery, org)
	if err != nil {
		return nil, err
	}
	defer sources.Close()
	for sources.Next() {
		var body string
		src := new(Source)
		if err := sources.Scan(&body, &src.Entry); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), src); err != nil {
			return nil, fmt.Errorf("a source: %w", err)
		}
		record.Sources[src.ID] = src
	}
	return record, sources.Err()
}

func keepItem(tx *store.Tx, org store.Org, it *Item) error {
	body, err := it.Body()
	if err != nil {
		return err
	}
	_, err = tx.Exec(itemKeep, org, it.Dialogue, it.ID, it.Kind, it.Position, it.Version, string(body), it.Entry)
	return err
}

func keepSource(tx *store.Tx, org store.Org, src *Source) error {
	body, err := json.Marshal(src)
	if err != nil {
		return err
	}
	_, err = tx.Exec(sourceKeep, org, src.ID, src.Version, string(body), src.Entry)
	return err
}

const openingsQuery = `
		select body
		from dialogue_item
		where org = $1 and kind = 'dialogue'
		order by dialogue`

// Openings gives the openings of all dialogues.
func Openings(tx *store.Tx, org store.Org) ([]*Item, error) {
	rows, err := tx.Query(openingsQuery, org)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*Item
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		it := new(Item)
		if err := json.Unmarshal([]byte(body), it); err != nil {
			return nil, err
		}
		all = append(all, it)
	}
	return all, rows.Err()
}
