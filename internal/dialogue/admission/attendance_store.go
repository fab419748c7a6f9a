package admission

import (
	"encoding/json"
	"fmt"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Attendance is a report that was taken in. Until it is applied, who is who is open.
type Attendance struct {
	ID           string
	Dialogue     dialogue.ID
	Tool, File   string
	Title        string
	Starts, Ends time.Time
	Taken        time.Time
	Actor        party.PersonID
	// Applied is zero until an officer has decided who is who.
	Applied time.Time
}

// present is a person of a report as it is kept.
type present struct {
	Presence
	Place       int
	Participant ParticipantID
	Basis       string
}

const (
	attendancesQuery = `
		select id, dialogue, kind, file, title, starts, ends, taken, actor, applied
		from admission_attendance
		where org = $1 and dialogue = $2
		order by taken, id`

	attendanceQuery = `
		select id, dialogue, kind, file, title, starts, ends, taken, actor, applied
		from admission_attendance
		where org = $1 and id = $2`

	attendanceByDigest = `
		select id
		from admission_attendance
		where org = $1 and dialogue = $2 and digest = $3`

	attendanceKeep = `
		insert into admission_attendance (org, id, dialogue, kind, file, digest, title, starts, ends, taken, actor, applied)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

	attendanceApply = `
		update admission_attendance
		set applied = $1
		where org = $2 and id = $3`

	attendanceDrop = `
		delete from admission_attendance
		where org = $1 and id = $2`

	presencesDrop = `
		delete from admission_presence
		where org = $1 and attendance = $2`

	presencesQuery = `
		select place, name, email, spans, loose, joins, participant, basis
		from admission_presence
		where org = $1 and attendance = $2
		order by place`

	presencesApplied = `
		select p.place, p.name, p.email, p.spans, p.loose, p.joins, p.participant, p.basis
		from admission_presence p
		join admission_attendance a on a.org = p.org and a.id = p.attendance
		where p.org = $1 and a.dialogue = $2 and a.applied > 0 and p.participant <> ''`

	presenceKeep = `
		insert into admission_presence (org, attendance, place, name, email, spans, loose, joins, participant, basis)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (org, attendance, place) do update set participant = excluded.participant, basis = excluded.basis`
)

func scanAttendance(r row) (Attendance, error) {
	var a Attendance
	var starts, ends, taken, applied int64
	err := r.Scan(&a.ID, &a.Dialogue, &a.Tool, &a.File, &a.Title, &starts, &ends, &taken, &a.Actor, &applied)
	a.Starts, a.Ends, a.Taken, a.Applied = store.Time(starts), store.Time(ends), store.Time(taken), store.Time(applied)
	return a, err
}

func scanPresent(r row) (present, error) {
	var p present
	var spans string
	var loose int64
	if err := r.Scan(&p.Place, &p.Name, &p.Email, &spans, &loose, &p.Joins, &p.Participant, &p.Basis); err != nil {
		return p, err
	}
	p.Loose = time.Duration(loose) * time.Second
	var pairs [][2]int64
	if err := json.Unmarshal([]byte(spans), &pairs); err != nil {
		return p, fmt.Errorf("reading a presence: %w", err)
	}
	for _, pair := range pairs {
		p.Spans = append(p.Spans, Span{time.Unix(pair[0], 0), time.Unix(pair[1], 0)})
	}
	return p, nil
}

func (room *Room) attendances(tx *store.Tx, d dialogue.ID) ([]Attendance, error) {
	return each(tx, scanAttendance, attendancesQuery, room.o.Org, d)
}

func (room *Room) attendance(tx *store.Tx, id string) (Attendance, error) {
	return one(scanAttendance(tx.QueryRow(attendanceQuery, room.o.Org, id)))
}

func (room *Room) presences(tx *store.Tx, attendance string) ([]present, error) {
	return each(tx, scanPresent, presencesQuery, room.o.Org, attendance)
}

func (room *Room) keepAttendance(tx *store.Tx, a Attendance, digest []byte) error {
	return room.write(tx, attendanceKeep, a.ID, a.Dialogue, a.Tool, a.File, digest, a.Title, micros(a.Starts), micros(a.Ends), store.Micros(a.Taken), a.Actor, 0)
}

func (room *Room) keepPresent(tx *store.Tx, attendance string, p present) error {
	pairs := [][2]int64{}
	for _, s := range p.Spans {
		pairs = append(pairs, [2]int64{s.From.Unix(), s.To.Unix()})
	}
	spans, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	return room.write(tx, presenceKeep, attendance, p.Place, p.Name, p.Email, string(spans), int64(p.Loose/time.Second), p.Joins, p.Participant, p.Basis)
}
