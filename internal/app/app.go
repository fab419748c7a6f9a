// Package app is the front hall: it opens the ground, seats the wings, and serves. The program starts it, and
// so do the tests.
package app

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/admission"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/dialogue/floor"
	"rostrum.example/internal/dialogue/intervention"
	"rostrum.example/internal/dialogue/programme"
	"rostrum.example/internal/dialogue/summary"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/followup"
	"rostrum.example/internal/job"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/ledger/browse"
	"rostrum.example/internal/live"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/mail"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Errors that the command line tells apart.
var (
	// ErrRecord: the public record and what was published of it do not belong together.
	ErrRecord = errors.New("the public record does not hold")
	// ErrNotSetUp: the instance waits for its set-up page.
	ErrNotSetUp = errors.New("this instance has not been set up yet")
	// ErrInput: what was given cannot be used.
	ErrInput = errors.New("this cannot be used")
)

// Options say which instance to open and what it works with.
type Options struct {
	// Dir holds the instance: database, files, the record's key and newest checkpoint, backups.
	Dir string
	// Database and Blobs are URLs in place of what Dir holds; empty for the folder.
	Database, Blobs string
	// ReadOnly opens for reading, beside a program that serves the same instance.
	ReadOnly bool
	// Hosts are further names by which readers reach the instance.
	Hosts []string

	// Clock, Random and Log come from outside so that tests may hold them; nil means the machine's.
	Clock  func() time.Time
	Random io.Reader
	Log    *slog.Logger
}

func (o *Options) fill() {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func (o *Options) path(name string) string { return filepath.Join(o.Dir, name) }

func (o *Options) databaseURL() string {
	if o.Database != "" {
		return o.Database
	}
	return "sqlite:" + o.path("rostrum.db")
}

// App is an instance that has been opened.
type App struct {
	o          Options
	lock       *folderLock
	db         *store.DB
	catalogues *locale.Catalogues

	mu    sync.Mutex // held while the instance is set up
	house atomic.Pointer[house]
	setup *setup // until the instance is set up
	// opened tells the serving loop that a house is there to be run.
	opened chan *house
	// servedAt is the address that the instance answers at, once it does.
	servedAt atomic.Pointer[string]
	// entrance is the path of the one-time link with which a demonstration's officer gets in.
	entrance string
}

// house is a seated instance: everything that exists once it is set up.
type house struct {
	settings  Settings
	mechanism *mechanism.Mechanism
	ledger    *ledger.Ledger
	dialogue  *dialogue.Wing
	directory *party.Directory
	rooms     rooms
	outbox    *mail.Outbox
	queue     *job.Queue
	jobs      *job.Runner
	hub       *live.Hub
	site      *page.Site
	handler   http.Handler
	// background are the loops that run while the instance serves; each ends with its context.
	background []func(context.Context) error
}

// Open opens the instance in o.Dir, upgrading its database if an older program wrote it; a backup is made
// first. A folder that is empty or absent becomes a new instance, which waits to be set up.
func Open(ctx context.Context, o Options) (_ *App, err error) {
	o.fill()
	a := &App{o: o, opened: make(chan *house, 1)}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if !o.ReadOnly {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("making the instance's folder: %w", err)
		}
		if a.lock, err = lockFolder(o.Dir); err != nil {
			return nil, err
		}
		if err := upgradeBackup(ctx, o); err != nil {
			return nil, err
		}
	}
	if a.catalogues, err = catalogues(); err != nil {
		return nil, err
	}
	if a.db, err = store.Open(ctx, store.Options{URL: o.databaseURL(), ReadOnly: o.ReadOnly, Log: o.Log}); err != nil {
		return nil, err
	}
	settings, err := readSettings(ctx, a.db)
	if err != nil {
		return nil, err
	}
	if settings == nil {
		if !o.ReadOnly {
			a.setup, err = newSetup(a)
		}
		return a, err
	}
	h, err := a.seat(ctx, *settings)
	if err != nil {
		return nil, err
	}
	a.house.Store(h)
	return a, nil
}

// catalogues joins the words of every part of the program.
func catalogues() (*locale.Catalogues, error) {
	return locale.New(page.Catalogue, browse.Catalogue, party.Catalogue, fileproblem.Catalogue, dialogue.Catalogue, cycle.Catalogue, application.Catalogue, admission.Catalogue,
		programme.Catalogue, floor.Catalogue, intervention.Catalogue, summary.Catalogue, followup.Catalogue, Catalogue)
}

// seat builds the house for the settings.
func (a *App) seat(ctx context.Context, settings Settings) (*house, error) {
	h := &house{settings: settings}
	var err error
	if h.mechanism, err = settings.mechanism(); err != nil {
		return nil, err
	}
	if !a.o.ReadOnly {
		key, err := ledger.OpenKey(a.o.path(keyFile), settings.Origin, a.o.Random)
		if err != nil {
			return nil, err
		}
		h.ledger, err = ledger.New(ctx, ledger.Options{
			DB: a.db, Key: key, Origin: settings.Origin, Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log,
			CheckpointFile: a.o.path(checkpointFile),
		})
		if err != nil {
			if errors.Is(err, ledger.ErrRolledBack) || errors.Is(err, ledger.ErrForked) || errors.Is(err, ledger.ErrForeign) || errors.Is(err, ledger.ErrDamaged) {
				err = fmt.Errorf("%w: %w", ErrRecord, err)
			}
			return nil, err
		}
		h.background = append(h.background, h.ledger.Run)
	}
	h.dialogue = dialogue.New(a.db, org, h.ledger, vocabulary(h.mechanism), a.catalogues)
	if a.o.ReadOnly {
		return h, nil
	}
	if err := a.openGround(h); err != nil {
		return nil, err
	}
	return h, a.seatPages(h)
}

// seatPages adds everybody's pages to the site.
func (a *App) seatPages(h *house) error {
	site, err := page.New(page.Options{Catalogues: a.catalogues, Clock: a.o.Clock, Log: a.o.Log, Changes: a.db.Changes, Viewer: h.directory.Viewer, Desk: h.desk})
	if err != nil {
		return err
	}
	site.SetInstance(page.Instance{
		Operator: h.settings.Operator, Contact: h.settings.Contact, Langs: h.settings.Languages,
		Hosts: append(h.settings.hosts(), a.o.Hosts...),
	})
	h.site = site
	site.Navigate(page.NavItem{Key: "nav.takepart", Path: "/take-part"})
	if err := h.dialogue.Seat(site); err != nil {
		return err
	}
	if err := browse.Seat(site, h.ledger); err != nil {
		return err
	}
	for _, prefix := range []string{"dialogue", "source"} {
		h.ledger.Register(prefix, h.dialogue.Resolve)
	}
	mux := http.NewServeMux()
	mux.Handle("/log/", h.ledger.Handler())
	mux.Handle("/", site)
	if err := a.seatGround(h, mux); err != nil {
		return err
	}
	mux.HandleFunc("GET /api/v1/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write(openapi)
	})
	h.handler = site.Guard(mux)
	return nil
}

//go:embed openapi.json
var openapi []byte

// needHouse gives the seated instance, or says that it waits to be set up.
func (a *App) needHouse() (*house, error) {
	h := a.house.Load()
	if h == nil {
		return nil, fmt.Errorf("%w: start it with rostrum serve --data %s and open the link that it prints", ErrNotSetUp, a.o.Dir)
	}
	return h, nil
}

// Close ends what Open began.
func (a *App) Close() error {
	var errs []error
	if h := a.house.Load(); h != nil {
		if h.hub != nil {
			h.hub.Close()
		}
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	if a.lock != nil {
		errs = append(errs, a.lock.release())
	}
	return errors.Join(errs...)
}

// jsonText is a setting's value.
func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
