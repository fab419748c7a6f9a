package programme

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

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

//go:embed templates assets
var files embed.FS

// Directory tells who acts; *party.Directory is one.
type Directory interface {
	Actor(ctx context.Context, r *page.Request) (party.Actor, error)
	SignedIn(party.ActorHandler) page.Handler
}

// Options are what the programme needs from the rest of the program.
type Options struct {
	DB         *store.DB
	Org        store.Org
	Clock      func() time.Time
	Random     io.Reader
	Log        *slog.Logger
	Catalogues *locale.Catalogues
	Ledger     *ledger.Ledger
	Directory  Directory
	// Origin is the name of the record; it makes the identifiers of calendars unique.
	Origin string
	// Usual are the items of a usual day in the mechanism's preset.
	Usual []Usual
	// Dialogue finds a dialogue; it answers page.NotFound where there is none.
	Dialogue func(tx *store.Tx, id dialogue.ID) (Held, error)
	// Participates tells whether the reader takes part in a dialogue and so may see the links to join; nil for nobody.
	Participates func(tx *store.Tx, r *page.Request, id dialogue.ID) (bool, error)
}

// Room is the programme, seated in an instance. Its methods may be called from any goroutine.
type Room struct {
	o     Options
	pages pages
}

// New makes the room on a migrated database.
func New(o Options) (*Room, error) {
	if o.Dialogue == nil {
		return nil, errors.New("opening the programme: it is not told of dialogues")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Room{o: o}, nil
}

// Published gives the newest published version; nil where none was published.
func (room *Room) Published(tx *store.Tx, id dialogue.ID) (*Version, error) {
	v, err := room.version(tx, id, newest)
	if err != nil {
		return nil, fmt.Errorf("reading the programme of %s: %w", id, err)
	}
	return v, nil
}

// Resolve says what of the programme's subjects can be cited.
func (room *Room) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	parts := strings.Split(subject, "/")
	if len(parts) != 3 || parts[0] != "programme" {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	number, err := strconv.Atoi(parts[2])
	if err != nil {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	id := dialogue.ID(parts[1])
	found := ledger.Citable{Address: fmt.Sprintf("/programme/%s/versions/%d", id, number), Version: parts[2]}
	err = room.o.DB.Read(ctx, func(tx *store.Tx) error {
		held, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		v, err := room.version(tx, id, number)
		if err != nil {
			return err
		}
		if v == nil {
			return ledger.ErrNotFound
		}
		say := room.speak(locale.Of(ctx), held)
		found.Title = say.text("programme.record", "Dialogue", say.of(held.Title, parts[1]), "N", number)
		return nil
	})
	var missing *page.Problem
	if errors.As(err, &missing) && missing.Status == 404 {
		err = ledger.ErrNotFound
	}
	return found, err
}

// Part names the programme in a person's export.
func (room *Room) Part() string { return "programme" }

// ExportPerson gives which versions a person published.
func (room *Room) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	return room.publishedBy(tx, p.ID)
}

// ErasePerson takes a person off the versions that they published.
func (room *Room) ErasePerson(tx *store.Tx, p party.Person) error {
	if _, err := tx.Exec(erasePublisher, string(room.o.Org), string(p.ID)); err != nil {
		return fmt.Errorf("erasing who published a programme: %w", err)
	}
	return nil
}
