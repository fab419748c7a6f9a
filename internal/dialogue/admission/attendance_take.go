package admission

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// maxReport bounds the file of a report, in bytes.
const maxReport = 8 << 20

// fileRows reads a workbook or a text with delimiters, row by row as it stands.
func fileRows(name string, data []byte) ([][]string, error) {
	book, err := spreadsheet.Read(name, bytes.NewReader(data), int64(len(data)), spreadsheet.Limits{Bytes: maxReport, Rows: maxPeople * 5, Columns: 200})
	var refused *spreadsheet.Problem
	if errors.As(err, &refused) {
		return nil, invalid("file", "admission.file."+string(refused.Code), fileArgs(refused)...)
	}
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, sheet := range book.Sheets {
		if sheet.Hidden {
			continue
		}
		for _, r := range sheet.Above {
			rows = append(rows, texts(r))
		}
		if sheet.Header > 0 {
			var names []string
			for _, c := range sheet.Columns {
				names = append(names, c.Name)
			}
			rows = append(rows, names)
		}
		for _, r := range sheet.Rows {
			rows = append(rows, texts(r))
		}
	}
	return rows, nil
}

func fileArgs(p *spreadsheet.Problem) []any {
	var pairs []any
	for _, name := range []string{"limit", "value"} {
		if v, ok := p.Args[name]; ok {
			pairs = append(pairs, strings.ToUpper(name[:1])+name[1:], v)
		}
	}
	return append(pairs, "Value", p.Value)
}

func texts(r spreadsheet.Row) []string {
	cells := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		cells[i] = c.Text
	}
	return cells
}

// TakeReport takes in a report of attendance and proposes who is who. Nothing counts before an officer has decided.
func (room *Room) TakeReport(ctx context.Context, actor party.Actor, id dialogue.ID, file string, data []byte) (string, error) {
	var made string
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.checking(tx, actor, id)
		if err != nil {
			return err
		}
		rows, err := fileRows(file, data)
		if err != nil {
			return err
		}
		r, err := ReadReport(rows, firstDay(d))
		if err != nil {
			return err
		}
		digest := sha256.Sum256(data)
		err = tx.QueryRow(attendanceByDigest, room.o.Org, id, digest[:]).Scan(&made)
		if err == nil {
			return invalid("file", "admission.report.twice")
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		all, err := room.Participants(tx, id)
		if err != nil {
			return err
		}
		if made, err = store.NewID(room.o.Random); err != nil {
			return err
		}
		a := Attendance{ID: made, Dialogue: id, Tool: r.Tool, File: shorten(file), Title: r.Title, Starts: r.Starts, Ends: r.Ends, Taken: room.o.Clock(), Actor: actor.Person}
		if err := room.keepAttendance(tx, a, digest[:]); err != nil {
			return err
		}
		for i, m := range matches(r.People, all) {
			if err := room.keepPresent(tx, made, present{r.People[i], i, m.Participant, m.Basis}); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// firstDay is when the first day of a dialogue begins, in its zone.
func firstDay(d *cycle.Dialogue) time.Time {
	return time.Date(d.Starts.Year, d.Starts.Month, d.Starts.Day, 0, 0, 0, 0, d.Location())
}

// shorten keeps the name of a file readable.
func shorten(file string) string {
	if at := strings.LastIndexAny(file, `/\`); at >= 0 {
		file = file[at+1:]
	}
	runes := []rune(strings.Map(func(c rune) rune {
		if c < ' ' || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' {
			return -1
		}
		return c
	}, strings.ToValidUTF8(file, "")))
	return string(runes[:min(len(runes), 120)])
}

// ApplyReport takes over what an officer decided: for each person of a report, by its place, which participant it is, or
// nobody. Minutes are counted anew over all reports of the dialogue, so that nothing counts twice; who was there is moved
// on to having taken part.
func (room *Room) ApplyReport(ctx context.Context, actor party.Actor, id string, decided map[int]ParticipantID) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := room.attendance(tx, id)
		if err != nil {
			return found(err)
		}
		d, err := room.checking(tx, actor, a.Dialogue)
		if err != nil {
			return err
		}
		people, err := room.presences(tx, id)
		if err != nil {
			return err
		}
		all, err := room.Participants(tx, a.Dialogue)
		if err != nil {
			return err
		}
		for _, p := range people {
			to := decided[p.Place]
			if to != "" && !slices.ContainsFunc(all, func(q *Participant) bool { return q.ID == to && q.Here() }) {
				return invalid("who-"+strconv.Itoa(p.Place), "admission.report.who")
			}
			if to != p.Participant || to != "" && p.Basis == byName {
				p.Participant, p.Basis = to, byOfficer
				if to == "" {
					p.Basis = ""
				}
				if err := room.keepPresent(tx, id, p); err != nil {
					return err
				}
			}
		}
		if _, err := tx.Exec(attendanceApply, store.Micros(room.o.Clock()), room.o.Org, id); err != nil {
			return err
		}
		return room.recount(tx, actor, d, all)
	})
}

// DropReport takes a report out again, with everything that was counted by it.
func (room *Room) DropReport(ctx context.Context, actor party.Actor, id string) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := room.attendance(tx, id)
		if err != nil {
			return found(err)
		}
		d, err := room.checking(tx, actor, a.Dialogue)
		if err != nil {
			return err
		}
		if err := errors.Join(room.write(tx, presencesDrop, id), room.write(tx, attendanceDrop, id)); err != nil {
			return err
		}
		all, err := room.Participants(tx, a.Dialogue)
		if err != nil {
			return err
		}
		return room.recount(tx, actor, d, all)
	})
}

// recount counts the minutes of remote attendance over all reports that were applied.
func (room *Room) recount(tx *store.Tx, actor party.Actor, d *cycle.Dialogue, all []*Participant) error {
	seen, err := each(tx, scanPresent, presencesApplied, room.o.Org, d.ID)
	if err != nil {
		return err
	}
	spans, loose := map[ParticipantID][]Span{}, map[ParticipantID]time.Duration{}
	for _, p := range seen {
		spans[p.Participant] = append(spans[p.Participant], p.Spans...)
		loose[p.Participant] += p.Loose
	}
	came := map[application.ID]bool{}
	for _, p := range all {
		remote := minutes(lasting(spans[p.ID], loose[p.ID]))
		if p.Here() && p.Application != "" && (remote > 0 || p.Attended != "") {
			came[p.Application] = true
		}
		where, source := p.Attended, p.Source
		inRoom := where == InRoom || where == Both
		switch {
		case remote > 0 && inRoom:
			where = Both
		case remote > 0:
			where, source = Remote, sourceReport
		case source == sourceReport:
			where, source = "", ""
		case where == Both:
			where = InRoom
		}
		if remote == p.Remote && where == p.Attended || !p.Erased.IsZero() {
			continue
		}
		err := room.changeParticipant(tx, p, func(p *Participant) { p.Remote, p.Attended, p.Source = remote, where, source })
		if err != nil {
			return err
		}
	}
	return room.attended(tx, actor, d, came)
}

// sourceReport marks an attendance that a report of an online meeting gave.
const sourceReport = "report"

// attended moves the applications whose persons came on to having taken part.
func (room *Room) attended(tx *store.Tx, actor party.Actor, d *cycle.Dialogue, came map[application.ID]bool) error {
	admissions, err := room.o.Applications.AdmissionsTo(tx, d.ID)
	if err != nil {
		return err
	}
	for _, m := range admissions {
		if !came[m.Application] || m.State != application.Registered && m.State != application.BadgeIssued {
			continue
		}
		way := room.path(m.State, application.Attended)
		if way == nil || room.mayWalk(actor, d.Scope(), m.State, way) != nil {
			continue
		}
		a, err := room.o.Applications.Application(tx, m.Application)
		if err != nil {
			return err
		}
		if err := room.walk(tx, actor, d, a, m, way, nil); err != nil {
			return err
		}
	}
	return nil
}
