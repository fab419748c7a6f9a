package floor

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

const (
	insertWritten = `
		insert into floor_written (org, dialogue, request, item, participant, person, lang, body, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	selectWritten = `
		select request, item, participant, lang, body, at
		from floor_written
		where org = $1 and dialogue = $2
		order by request`

	// forgetAuthor takes out of a request who made it.
	forgetAuthor = `
		update floor_request
		set participant = '', person = ''
		where org = $1 and dialogue = $2 and n = $3`
)

// Write takes what a participant sends in writing instead of speaking, under the item that is taken up. Where they
// wait to speak in turn, their request is answered by it.
func (room *Room) Write(ctx context.Context, id dialogue.ID, who ParticipantID, token, lang, text string) error {
	text, err := prose(text)
	if err != nil {
		return err
	}
	return room.change(ctx, id, token, []any{who, lang, text}, func(w *work) error {
		if err := w.needItem(); err != nil {
			return err
		}
		p, ok := w.people[who]
		if !ok {
			return errNotIn
		}
		if !slices.Contains(p.Langs, lang) {
			return invalid("lang", "floor.problem.lang")
		}
		n := 0
		for _, r := range w.Requests {
			if r.Participant == who && r.Item == w.Item && r.Kind == Statement {
				n = r.N
			}
		}
		if n > 0 {
			if err := w.endRequest(n, "written"); err != nil {
				return err
			}
		} else {
			w.counters.asked++
			n = w.counters.asked
			r := Request{N: n, Item: w.Item, Participant: who, Kind: Statement, Mode: p.Mode, Lang: lang, Asked: w.now}
			if err := w.insertRequest(r, string(p.Person), "written"); err != nil {
				return err
			}
		}
		if room.o.Written != nil {
			if err := room.o.Written(w.tx, Input{id, w.Item, p, n, lang, text, w.now}); err != nil || p.Naming != Withheld {
				return err
			}
			// Whoever is not to be known may seal their words later: nothing here must tell then whose they were.
			_, err := w.tx.Exec(forgetAuthor, string(room.o.Org), string(id), n)
			return err
		}
		_, err := w.tx.Exec(insertWritten, string(room.o.Org), string(id), n, string(w.Item), string(who), string(p.Person), lang, text, micros(w.now))
		return err
	})
}

// prose reads a text of several lines.
func prose(s string) (string, error) {
	s = strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
	plain := strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' {
			return ' '
		}
		return c
	}, s)
	switch {
	case !page.Clean(plain):
		return "", invalid("text", "floor.problem.unreadable")
	case !strings.ContainsFunc(s, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) }):
		return "", invalid("text", "floor.problem.empty")
	case utf8.RuneCountInString(s) > MaxText:
		return "", invalid("text", "floor.problem.long", "Max", MaxText)
	}
	return s, nil
}

func (room *Room) readWritten(tx *store.Tx, id dialogue.ID) ([]Input, error) {
	people, err := room.o.Participants(tx, id)
	if err != nil {
		return nil, err
	}
	var all []Input
	err = each(tx, func(rows *sql.Rows) error {
		in := Input{Dialogue: id}
		var at int64
		if err := rows.Scan(&in.Request, &in.Item, &in.Participant.ID, &in.Lang, &in.Text, &at); err != nil {
			return err
		}
		in.At = store.Time(at)
		if i := slices.IndexFunc(people, func(p Participant) bool { return p.ID == in.Participant.ID }); i >= 0 {
			in.Participant = people[i]
		}
		all = append(all, in)
		return nil
	}, selectWritten, string(room.o.Org), string(id))
	return all, err
}
