package admission

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// PublishedFigure is a figure that somebody else published about a dialogue. It stands beside our own and beside others;
// where they disagree, that is shown.
type PublishedFigure struct {
	ID       string
	Dialogue dialogue.ID
	Figure
	// Definition says what the source counts, where it is not the mechanism's definition.
	Definition string
	Source     string
	URL        string
	Published  locale.Date
	At         time.Time
	Actor      party.PersonID
	Entry      ledger.ID
	Withdrawn  time.Time
}

const (
	figuresQuery = `
		select id, dialogue, what, subject, number, definition, source, url, published, at, actor, entry, withdrawn
		from admission_figure
		where org = $1 and dialogue = $2 and withdrawn = 0
		order by what, subject, published, id`

	figureKeep = `
		insert into admission_figure (org, id, dialogue, what, subject, number, definition, source, url, published, at, actor, entry, withdrawn)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (org, id) do update set withdrawn = excluded.withdrawn`
)

func scanFigure(r row) (PublishedFigure, error) {
	var f PublishedFigure
	var published string
	var at, withdrawn int64
	err := r.Scan(&f.ID, &f.Dialogue, &f.What, &f.Of, &f.Number, &f.Definition, &f.Source, &f.URL, &published, &at, &f.Actor, &f.Entry, &withdrawn)
	if err != nil {
		return f, err
	}
	f.At, f.Withdrawn = store.Time(at), store.Time(withdrawn)
	f.Published, err = day(published)
	return f, err
}

// Published lists the figures of others about a dialogue.
func (room *Room) Published(tx *store.Tx, d dialogue.ID) ([]PublishedFigure, error) {
	return each(tx, scanFigure, figuresQuery, room.o.Org, d)
}

func (room *Room) keepFigure(tx *store.Tx, f PublishedFigure) error {
	return room.write(tx, figureKeep, f.ID, f.Dialogue, f.What, f.Of, f.Number, f.Definition, f.Source, f.URL, dayText(f.Published), store.Micros(f.At), f.Actor, f.Entry, micros(f.Withdrawn))
}

// FigureData is what an officer types about a published figure.
type FigureData struct{ What, Of, Number, Definition, Source, URL, Published string }

// maxFigure bounds a count.
const maxFigure = 1_000_000

func (room *Room) readFigure(data FigureData) (PublishedFigure, error) {
	var f PublishedFigure
	var errs [6]error
	if _, ok := room.o.Mechanism.CountKind(data.What); !ok {
		errs[0] = invalid("what", "admission.figure.what.missing")
	}
	if _, ok := room.o.Mechanism.CountSubject(data.Of); !ok && data.Of != "" {
		errs[0] = page.Collect(errs[0], invalid("of", "admission.figure.what.missing"))
	}
	n, err := strconv.Atoi(strings.TrimSpace(data.Number))
	if err != nil || n < 0 || n > maxFigure {
		errs[1] = invalid("number", "admission.figure.number.bad")
	}
	f.What, f.Of, f.Number = data.What, data.Of, n
	f.Definition, errs[2] = readText("definition", data.Definition, maxReason, false)
	f.Source, errs[3] = readLine("source", data.Source, 300, true)
	f.URL = strings.TrimSpace(data.URL)
	if u, err := url.Parse(f.URL); err != nil || len(f.URL) > 2000 || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || !page.Clean(f.URL) {
		errs[4] = invalid("url", "admission.figure.url.bad")
	}
	if s := strings.TrimSpace(data.Published); s != "" {
		f.Published, errs[5] = readDay("published", s)
	}
	return f, page.Collect(errs[:]...)
}

// Prefix is what the subjects of published figures begin with.
const Prefix = "figure"

// Resolve says what of a figure can be cited.
func (room *Room) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	d, id, ok := strings.Cut(strings.TrimPrefix(subject, Prefix+"/"), "/")
	if !ok {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	var all []PublishedFigure
	err := room.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = room.Published(tx, dialogue.ID(d))
		return err
	})
	if err != nil {
		return ledger.Citable{}, err
	}
	for _, f := range all {
		if f.ID == id {
			title := room.text(langOf(ctx), "admission.figure.cited", "Name", in(room.countKind(f.What).Name, langOf(ctx)), "Number", f.Number, "Source", f.Source)
			return ledger.Citable{Title: title, Address: "/dialogues/" + d + "/counts"}, nil
		}
	}
	return ledger.Citable{}, ledger.ErrNotFound
}

// figureText is what the public record says of a figure.
type figureText struct {
	Dialogue   dialogue.ID `json:"dialogue"`
	Sample     bool        `json:"sample,omitempty"`
	What       string      `json:"what"`
	Of         string      `json:"of,omitempty"`
	Number     int         `json:"number"`
	Definition string      `json:"definition,omitempty"`
	Source     string      `json:"source"`
	URL        string      `json:"url"`
	Published  string      `json:"published,omitempty"`
}

// AddFigure enters a figure that somebody else published.
func (room *Room) AddFigure(ctx context.Context, actor party.Actor, id dialogue.ID, data FigureData) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.checking(tx, actor, id)
		if err != nil {
			return err
		}
		f, err := room.readFigure(data)
		if err != nil {
			return err
		}
		if f.ID, err = store.NewID(room.o.Random); err != nil {
			return err
		}
		f.Dialogue, f.At, f.Actor = id, room.o.Clock(), actor.Person
		f.Entry, err = room.enterFigure(tx, f, d.Sample, "admission.figure.entered", "")
		if err != nil {
			return err
		}
		return room.keepFigure(tx, f)
	})
}

// WithdrawFigure takes a figure out again; the record keeps that it stood there.
func (room *Room) WithdrawFigure(ctx context.Context, actor party.Actor, id dialogue.ID, figure string) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.checking(tx, actor, id)
		if err != nil {
			return err
		}
		all, err := room.Published(tx, id)
		if err != nil {
			return err
		}
		for _, f := range all {
			if f.ID != figure {
				continue
			}
			if _, err := room.enterFigure(tx, f, d.Sample, "admission.figure.removed", f.Entry); err != nil {
				return err
			}
			f.Withdrawn = room.o.Clock()
			return room.keepFigure(tx, f)
		}
		return page.NotFound()
	})
}

func (room *Room) enterFigure(tx *store.Tx, f PublishedFigure, sample bool, kind string, cites ledger.ID) (ledger.ID, error) {
	text, err := json.Marshal(figureText{f.Dialogue, sample, f.What, f.Of, f.Number, f.Definition, f.Source, f.URL, dayText(f.Published)})
	if err != nil {
		return "", err
	}
	e := ledger.Entry{Org: room.o.Org, Type: kind, Subject: Prefix + "/" + string(f.Dialogue) + "/" + f.ID, At: stamp(room.o.Clock()), Text: text}
	if cites != "" {
		e.Cites = []ledger.ID{cites}
	}
	return room.o.Ledger.Enter(tx, e)
}

// definition is what a figure counts: the source's own words, or the mechanism's.
func (room *Room) definition(what string, lang locale.Lang) string {
	k, _ := room.o.Mechanism.CountKind(what)
	return in(k.Definition, lang)
}

func (room *Room) countKind(what string) mechanism.CountKind {
	k, ok := room.o.Mechanism.CountKind(what)
	if !ok {
		k.ID = what
	}
	return k
}
