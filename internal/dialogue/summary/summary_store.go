package summary

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

const (
	summaryQuery = `
		select document, langs, published
		from summary
		where org = $1 and dialogue = $2`

	summaryKeep = `
		insert into summary (org, dialogue, document, langs, published, created)
		values ($1, $2, $3, $4, 0, $5)`

	summaryPublish = `
		update summary
		set published = $1
		where org = $2 and dialogue = $3`

	versionQuery = `
		select number, version, published, entry, body, account_entry, account
		from summary_version
		where org = $1 and dialogue = $2 and number = $3`

	versionsQuery = `
		select number, version, published, entry
		from summary_version
		where org = $1 and dialogue = $2
		order by number desc`

	versionKeep = `
		insert into summary_version (org, dialogue, number, version, published, person, entry, body, account_entry, account)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	// The blocks as they stood in a version: of each, the newest that came with it or before.
	blocksQuery = `
		select b.block, b.entry, b.body
		from summary_block b
		where b.org = $1 and b.dialogue = $2
		  and b.number = (
		    select max(o.number)
		    from summary_block o
		    where o.org = b.org and o.dialogue = b.dialogue and o.block = b.block and o.number <= $3)`

	blockKeep = `
		insert into summary_block (org, dialogue, block, number, entry, body)
		values ($1, $2, $3, $4, $5, $6)`

	publisherErase = `
		update summary_version
		set person = ''
		where org = $1 and person = $2`

	publishedByQuery = `
		select dialogue, number, published
		from summary_version
		where org = $1 and person = $2
		order by published, dialogue`

	bodiesQuery = `
		select dialogue || ' ' || block, entry, body
		from summary_block
		where org = $1
		union all
		select dialogue, entry, body
		from summary_version
		where org = $2
		union all
		select dialogue || ' account', account_entry, account
		from summary_version
		where org = $3`
)

// newest stands for the newest published version.
const newest = 0

// summary is the row of a dialogue's summary.
type summary struct {
	Doc text.DocumentID
	// Langs are the languages that it is to have, its own first.
	Langs     []locale.Lang
	Published int
}

func (room *Room) summary(tx *store.Tx, id dialogue.ID) (summary, error) {
	var s summary
	var langs string
	err := tx.QueryRow(summaryQuery, string(room.o.Org), string(id)).Scan(&s.Doc, &langs, &s.Published)
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrNotFound
	}
	if err != nil {
		return s, fmt.Errorf("reading the summary of %s: %w", id, err)
	}
	for _, lang := range strings.Fields(langs) {
		s.Langs = append(s.Langs, locale.Lang(lang))
	}
	return s, nil
}

// Release is a published version in a list.
type Release struct {
	Number, Version int
	Published       time.Time
	Entry           ledger.ID
}

// Releases lists what was published, the newest first.
func (room *Room) Releases(tx *store.Tx, id dialogue.ID) ([]Release, error) {
	var all []Release
	err := each(tx, func(r *sql.Rows) error {
		var one Release
		var at int64
		err := r.Scan(&one.Number, &one.Version, &at, &one.Entry)
		one.Published = store.Time(at)
		all = append(all, one)
		return err
	}, versionsQuery, string(room.o.Org), string(id))
	return all, err
}

// Publication is a published version with everything in it.
type Publication struct {
	Release
	Whole        Whole
	Account      Account
	AccountEntry ledger.ID
	// Blocks are in reading order, under the sections of Whole.
	Blocks []PublishedBlock
}

// PublishedBlock is a block as it stands in a version.
type PublishedBlock struct {
	ID    text.BlockID
	Entry ledger.ID
	// Number is its place in the document, from 1.
	Number int
	Body   Body
}

// Publication reads a published version; newest for the newest. ErrNotFound where there is none.
func (room *Room) Publication(tx *store.Tx, id dialogue.ID, number int) (*Publication, error) {
	if number == newest {
		s, err := room.summary(tx, id)
		if err != nil {
			return nil, err
		}
		if number = s.Published; number == newest {
			return nil, ErrNotFound
		}
	}
	p := &Publication{}
	var at int64
	var whole, account string
	err := tx.QueryRow(versionQuery, string(room.o.Org), string(id), number).Scan(&p.Number, &p.Version, &at, &p.Entry, &whole, &p.AccountEntry, &account)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err == nil {
		err = errors.Join(json.Unmarshal([]byte(whole), &p.Whole), json.Unmarshal([]byte(account), &p.Account))
	}
	if err != nil {
		return nil, fmt.Errorf("reading version %d of the summary of %s: %w", number, id, err)
	}
	p.Published = store.Time(at)
	bodies, err := room.blocksAt(tx, id, number)
	if err != nil {
		return nil, err
	}
	for _, section := range p.Whole.Sections {
		for _, block := range section.Blocks {
			b, ok := bodies[block.ID]
			if !ok {
				return nil, fmt.Errorf("reading version %d of the summary of %s: block %s is missing: %w", number, id, block.ID, store.ErrDamaged)
			}
			b.Number = block.Number
			p.Blocks = append(p.Blocks, b)
		}
	}
	return p, nil
}

// blocksAt gives the blocks as they stood in a version, and those that were taken out before it.
func (room *Room) blocksAt(tx *store.Tx, id dialogue.ID, number int) (map[text.BlockID]PublishedBlock, error) {
	all := map[text.BlockID]PublishedBlock{}
	err := each(tx, func(r *sql.Rows) error {
		var b PublishedBlock
		var body string
		if err := r.Scan(&b.ID, &b.Entry, &body); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(body), &b.Body)
		all[b.ID] = b
		return err
	}, blocksQuery, string(room.o.Org), string(id), number)
	if err != nil {
		return nil, fmt.Errorf("reading the blocks of the summary of %s: %w", id, err)
	}
	return all, nil
}

type ownVersion struct {
	Dialogue  dialogue.ID `json:"dialogue"`
	Number    int         `json:"version"`
	Published time.Time   `json:"published"`
}

func (room *Room) publishedBy(tx *store.Tx, who party.PersonID) (any, error) {
	var all []ownVersion
	err := each(tx, func(r *sql.Rows) error {
		var v ownVersion
		var at int64
		err := r.Scan(&v.Dialogue, &v.Number, &at)
		v.Published = store.Time(at)
		all = append(all, v)
		return err
	}, publishedByQuery, string(room.o.Org), string(who))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all, nil
}

// each runs a query and hands every row to scan.
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
