package intervention

import (
	"context"
	"embed"
	"errors"
	"io"
	"log/slog"
	"time"

	"rostrum.example/internal/blob"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Catalogue holds the room's words.
//
//go:embed catalogue
var Catalogue embed.FS

//go:embed templates
var files embed.FS

// Directory tells who acts; *party.Directory is one.
type Directory interface {
	Actor(ctx context.Context, r *page.Request) (party.Actor, error)
	SignedIn(party.ActorHandler) page.Handler
}

// Files keeps attachments; *blob.Store is one.
type Files interface {
	Put(ctx context.Context, r io.Reader) (blob.Name, int64, error)
	Get(ctx context.Context, name blob.Name) (*blob.File, error)
	Delete(ctx context.Context, name blob.Name) error
}

// Held is a dialogue as the room must know it.
type Held struct {
	ID    dialogue.ID
	Title dialogue.Words
	// Body is the working group, for the policy.
	Body   string
	Zone   *time.Location
	Sample bool
	// Open tells whether participants may still send something in.
	Open bool
}

func (h Held) scope() party.Scope { return party.OfDialogue(string(h.ID), h.Body) }

// Item is an item of the programme.
type Item struct {
	ID    string
	Title dialogue.Words
}

// Participant is somebody who takes part in a dialogue.
type Participant struct {
	Author
	// Label is what the desk calls them.
	Label string
	// Lang is the language in which they are written to.
	Lang locale.Lang
	// Voice is what they chose when they registered; the page offers it first.
	Voice Voice
}

// Speech is a turn on the floor.
type Speech struct {
	N           int
	Item        string
	Lang        string
	Participant Participant
	// Spans are the stretches in which they spoke.
	Spans []Span
}

// Span is a stretch of time.
type Span struct{ From, To time.Time }

// Citation says where an input went.
type Citation struct {
	// Title says what cites it, Path leads there, Quote are the words taken.
	Title, Path, Quote string
}

// Recipient is somebody who is written to.
type Recipient struct {
	Email party.Email
	Lang  locale.Lang
}

// Options are what the room needs from the rest of the program.
type Options struct {
	DB         *store.DB
	Org        store.Org
	Clock      func() time.Time
	Random     io.Reader
	Log        *slog.Logger
	Catalogues *locale.Catalogues
	Ledger     *ledger.Ledger
	Directory  Directory
	Mail       party.Sender
	Files      Files
	// Address is that of the instance, Operator the body that runs it.
	Address  func() string
	Operator string
	// Types and Needs are the mechanism's.
	Types, Needs []party.Named
	// Rule is what the mechanism says about naming countries.
	Rule dialogue.Words
	// Run is the action that a role must allow to work at the desk; empty for party.CheckApplication.
	Run party.Action
	// Dialogue finds a dialogue; it answers page.NotFound where there is none.
	Dialogue func(tx *store.Tx, id dialogue.ID) (Held, error)
	// Items lists the items of the programme.
	Items func(tx *store.Tx, id dialogue.ID) ([]Item, error)
	// Participant tells as whom a reader takes part, by account or personal link.
	Participant func(tx *store.Tx, r *page.Request, id dialogue.ID) (p Participant, ok bool, err error)
	// Participants lists who takes part, for senders of messages.
	Participants func(tx *store.Tx, id dialogue.ID) ([]Participant, error)
	// Speeches lists the turns on the floor, in their order.
	Speeches func(tx *store.Tx, id dialogue.ID) ([]Speech, error)
	// Erases tells when the personal data of a dialogue's inputs are erased.
	Erases func(tx *store.Tx, id dialogue.ID) (time.Time, error)
	// Citations tells where an input went; nil for nowhere.
	Citations func(tx *store.Tx, id dialogue.ID, input ID) ([]Citation, error)
	// FocalPoints lists who reads for a State what names it; nil where there is no such channel.
	FocalPoints func(tx *store.Tx, country string) ([]Recipient, error)
	// Forget removes every message to an address from the outbox.
	Forget func(tx *store.Tx, to party.Email) error
}

// Room keeps what is said in the dialogues of one tenant. Its methods may be called from any goroutine.
type Room struct {
	o     Options
	pages pages
}

// New makes the room on a migrated database.
func New(o Options) (*Room, error) {
	if o.Dialogue == nil || o.Participant == nil || o.Erases == nil || o.Address == nil {
		return nil, errors.New("opening the interventions: the room is not told of dialogues, participants, dates or its address")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Run == "" {
		o.Run = party.CheckApplication
	}
	return &Room{o: o}, nil
}

func (room *Room) items(tx *store.Tx, id dialogue.ID) ([]Item, error) {
	if room.o.Items == nil {
		return nil, nil
	}
	return room.o.Items(tx, id)
}

func (room *Room) participants(tx *store.Tx, id dialogue.ID) ([]Participant, error) {
	if room.o.Participants == nil {
		return nil, nil
	}
	return room.o.Participants(tx, id)
}

// ErrNotFound: there is no such input, text or file.
var ErrNotFound = errors.New("there is no such input")
