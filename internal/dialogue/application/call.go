package application

import (
	"time"

	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/store"
)

// draftsStay is how long after the deadline a draft that was never submitted is kept.
const draftsStay = 30 * 24 * time.Hour

// call is a call with its dialogues, as an applicant meets it at one moment.
type call struct {
	*cycle.Call
	dialogues []*cycle.Dialogue
	// open are the ids of the dialogues that one may apply for.
	open []string
	// late: the deadline has passed.
	late bool
}

// call reads a call, or answers cycle.ErrNotFound. arrival is when the request began: what is sent before the deadline
// is in time, however long the line takes to carry it.
func (room *Room) call(tx *store.Tx, id cycle.CallID, arrival time.Time) (*call, error) {
	found, err := room.o.Cycle.Call(tx, id)
	if err != nil {
		return nil, err
	}
	c := &call{Call: found, late: !arrival.Before(found.Deadline())}
	for _, id := range found.Dialogues {
		d, err := room.o.Cycle.Dialogue(tx, id)
		if err != nil {
			return nil, err
		}
		c.dialogues = append(c.dialogues, d)
		byClock := d.State == cycle.CallClosed && !d.Since.Before(found.Deadline())
		if !c.late && (d.State == cycle.CallOpen || byClock) {
			c.open = append(c.open, string(id))
		}
	}
	return c, nil
}

// dialogue finds a dialogue of the call; nil where it is none.
func (c *call) dialogue(id string) *cycle.Dialogue {
	for _, d := range c.dialogues {
		if string(d.ID) == id {
			return d
		}
	}
	return nil
}

// erases is when the personal data of an application to the call go.
func (c *call) erases(a *Application) time.Time {
	at := c.ErasesAt()
	if a.Submitted.IsZero() {
		if draft := c.Deadline().Add(draftsStay); draft.Before(at) {
			return draft
		}
	}
	return at
}
