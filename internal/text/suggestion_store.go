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

const (
	insertSuggestion = `
		insert into text_suggestion (org, document, id, part, round, body, person, name, at, decision, decided, decider, reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', 0, '', '')
		on conflict (org, document, id) do nothing`

	selectSuggestions = `
		select id, part, round, body, person, name, at, decision, decided, decider, reason
		from text_suggestion
		where org = $1 and document = $2
		order by at, id`

	selectSuggestion = `
		select id, part, round, body, person, name, at, decision, decided, decider, reason
		from text_suggestion
		where org = $1 and document = $2 and id = $3`

	decideSuggestion = `
		update text_suggestion
		set decision = $1, decided = $2, decider = $3, reason = $4
		where org = $5 and document = $6 and id = $7 and decision = 'open'`
)

// Suggest keeps suggestions for somebody to decide, and gives their ids. A suggestion that has an id already, because it
// came in a file, is kept once however often it is handed in; kept counts those that are new.
func (t *Documents) Suggest(tx *store.Tx, id DocumentID, all []Suggestion) (ids []SuggestionID, kept int, err error) {
	if _, _, err := t.head(tx, id, false); err != nil {
		return nil, 0, err
	}
	rounds := map[RoundID]bool{}
	for _, s := range all {
		if err := s.check(); err != nil {
			return nil, 0, err
		}
		if s.Round != "" && !rounds[s.Round] {
			if err := t.inRound(tx, id, s.Round); err != nil {
				return nil, 0, err
			}
			rounds[s.Round] = true
		}
		if s.ID == "" {
			drawn, err := t.newID()
			if err != nil {
				return nil, 0, err
			}
			s.ID = SuggestionID(drawn)
		}
		if s.At.IsZero() {
			s.At = t.o.Clock()
		}
		if s.Origin == "" {
			s.Origin = FromPage
		}
		body := s
		body.Part, body.Author, body.At, body.Round = "", Author{}, time.Time{}, ""
		body.Decision, body.Decided, body.Decider, body.Reason = "", time.Time{}, Author{}, ""
		line, err := writeJSON(body)
		if err != nil {
			return nil, 0, err
		}
		result, err := tx.Exec(insertSuggestion, string(t.o.Org), string(id), string(s.ID), s.Part, string(s.Round), line, string(s.Author.Person), s.Author.Name, micros(s.At))
		if err != nil {
			return nil, 0, fmt.Errorf("keeping a suggestion for document %s: %w", id, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return nil, 0, fmt.Errorf("keeping a suggestion for document %s: %w", id, err)
		}
		kept += int(n)
		ids = append(ids, s.ID)
	}
	return ids, kept, nil
}

func scanSuggestion(scan func(...any) error) (s Suggestion, err error) {
	var id SuggestionID
	var part, round, body string
	var author Author
	var at, decided int64
	var decision Decision
	var decider party.PersonID
	var reason string
	if err := scan(&id, &part, &round, &body, &author.Person, &author.Name, &at, &decision, &decided, &decider, &reason); err != nil {
		return s, err
	}
	err = readJSON(body, &s)
	s.ID, s.Part, s.Round, s.Author, s.At = id, part, RoundID(round), author, store.Time(at)
	s.Decision, s.Decided, s.Decider, s.Reason = decision, store.Time(decided), Author{Person: decider}, reason
	return s, err
}

// Suggestions lists all suggestions, open and decided, oldest first.
func (t *Documents) Suggestions(tx *store.Tx, id DocumentID) ([]Suggestion, error) {
	var all []Suggestion
	err := each(tx, func(r *sql.Rows) error {
		s, err := scanSuggestion(r.Scan)
		all = append(all, s)
		return err
	}, selectSuggestions, string(t.o.Org), string(id))
	if err != nil {
		return nil, fmt.Errorf("listing the suggestions for document %s: %w", id, err)
	}
	return all, nil
}

func (t *Documents) suggestion(tx *store.Tx, id DocumentID, which SuggestionID) (Suggestion, error) {
	s, err := scanSuggestion(tx.QueryRow(selectSuggestion, string(t.o.Org), string(id), string(which)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("suggestion %s: %w", which, ErrNotFound)
	}
	if err != nil {
		return s, fmt.Errorf("reading suggestion %s: %w", which, err)
	}
	if s.Decision != Open {
		return s, ErrDecided
	}
	return s, nil
}

// Accept carries a suggestion out on the draft of now: what happened since it was made stays. Where both changed the same
// words, the answer is a [*Misfit] and nothing is done; somebody who has seen both can then give the words themselves in
// final, which is nil otherwise.
func (t *Documents) Accept(tx *store.Tx, id DocumentID, which SuggestionID, final *string, by party.PersonID) error {
	d, err := t.read(tx, id, true)
	if err != nil {
		return err
	}
	s, err := t.suggestion(tx, id, which)
	if err != nil {
		return err
	}
	fit := s.Fit(&d.Document)
	if s.Kind == ToChange && final != nil && !fit.Gone {
		c := &checker{part: s.Part}
		if c.string("text", s.Lang, *final, MaxText); c.err() != nil {
			return c.err()
		}
		fit = Fit{OK: true, Text: *final}
	}
	if !fit.OK {
		return &Misfit{s, fit}
	}
	err = t.act(tx, id, by, func(w *work) error {
		w.suggestion = which
		if fit.Done {
			return nil
		}
		return w.carryOut(d, &s, fit.Text)
	})
	if err != nil {
		return err
	}
	return t.decide(tx, id, which, Accepted, "", by)
}

// carryOut does what a suggestion says, which fits.
func (w *work) carryOut(d *Draft, s *Suggestion, text string) error {
	block, section := d.Block(BlockID(s.Part))
	switch s.Kind {
	case ToChange:
		kind := blockRow
		if s.Part == TitlePart {
			kind = titleRow
		} else if block == nil {
			kind = sectionRow
		}
		r, err := w.part(s.Part, kind)
		if err != nil {
			return err
		}
		if r == nil {
			return fmt.Errorf("part %s: %w", s.Part, ErrNotFound)
		}
		next := r.body
		next.Text = maps.Clone(next.Text)
		if next.Text == nil {
			next.Text = Words{}
		}
		wording, ok := next.Text[s.Lang]
		if !ok {
			wording.Status = Editors
		}
		wording.Text = text
		next.Text[s.Lang] = wording
		next.Text = w.stamp(next.Text)
		return w.keep(s.Part, kind, WasSaved, next)
	case ToAdd:
		_, before, _ := s.place(&d.Document)
		id := BlockID(s.ID)
		if last, err := w.History(w.tx, d.ID, string(id), 0, 1); err != nil {
			return err
		} else if len(last) > 0 || len(id) > maxID || !goodID.MatchString(string(id)) {
			id = ""
		}
		_, err := w.add(s.Section, before, Block{ID: id, Kind: s.Block, Text: Words{s.Lang: {Text: text, Status: Editors}}})
		return err
	case ToRemove:
		return w.removeBlock(block.ID, d.Stamps[s.Part].Edit)
	case ToMove:
		_, before, _ := s.place(&d.Document)
		return w.move(block.ID, s.Section, before)
	case ToUncite, ToRecite:
		i := slices.IndexFunc(block.Citations, func(q Citation) bool { return q.ID == s.Citation })
		q := block.Citations[i]
		from := *block
		from.Citations = slices.Delete(slices.Clone(block.Citations), i, i+1)
		if err := w.keep(s.Part, blockRow, WasSaved, from); err != nil || s.Kind == ToUncite {
			return err
		}
		to, _ := d.Block(s.To)
		next := *to
		if to.ID == from.ID {
			next = from
		}
		next.Citations = append(slices.Clone(next.Citations), q)
		return w.keep(string(s.To), blockRow, WasSaved, next)
	}
	return fmt.Errorf("suggestion of kind %s in section %s: %w", s.Kind, section.ID, store.ErrDamaged)
}

// Reject turns a suggestion down and says why.
func (t *Documents) Reject(tx *store.Tx, id DocumentID, which SuggestionID, reason string, by party.PersonID) error {
	c := &checker{}
	if c.string("reason", "", reason, MaxText); c.err() != nil {
		return c.err()
	}
	if _, err := t.suggestion(tx, id, which); err != nil {
		return err
	}
	return t.decide(tx, id, which, Rejected, reason, by)
}

func (t *Documents) decide(tx *store.Tx, id DocumentID, which SuggestionID, d Decision, reason string, by party.PersonID) error {
	result, err := tx.Exec(decideSuggestion, string(d), micros(t.o.Clock()), string(by), reason, string(t.o.Org), string(id), string(which))
	return changedOne(result, err, "suggestion "+string(which))
}
