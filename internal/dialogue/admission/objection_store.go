package admission

import (
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

const (
	objectionsQuery = `
		select id, application, dialogue, objector, named, ground, told, made, reply_by, at, actor, entry
		from admission_objection
		where org = $1 and dialogue = $2
		order by at, id`

	objectionsOf = `
		select id, application, dialogue, objector, named, ground, told, made, reply_by, at, actor, entry
		from admission_objection
		where org = $1 and dialogue = $2 and application = $3
		order by at, id`

	objectionKeep = `
		insert into admission_objection (org, id, application, dialogue, objector, named, ground, told, made, reply_by, at, actor, entry, salt, text)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		on conflict (org, id) do update set
		  named = excluded.named, told = excluded.told, entry = excluded.entry, salt = excluded.salt, text = excluded.text`
)

func scanObjection(r row) (Objection, error) {
	var o Objection
	var at int64
	var made, replyBy string
	err := r.Scan(&o.ID, &o.Application, &o.Dialogue, &o.Objector, &o.Named, &o.Ground, &o.Told, &made, &replyBy, &at, &o.Actor, &o.Entry)
	if err != nil {
		return o, err
	}
	o.At = store.Time(at)
	if o.Made, err = day(made); err != nil {
		return o, err
	}
	o.ReplyBy, err = day(replyBy)
	return o, err
}

// day reads a day that was kept; none is the zero date.
func day(s string) (locale.Date, error) {
	if s == "" {
		return locale.Date{}, nil
	}
	return locale.ParseDate(s)
}

// dayText is how a day is kept.
func dayText(d locale.Date) string {
	if d.Year == 0 {
		return ""
	}
	return d.String()
}

// Objections lists the objections of a dialogue, oldest first.
func (room *Room) Objections(tx *store.Tx, d dialogue.ID) ([]Objection, error) {
	return each(tx, scanObjection, objectionsQuery, room.o.Org, d)
}

// ObjectionsTo lists the objections to one application.
func (room *Room) ObjectionsTo(tx *store.Tx, d dialogue.ID, a application.ID) ([]Objection, error) {
	return each(tx, scanObjection, objectionsOf, room.o.Org, d, a)
}

// sealedText is what an opaque entry commits to; both are empty for a public one.
type sealedText struct{ salt, text []byte }

func (room *Room) keepObjection(tx *store.Tx, o Objection, s sealedText) error {
	if s.salt == nil {
		s.salt = []byte{}
	}
	return room.write(tx, objectionKeep, o.ID, o.Application, o.Dialogue, o.Objector, number(o.Named), o.Ground, number(o.Told), dayText(o.Made), dayText(o.ReplyBy),
		store.Micros(o.At), o.Actor, o.Entry, s.salt, string(s.text))
}
