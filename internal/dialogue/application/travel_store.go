package application

import (
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

const (
	travelKeep = `
		insert into application_travel (org, id, application, dialogue, name, email, email_key, lang, link, asked, until, sealed, sealed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

	travelRenew = `
		update application_travel
		set link = $1, asked = $2, until = $3
		where org = $4 and id = $5`

	travelSeal = `
		update application_travel
		set sealed = $1, sealed_at = $2
		where org = $3 and id = $4`

	travelOf = `
		select id, application, dialogue, name, email, lang, asked, until, sealed_at
		from application_travel
		where org = $1 and application = $2
		order by asked, id`

	travelTo = `
		select id, application, dialogue, name, email, lang, asked, until, sealed_at
		from application_travel
		where org = $1 and dialogue = $2
		order by name, id`

	travelByLink = `
		select id, application, dialogue, name, email, lang, asked, until, sealed_at
		from application_travel
		where org = $1 and link = $2`

	travelSealed = `
		select id, sealed
		from application_travel
		where org = $1 and dialogue = $2 and sealed_at > 0`

	travelDrop = `
		delete from application_travel
		where org = $1 and application = $2`

	travelForget = `
		delete from application_travel
		where org = $1 and email_key = $2`
)

// TravelID names a request for passport and travel data.
type TravelID string

// TravelRequest asks a nominated person for the passport and travel data that the unit needs.
type TravelRequest struct {
	ID          TravelID
	Application ID
	Dialogue    dialogue.ID
	Name        string
	Email       party.Email
	Lang        locale.Lang
	// Asked is when the person was asked last, Until until when they may send, SealedAt when they last sent; zero for
	// never.
	Asked, Until, SealedAt time.Time
}

func scanTravel(r row) (TravelRequest, error) {
	var q TravelRequest
	var asked, until, sealed int64
	err := r.Scan(&q.ID, &q.Application, &q.Dialogue, &q.Name, &q.Email, &q.Lang, &asked, &until, &sealed)
	q.Asked, q.Until, q.SealedAt = store.Time(asked), store.Time(until), store.Time(sealed)
	return q, err
}

func (room *Room) travels(tx *store.Tx, query string, args ...any) ([]TravelRequest, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []TravelRequest
	for rows.Next() {
		q, err := scanTravel(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, rows.Err()
}

func (room *Room) travelOf(tx *store.Tx, id ID) ([]TravelRequest, error) {
	return room.travels(tx, travelOf, room.o.Org, id)
}

// TravelRequests lists the requests for travel data to a dialogue, by name.
func (room *Room) TravelRequests(tx *store.Tx, d dialogue.ID) ([]TravelRequest, error) {
	return room.travels(tx, travelTo, room.o.Org, d)
}

func (room *Room) travelByLink(tx *store.Tx, link secret.Secret) (TravelRequest, error) {
	return one(scanTravel(tx.QueryRow(travelByLink, room.o.Org, link.Hash())))
}

// SealedRequests gives the age files of the travel data that have come in for a dialogue, by request.
func (room *Room) SealedRequests(tx *store.Tx, d dialogue.ID) (map[TravelID][]byte, error) {
	rows, err := tx.Query(travelSealed, room.o.Org, d)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[TravelID][]byte{}
	for rows.Next() {
		var id TravelID
		var sealed []byte
		if err := rows.Scan(&id, &sealed); err != nil {
			return nil, err
		}
		all[id] = sealed
	}
	return all, rows.Err()
}
