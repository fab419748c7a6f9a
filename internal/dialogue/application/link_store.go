package application

import (
	"crypto/sha256"
	"net/http"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

const (
	linkKeep = `
		insert into application_link (org, hash, application, made)
		values ($1, $2, $3, $4)
		on conflict (org, hash) do nothing`

	linksDrop = `
		delete from application_link
		where org = $1 and application = $2`

	requestKeep = `
		insert into application_link_request (org, id, email, lang, asked)
		values ($1, $2, $3, $4, $5)`

	requestTake = `
		delete from application_link_request
		where org = $1 and id = $2
		returning email, lang, asked`

	requestsPrune = `
		delete from application_link_request
		where org = $1 and asked <= $2`

	throttleCount = `
		insert into application_throttle (org, hash, until, n)
		values ($1, $2, $3, 1)
		on conflict (org, hash) do update set
		  n     = case when application_throttle.until <= $4 then 1 else application_throttle.n + 1 end,
		  until = case when application_throttle.until <= $4 then excluded.until else application_throttle.until end
		returning n`

	throttlePrune = `
		delete from application_throttle
		where org = $1 and until <= $2`
)

// newLink makes a link to an application.
func (room *Room) newLink(tx *store.Tx, id ID) (secret.Secret, error) {
	s, err := secret.New(room.o.Random)
	if err != nil {
		return s, err
	}
	return s, room.keepLink(tx, s, id)
}

func (room *Room) keepLink(tx *store.Tx, s secret.Secret, id ID) error {
	_, err := tx.Exec(linkKeep, room.o.Org, s.Hash(), id, store.Micros(room.o.Clock()))
	return err
}

// The throttle of messages with links, as the sign-in page has it.
const (
	linksPerAddress = 3
	addressWindow   = 20 * time.Minute
	linksAtAll      = 300
	allWindow       = 10 * time.Minute
)

// throttle counts a message with a link. full tells that the address has had its share for now; when everybody together
// asks for too much, the error says so.
func (room *Room) throttle(tx *store.Tx, email party.Email) (full bool, err error) {
	n, err := room.countUp(tx, "address\x00"+email.Key(), addressWindow)
	if err != nil || n > linksPerAddress {
		return true, err
	}
	if n, err = room.countUp(tx, "everybody", allWindow); err != nil {
		return true, err
	}
	if n > linksAtAll {
		return true, &page.Problem{Status: http.StatusTooManyRequests, Key: "application.link.busy"}
	}
	return false, nil
}

func (room *Room) countUp(tx *store.Tx, what string, window time.Duration) (n int, err error) {
	now, hash := room.o.Clock(), sha256.Sum256([]byte(what))
	err = tx.QueryRow(throttleCount, room.o.Org, hash[:], store.Micros(now.Add(window)), store.Micros(now)).Scan(&n)
	return n, err
}

// linkRequest is somebody's request for a new link.
type linkRequest struct {
	email party.Email
	lang  locale.Lang
	asked time.Time
}

func (room *Room) keepRequest(tx *store.Tx, id string, q linkRequest) error {
	_, err := tx.Exec(requestKeep, room.o.Org, id, q.email, q.lang, store.Micros(q.asked))
	return err
}

// takeRequest removes a request and gives it; ErrNotFound where it has been answered.
func (room *Room) takeRequest(tx *store.Tx, id string) (q linkRequest, err error) {
	var asked int64
	err = tx.QueryRow(requestTake, room.o.Org, id).Scan(&q.email, &q.lang, &asked)
	q.asked = store.Time(asked)
	return one(q, err)
}

func (room *Room) prune(tx *store.Tx) error {
	now := room.o.Clock()
	if _, err := tx.Exec(requestsPrune, room.o.Org, store.Micros(now.Add(-addressWindow))); err != nil {
		return err
	}
	_, err := tx.Exec(throttlePrune, room.o.Org, store.Micros(now))
	return err
}
