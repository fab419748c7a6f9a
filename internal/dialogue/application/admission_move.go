package application

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
)

// stepText is what the public record says of a step.
type stepText struct {
	Dialogue    dialogue.ID       `json:"dialogue"`
	Application ID                `json:"application"`
	Sample      bool              `json:"sample,omitempty"`
	Name        string            `json:"organisation"`
	Type        string            `json:"type"`
	State       string            `json:"state"`
	By          By                `json:"by"`
	Answers     map[string]string `json:"answers,omitempty"`
}

// Move makes a step of an admission: it checks that the mechanism allows the step from where the admission is, enters
// it in the public record, opaque unless the organisation may be listed in public, and keeps it. Who may make the step
// is the caller's business. m is the admission as the caller read it; when it has moved since, the answer is ErrMoved.
func (room *Room) Move(tx *store.Tx, a *Application, m *Admission, c Change) (Move, error) {
	now, err := room.Admission(tx, a.ID, m.Dialogue)
	if err != nil {
		return Move{}, err
	}
	if now.Version != m.Version {
		return Move{}, ErrMoved
	}
	if !slices.Contains(room.State(m.State).Next, c.To) {
		return Move{}, ErrOrder
	}
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return Move{}, err
	}
	at := room.o.Clock()
	step := Move{ID: id, Application: a.ID, Dialogue: m.Dialogue, At: at, From: m.State, To: c.To, By: c.By, Actor: c.Actor, Answers: c.Answers, Shown: c.Shown}
	text, err := json.Marshal(stepText{m.Dialogue, a.ID, a.Sample, a.Name, a.Answers.One(FieldType), c.To, c.By, c.Shown})
	if err != nil {
		return Move{}, err
	}
	next := *m
	next.State, next.Since, next.Version = c.To, at, m.Version+1
	salt, err := room.enter(tx, a, &next, text, at)
	if err != nil {
		return Move{}, err
	}
	step.Entry, step.Public = next.Entry, salt == nil
	if err := room.keepAdmission(tx, &next); err != nil {
		return Move{}, err
	}
	if salt == nil {
		text = nil // the record has it
	}
	if err := room.keepMove(tx, next.Version, step, salt, text); err != nil {
		return Move{}, err
	}
	*m = next
	for _, fn := range room.moved {
		if err := fn(tx, a, m, step); err != nil {
			return Move{}, err
		}
	}
	return step, nil
}

// enter enters a step and gives the salt of an opaque one.
func (room *Room) enter(tx *store.Tx, a *Application, m *Admission, text []byte, at time.Time) (salt []byte, err error) {
	e := ledger.Entry{Org: room.o.Org, Type: "application.step", At: at.UTC().Format("2006-01-02T15:04:05Z"), Text: text}
	if m.Entry != "" {
		e.Cites = []ledger.ID{m.Entry}
	}
	// Where the listing has changed meanwhile, the step does not cite the one before: that would say whose the opaque
	// entries are.
	if a.Listing == Public {
		if m.Subject == "" || strings.HasPrefix(m.Subject, "opaque/") {
			m.Subject, e.Cites = "application/"+string(m.Dialogue)+"/"+string(a.ID), nil
		}
	} else {
		salt = make([]byte, ledger.SaltSize)
		if _, err := io.ReadFull(room.o.Random, salt); err != nil {
			return nil, err
		}
		e.Sealed, e.Salt = true, salt
		if !strings.HasPrefix(m.Subject, "opaque/") {
			e.Cites = nil
			name, err := store.NewID(room.o.Random)
			if err != nil {
				return nil, err
			}
			m.Subject = "opaque/" + name
		}
	}
	e.Subject = m.Subject
	m.Entry, err = room.o.Ledger.Enter(tx, e)
	return salt, err
}
