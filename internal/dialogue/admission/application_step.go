package admission

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// What is written down with a step, beyond what the mechanism's preset asks.
const (
	answerReason     = "reason"
	answerReply      = "reply"
	answerObjector   = "objector"
	answerMade       = "made"
	answerReplyBy    = "reply_by"
	answerFor        = "for"
	answerAgainst    = "against"
	answerAbstaining = "abstaining"
)

// maxAnswer bounds a text that is written down with a step, and maxVotes a number of States, which have 193 seats in the
// General Assembly.
const (
	maxAnswer = 4000
	maxVotes  = 250
)

// Step is what somebody wants to do with one application.
type Step struct {
	To string
	// Version is that of the admission as they saw it.
	Version int
	// Answers are what was typed, by the ids that asked gives.
	Answers map[string]string
	// Named and Told are what may be disclosed of an objection.
	Named, Told bool
}

// ask is a question that a step asks.
type ask struct {
	ID       string
	Label    string // of the catalogue, or empty where the preset words it
	Words    dialogue.Words
	Required bool
	Number   bool
	Lines    bool
}

// asked gives the questions of a step: the preset's, and what the paper of the decision needs.
func (room *Room) asked(from, to string) []ask {
	var all []ask
	for _, a := range room.state(to).Asks {
		all = append(all, ask{ID: a.ID, Words: a.Name, Required: a.Required, Lines: a.ID == answerReason})
	}
	add := func(a ask) {
		if !slices.ContainsFunc(all, func(b ask) bool { return b.ID == a.ID }) {
			all = append(all, a)
		}
	}
	switch to {
	case application.Objected:
		// The secretariat knows who objects, also where it is not shown: the preset's question is about the showing.
		all = slices.DeleteFunc(all, func(a ask) bool { return a.ID == answerObjector || a.ID == answerReason })
		all = append([]ask{{ID: answerObjector, Label: "admission.objection.objector", Required: true}, {ID: answerReason, Label: "admission.objection.ground", Lines: true},
			{ID: answerMade, Label: "admission.objection.made", Required: true}, {ID: answerReplyBy, Label: "admission.objection.replyby", Required: true}}, all...)
	case application.Replied:
		add(ask{ID: answerReply, Label: "admission.reply", Required: true, Lines: true})
	case application.Referred, application.Admitted, application.Declined:
		add(ask{ID: answerReason, Label: "admission.reasons", Lines: true})
	}
	if from == application.Referred && (to == application.Admitted || to == application.Declined) {
		for _, id := range []string{answerFor, answerAgainst, answerAbstaining} {
			add(ask{ID: id, Label: "admission.votes." + id, Number: true})
		}
	}
	return all
}

// read takes over what was typed for a step and says what is wrong with it.
func (room *Room) read(from, to string, typed map[string]string) (map[string]string, error) {
	kept := map[string]string{}
	var errs []error
	for _, a := range room.asked(from, to) {
		text := strings.TrimSpace(strings.ReplaceAll(typed[a.ID], "\r\n", "\n"))
		switch {
		case text == "" && a.Required:
			errs = append(errs, invalid(a.ID, "admission.missing"))
		case text == "":
		case !readable(text):
			errs = append(errs, invalid(a.ID, "admission.unreadable"))
		case utf8.RuneCountInString(text) > maxAnswer:
			errs = append(errs, invalid(a.ID, "admission.long", "Max", maxAnswer, "Length", utf8.RuneCountInString(text)))
		case a.Number:
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > maxVotes {
				errs = append(errs, invalid(a.ID, "admission.votes.bad", "Max", maxVotes))
				continue
			}
			kept[a.ID] = strconv.Itoa(n)
		default:
			kept[a.ID] = text
		}
	}
	return kept, page.Collect(errs...)
}

// readable is page.Clean for a text with lines.
func readable(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if !page.Clean(strings.ReplaceAll(line, "\t", " ")) {
			return false
		}
	}
	return true
}

// Take makes a step of one admission.
func (room *Room) Take(ctx context.Context, actor party.Actor, id dialogue.ID, a application.ID, step Step) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.dialogue(tx, id)
		if err != nil {
			return err
		}
		app, m, err := room.admission(tx, d, a)
		if err != nil {
			return err
		}
		if _, err := room.may(actor, d.Scope(), m.State, step.To); err != nil {
			return err
		}
		if m.Version != step.Version {
			return room.movedMeanwhile(ctx, m)
		}
		if err := room.ready(tx, app, m, step.To); err != nil {
			return err
		}
		if step.To == application.Objected {
			return room.object(tx, actor, d, app, m, step)
		}
		answers, err := room.read(m.State, step.To, step.Answers)
		if err != nil {
			return err
		}
		return room.walk(tx, actor, d, app, m, []string{step.To}, answers)
	})
}

// dialogue finds a dialogue, or says that there is none.
func (room *Room) dialogue(tx *store.Tx, id dialogue.ID) (*cycle.Dialogue, error) {
	d, err := room.o.Cycle.Dialogue(tx, id)
	if errors.Is(err, cycle.ErrNotFound) {
		return nil, page.NotFound()
	}
	return d, err
}

// admission finds where an application that was submitted stands for a dialogue.
func (room *Room) admission(tx *store.Tx, d *cycle.Dialogue, a application.ID) (*application.Application, *application.Admission, error) {
	m, err := room.o.Applications.Admission(tx, a, d.ID)
	if err != nil {
		return nil, nil, found(err)
	}
	if m.State == application.Draft {
		return nil, nil, page.NotFound() // nobody but the applicant sees a draft
	}
	app, err := room.o.Applications.Application(tx, a)
	return app, m, found(err)
}

// movedMeanwhile says what somebody else has done since the page was read.
func (room *Room) movedMeanwhile(ctx context.Context, m *application.Admission) error {
	return problem(http.StatusConflict, "admission.moved", "State", said(room.state(m.State).Name, langOf(ctx)))
}

// ready tells what keeps an application from a state: only what is complete goes to the bureau, unless a human has said
// that it is complete all the same.
func (room *Room) ready(tx *store.Tx, a *application.Application, m *application.Admission, to string) error {
	if to != application.WithBureau {
		return nil
	}
	v, err := room.review(tx, a.ID, m.Dialogue)
	if err != nil {
		return err
	}
	if gaps := room.gaps(a); len(gaps) > 0 && !v.Complete {
		return problem(http.StatusConflict, "admission.gaps")
	}
	return nil
}

// walk takes an admission through states. The answers belong to the last.
func (room *Room) walk(tx *store.Tx, actor party.Actor, d *cycle.Dialogue, a *application.Application, m *application.Admission, way []string, answers map[string]string) error {
	for i, to := range way {
		by, err := room.may(actor, d.Scope(), m.State, to)
		if err != nil {
			return err
		}
		c := application.Change{To: to, By: by, Actor: actor.Person}
		if i == len(way)-1 {
			c.Answers, c.Shown = answers, shown(to, answers)
		}
		if _, err := room.o.Applications.Move(tx, a, m, c); err != nil {
			return room.moveError(tx, m, err)
		}
	}
	return nil
}

// moveError puts what Move answers into words.
func (room *Room) moveError(tx *store.Tx, m *application.Admission, err error) error {
	switch {
	case errors.Is(err, application.ErrMoved):
		return room.movedMeanwhile(tx.Context(), m)
	case errors.Is(err, application.ErrOrder):
		return problem(http.StatusConflict, "admission.step.order")
	}
	return err
}

// shown is what the applicant and the public record may read: everything but a reply, which is the applicant's own. What an
// objection discloses is decided with it.
func shown(to string, answers map[string]string) map[string]string {
	if to == application.Replied {
		return nil
	}
	return maps.Clone(answers)
}

// Pick is one application that was ticked in a table.
type Pick struct {
	Application application.ID
	Version     int
}

// Outcome is what became of one application of a bulk step.
type Outcome struct {
	Application application.ID
	Name        string
	// State is where it stands now.
	State string
	// Kept says why nothing was done; nil where it was.
	Kept *page.Problem
}

// Complete is the one bulk act that is no step: a human found nothing missing.
const Complete = "complete"

// TakeAll does the same with several applications. Each stands for itself: what cannot be done with one, because it has
// moved meanwhile or is not ready, is told and does not hold up the others. All of it is one transaction, so the answer
// is true of every line, and a failure of the database leaves everything as it was.
func (room *Room) TakeAll(ctx context.Context, actor party.Actor, id dialogue.ID, to string, picks []Pick, typed map[string]string) ([]Outcome, error) {
	var all []Outcome
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		all = nil
		d, err := room.dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := party.Allow(actor, party.ReadApplication, d.Scope()); err != nil {
			return err
		}
		if to == application.Objected {
			return problem(http.StatusConflict, "admission.step.order") // each objection has a ground of its own
		}
		if _, err := room.read("", to, typed); err != nil {
			return err
		}
		for _, p := range picks {
			one, err := room.takeOne(tx, actor, d, to, p, typed)
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	return all, err
}

// takeOne does a bulk step with one application. Its error ends the whole; what concerns the one stands in the outcome.
func (room *Room) takeOne(tx *store.Tx, actor party.Actor, d *cycle.Dialogue, to string, p Pick, typed map[string]string) (Outcome, error) {
	a, m, err := room.admission(tx, d, p.Application)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Application: a.ID, Name: a.Name, State: m.State}
	keep := func(err error) (Outcome, error) {
		var why *page.Problem
		if errors.As(err, &why) && !party.Stale(err) {
			o.Kept = why
			return o, nil
		}
		return o, err
	}
	if m.Version != p.Version {
		return keep(room.movedMeanwhile(tx.Context(), m))
	}
	if to == Complete {
		if _, err := keep(room.markComplete(tx, actor, d, a, m)); err != nil || o.Kept != nil {
			return o, err
		}
		o.State = m.State
		return o, nil
	}
	way := room.path(m.State, to)
	if way == nil {
		return keep(problem(http.StatusConflict, "admission.step.order"))
	}
	if err := room.mayWalk(actor, d.Scope(), m.State, way); err != nil {
		return keep(err)
	}
	if err := room.ready(tx, a, m, to); err != nil {
		return keep(err)
	}
	answers, err := room.read(m.State, to, typed)
	if err != nil {
		return o, err
	}
	if err := room.walk(tx, actor, d, a, m, way, answers); err != nil {
		return o, err
	}
	o.State = m.State
	return o, nil
}

// markComplete notes that a human found nothing missing, and begins the check where nobody has.
func (room *Room) markComplete(tx *store.Tx, actor party.Actor, d *cycle.Dialogue, a *application.Application, m *application.Admission) error {
	if err := party.Allow(actor, party.CheckApplication, d.Scope()); err != nil {
		return err
	}
	if m.State == application.Submitted {
		if err := room.walk(tx, actor, d, a, m, []string{application.CompletenessCheck}, nil); err != nil {
			return err
		}
	}
	v, err := room.review(tx, a.ID, d.ID)
	if err != nil {
		return err
	}
	v.Complete, v.CheckedBy, v.CheckedAt = true, actor.Person, room.o.Clock()
	v.Version++
	return room.keepReview(tx, v)
}
