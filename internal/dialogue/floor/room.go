package floor

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/live"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Catalogue holds the room's words.
//
//go:embed catalogue
var Catalogue embed.FS

//go:embed templates assets
var files embed.FS

// Directory tells who acts; *party.Directory is one.
type Directory interface {
	Actor(ctx context.Context, r *page.Request) (party.Actor, error)
	SignedIn(party.ActorHandler) page.Handler
}

// Options are what the floor needs from the rest of the program.
type Options struct {
	DB         *store.DB
	Org        store.Org
	Clock      func() time.Time
	Random     io.Reader
	Log        *slog.Logger
	Catalogues *locale.Catalogues
	Ledger     *ledger.Ledger
	Hub        *live.Hub
	Directory  Directory
	// Types are the stakeholder types of the mechanism's preset.
	Types []party.Named
	// Run is the action that a role must allow to act at the desk; empty for party.EditProgramme, which the same
	// roles have.
	Run party.Action
	// Dialogue finds a dialogue; it answers page.NotFound where there is none.
	Dialogue func(tx *store.Tx, id dialogue.ID) (Held, error)
	// Participants lists who may speak in a dialogue, by Label.
	Participants func(tx *store.Tx, id dialogue.ID) ([]Participant, error)
	// Items lists the items of the programme, in its order.
	Items func(tx *store.Tx, id dialogue.ID) ([]Item, error)
	// Written takes what a participant sent in writing instead of speaking, in the transaction that sends it; nil keeps
	// it here.
	Written func(tx *store.Tx, in Input) error
}

// Input is what a participant sent in writing instead of speaking.
type Input struct {
	Dialogue    dialogue.ID
	Item        ItemID
	Participant Participant
	// Request is its number among the requests of the dialogue.
	Request int
	Lang    string
	Text    string
	At      time.Time
}

// Room is the floor, seated in an instance. Its methods may be called from any goroutine.
type Room struct {
	o     Options
	dirty chan dialogue.ID // floors that changed, for Run
	pages pages
}

// New makes the room on a migrated database.
func New(o Options) (*Room, error) {
	if o.Dialogue == nil || o.Participants == nil || o.Items == nil {
		return nil, errors.New("opening the floor: it is not told of dialogues, participants or items")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Run == "" {
		o.Run = party.EditProgramme
	}
	return &Room{o: o, dirty: make(chan dialogue.ID, 64)}, nil
}

// Input is what the floor still keeps of written input, oldest first, where Options.Written was not given.
func (room *Room) Input(tx *store.Tx, id dialogue.ID) ([]Input, error) {
	all, err := room.readWritten(tx, id)
	if err != nil {
		return nil, fmt.Errorf("reading what was sent in writing: %w", err)
	}
	return all, nil
}

// Speeches gives every turn of a dialogue in the order in which they began: for counting, and for cutting
// transcripts. Times of turns that last go up to their last pause.
func (room *Room) Speeches(tx *store.Tx, id dialogue.ID) ([]Speech, error) {
	f := &Floor{Dialogue: id}
	if err := readTurns(tx, room.o.Org, f); err != nil {
		return nil, fmt.Errorf("reading the turns of %s: %w", id, err)
	}
	return f.Speeches, nil
}
