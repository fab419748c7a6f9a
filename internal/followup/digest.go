package followup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	roundQuery = `
		select since, until, reached
		from followup_round
		where org = $1 and id = $2`

	roundKeep = `
		insert into followup_round (org, id, since, until, reached)
		values ($1, $2, $3, $4, $5)
		on conflict (org, id) do update set
		  since = excluded.since, until = excluded.until, reached = excluded.reached`
)

const (
	// digestEvery is the least time between two messages to the same author.
	digestEvery = 24 * time.Hour
	// digestLag is how long an act may take from reading the clock to its commit.
	digestLag = 5 * time.Minute
	// digestFor is how long a message is worth sending.
	digestFor = 14 * 24 * time.Hour
	// batch is how many messages are queued in one transaction.
	batch = 500
	// digestPoints is how many points a message names; the others are counted.
	digestPoints = 20
)

// authors names the round in which authors are told.
const authors = "authors"

// moves are the acts by which a point moves, in the eyes of those who raised it.
var moves = []string{pointEntered, pointPut, answerPublished, answerWithdrawn, viewPublished, linkDrawn}

type round struct {
	since, until time.Time
	reached      string
}

func (room *Room) round(tx *store.Tx) (round, error) {
	var since, until int64
	var r round
	_, err := found(0, tx.QueryRow(roundQuery, room.o.Org, authors).Scan(&since, &until, &r.reached))
	if err == ErrNotFound {
		return r, nil
	}
	r.since, r.until = instant(since), instant(until)
	return r, err
}

func (room *Room) keepRound(tx *store.Tx, r round) error {
	_, err := tx.Exec(roundKeep, room.o.Org, authors, micros(r.since), micros(r.until), r.reached)
	return err
}

// instant reads an instant of which zero stands for none.
func instant(m int64) time.Time {
	if m == 0 {
		return time.Time{}
	}
	return store.Time(m)
}

// letter is what one author is told.
type letter struct {
	key    string // orders the letters of a round and says nothing of the address to who reads it
	to     Author
	points []PointID
}

// TellAuthors writes to those whose words moved since they were last told: one message for each, in their language, at most
// one a day. It is a job and may run at any time; a run that ends early is taken up where it ended, and nobody is told
// twice. It tells how many messages were queued.
func (room *Room) TellAuthors(ctx context.Context) (n int, err error) {
	for {
		var some int
		var more bool
		err := room.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
			some, more, err = room.tellSome(tx)
			return err
		})
		if err != nil {
			return n, err
		}
		if n += some; !more {
			return n, nil
		}
	}
}

func (room *Room) tellSome(tx *store.Tx) (n int, more bool, err error) {
	now := room.o.Clock()
	r, err := room.round(tx)
	if err != nil {
		return 0, false, err
	}
	if r.until.IsZero() {
		if !r.since.IsZero() && now.Sub(r.since) < digestEvery+digestLag {
			return 0, false, nil
		}
		r.until, r.reached = now.Add(-digestLag), ""
	}
	letters, points, err := room.letters(tx, r)
	if err != nil {
		return 0, false, err
	}
	w := wording{room: room, points: points, made: map[string]party.Message{}}
	for _, l := range letters[:min(batch, len(letters))] {
		if err := room.o.Mail.Queue(tx, room.o.Org, w.message(l, now)); err != nil {
			return 0, false, err
		}
		r.reached = l.key
		n++
	}
	if more = n < len(letters); !more {
		r = round{since: r.until}
	}
	return n, more, room.keepRound(tx, r)
}

// letters are those of a round that have not been written, in the order of their keys.
func (room *Room) letters(tx *store.Tx, r round) ([]letter, map[PointID]*Point, error) {
	acts, err := room.actsBetween(tx, r.since, r.until)
	if err != nil {
		return nil, nil, err
	}
	points := map[PointID]*Point{}
	var order []PointID
	for _, a := range acts {
		if points[a.Point] != nil || !slices.Contains(moves, a.What) {
			continue
		}
		p, err := room.Point(tx, a.Point)
		if err != nil {
			return nil, nil, err
		}
		if p.Withdrawn.IsZero() {
			points[a.Point] = p
			order = append(order, a.Point)
		}
	}
	byKey := map[string]*letter{}
	for _, id := range order {
		all, err := room.o.Authors(tx, slices.Clone(points[id].Cites))
		if err != nil {
			return nil, nil, err
		}
		for _, a := range all {
			key := letterKey(a.Email)
			if key <= r.reached {
				continue
			}
			l := byKey[key]
			if l == nil {
				l = &letter{key: key, to: a}
				byKey[key] = l
			}
			if !slices.Contains(l.points, id) {
				l.points = append(l.points, id)
			}
		}
	}
	letters := make([]letter, 0, len(byKey))
	for _, l := range byKey {
		letters = append(letters, *l)
	}
	slices.SortFunc(letters, func(a, b letter) int { return strings.Compare(a.key, b.key) })
	return letters, points, nil
}

func letterKey(e party.Email) string {
	sum := sha256.Sum256([]byte(e.Key()))
	return hex.EncodeToString(sum[:16])
}

// wording words the letters of one batch. Authors of the same points read the same words, so each is worded once for each
// language.
type wording struct {
	room   *Room
	points map[PointID]*Point
	made   map[string]party.Message
}

func (w *wording) message(l letter, now time.Time) party.Message {
	lang := l.to.Lang
	if !lang.Known() {
		lang = locale.English
	}
	key := string(lang)
	for _, id := range l.points {
		key += "\n" + string(id)
	}
	m, ok := w.made[key]
	if !ok {
		m = w.room.letterText(lang, l.points, w.points)
		w.made[key] = m
	}
	m.To, m.Name, m.Until = l.to.Email, l.to.Name, now.Add(digestFor)
	return m
}

func (room *Room) letterText(lang locale.Lang, ids []PointID, points map[PointID]*Point) party.Message {
	c := room.o.Catalogues
	var b strings.Builder
	sample := false
	for i, id := range ids {
		p := points[id]
		sample = sample || p.Sample
		if i < digestPoints {
			b.WriteString("\n\n" + room.shown(p, lang, 300) + "\n" + room.o.Address() + "/" + string(lang) + pointPath(id))
		}
	}
	if more := len(ids) - digestPoints; more > 0 {
		b.WriteString("\n\n" + c.Count(lang, "followup.mail.more", more))
	}
	text := c.Text(lang, "followup.mail.text", "Operator", room.o.Operator()) + b.String() + "\n\n" + c.Text(lang, "followup.mail.end")
	if sample {
		text = c.Text(lang, "page.sample") + "\n\n" + text
	}
	return party.Message{Lang: lang, Subject: c.Count(lang, "followup.mail.subject", len(ids)), Text: text}
}
