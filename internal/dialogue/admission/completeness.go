package admission

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// gap is a required question that an application leaves open.
type gap struct {
	Field  mechanism.Field
	Person int // from 1 where it is asked of a person
}

// gaps lists the required questions without an answer. Sealed ones cannot be seen from here.
func (room *Room) gaps(a *application.Application) []gap {
	if !a.Erased.IsZero() {
		return nil
	}
	var all []gap
	for _, f := range room.o.Mechanism.Form.Fields {
		if f.Sealed || !asks(f, a.Answers) || f.ID == application.FieldEmail && a.Email != "" {
			continue
		}
		persons := a.Answers[f.ID].Persons
		if f.Required && len(a.Answers.All(f.ID)) == 0 && len(persons) == 0 {
			all = append(all, gap{Field: f})
		}
		for i, p := range persons {
			for _, sub := range f.Fields {
				if sub.Required && !sub.Sealed && strings.TrimSpace(p[sub.ID]) == "" {
					all = append(all, gap{sub, i + 1})
				}
			}
		}
	}
	return all
}

// asks tells whether a question is asked, given the answers to those before it.
func asks(f mechanism.Field, answers application.Answers) bool {
	return f.If == nil || slices.Contains(answers.All(f.If.Field), f.If.Is)
}

// ReviewData is what an officer says of an application.
type ReviewData struct {
	// Fit is empty for no mark, or 0 to MaxFit.
	Fit, Reason string
	Complete    bool
	Version     int
}

// maxReason bounds the reason of a mark, and maxNote a note, in characters.
const (
	maxReason = 1000
	maxNote   = 4000
)

// SetReview keeps what an officer found. A mark needs a reason: others will ask for it.
func (room *Room) SetReview(ctx context.Context, actor party.Actor, id dialogue.ID, a application.ID, data ReviewData) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := party.Allow(actor, party.CheckApplication, d.Scope()); err != nil {
			return err
		}
		app, m, err := room.admission(tx, d, a)
		if err != nil {
			return err
		}
		v, err := room.review(tx, a, id)
		if err != nil {
			return err
		}
		if v.Version != data.Version {
			return problem(409, "admission.review.changed")
		}
		fit, reason, err := readFit(data)
		if err != nil {
			return err
		}
		if fit != v.Fit || reason != v.FitReason {
			v.Fit, v.FitReason, v.FitBy, v.FitAt = fit, reason, actor.Person, room.o.Clock()
		}
		if data.Complete && !v.Complete {
			if err := room.keepReview(tx, next(v)); err != nil {
				return err
			}
			return room.markComplete(tx, actor, d, app, m)
		}
		if v.Complete && !data.Complete {
			v.Complete, v.CheckedBy, v.CheckedAt = false, actor.Person, room.o.Clock()
		}
		return room.keepReview(tx, next(v))
	})
}

func next(v Review) Review {
	v.Version++
	return v
}

func readFit(data ReviewData) (int, string, error) {
	reason, err := readText("reason", data.Reason, maxReason, false)
	if err != nil {
		return 0, "", err
	}
	if data.Fit == "" {
		if reason != "" {
			return 0, "", invalid("fit", "admission.fit.missing")
		}
		return Unmarked, "", nil
	}
	fit, err := strconv.Atoi(data.Fit)
	switch {
	case err != nil || fit < 0 || fit > MaxFit:
		return 0, "", invalid("fit", "admission.fit.missing")
	case reason == "":
		return 0, "", invalid("reason", "admission.fit.reason")
	}
	return fit, reason, nil
}

// readText reads a text of several lines.
func readText(field, s string, max int, required bool) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case s == "" && required:
		return "", invalid(field, "admission.missing")
	case !readable(s):
		return "", invalid(field, "admission.unreadable")
	case utf8.RuneCountInString(s) > max:
		return "", invalid(field, "admission.long", "Max", max, "Length", utf8.RuneCountInString(s))
	}
	return s, nil
}

// readLine reads a text of one line.
func readLine(field, s string, max int, required bool) (string, error) {
	s, err := readText(field, s, max, required)
	if err == nil && !page.Clean(s) {
		err = invalid(field, "admission.unreadable")
	}
	return s, err
}

// AddNote writes something down for the unit alone.
func (room *Room) AddNote(ctx context.Context, actor party.Actor, id dialogue.ID, a application.ID, text string) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := party.Allow(actor, party.CheckApplication, d.Scope()); err != nil {
			return err
		}
		app, _, err := room.admission(tx, d, a)
		if err != nil {
			return err
		}
		if !app.Erased.IsZero() {
			return problem(409, "admission.gone")
		}
		text, err := readText("note", text, maxNote, true)
		if err != nil {
			return err
		}
		return room.addNote(tx, a, actor.Person, text)
	})
}
