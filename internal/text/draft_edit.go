package text

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// work is one act on a draft: the document's row is locked, and finish writes it back.
type work struct {
	*Documents
	tx    *store.Tx
	draft *Draft // without its parts
	outline
	by         party.PersonID
	now        time.Time
	suggestion SuggestionID // that is being accepted
}

func (t *Documents) begin(tx *store.Tx, id DocumentID, by party.PersonID) (*work, error) {
	d, o, err := t.head(tx, id, true)
	if err != nil {
		return nil, err
	}
	return &work{Documents: t, tx: tx, draft: d, outline: o, by: by, now: t.o.Clock()}, nil
}

func (w *work) finish() error {
	line, err := writeJSON(w.outline)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(updateDocument, line, w.draft.Edit, w.draft.Version, micros(w.now), string(w.o.Org), string(w.draft.ID))
	if err != nil {
		return fmt.Errorf("changing document %s: %w", w.draft.ID, err)
	}
	return nil
}

// part reads a part of a kind; nil where it is not there.
func (w *work) part(id, kind string) (*row, error) {
	r := &row{id: id}
	err := r.scan(w.tx.QueryRow(selectPart, string(w.o.Org), string(w.draft.ID), id).Scan)
	if errors.Is(err, sql.ErrNoRows) || err == nil && r.kind != kind {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading part %s: %w", id, err)
	}
	r.body.Owner = r.owner
	return r, nil
}

// note counts a change of a part and writes it down.
func (w *work) note(id string, what What, body Block) error {
	w.draft.Edit++
	body.ID, body.Owner = "", ""
	line, err := writeJSON(body)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(insertChange, string(w.o.Org), string(w.draft.ID), w.draft.Edit, id, string(what), line, micros(w.now), string(w.by), string(w.suggestion))
	if err != nil {
		return fmt.Errorf("noting a change of %s: %w", id, err)
	}
	return nil
}

// keep writes a part down as it is from now on.
func (w *work) keep(id, kind string, what What, body Block) error {
	if err := w.note(id, what, body); err != nil {
		return err
	}
	owner := body.Owner
	body.ID, body.Owner = "", ""
	if kind == blockRow {
		body.ID = BlockID(id)
	}
	line, err := writeJSON(body)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(keepPart, string(w.o.Org), string(w.draft.ID), id, kind, w.draft.Edit, line, string(owner), micros(w.now), string(w.by))
	if err != nil {
		return fmt.Errorf("keeping part %s: %w", id, err)
	}
	return nil
}

func (t *Documents) newID() (string, error) { return store.NewID(t.o.Random) }

// stamp notes what a translation translates, where its writer does not say.
func (w *work) stamp(words Words) Words {
	out := Words{}
	for lang, text := range words {
		switch {
		case lang == w.draft.Lang:
			text.Of = ""
		case text.Of == "" && text.Text != "":
			text.Of = Fingerprint(words[w.draft.Lang].Text)
		}
		out[lang] = text
	}
	return out
}

// save keeps what somebody wrote who had the part as of the edit basis before them.
func (w *work) save(id, kind string, yours Block, basis int) (edit int, err error) {
	now, err := w.part(id, kind)
	if err != nil {
		return 0, err
	}
	if now == nil {
		return 0, w.gone(id, yours)
	}
	base := now.body
	if now.Edit != basis {
		if base, err = w.bodyAt(id, basis); err != nil {
			return 0, err
		}
	}
	yours.Text = maps.Clone(yours.Text)
	for lang, text := range yours.Text {
		if was := base.Text[lang]; text.Text != was.Text && text.Of == was.Of {
			text.Of = "" // a translation that was written anew translates what stands there now
			yours.Text[lang] = text
		}
	}
	yours.Text = w.stamp(yours.Text)
	next := yours
	if now.Edit != basis {
		merged, fields := mergeBlock(&base, &yours, &now.body)
		if len(fields) > 0 {
			return 0, &Conflict{Part: id, Edit: now.Edit, At: now.At, By: now.By, Base: base, Theirs: now.body, Yours: yours, Fields: fields, Merged: merged}
		}
		next = merged
	}
	next.ID, next.Owner = now.body.ID, now.owner
	if sameBlock(&next, &now.body) {
		return now.Edit, nil
	}
	if err := w.keep(id, kind, WasSaved, next); err != nil {
		return 0, err
	}
	return w.draft.Edit, nil
}

func sameBlock(a, b *Block) bool {
	return a.Kind == b.Kind && slices.Equal(a.Topics, b.Topics) && sameAsks(a.Asks, b.Asks) && sameWords(a.Text, b.Text) && slices.Equal(a.Citations, b.Citations)
}

// gone says that a part is no longer there, or that it never was.
func (w *work) gone(id string, yours Block) error {
	last, err := w.History(w.tx, w.draft.ID, id, 0, 1)
	if err != nil {
		return err
	}
	if len(last) == 0 {
		return ErrNotFound
	}
	c := last[0]
	return &Conflict{Part: id, Edit: c.Edit, At: c.At, By: c.By, Removed: true, Theirs: c.Body, Base: c.Body, Yours: yours, Merged: yours}
}

// bodyAt gives a part as it was at an edit count; empty where it was not there.
func (w *work) bodyAt(id string, edit int) (b Block, err error) {
	var line string
	err = w.tx.QueryRow(selectBodyAt, string(w.o.Org), string(w.draft.ID), id, edit).Scan(&line)
	if errors.Is(err, sql.ErrNoRows) {
		return b, nil
	}
	if err != nil {
		return b, fmt.Errorf("reading an earlier state of %s: %w", id, err)
	}
	return b, readJSON(line, &b)
}

// Create begins a document with what it holds already. Ids that are missing are drawn.
func (t *Documents) Create(tx *store.Tx, d Document, by party.PersonID) (*Draft, error) {
	draw := func(id string, err error) (string, error) {
		if err != nil || id != "" {
			return id, err
		}
		return t.newID()
	}
	id, err := draw(string(d.ID), nil)
	d.ID, d.Sections = DocumentID(id), slices.Clone(d.Sections)
	o := outline{}
	for i := range d.Sections {
		s := &d.Sections[i]
		id, err = draw(string(s.ID), err)
		s.ID, s.Blocks = SectionID(id), slices.Clone(s.Blocks)
		line := outlined{Section: s.ID}
		for j := range s.Blocks {
			b := &s.Blocks[j]
			id, err = draw(string(b.ID), err)
			b.ID, b.Citations = BlockID(id), slices.Clone(b.Citations)
			for k := range b.Citations {
				id, err = draw(string(b.Citations[k].ID), err)
				b.Citations[k].ID = CitationID(id)
			}
			line.Blocks = append(line.Blocks, b.ID)
		}
		o = append(o, line)
	}
	if err != nil {
		return nil, err
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	w := &work{Documents: t, tx: tx, draft: &Draft{Document: d}, outline: o, by: by, now: t.o.Clock()}
	line, err := writeJSON(o)
	if err != nil {
		return nil, err
	}
	sample := 0
	if d.Sample {
		sample = 1
	}
	at := micros(w.now)
	if _, err := tx.Exec(insertDocument, string(t.o.Org), string(d.ID), d.Kind, string(d.Lang), sample, line, 0, at, at); err != nil {
		return nil, fmt.Errorf("beginning document %s: %w", d.ID, err)
	}
	put := func(id, kind string, body Block) {
		body.Text = w.stamp(body.Text)
		if err == nil {
			err = w.keep(id, kind, WasCreated, body)
		}
	}
	put(TitlePart, titleRow, Block{Text: d.Title})
	for _, s := range d.Sections {
		put(string(s.ID), sectionRow, s.body())
		for _, b := range s.Blocks {
			put(string(b.ID), blockRow, b)
		}
	}
	for _, omission := range d.Omissions {
		put(omissionStart+omission.Source, omissionRow, Block{Text: omission.Reason})
	}
	if err == nil {
		err = w.finish()
	}
	if err != nil {
		return nil, err
	}
	return t.Read(tx, d.ID)
}

// body gives a section in the form of its row.
func (s *Section) body() Block {
	b := Block{Text: s.Heading}
	if s.Topic != "" {
		b.Topics = []string{s.Topic}
	}
	return b
}

// act locks a document, does one thing and writes the document back.
func (t *Documents) act(tx *store.Tx, id DocumentID, by party.PersonID, do func(*work) error) error {
	w, err := t.begin(tx, id, by)
	if err != nil {
		return err
	}
	before := w.draft.Edit
	if err := do(w); err != nil || w.draft.Edit == before {
		return err
	}
	return w.finish()
}

// SaveBlock keeps a block as somebody wrote it who had it before them as of the edit basis; the block's owner stays as
// it is. What somebody else changed meanwhile in other fields, or in another language, is kept too; where both changed
// the same, the answer is a [*Conflict] and nothing is kept. The answer is the block's new edit.
func (t *Documents) SaveBlock(tx *store.Tx, id DocumentID, b Block, basis int, by party.PersonID) (edit int, err error) {
	b.Citations = slices.Clone(b.Citations)
	for i := range b.Citations {
		if q := &b.Citations[i]; q.ID == "" {
			drawn, err := t.newID()
			if err != nil {
				return 0, err
			}
			q.ID = CitationID(drawn)
		}
	}
	c := &checker{}
	c.block(&b)
	if err := c.err(); err != nil {
		return 0, err
	}
	err = t.act(tx, id, by, func(w *work) error {
		edit, err = w.save(string(b.ID), blockRow, b, basis)
		return err
	})
	return edit, err
}

// SaveHeading keeps the heading and the topic of a section, as SaveBlock does.
func (t *Documents) SaveHeading(tx *store.Tx, id DocumentID, s Section, basis int, by party.PersonID) (edit int, err error) {
	c := &checker{}
	c.section(&s)
	if err := c.err(); err != nil {
		return 0, err
	}
	err = t.act(tx, id, by, func(w *work) error {
		edit, err = w.save(string(s.ID), sectionRow, s.body(), basis)
		return err
	})
	return edit, err
}

// SaveTitle keeps the title, as SaveBlock does.
func (t *Documents) SaveTitle(tx *store.Tx, id DocumentID, title Words, basis int, by party.PersonID) (edit int, err error) {
	c := &checker{part: TitlePart}
	c.words("title", title)
	if err := c.err(); err != nil {
		return 0, err
	}
	err = t.act(tx, id, by, func(w *work) error {
		edit, err = w.save(TitlePart, titleRow, Block{Text: title}, basis)
		return err
	})
	return edit, err
}
