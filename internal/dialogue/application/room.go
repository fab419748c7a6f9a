package application

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Options are what the room needs from the house.
type Options struct {
	DB        *store.DB
	Org       store.Org
	Ledger    *ledger.Ledger
	Directory *party.Directory
	Cycle     *cycle.Room
	Mail      party.Sender
	// Jobs adds work to be done later: LinkJob. Forget removes the messages to an address from the outbox.
	Jobs       party.Jobs
	Forget     func(*store.Tx, party.Email) error
	Catalogues *locale.Catalogues
	Clock      func() time.Time
	Random     io.Reader
	Log        *slog.Logger
	// Address is where people reach the instance, without a path.
	Address func() string
	// Operator is the body that runs the instance.
	Operator string
	// Form is the mechanism's, with its steps and fields.
	Form mechanism.Form
	// States are the mechanism's for applications, in its order.
	States []State
}

// Room takes applications for one tenant. Its methods may be called from any goroutine.
type Room struct {
	o      Options
	form   *form
	atlas  map[locale.Lang]*atlas
	words  *dictionary
	moved  []func(tx *store.Tx, a *Application, m *Admission, step Move) error
	erased []func(tx *store.Tx, a *Application) error
	pages  pages
}

// New makes the room.
func New(o Options) (*Room, error) {
	if len(o.States) == 0 {
		return nil, errors.New("opening the applications: the preset has no states")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	room := &Room{o: o, atlas: map[locale.Lang]*atlas{}, words: newDictionary(o.Catalogues)}
	var err error
	if room.form, err = newForm(o.Form); err != nil {
		return nil, fmt.Errorf("opening the applications: %w", err)
	}
	for _, lang := range locale.Langs {
		room.atlas[lang] = newAtlas(o.Catalogues, lang)
	}
	room.OnMove(room.tell)
	return room, nil
}

// State finds a state of the preset; one that it does not have stands for itself.
func (room *Room) State(id string) State {
	if i := slices.IndexFunc(room.o.States, func(s State) bool { return s.ID == id }); i >= 0 {
		return room.o.States[i]
	}
	return State{State: cycle.State{ID: id}}
}

// OnErase has fn called in the transaction that erases the personal data of an application, before it does. Rooms that
// keep something about an application add theirs before the site serves.
func (room *Room) OnErase(fn func(tx *store.Tx, a *Application) error) {
	room.erased = append(room.erased, fn)
}

// OnMove has fn called in the transaction of every step after it has been kept. Rooms add theirs before the site serves.
func (room *Room) OnMove(fn func(tx *store.Tx, a *Application, m *Admission, step Move) error) {
	room.moved = append(room.moved, fn)
}
