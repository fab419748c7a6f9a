package floor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// LinkFor is how long a personal link works, unless it is taken back before.
const LinkFor = 60 * 24 * time.Hour

const (
	keepLink = `
		insert into floor_link (org, dialogue, participant, hash, created, expires)
		values ($1, $2, $3, $4, $5, $6)
		on conflict (org, dialogue, participant) do update set
		  hash = excluded.hash, created = excluded.created, expires = excluded.expires`

	selectLink = `
		select participant
		from floor_link
		where org = $1 and dialogue = $2 and hash = $3 and expires > $4`

	selectLinks = `
		select participant, created
		from floor_link
		where org = $1 and dialogue = $2 and expires > $3`

	deleteLink = `
		delete from floor_link
		where org = $1 and dialogue = $2 and participant = $3`

	insertSeat = `
		insert into floor_seat (org, hash, dialogue, participant, created)
		values ($1, $2, $3, $4, $5)`

	// A seat is as good as the link of its participant: when that is taken back or has run out, nobody sits there.
	selectSeat = `
		select s.participant
		from floor_seat s
		join floor_link l on l.org = s.org and l.dialogue = s.dialogue and l.participant = s.participant
		where s.org = $1 and s.hash = $2 and s.dialogue = $3 and l.expires > $4`

	deleteSeat = `
		delete from floor_seat
		where org = $1 and hash = $2`

	deleteSeats = `
		delete from floor_seat
		where org = $1 and dialogue = $2 and participant = $3`
)

// Link makes the personal link of a participant and gives its path, without the language. It works for this dialogue
// alone, on any phone, also several; whoever has it speaks as the participant. A link made before, and every phone that
// it let in, stop working.
func (room *Room) Link(tx *store.Tx, id dialogue.ID, who ParticipantID) (string, error) {
	key, err := secret.New(room.o.Random)
	if err != nil {
		return "", err
	}
	if err := room.Unlink(tx, id, who); err != nil {
		return "", err
	}
	now := room.o.Clock()
	_, err = tx.Exec(keepLink, string(room.o.Org), string(id), string(who), key.Hash(), micros(now), micros(now.Add(LinkFor)))
	if err != nil {
		return "", fmt.Errorf("making a personal link: %w", err)
	}
	return "/floor/" + string(id) + "/in?key=" + url.QueryEscape(key.Reveal()), nil
}

// Unlink takes the personal link of a participant back, with everything it let in.
func (room *Room) Unlink(tx *store.Tx, id dialogue.ID, who ParticipantID) error {
	for _, query := range []string{deleteSeats, deleteLink} {
		if _, err := tx.Exec(query, string(room.o.Org), string(id), string(who)); err != nil {
			return fmt.Errorf("taking a personal link back: %w", err)
		}
	}
	return nil
}

// links tells since when which participants have a link.
func (room *Room) links(tx *store.Tx, id dialogue.ID) (map[ParticipantID]time.Time, error) {
	all := map[ParticipantID]time.Time{}
	err := each(tx, func(rows *sql.Rows) error {
		var who ParticipantID
		var created int64
		err := rows.Scan(&who, &created)
		all[who] = store.Time(created)
		return err
	}, selectLinks, string(room.o.Org), string(id), micros(room.o.Clock()))
	return all, err
}

// opened tells whose link a key is.
func (room *Room) opened(tx *store.Tx, id dialogue.ID, text string) (ParticipantID, error) {
	key, ok := secret.Parse(text)
	if !ok {
		return "", errLink
	}
	var who ParticipantID
	err := tx.QueryRow(selectLink, string(room.o.Org), string(id), key.Hash(), micros(room.o.Clock())).Scan(&who)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errLink
	}
	return who, err
}

var errLink = &page.Problem{Status: http.StatusForbidden, Key: "floor.problem.link"}

// The seat's cookie. A browser takes the first name only over https, for this host and every path. It goes when the
// browser is closed: the phone may be borrowed, and the link still works.
const (
	secureSeat = "__Host-rostrum-floor"
	plainSeat  = "rostrum-floor"
)

func seatCookie(r *page.Request) (name string, secure bool) {
	if strings.HasPrefix(r.Base(), "https://") {
		return secureSeat, true
	}
	return plainSeat, false
}

func (room *Room) takeSeat(ctx context.Context, w http.ResponseWriter, r *page.Request, id dialogue.ID, key string) error {
	token, err := secret.New(room.o.Random)
	if err != nil {
		return err
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		who, err := room.opened(tx, id, key)
		if err != nil {
			return err
		}
		_, err = tx.Exec(insertSeat, string(room.o.Org), token.Hash(), string(id), string(who), micros(room.o.Clock()))
		return err
	})
	if err != nil {
		return err
	}
	name, secure := seatCookie(r)
	http.SetCookie(w, &http.Cookie{Name: name, Value: token.Reveal(), Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
	return nil
}

func (room *Room) leaveSeat(ctx context.Context, w http.ResponseWriter, r *page.Request) error {
	name, secure := seatCookie(r)
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
	token, ok := seatToken(r)
	if !ok {
		return nil
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(deleteSeat, string(room.o.Org), token.Hash())
		return err
	})
}

func seatToken(r *page.Request) (secret.Secret, bool) {
	name, _ := seatCookie(r)
	c, err := r.Cookie(name)
	if err != nil {
		return secret.Secret{}, false
	}
	return secret.Parse(c.Value)
}

// Participates tells as whom a reader takes part in a dialogue, by personal link or account; ok is false for whoever
// does not.
func (room *Room) Participates(tx *store.Tx, r *page.Request, id dialogue.ID) (p Participant, ok bool, err error) {
	actor, err := room.o.Directory.Actor(r.Context(), r)
	if err != nil {
		return p, false, err
	}
	s, _, err := room.readScene(tx, id, false)
	if err != nil {
		return p, false, err
	}
	p, _, ok, err = room.sits(tx, r, actor, s)
	return p, ok, err
}

// sits tells as which participant a request acts: by the seat's cookie, or by their account. byLink tells the two
// apart.
func (room *Room) sits(tx *store.Tx, r *page.Request, actor party.Actor, s *scene) (p Participant, byLink, ok bool, err error) {
	if token, has := seatToken(r); has {
		var who ParticipantID
		err := tx.QueryRow(selectSeat, string(room.o.Org), token.Hash(), string(s.Dialogue), micros(room.o.Clock())).Scan(&who)
		if err == nil {
			if p, ok := s.people[who]; ok {
				return p, true, true, nil
			}
		} else if !errors.Is(err, sql.ErrNoRows) {
			return p, false, false, err
		}
	}
	if actor.Anonymous() {
		return p, false, false, nil
	}
	for _, p := range s.sorted {
		if p.Person == actor.Person {
			return p, false, true, nil
		}
	}
	return p, false, false, nil
}
