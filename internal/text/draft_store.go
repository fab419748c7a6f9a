package text

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	insertDocument = `
		insert into text_document (org, id, kind, lang, sample, outline, edit, version, created, changed)
		values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)`

	selectDocument = `
		select kind, lang, sample, outline, edit, version, changed
		from text_document
		where org = $1 and id = $2`

	selectDocuments = `
		select d.id, d.kind, d.lang, d.sample, d.edit, d.version, d.changed, p.body
		from text_document d
		join text_part p on p.org = d.org and p.document = d.id and p.id = 'title'
		where d.org = $1 and d.kind = $2
		order by d.created, d.id`

	updateDocument = `
		update text_document
		set outline = $1, edit = $2, version = $3, changed = $4
		where org = $5 and id = $6`

	selectParts = `
		select id, kind, edit, body, owner, changed, person
		from text_part
		where org = $1 and document = $2`

	selectPart = `
		select kind, edit, body, owner, changed, person
		from text_part
		where org = $1 and document = $2 and id = $3`

	keepPart = `
		insert into text_part (org, document, id, kind, edit, body, owner, changed, person)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (org, document, id) do update set
		  edit = excluded.edit, body = excluded.body, owner = excluded.owner, changed = excluded.changed, person = excluded.person`

	deletePart = `
		delete from text_part
		where org = $1 and document = $2 and id = $3`

	insertChange = `
		insert into text_change (org, document, edit, part, what, body, at, person, suggestion)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	selectChanges = `
		select edit, part, what, body, at, person, suggestion
		from text_change
		where org = $1 and document = $2 and edit < $3
		order by edit desc
		limit $4`

	selectChangesOf = `
		select edit, part, what, body, at, person, suggestion
		from text_change
		where org = $1 and document = $2 and part = $3 and edit < $4
		order by edit desc
		limit $5`

	selectBodyAt = `
		select body
		from text_change
		where org = $1 and document = $2 and part = $3 and edit <= $4
		order by edit desc
		limit 1`
)

// The kinds of rows of text_part. The id of an omission is that of its source behind a prefix no other id has.
const (
	titleRow      = "title"
	sectionRow    = "section"
	blockRow      = "block"
	omissionRow   = "omission"
	omissionStart = "omission/"
)

// outline is the order of sections and blocks.
type outline []outlined

type outlined struct {
	Section SectionID `json:"section"`
	Blocks  []BlockID `json:"blocks,omitempty"`
}

func (o outline) section(id SectionID) int {
	return slices.IndexFunc(o, func(s outlined) bool { return s.Section == id })
}

func (o outline) block(id BlockID) (section, at int) {
	for i := range o {
		if at := slices.Index(o[i].Blocks, id); at >= 0 {
			return i, at
		}
	}
	return -1, -1
}

// row is a row of text_part.
type row struct {
	id, kind string
	body     Block
	owner    party.PersonID
	Stamp
}

func (r *row) scan(scan func(...any) error, more ...any) error {
	var body string
	var changed int64
	if err := scan(append(more, &r.kind, &r.Edit, &body, &r.owner, &changed, &r.By)...); err != nil {
		return err
	}
	r.At = store.Time(changed)
	return readJSON(body, &r.body)
}

func readJSON(s string, to any) error {
	if err := json.Unmarshal([]byte(s), to); err != nil {
		return fmt.Errorf("reading a stored text: %w: %w", store.ErrDamaged, err)
	}
	return nil
}

func writeJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("writing a text: %w", err)
	}
	return string(b), nil
}

// micros keeps a zero instant zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t)
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

// head reads the row of a document.
func (t *Documents) head(tx *store.Tx, id DocumentID, lock bool) (*Draft, outline, error) {
	d := &Draft{Document: Document{ID: id, Sections: []Section{}}}
	var o outline
	var line string
	var sample int
	var changed int64
	query := selectDocument
	if lock {
		query += tx.ForUpdate()
	}
	err := tx.QueryRow(query, string(t.o.Org), string(id)).Scan(&d.Kind, &d.Lang, &sample, &line, &d.Edit, &d.Version, &changed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, ErrNotFound
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading document %s: %w", id, err)
	}
	d.Sample, d.Changed = sample == 1, store.Time(changed)
	err = readJSON(line, &o)
	return d, o, err
}

// Read reads the draft of a document.
func (t *Documents) Read(tx *store.Tx, id DocumentID) (*Draft, error) { return t.read(tx, id, false) }

func (t *Documents) read(tx *store.Tx, id DocumentID, lock bool) (*Draft, error) {
	d, o, err := t.head(tx, id, lock)
	if err != nil {
		return nil, err
	}
	rows := map[string]*row{}
	err = each(tx, func(r *sql.Rows) error {
		p := &row{}
		if err := p.scan(r.Scan, &p.id); err != nil {
			return err
		}
		rows[p.id] = p
		return nil
	}, selectParts, string(t.o.Org), string(id))
	if err != nil {
		return nil, fmt.Errorf("reading document %s: %w", id, err)
	}
	d.Stamps = map[string]Stamp{}
	take := func(id, kind string) (*Block, error) {
		p := rows[id]
		if p == nil || p.kind != kind {
			return nil, fmt.Errorf("document %s has no %s %s: %w", d.ID, kind, id, store.ErrDamaged)
		}
		d.Stamps[id] = p.Stamp
		p.body.Owner = p.owner
		return &p.body, nil
	}
	title, err := take(TitlePart, titleRow)
	if err != nil {
		return nil, err
	}
	d.Title = title.Text
	for _, s := range o {
		head, err := take(string(s.Section), sectionRow)
		if err != nil {
			return nil, err
		}
		section := Section{ID: s.Section, Heading: head.Text, Blocks: make([]Block, 0, len(s.Blocks))}
		if len(head.Topics) > 0 {
			section.Topic = head.Topics[0]
		}
		for _, b := range s.Blocks {
			block, err := take(string(b), blockRow)
			if err != nil {
				return nil, err
			}
			section.Blocks = append(section.Blocks, *block)
		}
		d.Sections = append(d.Sections, section)
	}
	var omitted []*row
	for _, p := range rows {
		if p.kind == omissionRow {
			omitted = append(omitted, p)
		}
	}
	slices.SortFunc(omitted, func(a, b *row) int { return a.Edit - b.Edit })
	for _, p := range omitted {
		d.Omissions = append(d.Omissions, Omission{Source: p.id[len(omissionStart):], Reason: p.body.Text})
	}
	return d, nil
}

// Listed is a document in a list.
type Listed struct {
	ID      DocumentID
	Kind    string
	Lang    locale.Lang
	Title   Words
	Sample  bool
	Edit    int
	Version int
	Changed time.Time
}

// List lists the documents of a kind in the order in which they were begun.
func (t *Documents) List(tx *store.Tx, kind string) ([]Listed, error) {
	var all []Listed
	err := each(tx, func(r *sql.Rows) error {
		var d Listed
		var sample int
		var changed int64
		var body string
		var title Block
		if err := r.Scan(&d.ID, &d.Kind, &d.Lang, &sample, &d.Edit, &d.Version, &changed, &body); err != nil {
			return err
		}
		err := readJSON(body, &title)
		d.Title, d.Sample, d.Changed = title.Text, sample == 1, store.Time(changed)
		all = append(all, d)
		return err
	}, selectDocuments, string(t.o.Org), kind)
	if err != nil {
		return nil, fmt.Errorf("listing documents: %w", err)
	}
	return all, nil
}

// History lists changes of the draft, newest first: those of one part, or of all with an empty part, before an edit
// count (0: from the newest), and at most limit.
func (t *Documents) History(tx *store.Tx, id DocumentID, part string, before, limit int) ([]Change, error) {
	if before <= 0 {
		before = 1 << 53
	}
	query, args := selectChanges, []any{string(t.o.Org), string(id), before, limit}
	if part != "" {
		query, args = selectChangesOf, []any{string(t.o.Org), string(id), part, before, limit}
	}
	var all []Change
	err := each(tx, func(r *sql.Rows) error {
		var c Change
		var body string
		var at int64
		if err := r.Scan(&c.Edit, &c.Part, &c.What, &body, &at, &c.By, &c.Suggestion); err != nil {
			return err
		}
		c.At = store.Time(at)
		err := readJSON(body, &c.Body)
		all = append(all, c)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the history of document %s: %w", id, err)
	}
	return all, nil
}
