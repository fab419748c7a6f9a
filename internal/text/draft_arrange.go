package text

import (
	"fmt"
	"slices"

	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// AddSection puts a new section before another, or at the end. Its blocks are added one by one.
func (t *Documents) AddSection(tx *store.Tx, id DocumentID, s Section, before SectionID, by party.PersonID) (SectionID, error) {
	drawn, err := t.newID()
	if err != nil {
		return "", err
	}
	s.ID = SectionID(drawn)
	c := &checker{}
	c.section(&s)
	if err := c.err(); err != nil {
		return "", err
	}
	return s.ID, t.act(tx, id, by, func(w *work) error {
		at, err := w.sectionAt(before)
		if err != nil {
			return err
		}
		if len(w.outline) >= MaxSections {
			return Problems{{Code: TooMany, Field: "sections", Limit: MaxSections}}
		}
		w.outline = slices.Insert(w.outline, at, outlined{Section: s.ID})
		body := s.body()
		body.Text = w.stamp(body.Text)
		return w.keep(string(s.ID), sectionRow, WasAdded, body)
	})
}

func (w *work) sectionAt(before SectionID) (int, error) {
	if before == "" {
		return len(w.outline), nil
	}
	if at := w.section(before); at >= 0 {
		return at, nil
	}
	return 0, fmt.Errorf("section %s: %w", before, ErrNotFound)
}

// MoveSection puts a section with its blocks before another, or at the end.
func (t *Documents) MoveSection(tx *store.Tx, id DocumentID, section, before SectionID, by party.PersonID) error {
	return t.act(tx, id, by, func(w *work) error {
		from := w.section(section)
		if from < 0 {
			return fmt.Errorf("section %s: %w", section, ErrNotFound)
		}
		if section == before {
			return nil
		}
		moved := w.outline[from]
		w.outline = slices.Delete(w.outline, from, from+1)
		at, err := w.sectionAt(before)
		if err != nil || at == from {
			return err
		}
		w.outline = slices.Insert(w.outline, at, moved)
		r, err := w.part(string(section), sectionRow)
		if err != nil || r == nil {
			return err
		}
		return w.note(string(section), WasMoved, r.body)
	})
}

// RemoveSection takes an empty section out.
func (t *Documents) RemoveSection(tx *store.Tx, id DocumentID, section SectionID, by party.PersonID) error {
	return t.act(tx, id, by, func(w *work) error {
		at := w.section(section)
		if at < 0 {
			return fmt.Errorf("section %s: %w", section, ErrNotFound)
		}
		if len(w.outline[at].Blocks) > 0 {
			return ErrNotEmpty
		}
		w.outline = slices.Delete(w.outline, at, at+1)
		return w.remove(string(section), sectionRow, WasRemoved)
	})
}

// remove takes the row of a part out and writes down what it was.
func (w *work) remove(id, kind string, what What) error {
	r, err := w.part(id, kind)
	if err != nil {
		return err
	}
	if r == nil {
		return fmt.Errorf("part %s: %w", id, ErrNotFound)
	}
	if _, err := w.tx.Exec(deletePart, string(w.o.Org), string(w.draft.ID), id); err != nil {
		return fmt.Errorf("removing part %s: %w", id, err)
	}
	return w.note(id, what, r.body)
}

// AddBlock puts a new block before another of the section, or at its end. Its id is drawn.
func (t *Documents) AddBlock(tx *store.Tx, id DocumentID, section SectionID, before BlockID, b Block, by party.PersonID) (BlockID, error) {
	b.ID = ""
	err := t.act(tx, id, by, func(w *work) (err error) {
		b, err = w.add(section, before, b)
		return err
	})
	return b.ID, err
}

func (w *work) add(section SectionID, before BlockID, b Block) (Block, error) {
	if b.ID == "" {
		drawn, err := w.newID()
		if err != nil {
			return b, err
		}
		b.ID = BlockID(drawn)
	}
	b.Citations = slices.Clone(b.Citations)
	for i := range b.Citations {
		drawn, err := w.newID()
		if err != nil {
			return b, err
		}
		b.Citations[i].ID = CitationID(drawn)
	}
	c := &checker{}
	c.block(&b)
	if err := c.err(); err != nil {
		return b, err
	}
	b.Text = w.stamp(b.Text)
	if err := w.put(section, before, b.ID); err != nil {
		return b, err
	}
	return b, w.keep(string(b.ID), blockRow, WasAdded, b)
}

// put gives a block its place in the outline.
func (w *work) put(section SectionID, before, b BlockID) error {
	i := w.section(section)
	if i < 0 {
		return fmt.Errorf("section %s: %w", section, ErrNotFound)
	}
	total := 0
	for _, s := range w.outline {
		total += len(s.Blocks)
	}
	if total >= MaxBlocks {
		return Problems{{Code: TooMany, Field: "blocks", Limit: MaxBlocks}}
	}
	at := len(w.outline[i].Blocks)
	if before != "" {
		if at = slices.Index(w.outline[i].Blocks, before); at < 0 {
			return fmt.Errorf("block %s in section %s: %w", before, section, ErrNotFound)
		}
	}
	w.outline[i].Blocks = slices.Insert(w.outline[i].Blocks, at, b)
	return nil
}

// MoveBlock puts a block before another of a section, or at its end.
func (t *Documents) MoveBlock(tx *store.Tx, id DocumentID, b BlockID, section SectionID, before BlockID, by party.PersonID) error {
	return t.act(tx, id, by, func(w *work) error { return w.move(b, section, before) })
}

func (w *work) move(b BlockID, section SectionID, before BlockID) error {
	i, at := w.block(b)
	if i < 0 {
		return fmt.Errorf("block %s: %w", b, ErrNotFound)
	}
	if b == before {
		return nil
	}
	w.outline[i].Blocks = slices.Delete(w.outline[i].Blocks, at, at+1)
	if err := w.put(section, before, b); err != nil {
		return err
	}
	if j, now := w.block(b); j == i && now == at {
		return nil
	}
	r, err := w.part(string(b), blockRow)
	if err != nil || r == nil {
		return err
	}
	return w.note(string(b), WasMoved, r.body)
}

// RemoveBlock takes a block out that somebody had before them as of the edit basis; if it has changed since, the answer
// is a [*Conflict]. What is removed can be restored.
func (t *Documents) RemoveBlock(tx *store.Tx, id DocumentID, b BlockID, basis int, by party.PersonID) error {
	return t.act(tx, id, by, func(w *work) error { return w.removeBlock(b, basis) })
}

func (w *work) removeBlock(b BlockID, basis int) error {
	i, at := w.block(b)
	if i < 0 {
		return fmt.Errorf("block %s: %w", b, ErrNotFound)
	}
	r, err := w.part(string(b), blockRow)
	if err != nil {
		return err
	}
	if r != nil && r.Edit != basis {
		return &Conflict{Part: string(b), Edit: r.Edit, At: r.At, By: r.By, Theirs: r.body, Merged: r.body}
	}
	w.outline[i].Blocks = slices.Delete(w.outline[i].Blocks, at, at+1)
	return w.remove(string(b), blockRow, WasRemoved)
}

// RestoreBlock brings a removed block back, before another of a section or at its end.
func (t *Documents) RestoreBlock(tx *store.Tx, id DocumentID, b BlockID, section SectionID, before BlockID, by party.PersonID) error {
	return t.act(tx, id, by, func(w *work) error {
		last, err := w.History(tx, id, string(b), 0, 1)
		if err != nil {
			return err
		}
		if len(last) == 0 || last[0].What != WasRemoved {
			return fmt.Errorf("removed block %s: %w", b, ErrNotFound)
		}
		if err := w.put(section, before, b); err != nil {
			return err
		}
		return w.keep(string(b), blockRow, WasRestored, last[0].Body)
	})
}

// Own makes somebody answer for a block; empty for nobody.
func (t *Documents) Own(tx *store.Tx, id DocumentID, b BlockID, owner, by party.PersonID) error {
	return t.act(tx, id, by, func(w *work) error {
		r, err := w.part(string(b), blockRow)
		if err != nil {
			return err
		}
		if r == nil {
			return fmt.Errorf("block %s: %w", b, ErrNotFound)
		}
		if r.owner == owner {
			return nil
		}
		r.body.Owner = owner
		return w.keep(string(b), blockRow, WasOwned, r.body)
	})
}

// Omit states why a source is not reflected, or states it otherwise.
func (t *Documents) Omit(tx *store.Tx, id DocumentID, o Omission, by party.PersonID) error {
	c := &checker{}
	c.omission(&o)
	if err := c.err(); err != nil {
		return err
	}
	return t.act(tx, id, by, func(w *work) error {
		return w.keep(omissionStart+o.Source, omissionRow, WasOmitted, Block{Text: w.stamp(o.Reason)})
	})
}

// Readmit takes the omission of a source back.
func (t *Documents) Readmit(tx *store.Tx, id DocumentID, source string, by party.PersonID) error {
	return t.act(tx, id, by, func(w *work) error { return w.remove(omissionStart+source, omissionRow, WasReadmitted) })
}
