package intervention

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// The national channel: what names a State goes to its focal point instead of being published.

const (
	insertPassage = `
		insert into input_passage (org, id, dialogue, country, lang, who, body, reason, at, taken, salt, entry, sealed, erases)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13)`

	selectPassages = `
		select id, dialogue, lang, who, body, reason, at, taken
		from input_passage
		where org = $1 and country = $2
		order by at desc, id`

	takePassage = `
		update input_passage
		set taken = $1
		where org = $2 and country = $3 and id = $4 and taken = 0`

	erasePassages = `
		delete from input_passage
		where org = $1 and erases > 0 and erases <= $2`
)

// Passage is what was handed to a State.
type Passage struct {
	ID         string
	Dialogue   dialogue.ID
	Lang       string
	Who        Who
	Paragraphs []string
	// Reason is what the officer or the author says about it.
	Reason string
	At     time.Time
	Taken  time.Time // when the focal point said that it was read; zero before
}

// errChannel: nobody reads for the State.
var errChannel = &page.Problem{Status: http.StatusConflict, Key: "intervention.problem.channel"}

// route hands paragraphs to a State's focal point. The record gets an entry that says neither which State nor whose
// words.
func (room *Room) route(tx *store.Tx, in *Input, country string, paragraphs []string, reason string) error {
	if room.o.FocalPoints == nil {
		return errChannel
	}
	readers, err := room.o.FocalPoints(tx, country)
	if err != nil {
		return err
	}
	if len(readers) == 0 {
		return errChannel
	}
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return err
	}
	opaque, err := store.NewID(room.o.Random)
	if err != nil {
		return err
	}
	salt := make([]byte, ledger.SaltSize)
	if _, err := io.ReadFull(room.o.Random, salt); err != nil {
		return fmt.Errorf("drawing a salt: %w", err)
	}
	w := Who{Voice: in.Voice, Type: in.Type}
	if in.Voice == Named {
		w.Organisation = in.Name
	}
	about, err := json.Marshal(w)
	if err != nil {
		return err
	}
	sealed, err := json.Marshal(struct {
		ID         string      `json:"id"`
		Dialogue   dialogue.ID `json:"dialogue"`
		Country    string      `json:"country"`
		Paragraphs []string    `json:"paragraphs"`
	}{id, in.Dialogue, country, paragraphs})
	if err != nil {
		return err
	}
	today := day(room.o.Clock())
	entry, err := room.o.Ledger.Enter(tx, ledger.Entry{Org: room.o.Org, Type: routedType, Subject: "opaque/" + opaque, At: today.Format(time.DateOnly), Text: sealed, Sealed: true, Salt: salt})
	if err != nil {
		return fmt.Errorf("entering that a passage was handed over: %w", err)
	}
	_, err = tx.Exec(insertPassage, string(room.o.Org), id, string(in.Dialogue), country, in.Lang, string(about), list(paragraphs), reason, micros(today), salt, string(entry), string(sealed), micros(in.Erases))
	if err != nil {
		return fmt.Errorf("handing a passage over: %w", err)
	}
	for _, to := range readers {
		link := room.o.Address() + "/" + string(to.Lang) + "/national/" + country
		if err := room.write(tx, to.Email, to.Lang, "intervention.mail.national", false, room.o.Clock().Add(30*24*time.Hour), "Link", link); err != nil {
			return err
		}
	}
	return nil
}

// routeSome hands the chosen paragraphs over and gives those that are left.
func (room *Room) routeSome(tx *store.Tx, in *Input, paragraphs []string, chosen map[int]string) (rest []string, err error) {
	byState := map[string][]string{}
	for i, p := range paragraphs {
		code, ok := chosen[i]
		if !ok {
			rest = append(rest, p)
			continue
		}
		if !slices.ContainsFunc(Mentions(p, in.Lang), func(m Mention) bool { return m.Code == code }) {
			return nil, page.Unreadable(fmt.Errorf("paragraph %d does not name %s", i, code))
		}
		byState[code] = append(byState[code], p)
	}
	if len(rest) == 0 {
		return nil, invalid("text", "intervention.route.nothing")
	}
	for _, code := range sortedKeys(byState) {
		if err := room.route(tx, in, code, byState[code], ""); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// Route hands what names a State in an original that waits to that State's focal point, if the author agreed to that, and
// takes it out of the text (not of a sealed voice: the author could no longer prove the words). Where the whole text names it, nothing is left to publish and the input is deleted.
func (room *Room) Route(ctx context.Context, actor party.Actor, d dialogue.ID, id ID, version int, code, reason string) error {
	reason, err := line("reason", reason, MaxNote, false)
	if err != nil {
		return err
	}
	return room.change(ctx, actor, d, id, version, func(tx *store.Tx, in *Input, texts []Text) error {
		t := newest(texts, in.Lang, false)
		if in.State != Confirmed || in.Voice == Sealed || !in.Handing || t == nil || t.Entry != "" {
			return errState
		}
		var passage, rest []string
		for _, p := range t.Paragraphs {
			if slices.ContainsFunc(Mentions(p, t.Lang), func(m Mention) bool { return m.Code == code }) {
				passage = append(passage, p)
			} else {
				rest = append(rest, p)
			}
		}
		if len(passage) == 0 {
			return errState
		}
		if err := room.route(tx, in, code, passage, reason); err != nil {
			return err
		}
		if len(rest) == 0 && !in.Public() {
			return room.remove(tx, in)
		}
		if len(rest) == 0 {
			return errState
		}
		if err := room.setText(tx, in.ID, texts, Text{Lang: t.Lang, Status: t.Status, Paragraphs: rest, At: t.At}); err != nil {
			return err
		}
		if err := room.keep(tx, in); err != nil {
			return err
		}
		return room.note(tx, in, actRouted, code, actor.Person)
	})
}

// Passages lists what was handed to a State, newest first, for those who answer for it.
func (room *Room) Passages(tx *store.Tx, actor party.Actor, country string) (all []Passage, err error) {
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(country)); err != nil {
		return nil, err
	}
	err = each(tx, func(rows *sql.Rows) error {
		var p Passage
		var about, body []byte
		var at, taken int64
		if err := rows.Scan(&p.ID, &p.Dialogue, &p.Lang, &about, &body, &p.Reason, &at, &taken); err != nil {
			return err
		}
		p.At, p.Taken = store.Time(at), store.Time(taken)
		if err := json.Unmarshal(about, &p.Who); err != nil {
			return err
		}
		err := json.Unmarshal(body, &p.Paragraphs)
		all = append(all, p)
		return err
	}, selectPassages, string(room.o.Org), country)
	return all, err
}

// TakePassage notes that a focal point has read a passage.
func (room *Room) TakePassage(ctx context.Context, actor party.Actor, country, id string) error {
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(country)); err != nil {
		return err
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(takePassage, micros(room.o.Clock()), string(room.o.Org), country, id)
		return err
	})
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
