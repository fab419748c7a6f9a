package admission

import (
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/store"
)

const (
	participantsQuery = `
		select id, dialogue, application, kind, type, body, country, name, function, email, mode, listing, number, state, follows, attended,
		  room, remote, source, certificate, certified, shown, created, changed, version, erased
		from admission_participant
		where org = $1 and dialogue = $2
		order by body_key, name, created, id`

	participantsOf = `
		select id, dialogue, application, kind, type, body, country, name, function, email, mode, listing, number, state, follows, attended,
		  room, remote, source, certificate, certified, shown, created, changed, version, erased
		from admission_participant
		where org = $1 and application = $2
		order by created, id`

	participantsByEmail = `
		select id, dialogue, application, kind, type, body, country, name, function, email, mode, listing, number, state, follows, attended,
		  room, remote, source, certificate, certified, shown, created, changed, version, erased
		from admission_participant
		where org = $1 and email_key = $2
		order by created, id`

	participantQuery = `
		select id, dialogue, application, kind, type, body, country, name, function, email, mode, listing, number, state, follows, attended,
		  room, remote, source, certificate, certified, shown, created, changed, version, erased
		from admission_participant
		where org = $1 and id = $2`

	participantByCertificate = `
		select id, dialogue, application, kind, type, body, country, name, function, email, mode, listing, number, state, follows, attended,
		  room, remote, source, certificate, certified, shown, created, changed, version, erased
		from admission_participant
		where org = $1 and certificate = $2`

	participantKeep = `
		insert into admission_participant (org, id, dialogue, application, kind, type, body, body_key, country, name, function, email, email_key, mode, listing,
		  number, state, follows, attended, room, remote, source, certificate, certified, shown, created, changed, version, erased)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)
		on conflict (org, id) do update set
		  kind = excluded.kind, type = excluded.type, body = excluded.body, body_key = excluded.body_key, country = excluded.country,
		  name = excluded.name, function = excluded.function, email = excluded.email, email_key = excluded.email_key, mode = excluded.mode,
		  listing = excluded.listing, number = excluded.number, state = excluded.state, attended = excluded.attended, room = excluded.room,
		  remote = excluded.remote, source = excluded.source, certificate = excluded.certificate, certified = excluded.certified,
		  shown = excluded.shown, changed = excluded.changed, version = excluded.version, erased = excluded.erased`

	bodiesQuery = `
		select distinct body_key
		from admission_participant
		where org = $1 and dialogue <> $2 and body_key <> ''`
)

func scanParticipant(r row) (*Participant, error) {
	var p Participant
	var certified, created, changed, erased int64
	err := r.Scan(&p.ID, &p.Dialogue, &p.Application, &p.Kind, &p.Type, &p.Body, &p.Country, &p.Name, &p.Function, &p.Email, &p.Mode, &p.Listing, &p.Number, &p.State,
		&p.Follows, &p.Attended, &p.Room, &p.Remote, &p.Source, &p.Certificate, &certified, &p.Shown, &created, &changed, &p.Version, &erased)
	p.Certified, p.Created, p.Changed, p.Erased = store.Time(certified), store.Time(created), store.Time(changed), store.Time(erased)
	return &p, err
}

// Participants lists those who are or were registered for a dialogue, by organisation and name.
func (room *Room) Participants(tx *store.Tx, d dialogue.ID) ([]*Participant, error) {
	return each(tx, scanParticipant, participantsQuery, room.o.Org, d)
}

// ParticipantsOf lists the participants that came out of an application.
func (room *Room) ParticipantsOf(tx *store.Tx, a application.ID) ([]*Participant, error) {
	return each(tx, scanParticipant, participantsOf, room.o.Org, a)
}

// Participant finds one participant, or answers ErrNotFound.
func (room *Room) Participant(tx *store.Tx, id ParticipantID) (*Participant, error) {
	return one(scanParticipant(tx.QueryRow(participantQuery, room.o.Org, id)))
}

func (room *Room) keepParticipant(tx *store.Tx, p *Participant) error {
	return room.write(tx, participantKeep, p.ID, p.Dialogue, p.Application, p.Kind, p.Type, p.Body, bodyKey(p.Body), p.Country, p.Name, p.Function, p.Email, p.Email.Key(),
		p.Mode, p.Listing, p.Number, p.State, p.Follows, p.Attended, p.Room, p.Remote, p.Source, p.Certificate, micros(p.Certified), number(p.Shown),
		store.Micros(p.Created), store.Micros(p.Changed), p.Version, micros(p.Erased))
}

// bodiesElsewhere gives the organisations that were registered for other dialogues, by the names they are compared by.
func (room *Room) bodiesElsewhere(tx *store.Tx, d dialogue.ID) (map[string]bool, error) {
	keys, err := each(tx, func(r row) (s string, err error) { err = r.Scan(&s); return s, err }, bodiesQuery, room.o.Org, d)
	all := make(map[string]bool, len(keys))
	for _, k := range keys {
		all[k] = true
	}
	return all, err
}
