package admission

import (
	"embed"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Catalogue holds the room's words.
//
//go:embed catalogue
var Catalogue embed.FS

//go:embed templates assets
var files embed.FS

// Options are what the room needs from the house.
type Options struct {
	DB           *store.DB
	Org          store.Org
	Ledger       *ledger.Ledger
	Directory    *party.Directory
	Cycle        *cycle.Room
	Applications *application.Room
	Mail         party.Sender
	Catalogues   *locale.Catalogues
	Clock        func() time.Time
	Random       io.Reader
	Log          *slog.Logger
	// Address is where people reach the instance, without a path.
	Address func() string
	// Operator is the body that runs the instance.
	Operator string
	// Mechanism says who decides, what may be named, what is asked and what counts mean.
	Mechanism *mechanism.Mechanism
	// States are the mechanism's for applications, in its order, as the room application has them.
	States []application.State
	// Spoke tells who of a dialogue's participants took the floor; nil where nobody knows.
	Spoke func(*store.Tx, dialogue.ID) (map[ParticipantID]bool, error)
}

// Room admits for one tenant. Its methods may be called from any goroutine.
type Room struct {
	o     Options
	pages pages
}

// New makes the room.
func New(o Options) (*Room, error) {
	if o.Mechanism == nil || len(o.States) == 0 {
		return nil, errors.New("opening the admissions: there is no mechanism")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Room{o: o}, nil
}

// state finds a state of the preset; one that it does not have stands for itself.
func (room *Room) state(id string) application.State {
	if i := slices.IndexFunc(room.o.States, func(s application.State) bool { return s.ID == id }); i >= 0 {
		return room.o.States[i]
	}
	return application.State{State: cycle.State{ID: id}}
}

// field finds a question of the form.
func (room *Room) field(id string) (mechanism.Field, bool) {
	i := slices.IndexFunc(room.o.Mechanism.Form.Fields, func(f mechanism.Field) bool { return f.ID == id })
	if i < 0 {
		return mechanism.Field{}, false
	}
	return room.o.Mechanism.Form.Fields[i], true
}

// in gives a text of the preset in a language.
func in(t mechanism.Text, lang locale.Lang) string {
	return t.In(string(lang), string(locale.English)).Text
}

// said gives words in a language.
func said(w dialogue.Words, lang locale.Lang) string {
	wording, _ := w.In(lang)
	return wording.Text
}

func (room *Room) write(tx *store.Tx, query string, args ...any) error {
	_, err := tx.Exec(query, append([]any{room.o.Org}, args...)...)
	return err
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
