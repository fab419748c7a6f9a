package text

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	insertVersion = `
		insert into text_version (org, document, number, edit, body, note, fixed, person)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`

	selectVersions = `
		select number, edit, note, fixed, person
		from text_version
		where org = $1 and document = $2
		order by number desc`

	selectVersion = `
		select edit, body, note, fixed, person
		from text_version
		where org = $1 and document = $2 and number = $3`

	insertSignature = `
		insert into text_signature (org, document, id, version, person, name, capacity, at, withdrawn)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0)`

	countSignatures = `
		select count(*)
		from text_signature
		where org = $1 and document = $2 and version = $3 and person = $4 and withdrawn = 0`

	selectSignatures = `
		select id, version, person, name, capacity, at, withdrawn
		from text_signature
		where org = $1 and document = $2
		order by at, id`

	withdrawSignature = `
		update text_signature
		set withdrawn = $1
		where org = $2 and document = $3 and id = $4 and withdrawn = 0`
)

// Fixed is a version of a document: a state of the draft that never changes.
type Fixed struct {
	// Number counts from 1.
	Number int
	// Edit is the draft's count that it was made from.
	Edit int
	// Note says in the editor's words what it is: "for the comments of speakers".
	Note string
	At   time.Time
	By   party.PersonID
}

// Fix makes a version of the draft as of edit, and answers ErrEdited where the draft has changed since: what somebody
// fixes is what they have seen. Who owns which block is not part of a version.
func (t *Documents) Fix(tx *store.Tx, id DocumentID, edit int, note string, by party.PersonID) (Fixed, error) {
	c := &checker{}
	if c.string("note", "", note, MaxText); c.err() != nil {
		return Fixed{}, c.err()
	}
	d, err := t.read(tx, id, true)
	if err != nil {
		return Fixed{}, err
	}
	if d.Edit != edit {
		return Fixed{}, ErrEdited
	}
	if err := d.Check(); err != nil { // each part was, but not all of them together
		return Fixed{}, err
	}
	w, err := t.begin(tx, id, by)
	if err != nil {
		return Fixed{}, err
	}
	w.draft.Version++
	d.Each(func(_ *Section, b *Block) bool {
		b.Owner = ""
		return true
	})
	body, err := writeJSON(d.Document)
	if err != nil {
		return Fixed{}, err
	}
	v := Fixed{Number: w.draft.Version, Edit: edit, Note: note, At: store.Time(micros(w.now)), By: by}
	_, err = tx.Exec(insertVersion, string(t.o.Org), string(id), v.Number, v.Edit, body, v.Note, micros(v.At), string(by))
	if err != nil {
		return Fixed{}, fmt.Errorf("fixing document %s: %w", id, err)
	}
	return v, w.finish()
}

// Versions lists the versions, the newest first.
func (t *Documents) Versions(tx *store.Tx, id DocumentID) ([]Fixed, error) {
	var all []Fixed
	err := each(tx, func(r *sql.Rows) error {
		var v Fixed
		var at int64
		err := r.Scan(&v.Number, &v.Edit, &v.Note, &at, &v.By)
		v.At = store.Time(at)
		all = append(all, v)
		return err
	}, selectVersions, string(t.o.Org), string(id))
	if err != nil {
		return nil, fmt.Errorf("listing the versions of document %s: %w", id, err)
	}
	return all, nil
}

// Version reads a version.
func (t *Documents) Version(tx *store.Tx, id DocumentID, number int) (Fixed, *Document, error) {
	v := Fixed{Number: number}
	var body string
	var at int64
	err := tx.QueryRow(selectVersion, string(t.o.Org), string(id), number).Scan(&v.Edit, &body, &v.Note, &at, &v.By)
	if errors.Is(err, sql.ErrNoRows) {
		return v, nil, fmt.Errorf("version %d of document %s: %w", number, id, ErrNotFound)
	}
	if err != nil {
		return v, nil, fmt.Errorf("reading version %d of document %s: %w", number, id, err)
	}
	v.At = store.Time(at)
	d := &Document{}
	return v, d, readJSON(body, d)
}

// Sign notes that somebody stands behind a version, in a capacity. Somebody with an account signs a version once.
func (t *Documents) Sign(tx *store.Tx, id DocumentID, version int, by Author, capacity string) (Signature, error) {
	c := &checker{}
	c.string("author", "", by.Name, MaxName)
	c.string("capacity", "", capacity, MaxName)
	if err := c.err(); err != nil {
		return Signature{}, err
	}
	if _, _, err := t.head(tx, id, true); err != nil { // whoever signs at the same time waits
		return Signature{}, err
	}
	if err := t.hasVersion(tx, id, version); err != nil {
		return Signature{}, err
	}
	var n int
	if by.Person != "" {
		if err := tx.QueryRow(countSignatures, string(t.o.Org), string(id), version, string(by.Person)).Scan(&n); err != nil {
			return Signature{}, fmt.Errorf("signing document %s: %w", id, err)
		}
	}
	if n > 0 {
		return Signature{}, ErrSigned
	}
	drawn, err := t.newID()
	if err != nil {
		return Signature{}, err
	}
	s := Signature{ID: drawn, Version: version, By: by, Capacity: capacity, At: store.Time(store.Micros(t.o.Clock()))}
	_, err = tx.Exec(insertSignature, string(t.o.Org), string(id), s.ID, version, string(by.Person), by.Name, capacity, micros(s.At))
	if err != nil {
		return Signature{}, fmt.Errorf("signing document %s: %w", id, err)
	}
	return s, nil
}

func (t *Documents) hasVersion(tx *store.Tx, id DocumentID, number int) error {
	all, err := t.Versions(tx, id)
	if err != nil {
		return err
	}
	if number < 1 || len(all) == 0 || number > all[0].Number {
		return fmt.Errorf("version %d of document %s: %w", number, id, ErrNotFound)
	}
	return nil
}

// Unsign takes a signature back. It stays in the list, with the day.
func (t *Documents) Unsign(tx *store.Tx, id DocumentID, signature string) error {
	result, err := tx.Exec(withdrawSignature, micros(t.o.Clock()), string(t.o.Org), string(id), signature)
	return changedOne(result, err, "signature "+signature)
}

// changedOne answers ErrNotFound where a statement met no row.
func changedOne(result sql.Result, err error, what string) error {
	if err != nil {
		return fmt.Errorf("changing %s: %w", what, err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return fmt.Errorf("changing %s: %w", what, err)
	} else if n == 0 {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return nil
}

// Signatures lists who signed which version, in the order of signing.
func (t *Documents) Signatures(tx *store.Tx, id DocumentID) ([]Signature, error) {
	var all []Signature
	err := each(tx, func(r *sql.Rows) error {
		var s Signature
		var at, withdrawn int64
		err := r.Scan(&s.ID, &s.Version, &s.By.Person, &s.By.Name, &s.Capacity, &at, &withdrawn)
		s.At, s.Withdrawn = store.Time(at), store.Time(withdrawn)
		all = append(all, s)
		return err
	}, selectSignatures, string(t.o.Org), string(id))
	if err != nil {
		return nil, fmt.Errorf("listing the signatures of document %s: %w", id, err)
	}
	return all, nil
}
