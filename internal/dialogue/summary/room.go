package summary

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
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
	// Address is that of the instance, Operator the body that runs it.
	Address  func() string
	Operator string
	// Types, Needs and Regions are the mechanism's.
	Types, Needs, Regions []party.Named
	// Dialogue finds a dialogue; it answers page.NotFound where there is none. Dialogues lists those that are convened.
	Dialogue  func(tx *store.Tx, id dialogue.ID) (Held, error)
	Dialogues func(tx *store.Tx) ([]Held, error)
	// Sources lists what was published of a dialogue, in a lasting order.
	Sources func(tx *store.Tx, id dialogue.ID) ([]Source, error)
	// Citable tells what can be cited of a subject beside the sources; nil asks the ledger.
	Citable func(ctx context.Context, subject string) (ledger.Citable, error)
	// Speakers tells who stands behind a source and can be asked for comments; nobody behind a sealed voice.
	Speakers func(tx *store.Tx, source string) ([]Speaker, error)
	// Published is told what was published, in the transaction that publishes it; nil for nobody.
	Published func(tx *store.Tx, points []PublishedPoint) error
	// TracePath is the address of a point's trace; nil where there is none.
	TracePath func(id dialogue.ID, block text.BlockID) string
	// Browser is the Chromium that prints; empty where there is none. See FindBrowser.
	Browser string
}

// Room keeps the summaries of one tenant. Its methods may be called from any goroutine.
type Room struct {
	o     Options
	texts *text.Documents
	pages pages
	press *press

	mu    sync.Mutex
	words map[ledger.ID]int // how long texts are, which never change
	// quotes are those that were found in their texts.
	quotes map[quoteKey]bool
}

// New makes the room on a migrated database.
func New(o Options) (*Room, error) {
	if o.Dialogue == nil || o.Sources == nil || o.Address == nil {
		return nil, errors.New("opening the summaries: the room is not told of dialogues, of what was said in them, or its address")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Citable == nil {
		o.Citable = o.Ledger.Resolve
	}
	return &Room{
		o: o, texts: text.New(text.Options{Org: o.Org, Clock: o.Clock, Random: o.Random}),
		press: newPress(o.Browser), words: map[ledger.ID]int{}, quotes: map[quoteKey]bool{},
	}, nil
}

// Gate holds a dialogue back from being published until its summary is.
func (room *Room) Gate(tx *store.Tx, id dialogue.ID) error {
	s, err := room.summary(tx, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err != nil || s.Published == 0 {
		return problem(http.StatusConflict, "summary.problem.unpublished")
	}
	return nil
}

// Resolve says what of the summaries' subjects can be cited. The words of a point can be quoted, in the language in which
// it was written.
func (room *Room) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	parts := strings.Split(subject, "/")
	if parts[0] != Prefix || len(parts) < 2 || len(parts) > 3 {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	id := dialogue.ID(parts[1])
	var p *Publication
	err := room.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = room.Publication(tx, id, newest)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	if err != nil {
		return ledger.Citable{}, err
	}
	title, _ := p.Whole.Title.In(locale.Of(ctx), p.Whole.Lang)
	c := ledger.Citable{Title: title.Text, Address: Path(id), Version: fmt.Sprint(p.Whole.Version)}
	if len(parts) == 2 || parts[2] == accountSubject {
		return c, nil
	}
	for _, b := range p.Blocks {
		if string(b.ID) == parts[2] {
			c.Title, c.Address, c.Version = title.Text+" · "+fmt.Sprint(b.Number), Path(id)+"#b-"+parts[2], fmt.Sprint(b.Body.Version)
			c.Text = b.Body.Text[p.Whole.Lang].Text
			return c, nil
		}
	}
	return ledger.Citable{}, ledger.ErrNotFound
}

// Part names the summaries in a person's export.
func (room *Room) Part() string { return "summary" }

// ExportPerson gives which versions a person published. What they wrote stands in the part "text".
func (room *Room) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	return room.publishedBy(tx, p.ID)
}

// ErasePerson takes a person off the versions that they published.
func (room *Room) ErasePerson(tx *store.Tx, p party.Person) error {
	if _, err := tx.Exec(publisherErase, string(room.o.Org), string(p.ID)); err != nil {
		return fmt.Errorf("erasing who published a summary: %w", err)
	}
	return nil
}

// Texts are the documents in which the summaries are written; they keep what persons wrote and are a party.Holder.
func (room *Room) Texts() *text.Documents { return room.texts }

// noStore keeps an answer out of the browser's cache: others may use the same phone.
type noStore struct{ http.ResponseWriter }

func (w noStore) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(status)
}
