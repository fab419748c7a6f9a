package application

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// Prefix is what the subjects of admissions that may be listed in public begin with.
const Prefix = "application"

// historyView is what everybody may read of an admission.
type historyView struct {
	Sample   bool
	Name     string
	Type     string
	Dialogue string
	Path     string // of the dialogue
	State    string
	Moves    []moveView
}

// found reads an admission that may be shown to everybody. One whose organisation is not listed in public, or whose
// steps have no text in the record, does not exist for a reader.
func (room *Room) found(tx *store.Tx, d dialogue.ID, id ID) (*Application, *Admission, []Move, error) {
	a, err := room.Application(tx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	m, err := room.Admission(tx, id, d)
	if err != nil {
		return nil, nil, nil, err
	}
	if a.Listing != Public || !a.Erased.IsZero() || strings.HasPrefix(m.Subject, "opaque/") {
		return nil, nil, nil, ErrNotFound
	}
	all, err := room.Moves(tx, id)
	var moves []Move
	for _, step := range all {
		if step.Dialogue == d && step.Public {
			moves = append(moves, step)
		}
	}
	return a, m, moves, err
}

func (room *Room) showHistory(w http.ResponseWriter, r *page.Request) error {
	var a *Application
	var m *Admission
	var moves []Move
	var title string
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		a, m, moves, err = room.found(tx, dialogue.ID(r.PathValue("dialogue")), ID(r.PathValue("application")))
		if err != nil {
			return err
		}
		d, err := room.o.Cycle.Dialogue(tx, m.Dialogue)
		if err == nil {
			title = words(d.Title, r.Lang)
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return page.NotFound()
	}
	if err != nil {
		return err
	}
	var entries []ledger.ID
	for _, step := range moves {
		entries = append(entries, step.Entry)
	}
	places, err := room.o.Ledger.Indexes(r.Context(), entries)
	if err != nil {
		return err
	}
	kind, _ := room.form.field(FieldType)
	view := historyView{Sample: a.Sample, Name: a.Name, Type: room.answer(r, kind, a.Answers[FieldType], nil), Dialogue: title,
		Path: "/dialogues/" + string(m.Dialogue), State: room.stateName(r, m.State)}
	for _, step := range moves {
		one := moveView{State: room.stateName(r, step.To), At: r.When(step.At, zone("UTC")), By: r.Text("application.by." + string(step.By)), Entered: page.EnteredAt(places, step.Entry)}
		if step.By != ByApplicant {
			one.Answers = room.asks(r, step)
		}
		view.Moves = append(view.Moves, one)
	}
	return room.pages.history.Render(w, r, view)
}

// Resolve is the ledger's resolver for subjects that begin with Prefix.
func (room *Room) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	parts := strings.Split(subject, "/")
	if len(parts) != 3 || parts[0] != Prefix {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	var c ledger.Citable
	err := room.o.DB.Read(ctx, func(tx *store.Tx) error {
		a, m, _, err := room.found(tx, dialogue.ID(parts[1]), ID(parts[2]))
		if err != nil {
			return err
		}
		lang := locale.Of(ctx)
		c = ledger.Citable{
			Title:   room.o.Catalogues.Text(lang, "application.citable", "Name", a.Name, "State", words(room.State(m.State).Name, lang)),
			Address: "/applications/of/" + parts[1] + "/" + parts[2], Version: string(m.Entry),
		}
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		err = ledger.ErrNotFound
	}
	return c, err
}
