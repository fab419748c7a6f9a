package application

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// errLate: the deadline had passed when the request began.
var errLate = errors.New("the deadline has passed")

// submit submits an application, or submits it again after it was returned. It gives what is wrong or missing; then
// nothing has been done. Submitting what is submitted already is nothing to do.
func (room *Room) submit(tx *store.Tx, a *Application, arrived time.Time) (page.Invalids, error) {
	if !a.Erased.IsZero() {
		return nil, problem(http.StatusGone, "application.problem.erased")
	}
	c, err := room.call(tx, a.Call, arrived)
	if err != nil {
		return nil, err
	}
	stand, err := room.Admissions(tx, a.ID)
	if err != nil {
		return nil, err
	}
	if !a.Submitted.IsZero() {
		return room.resubmit(tx, c, a, stand)
	}
	if c.late {
		return nil, errLate
	}
	if wrong := room.missing(a, c.open); len(wrong) > 0 {
		return wrong, nil
	}
	a.Answers = room.form.prune(a.Answers)
	if a.SealedAt.IsZero() && len(room.form.sealed()) > 0 {
		if err := room.keepSealed(tx, c.Call, a, Answers{}); err != nil {
			return nil, err
		}
	}
	a.Submitted = room.o.Clock()
	a.Changed, a.Erases = a.Submitted, c.erases(a)
	if err := room.update(tx, a); err != nil {
		return nil, err
	}
	if err := room.name(tx, c, a, stand); err != nil {
		return nil, err
	}
	return nil, room.tellReceived(tx, a, c)
}

// resubmit brings what the secretariat returned before it again.
func (room *Room) resubmit(tx *store.Tx, c *call, a *Application, stand []*Admission) (page.Invalids, error) {
	returned := slices.DeleteFunc(slices.Clone(stand), func(m *Admission) bool { return m.State != Returned })
	if len(returned) == 0 {
		return nil, nil
	}
	if wrong := room.missing(a, a.Answers.All(FieldDialogue)); len(wrong) > 0 {
		return wrong, nil
	}
	for _, m := range returned {
		if _, err := room.Move(tx, a, m, Change{To: Resubmitted, By: ByApplicant}); err != nil {
			return nil, err
		}
	}
	return nil, room.tellReceived(tx, a, c)
}

// maxReply bounds the applicant's reply to an objection, in characters.
const maxReply = 5000

// reply answers an objection, once.
func (room *Room) reply(tx *store.Tx, a *Application, m *Admission, text string) error {
	if m.State != Objected {
		return problem(http.StatusConflict, "application.reply.late")
	}
	_, err := room.Move(tx, a, m, Change{To: Replied, By: ByApplicant, Answers: map[string]string{AnswerReply: text}})
	return err
}

// register confirms that the organisation takes part.
func (room *Room) register(tx *store.Tx, a *Application, m *Admission) error {
	if !room.mayRegister(m) {
		return problem(http.StatusConflict, "application.register.late")
	}
	_, err := room.Move(tx, a, m, Change{To: Registered, By: ByApplicant})
	return err
}

func (room *Room) mayRegister(m *Admission) bool {
	state := room.State(m.State)
	return m.State == Admitted && state.Applicant && slices.Contains(state.Next, Registered)
}
