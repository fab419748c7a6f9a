package cycle

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Plan begins a dialogue in the first state of the mechanism. sample marks an exercise and is never changed again.
func (room *Room) Plan(ctx context.Context, actor party.Actor, data DialogueData, sample bool) (dialogue.ID, error) {
	if err := party.Allow(actor, party.OpenCall, party.WholeInstance()); err != nil {
		return "", err
	}
	id, err := parseName("id", data.ID)
	d := &Dialogue{ID: dialogue.ID(id), Sample: sample, State: room.o.States[0].ID, Version: 1}
	if err := page.Collect(err, room.read(d, data)); err != nil {
		return "", err
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d.Since = room.o.Clock()
		if err := room.checkDialogue(tx, d); err != nil {
			return err
		}
		if _, err := room.Dialogue(tx, d.ID); err == nil {
			return invalid("id", "cycle.name.taken")
		}
		return room.keep(tx, d, "planned")
	})
	if err != nil {
		return "", fmt.Errorf("planning a dialogue: %w", err)
	}
	return d.ID, nil
}

// Correct changes what is said of a dialogue. version is the one that the officer saw; where somebody else has changed
// it since, nothing is done.
func (room *Room) Correct(ctx context.Context, actor party.Actor, id dialogue.ID, version int, data DialogueData) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.Dialogue(tx, id)
		if err != nil {
			return notFound(err)
		}
		if err := party.Allow(actor, party.OpenCall, d.Scope()); err != nil {
			return err
		}
		if d.Version != version {
			return changedMeanwhile()
		}
		if err := room.read(d, data); err != nil {
			return err
		}
		if err := room.checkDialogue(tx, d); err != nil {
			return err
		}
		d.Version++
		return room.keep(tx, d, "corrected")
	})
}

// read takes over what was typed and says what is wrong with it.
func (room *Room) read(d *Dialogue, data DialogueData) error {
	var errs [6]error
	d.Title, errs[0] = parseWords("title", data.Title, maxTitle, true)
	d.Place, errs[1] = parseWords("place", data.Place, maxPlace, false)
	d.Starts, errs[2] = parseDay("starts", data.Starts)
	d.Ends, errs[3] = parseDay("ends", data.Ends)
	d.Zone, errs[4] = parseZone(data.Zone)
	if !slices.ContainsFunc(room.o.Bodies, func(b party.Named) bool { return b.ID == data.Body }) {
		errs[5] = invalid("body", "cycle.body.missing")
	}
	d.Body, d.Follows = data.Body, dialogue.ID(strings.TrimSpace(data.Follows))
	err := page.Collect(errs[:]...)
	if err == nil && before(d.Ends, d.Starts) {
		err = invalid("ends", "cycle.ends.early")
	}
	return err
}

// checkDialogue holds a dialogue against the others.
func (room *Room) checkDialogue(tx *store.Tx, d *Dialogue) error {
	earlier, err := room.earlier(tx)
	if err != nil {
		return err
	}
	if d.Follows != "" && (d.Follows == d.ID || !slices.ContainsFunc(earlier, func(e party.Dialogue) bool { return e.ID == string(d.Follows) })) {
		return invalid("follows", "cycle.follows.missing")
	}
	return nil
}

// earlier lists what a dialogue can follow: the published record and what is convened here.
func (room *Room) earlier(tx *store.Tx) ([]party.Dialogue, error) {
	var all []party.Dialogue
	if room.o.Earlier != nil {
		var err error
		if all, err = room.o.Earlier(tx); err != nil {
			return nil, err
		}
	}
	own, err := room.Held(tx)
	if err != nil {
		return nil, err
	}
	for _, d := range own {
		if !slices.ContainsFunc(all, func(e party.Dialogue) bool { return e.ID == d.ID }) {
			all = append(all, d)
		}
	}
	return all, nil
}

// Held lists the dialogues of the room as scopes of roles.
func (room *Room) Held(tx *store.Tx) ([]party.Dialogue, error) {
	own, err := room.Dialogues(tx)
	if err != nil {
		return nil, err
	}
	var all []party.Dialogue
	for _, d := range own {
		all = append(all, party.Dialogue{Named: named(string(d.ID), d.Title), Body: d.Body})
	}
	return all, nil
}

// dialogueText is what the public record says of a dialogue.
type dialogueText struct {
	Dialogue dialogue.ID    `json:"dialogue"`
	Version  int            `json:"version"`
	Sample   bool           `json:"sample,omitempty"`
	Body     string         `json:"working_group"`
	Title    dialogue.Words `json:"title"`
	Place    dialogue.Words `json:"place,omitempty"`
	Starts   string         `json:"starts"`
	Ends     string         `json:"ends"`
	Zone     string         `json:"zone"`
	Follows  dialogue.ID    `json:"follows,omitempty"`
}

// keep keeps a dialogue and enters it.
func (room *Room) keep(tx *store.Tx, d *Dialogue, act string) error {
	var err error
	d.Entry, err = room.entered(tx, d.Subject(), "cycle.dialogue."+act, dialogueText{
		d.ID, d.Version, d.Sample, d.Body, d.Title, d.Place, d.Starts.String(), d.Ends.String(), d.Zone, d.Follows,
	}, d.Entry)
	if err != nil {
		return err
	}
	return room.keepDialogue(tx, d)
}

func notFound(err error) error {
	return &page.Problem{Status: http.StatusNotFound, Key: "page.problem.notfound", Err: err}
}

// changedMeanwhile says that somebody else was quicker; what was typed is kept by the page.
func changedMeanwhile() error {
	return &page.Problem{Status: http.StatusConflict, Key: "cycle.changed"}
}

// CloseDue closes the calls whose deadline has passed, as the clock's own act, and tells how many dialogues it moved.
func (room *Room) CloseDue(ctx context.Context) (int, error) {
	n := 0
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		calls, err := room.Calls(tx)
		if err != nil {
			return err
		}
		for _, c := range calls {
			if room.o.Clock().Before(c.Deadline()) {
				continue
			}
			for _, id := range c.Dialogues {
				d, err := room.Dialogue(tx, id)
				if err != nil {
					return err
				}
				if d.State != CallOpen || !slices.Contains(room.State(CallOpen).Next, CallClosed) {
					continue
				}
				if err := room.move(tx, d, CallClosed, "", nil); err != nil {
					return err
				}
				n++
			}
		}
		return nil
	})
	return n, err
}

// Open tells whether one may apply to a call now: the deadline lies ahead, and at least one of its dialogues is open
// for applications.
func (room *Room) Open(tx *store.Tx, c *Call, now time.Time) (bool, error) {
	if !now.Before(c.Deadline()) {
		return false, nil
	}
	for _, id := range c.Dialogues {
		d, err := room.Dialogue(tx, id)
		if err != nil {
			return false, err
		}
		if d.State == CallOpen {
			return true, nil
		}
	}
	return false, nil
}
